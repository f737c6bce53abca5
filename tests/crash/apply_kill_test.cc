// kill -9 in mid-apply leaves each plan applied whole or not at all.
//
// A child applies plans of 201 changes one after the other, undoes every third, and prints each
// that was acknowledged. It is killed with SIGKILL at a random moment, in many rounds, five on each
// store. After each kill the records of every plan must all be as it left them, or all as they were
// before it, as its own row says; and what was acknowledged must be there. The test fails when no
// kill landed between two acknowledgements, since then it has shown nothing.
//
// TULVING_APPLY_CRASH_ROUNDS sets the rounds (50).

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <set>
#include <sstream>
#include <thread>

#include "tests/crash/apply_loop.h"
#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;

struct Child {
  pid_t pid = -1;
  int acks = -1;
};

Child start(const std::string& db) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl(TULVING_APPLY_LOOP, TULVING_APPLY_LOOP, db.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  close(ends[1]);
  return {pid, ends[0]};
}

/// What the child printed: names of plans.
struct Acknowledged {
  std::set<std::string> applied, undone;
};

/// Adds a read's worth to `seen`; false at the end.
bool read_more(int pipe_end, std::string& seen) {
  char buffer[4096];
  const ssize_t n = read(pipe_end, buffer, sizeof buffer);
  if (n > 0) seen.append(buffer, static_cast<std::size_t>(n));
  return n > 0;
}

/// Lets the child acknowledge `lines` writes and go on for `rest`, and kills it.
Acknowledged kill_after(const Child& child, std::ptrdiff_t lines, std::chrono::microseconds rest) {
  std::string seen;
  while (std::ranges::count(seen, '\n') < lines && read_more(child.acks, seen)) {
  }
  std::this_thread::sleep_for(rest);
  kill(child.pid, SIGKILL);
  while (read_more(child.acks, seen)) {
  }
  close(child.acks);
  seen.resize(seen.rfind('\n') == std::string::npos ? 0 : seen.rfind('\n'));
  Acknowledged acks;
  std::istringstream text(seen);
  for (std::string what, name; text >> what >> name;) {
    (what == "applied" ? acks.applied : acks.undone).insert(name);
  }
  return acks;
}

/// The plan's own records are all there, or all not.
void check_plan(const Tenant& tenant, const PlanSummary& plan) {
  const auto made = tenant.resolve(made_name(plan.origin));
  ASSERT_EQ(made.has_value(), plan.status == PlanStatus::kApplied) << "plan " << plan.origin;
  if (!made) return;
  EXPECT_EQ(value_of(list_all<Relation>(tenant, {.filter = {*made}})).size(),
            static_cast<std::size_t>(kOriginals));
  EXPECT_EQ(value_of(tenant.get(*made, true)).embeddings.size(), 1U);
}

/// How many plans were in the log but not acknowledged: the kill fell upon them.
std::size_t check_store(const std::string& db, const Acknowledged& acks) {
  Store store = value_of(Store::open(db));
  const Tenant tenant = value_of(store.tenant("acme"));
  std::string state = "0";
  std::set<std::string> applied, undone;
  for (const PlanSummary& plan : value_of(tenant.plans())) {
    check_plan(tenant, plan);
    if (plan.status == PlanStatus::kApplied) {
      state = plan.origin;
      applied.insert(plan.origin);
    } else {
      undone.insert(plan.origin);
    }
  }
  for (const auto& name : acks.applied)
    EXPECT_TRUE(applied.contains(name) || undone.contains(name));
  for (const auto& name : acks.undone) EXPECT_TRUE(undone.contains(name));
  for (int i = 0; i < kOriginals && tenant.resolve(original_name(0)); ++i) {
    const Uuid id = value_of(tenant.resolve(original_name(i)));
    EXPECT_EQ(value_of(tenant.get(id)).text, state_text(state)) << "half a plan";
  }
  EXPECT_EQ(tenant.stats().records.at("relations"), applied.size() * kOriginals);
  EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
  return applied.size() + undone.size();
}

TEST(ApplyKill, LeavesEachPlanWholeOrNotAtAll) {
  const char* wanted = std::getenv("TULVING_APPLY_CRASH_ROUNDS");
  const int rounds = wanted != nullptr ? std::atoi(wanted) : 50;
  const unsigned seed = std::random_device{}();
  std::cout << "seed " << seed << ", " << rounds << " rounds\n";
  std::mt19937 random(seed);
  TemporaryDirectory directory;
  std::string db;
  std::size_t known = 0, checked = 0;
  int unacknowledged = 0, killed_at_work = 0;
  for (int round = 0; round < rounds && !::testing::Test::HasFailure(); ++round) {
    if (round % 5 == 0) {
      db = directory / ("db" + std::to_string(round));
      known = 0;
    }
    const Child child = start(db);
    ASSERT_GT(child.pid, 0);
    // In writes, not in time alone, so that a slow machine's kills fall among them too.
    const auto lines = static_cast<std::ptrdiff_t>(random() % 6);
    const Acknowledged acks =
        kill_after(child, lines, std::chrono::microseconds(random() % 20'000));
    int status = 0;
    ASSERT_EQ(waitpid(child.pid, &status, 0), child.pid);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed by itself: status " << status;
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    const std::size_t plans = check_store(db, acks);
    if (!acks.applied.empty()) ++killed_at_work;
    if (plans > known + acks.applied.size()) ++unacknowledged;
    known = plans;
    checked += acks.applied.size();
  }
  std::cout << killed_at_work << " kills landed among plans, " << unacknowledged
            << " right after one that was not acknowledged; " << checked
            << " acknowledged plans checked\n";
  EXPECT_GE(killed_at_work, rounds / 2) << "too few kills landed to prove anything";
}

}  // namespace
}  // namespace tulving
