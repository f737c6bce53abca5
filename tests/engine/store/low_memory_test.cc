// Memory that runs out anywhere ends no process and costs nothing that was acknowledged.
//
// In each trial a process of its own opens a store, lets one allocation of a write, a search or an
// opening fail, the nth, wherever that is, in our code or in RocksDB's, and goes on: what comes
// then may be refused, and must not abort or hang. It tells what was acknowledged, and another
// process opens the store: that is there, what is there hangs together, and a batch is whole or not
// there. TULVING_LOW_MEMORY_TRIALS sets how many allocations fail for each operation (12). A close
// is not among them: RocksDB's destructors end the process then (ARCHITECTURE.md).

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <new>

#include "tests/engine/testing.h"

namespace {

// Of this thread: what others allocate is theirs.
thread_local long to_failure = 0;  // 0: none is to fail.
thread_local long counted = 0;

void* allocate(std::size_t bytes) {
  ++counted;
  if (to_failure > 0 && --to_failure == 0) throw std::bad_alloc();
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes); }
void* operator new[](std::size_t bytes) { return allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace tulving {
namespace {

using namespace tulving::testing;
namespace fs = std::filesystem;

constexpr int kOld = 30;    // Memories that the store has before.
constexpr int kBatch = 20;  // Memories of a batch.

Memory named(const std::string& name) {
  std::mt19937 random(static_cast<unsigned>(name.size() + name.back()));
  Memory made = memory("text of " + name, random_vector(random, 8));
  made.external_id = name;
  made.tags = {"low"};
  return made;
}

/// What a process does to the store, and says it was told: "" for nothing.
using Operation = std::function<std::string(Store&, Tenant&)>;

std::string add_one(Store&, Tenant& tenant) { return tenant.add(named("one")) ? "one" : ""; }
std::string add_batch(Store&, Tenant& tenant) {
  std::vector<Memory> memories;
  for (int i = 0; i < kBatch; ++i) memories.push_back(named("batch/" + std::to_string(i)));
  return tenant.add(memories) ? "batch/0" : "";
}
std::string update(Store&, Tenant& tenant) {
  const auto id = tenant.resolve("old/0");
  MemoryPatch patch;
  patch.text = "another text";
  return id && tenant.update(*id, patch) ? "old/0" : "";
}
std::string erase(Store&, Tenant& tenant) {
  const auto id = tenant.resolve("old/1");
  if (id) (void)tenant.erase(*id).has_value();
  return "";
}
std::string search(Store&, Tenant& tenant) {
  (void)tenant.search(text_search("text", 5)).has_value();
  return "";
}
std::string consolidate(Store& store, Tenant&) {
  auto consolidator = Consolidator::create(store, "acme", {});
  ConsolidationRun run;
  run.agents = {UpkeepAgent::kPromote};
  if (consolidator) (void)consolidator->run(run).has_value();
  return "";
}

class LowMemory : public ::testing::Test {
 protected:
  /// What a process printed that did `work`; what ends it by a signal fails the test.
  static std::string in_a_process(const std::function<std::string()>& work) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(60);
      const std::string told = work();
      const bool is_told = ::write(ends[1], told.data(), told.size()) >= 0;
      ::_exit(is_told ? 0 : 1);
    }
    ::close(ends[1]);
    std::string told;
    char buffer[4096];
    for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
      told.append(buffer, static_cast<std::size_t>(n));
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
        << (WIFSIGNALED(status) ? "ended by signal " + std::to_string(WTERMSIG(status)) : told);
    return told;
  }

  void SetUp() override {
    in_a_process([&] {
      Store store = value_of(Store::open(whole_));
      Tenant tenant = value_of(store.tenant("acme"));
      for (int i = 0; i < kOld; ++i) value_of(tenant.add(named("old/" + std::to_string(i))));
      EXPECT_THAT(store.close(), Succeeds());
      return std::string();
    });
  }

  /// Lets the nth allocation of the operation fail, or of the opening; "COUNT TOLD".
  std::string attempt(const Operation& operation, long nth, bool in_opening) {
    return in_a_process([&]() -> std::string {
      std::string told;
      long count = 0;
      try {
        if (in_opening) arm(nth);
        auto store = Store::open(store_);
        if (in_opening) count = disarm();
        if (!store) return std::to_string(count) + " ";
        auto tenant = store->tenant("acme");
        if (!tenant) return std::to_string(count) + " ";
        try {
          if (!in_opening) arm(nth);
          told = operation(*store, *tenant);
        } catch (const std::bad_alloc&) {
        }
        if (!in_opening) count = disarm();
        // Life goes on, or is refused with a word.
        const auto after = tenant->add(named("after"));
        if (after) told += told.empty() ? "after" : ",after";
        if (!after) {
          EXPECT_FALSE(after.error().message.empty());
        }
        (void)tenant->search(text_search("text", 3)).has_value();
        (void)store->make_durable().has_value();
      } catch (const std::bad_alloc&) {
        if (in_opening) count = disarm();
      }
      return std::to_string(count) + " " + told;
    });
  }
  static void arm(long nth) {
    counted = 0;
    to_failure = nth;
  }
  static long disarm() {
    to_failure = 0;
    return counted;
  }

  /// Opens the store and looks for what was told. What is wrong, or "".
  std::string check(const std::string& told) {
    return in_a_process([&]() -> std::string {
      auto store = Store::open(store_);
      if (!store) return store.error().message;
      const auto tenant = value_of(store->tenant("acme"));
      for (std::size_t at = 0; at < told.size();) {
        const auto end = std::min(told.find(',', at), told.size());
        const auto name = told.substr(at, end - at);
        if (!tenant.resolve(name)) return name + " is lost";
        at = end + 1;
      }
      std::size_t of_batch = 0;
      for (int i = 0; i < kBatch; ++i) {
        if (tenant.resolve("batch/" + std::to_string(i))) ++of_batch;
      }
      if (of_batch != 0 && of_batch != kBatch) return "half a batch";
      for (int i = 2; i < kOld; ++i) {
        if (!tenant.resolve("old/" + std::to_string(i))) return "an old memory is lost";
      }
      const auto report = store->verify();
      if (!report) return report.error().message;
      return report->problems.empty() ? "" : report->problems.front();
    });
  }

  void run(const std::string& name, const Operation& operation, bool in_opening = false) {
    const char* wanted = std::getenv("TULVING_LOW_MEMORY_TRIALS");
    const int trials = wanted != nullptr ? std::atoi(wanted) : 12;
    fs::copy(whole_, store_, fs::copy_options::recursive);
    const long count = std::atol(attempt(operation, 0, in_opening).c_str());
    ASSERT_GT(count, 0);
    const auto seed = std::random_device{}();
    std::mt19937 random(seed);
    int told_of = 0;
    for (int trial = 0; trial < trials && !HasFailure(); ++trial) {
      const long nth = count <= trials
                           ? 1 + trial % count  // Each of them.
                           : 1 + static_cast<long>(random() % static_cast<unsigned long>(count));
      SCOPED_TRACE(::testing::Message() << name << ", allocation " << nth << " of " << count);
      fs::remove_all(store_);
      fs::copy(whole_, store_, fs::copy_options::recursive);
      const auto answer = attempt(operation, nth, in_opening);
      const auto told = answer.substr(std::min(answer.find(' '), answer.size() - 1) + 1);
      if (!told.empty()) ++told_of;
      EXPECT_EQ(check(told), "");
    }
    std::cout << name << ": " << trials << " of " << count << " allocations failed, " << told_of
              << " acknowledged all the same\n";
    fs::remove_all(store_);
  }

  TemporaryDirectory directory_;
  const fs::path whole_ = directory_ / "whole";
  const fs::path store_ = directory_ / "store";
};

TEST_F(LowMemory, InAnAdditionLosesNothing) { run("add", add_one); }
TEST_F(LowMemory, InABatchLeavesItWholeOrNotThere) { run("batch", add_batch); }
TEST_F(LowMemory, InAnUpdateLosesNothing) { run("update", update); }
TEST_F(LowMemory, InAnErasureLosesNothing) { run("erase", erase); }
TEST_F(LowMemory, InASearchLosesNothing) { run("search", search); }
TEST_F(LowMemory, InAConsolidationLosesNothing) { run("consolidate", consolidate); }
TEST_F(LowMemory, InAnOpeningLosesNothing) { run("open", search, true); }

}  // namespace
}  // namespace tulving
