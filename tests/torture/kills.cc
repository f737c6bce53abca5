// SIGKILL. A process goes on with a store's script where the one before it was killed: it opens the
// store, holds it against the script, and plays until it is killed itself. The parent has no store
// and no thread, so a process costs a fork; what was begun and acknowledged is told to it through
// shared memory, which outlives the process.

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <new>

#include "core/base/check.h"
#include "tests/torture/check.h"
#include "tests/torture/harness.h"

namespace tulving::torture {
namespace {

constexpr std::uint64_t kOperationsMax = 48;  // Of one process.

// What a process tells its parent.
struct Told {
  std::atomic<std::uint64_t> begun, acknowledged, position;
  std::atomic<bool> has_position, is_wrong;
};

Told* make_told() {
  void* const memory =
      ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  TULVING_CHECK(memory != MAP_FAILED);
  return new (memory) Told();
}

struct LifeOptions {
  std::uint64_t seed = 0;
  PlayerOptions player;
  std::uint64_t operations_max = kOperationsMax;
};

// One store, through the deaths of its processes.
class Life {
 public:
  Life(const RunPlan& plan, const LifeOptions& options)
      : plan_(plan),
        options_(options),
        script_(options.seed, {}),
        directory_(plan.directory / fmt::format("life{}", options.seed)) {
    std::filesystem::create_directories(directory_);
  }
  ~Life() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  /// One process, killed at the target or at the moment, if it comes so far. False: a fault.
  bool run(const KillPoints::Target& target, std::int64_t kill_after_us = -1) {
    Told& told = shared_told();
    told.begun = told.acknowledged = told.position = 0;
    told.has_position = told.is_wrong = false;
    const std::string end = run_in_child([&] { live(target, told); }, 120, kill_after_us);
    plan_.points->settle();
    const Kind kind = kind_of(end, told, kill_after_us >= 0);
    Report::Row& row = plan_.report->row(kind);
    ++row.trials;
    if (!end.empty() && end != "killed") {
      plan_.report->fail(kind, options_.seed, "the process " + end);
    }
    if (told.has_position) {
      row.acknowledged += told.acknowledged - told.position;
      window_ = {told.acknowledged, told.begun};
      script_.forget_before(window_.least);
    }
    return !plan_.report->has_failed;
  }

 private:
  static Told& shared_told() {
    static Told& told = *make_told();
    return told;
  }

  static Kind kind_of(const std::string& end, const Told& told, bool by_time) {
    if (end != "killed") return Kind::kLeft;
    if (by_time) return Kind::kKillTime;
    return told.has_position ? Kind::kKillPoint : Kind::kKillRecovery;
  }

  // The process.
  void live(const KillPoints::Target& target, Told& told) {
    plan_.points->arm(target.point, target.nth);
    Player player(Ground::machine(), directory_, options_.player);
    const auto fail = [&](std::string_view what) {
      plan_.report->fail(Kind::kLeft, options_.seed, what);
    };
    if (auto status = player.open(); !status) {
      return fail("opening failed: " + status.error().message);
    }
    const auto position =
        find_position(script_, player.store(), window_, *plan_.report, Kind::kLeft, options_.seed);
    if (!position) return;
    player.set_clock(*position);
    const std::string wrong = wrong_answer(player, script_.after(*position));
    if (!wrong.empty()) return fail(fmt::format("after operation {}: {}", *position, wrong));
    told.begun = told.acknowledged = told.position = *position;
    told.has_position = true;
    if (auto status = player.start_maintenance(); !status) return fail(status.error().message);
    const std::uint64_t end = *position + options_.operations_max;
    for (std::uint64_t count = *position; count < end; ++count) {
      told.begun = count + 1;
      if (!play(player, count)) return;
      told.acknowledged = count + 1;
    }
    if (options_.seed % 3 != 0) ::kill(::getpid(), SIGKILL);  // Nothing is closed.
    if (auto status = player.close(); !status) fail("closing failed: " + status.error().message);
  }

