// Promotion when the vault gives trouble: nothing half-written, nothing half-promoted, and what
// failed is done by a later run. The store is in memory, so that what fails is the vault alone.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Promotion : public ::testing::Test {
 protected:
  Promotion() {
    options_.vault = directory_ / "vault";
    options_.rate_limit = 0;
  }

  // A memory that a review makes last.
  Uuid add(const std::string& text) {
    Memory one = memory(text, {});
    one.review_count = 3;
    return value_of(tenant_.add(one)).id;
  }

  ConsolidationReport run(bool dry_run = false) {
    auto consolidator = value_of(Consolidator::create(store_, "acme", options_));
    ConsolidationRun request;
    request.agents = {UpkeepAgent::kPromote};
    request.dry_run = dry_run;
    return value_of(consolidator.run(request));
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> names;
    if (!std::filesystem::exists(options_.vault)) return names;
    for (const auto& file : std::filesystem::directory_iterator(options_.vault)) {
      names.push_back(file.path().filename());
    }
    return names;
  }

  // One of the tests forks. A store's own threads would hold their locks in the child for ever.
  static StoreOptions without_threads() {
    StoreOptions options;
    options.background_indexing = false;
    options.durability = Durability::kNone;
    return options;
  }

  TemporaryDirectory directory_;
  Store store_ = value_of(Store::open_in_memory(without_threads()));
  Tenant tenant_ = value_of(store_.tenant("acme"));
  ConsolidationOptions options_;
};

TEST_F(Promotion, ADryRunMakesNoVault) {
  add("Ada's badge number is 4711.");

  EXPECT_THAT(run(true).promote, SizeIs(1));

  EXPECT_FALSE(std::filesystem::exists(options_.vault));
}

// In a child, whose files may have 4 kB: a disk that fills up in the middle of the second note.
TEST_F(Promotion, AFullDiskFailsTheNoteThatDoesNotFitAndNoOther) {
  const Uuid first = add("Ada's badge number is 4711.");
  const Uuid large = add("The long story: " + std::string(100'000, 'x'));
  const Uuid last = add("Ada's desk is on the third floor.");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{4096, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &small);
    const auto report = run();
    int failed = 0;
    for (const PromoteResult& result : report.promote) {
      const bool fits = result.memory_id != large;
      EXPECT_EQ(result.outcome, fits ? ItemOutcome::kPlanned : ItemOutcome::kFailed);
      if (fits) continue;
      EXPECT_THAT(result.error, HasSubstr("too large"));
      ++failed;
    }
    EXPECT_EQ(failed, 1);
    EXPECT_THAT(notes(), SizeIs(2));
    EXPECT_EQ(value_of(tenant_.get(first)).status, MemoryStatus::kPromoted);
    EXPECT_EQ(value_of(tenant_.get(last)).status, MemoryStatus::kPromoted);
    EXPECT_EQ(value_of(tenant_.get(large)).status, MemoryStatus::kActive);
    EXPECT_THAT(value_of(tenant_.get(large)).ltm_path, IsEmpty());

    const rlimit enough{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &enough);
    EXPECT_THAT(run().promote, SizeIs(1)) << "what failed is done by the next run, and only that";
    EXPECT_EQ(value_of(tenant_.get(large)).status, MemoryStatus::kPromoted);
    EXPECT_THAT(notes(), SizeIs(3));
    _exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace tulving
