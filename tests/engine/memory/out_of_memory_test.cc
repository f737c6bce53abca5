// What is promised when an allocation fails, whichever: a call answers with an error or with
// std::bad_alloc; nothing aborts and nothing waits for ever. Then the store either is as it was, or
// says that it must be opened again; and whoever opens it finds what was acknowledged, and all of
// every write or nothing.

#include <gmock/gmock.h>

#include <functional>

#include "tests/engine/memory/failing_allocator.h"
#include "tests/engine/memory/trial_process.h"
#include "tests/engine/testing.h"
#include "tulving/consolidation.h"
#include "tulving/store.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;

constexpr int kBefore = 12;  // Memories that are there before anything fails.

Memory note(int i) {
  std::mt19937 random(static_cast<unsigned>(i));
  Memory one = memory("Tea with guest w" + std::to_string(i) + " on a Friday, oolong as always.",
                      random_vector(random, 8));
  one.external_id = "n" + std::to_string(i);
  one.tags = {"tea", "day" + std::to_string(i % 3)};
  return one;
}

void prepare(Tenant& tenant) {
  std::vector<Memory> notes;
  for (int i = 0; i < kBefore; ++i) notes.push_back(note(i));
  value_of(tenant.add(notes));
}

Uuid id_of(const Tenant& tenant, int i) {
  return value_of(tenant.resolve("n" + std::to_string(i)));
}

struct Call {
  std::string name;
  std::function<bool(Store&, Tenant&)> run;  ///< Whether it was acknowledged.
};

std::vector<Call> calls() {
  return {
      {"add", [](Store&, Tenant& tenant) { return tenant.add(note(100)).has_value(); }},
      {"batch",
       [](Store&, Tenant& tenant) {
         const std::vector<Memory> batch = {note(100), note(101), note(102)};
         return tenant.add(batch).has_value();
       }},
      {"update",
       [](Store&, Tenant& tenant) {
         MemoryPatch patch;
         patch.text = "Coffee instead w100";
         return tenant.update(id_of(tenant, 3), patch).has_value();
       }},
      {"erase", [](Store&, Tenant& tenant) { return tenant.erase(id_of(tenant, 4)).has_value(); }},
      {"relate",
       [](Store&, Tenant& tenant) {
         Relation relation;
         relation.source_id = id_of(tenant, 1);
         relation.target_id = id_of(tenant, 2);
         return tenant.put(relation).has_value();
       }},
      {"consolidate",
       [](Store& store, Tenant&) {
         auto consolidator = Consolidator::create(store, "acme");
         return consolidator && consolidator->run().has_value();
       }},
      {"search",
       [](Store&, Tenant& tenant) {
         SearchRequest request = text_search("oolong tea");
         request.vector = std::vector<float>(8, 0.5F);
         (void)tenant.search(request).has_value();
         return false;
       }},
      {"new tenant",
       [](Store& store, Tenant&) {
         auto other = store.tenant("other");
         return other && other->add(note(100)).has_value();
       }},
  };
}

// Empty: as promised.
std::string fault_after(Store& store, Tenant& tenant, const Call& call, bool is_acknowledged) {
  const auto found = tenant.list({});
  if (!found) {  // Torn, or RocksDB has been lost: then it says so to everyone.
    if (is_acknowledged) return "acknowledged, and the store is torn";
    if (found.error().code != ErrorCode::kResourceExhausted) return found.error().message;
    if (tenant.add(note(200))) return "torn, and writes go on";
    return {};
  }
  const auto verified = store.verify();
  if (!verified) {  // RocksDB has been lost, of which verify() would ask to write.
    const bool is_said = verified.error().code == ErrorCode::kResourceExhausted;
    return is_said && !tenant.add(note(200)) ? "" : verified.error().message;
  }
  // A write that failed within the log may be in it and not in RAM: the store takes no more.
  const bool goes_on = tenant.add(note(200)).has_value();
  if (!verified->problems.empty() && (goes_on || is_acknowledged)) {
    return "verify: " + verified->problems.front();
  }
  if (is_acknowledged && call.name == "add" && !tenant.resolve("n100")) return "lost";
  return {};
}

class WhenMemoryRunsOut : public ::testing::TestWithParam<FailingAllocator::Mode> {};

std::string try_in_ram(const Call& call, std::uint64_t nth, FailingAllocator::Mode mode,
                       bool& has_failed) {
  StoreOptions options;
  options.background_indexing = false;
  Store store = value_of(Store::open_in_memory(options));
  Tenant tenant = value_of(store.tenant("acme"));
  prepare(tenant);
  bool is_acknowledged = false;
  {
    const FailingAllocator failing(nth, mode);
    try {
      is_acknowledged = call.run(store, tenant);
    } catch (const std::bad_alloc&) {
    }
    has_failed = failing.has_failed();
  }
  return fault_after(store, tenant, call, is_acknowledged);
}