  bool play(Player& player, std::uint64_t count) {
    const auto next = script_.next(count);
    const Status status = player.play(next.operation, script_.after(count));
    std::string wrong = player.wrong();
    if (!status && (!next.refusal || status.error().code != *next.refusal)) {
      wrong = status.error().message;
    }
    if (status && next.refusal) wrong = "it was not refused";
    if (wrong.empty()) return true;
    plan_.report->fail(Kind::kLeft, options_.seed,
                       fmt::format("operation {} (step {}): {}", count,
                                   static_cast<int>(next.operation.step), wrong));
    return false;
  }

  const RunPlan& plan_;
  const LifeOptions options_;
  Script script_;
  const std::filesystem::path directory_;
  Window window_;
};

PlayerOptions player_options(std::uint64_t seed) {
  return {seed % 2 == 0 ? Durability::kDurable : Durability::kProcess, seed % 4 == 1};
}

// Each (point, nth) that a run from an empty store passes; after each, the next two processes die
// while they recover.
std::uint64_t kill_everywhere(const RunPlan& plan, const Budget& budget) {
  const std::uint64_t seed = plan.seed * 1000;
  {
    Life recorded(plan, {seed, player_options(seed)});
    if (!recorded.run({})) return 1;
  }
  std::vector<KillPoints::Target> targets;
  for (int i = 0; i < plan.points->count(); ++i) {
    for (std::uint64_t nth = 1; nth <= plan.points->point(i).most; ++nth)
      targets.push_back({i, nth});
  }
  std::mt19937_64 random(seed);
  std::shuffle(targets.begin(), targets.end(), random);
  std::uint64_t done = 0;
  for (const auto& target : targets) {
    if (!budget.lasts(done)) break;
    Life life(plan, {seed, player_options(seed), 24});
    bool goes_on = life.run(target);
    const auto in_recovery = static_cast<std::uint64_t>(plan.points->count());
    for (int again = 0; again < 2 && goes_on; ++again) {
      goes_on = life.run({static_cast<int>(random() % in_recovery), 1});
    }
    if (!goes_on || !life.run({})) break;
    done += 4;
  }
  return done;
}

}  // namespace

void run_kills(const RunPlan& plan, double share) {
  const Budget budget(plan, share);  // What the first part leaves of its own is the second's, too.
  std::uint64_t done = plan.life != 0 ? 0 : kill_everywhere(plan, Budget(plan, share * 0.4));
  for (std::uint64_t number = 1; budget.lasts(done); ++number) {
    const std::uint64_t seed = plan.life != 0 ? plan.life : plan.seed * 1000 + number;
    if (plan.life != 0 && number > 1) return;
    std::mt19937_64 random(seed);
    Life life(plan, {seed, player_options(seed)});
    for (int trial = 0; trial < 50 && budget.lasts(done); ++trial, ++done) {
      const bool by_time = random() % 8 == 0;
      const auto moment = static_cast<std::int64_t>(random() % 120'000);
      const auto target = by_time ? KillPoints::Target{} : plan.points->choose(random);
      if (!life.run(target, by_time ? moment : -1)) return;
    }
  }
}

void run_model(const RunPlan& plan, double share) {
  constexpr std::uint64_t kLifeOperations = 2000;
  std::uint64_t played = 0;
  const Budget budget(plan, share);
  for (std::uint64_t number = 1; budget.lasts(played); ++number) {
    const std::uint64_t seed = plan.seed * 1'000'000 + number;
    std::mt19937_64 random(seed);
    Life life(plan, {seed, player_options(seed), 200 + random() % 400});
    for (std::uint64_t trial = 0; trial < kLifeOperations / 400 && budget.lasts(played); ++trial) {
      const std::uint64_t before = plan.report->row(Kind::kLeft).acknowledged +
                                   plan.report->row(Kind::kKillPoint).acknowledged;
      const bool is_killed = random() % 3 == 0;
      if (!life.run(is_killed ? plan.points->choose(random) : KillPoints::Target{})) return;
      played += plan.report->row(Kind::kLeft).acknowledged +
                plan.report->row(Kind::kKillPoint).acknowledged - before;
    }
  }
}

}  // namespace tulving::torture