TEST_P(WhenMemoryRunsOut, InRamIsSurvivedWhereverItStrikes) {
  for (const Call& call : calls()) {
    std::uint64_t nth = 0;
    bool has_failed = true;
    // Each of the first thousand, then fewer and fewer of them.
    for (; has_failed; nth += 1 + nth / 200) {
      const std::string fault = try_in_ram(call, nth, GetParam(), has_failed);
      ASSERT_THAT(fault, IsEmpty()) << call.name << ", allocation " << nth;
    }
    EXPECT_GT(nth, 5U) << call.name;
  }
}

// What a reader of the directory finds afterwards.
std::string fault_on_disk(const std::filesystem::path& directory, const Call& call,
                          bool is_acknowledged) {
  auto store = Store::open(directory);
  if (!store) return "opening: " + store.error().message;
  const Tenant tenant = value_of(store->tenant("acme"));
  const auto verified = value_of(store->verify());
  if (!verified.problems.empty()) return "verify: " + verified.problems.front();
  int before = 0, added = 0;
  for (int i = 0; i < kBefore; ++i) before += tenant.resolve("n" + std::to_string(i)) ? 1 : 0;
  for (int i = 100; i < 103; ++i) added += tenant.resolve("n" + std::to_string(i)) ? 1 : 0;
  const int erased = call.name == "erase" ? 1 : 0;
  if (before != kBefore && before != kBefore - erased) return "memories are lost";
  if (erased == 1 && is_acknowledged && before == kBefore) return "the erased one is back";
  if (call.name == "batch" && added != 0 && added != 3) return "a batch is torn";
  if (call.name == "batch" && is_acknowledged && added != 3) return "a batch is lost";
  if (call.name == "add" && is_acknowledged && added != 1) return "an added one is lost";
  return {};
}

TEST_P(WhenMemoryRunsOut, OnDiskIsSurvivedAndWhatWasAcknowledgedIsThere) {
  std::mt19937 random(7);
  for (const Call& call : calls()) {
    bool has_failed = true;
    for (std::uint64_t nth = random() % 7; has_failed; nth += 5 + nth / 8) {
      const TemporaryDirectory directory;
      const auto outcome = in_a_process([&](const Say& say) {
        Store store = value_of(Store::open(directory / "db"));
        Tenant tenant = value_of(store.tenant("acme"));
        prepare(tenant);
        bool is_acknowledged = false;
        {
          const FailingAllocator failing(nth, GetParam());
          try {
            is_acknowledged = call.run(store, tenant);
            if (is_acknowledged) say("acknowledged\n");
          } catch (const std::bad_alloc&) {
          }
          if (failing.has_failed()) say("failed\n");
        }
        say(fault_after(store, tenant, call, is_acknowledged));
      });
      const auto says = [&](std::string_view what) {
        return outcome.said.find(what) != std::string::npos;
      };
      has_failed = says("failed");
      ASSERT_EQ(outcome.end, "exit 0") << call.name << ", allocation " << nth;
      ASSERT_TRUE(outcome.said.empty() || outcome.said.back() == '\n')
          << call.name << ", allocation " << nth << ": " << outcome.said;
      const auto found = in_a_process([&](const Say& say) {
        say(fault_on_disk(directory / "db", call, says("acknowledged")));
      });
      ASSERT_EQ(found.end + found.said, "exit 0") << call.name << ", allocation " << nth;
    }
  }
}

// Once: RocksDB's destructors allocate, and end the process where there is nothing for good; see
// storage/FORMAT.md. An opening asks for room before it calls RocksDB.
TEST(OutOfMemory, AnOpeningFailsAndHarmsNothing) {
  std::mt19937 random(11);
  const TemporaryDirectory directory;
  in_a_process([&](const Say&) {
    Store store = value_of(Store::open(directory / "db"));
    Tenant tenant = value_of(store.tenant("acme"));
    prepare(tenant);
  });
  bool has_failed = true;
  for (std::uint64_t nth = random() % 31; has_failed; nth += 31 + nth / 8) {
    const auto outcome = in_a_process([&](const Say& say) {
      std::optional<Result<Store>> store;  // Goes when there is memory: see above.
      const FailingAllocator failing(nth, FailingAllocator::Mode::kOnce,
                                     FailingAllocator::Who::kThisThread);
      try {
        StoreOptions options;
        options.read_only = true;
        store.emplace(Store::open(directory / "db", options));
      } catch (const std::bad_alloc&) {
      }
      if (failing.has_failed()) say("failed\n");
    });
    has_failed = outcome.said == "failed\n";
    ASSERT_EQ(outcome.end, "exit 0") << "allocation " << nth;
  }
  const auto found = in_a_process([&](const Say& say) {
    say(fault_on_disk(directory / "db", {"open", {}}, false));
  });
  EXPECT_EQ(found.end + found.said, "exit 0");
}

INSTANTIATE_TEST_SUITE_P(Modes, WhenMemoryRunsOut,
                         ::testing::Values(FailingAllocator::Mode::kOnce,
                                           FailingAllocator::Mode::kForGood),
                         [](const auto& mode) {
                           return mode.param == FailingAllocator::Mode::kOnce ? "Once" : "ForGood";
                         });

}  // namespace
}  // namespace tulving
