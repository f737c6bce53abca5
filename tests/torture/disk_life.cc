#include "tests/torture/disk_life.h"

#include <fmt/format.h>

namespace tulving::torture {

bool DiskLife::open_and_check(Kind kind) {
  disk.heal();
  if (auto status = player_.open(); !status) {
    plan_.report->fail(kind, seed_,
                       fmt::format("opening failed, after \"{}\" was stopped, {}: {}",
                                   disk.stopped_at(), last_error_, status.error().message));
    return false;
  }
  const auto position =
      find_position(script_, player_.store(), window_, *plan_.report, kind, seed_);
  if (!position) return false;
  script_.forget_before(*position);
  player_.set_clock(*position);
  const std::string wrong = wrong_answer(player_, script_.after(*position));
  if (!wrong.empty()) {
    plan_.report->fail(kind, seed_, fmt::format("after operation {}: {}", *position, wrong));
    return false;
  }
  acks_.start(*position);
  begun_ = *position;
  window_ = {*position, *position};
  return true;
}

Status DiskLife::play(Kind kind, int operations_max) {
  for (int i = 0; i < operations_max; ++i) {
    const std::uint64_t count = acks_.acknowledged();
    const auto next = script_.next(count);
    begun_ = count + 1;
    const Status status = player_.play(next.operation, script_.after(count));
    const bool is_refused = !status && next.refusal && status.error().code == *next.refusal;
    // What is read from a disk that is dead, or fails, is nobody's answer.
    if (!player_.wrong().empty() && (disk.is_dead() || disk.has_failed())) {
      player_.forget_wrong();
      return Error{ErrorCode::kIo, "the disk failed beneath a check"};
    }
    if (!player_.wrong().empty() || (status && next.refusal)) {
      plan_.report->fail(
          kind, seed_,
          fmt::format("operation {}: {}", count,
                      status && next.refusal ? "it was not refused" : player_.wrong()));
      return status;
    }
    if (!status && !is_refused) {
      last_error_ = fmt::format("operation {} (step {}) failed: {}", count,
                                static_cast<int>(next.operation.step), status.error().message);
      return status;
    }
    ++plan_.report->row(kind).acknowledged;
    acks_.see(begun_, player_.store());
  }
  return {};
}

void DiskLife::lose_power() {
  if (below(3) == 0) {
    disk.crash(below(2) * below(500));
  } else {
    disk.crash(random_);
  }
  player_.drop();
  disk.revive();
  disk.heal();
}

void run_disk_lives(const RunPlan& plan, const Budget& budget, std::uint64_t first_seed,
                    bool is_durable, std::initializer_list<Kind> rows,
                    void (*live)(const RunPlan&, DiskLife&)) {
  const auto done = [&] {
    std::uint64_t trials = 0;
    for (const Kind kind : rows) trials += plan.report->row(kind).trials;
    return trials;
  };
  const std::uint64_t before = done();
  if (plan.life != 0) first_seed = plan.life;
  for (std::uint64_t seed = first_seed; budget.lasts(done() - before); ++seed) {
    if (plan.life != 0 && seed > first_seed) return;
    const auto directory = plan.directory / fmt::format("disk{}", seed);
    std::filesystem::create_directories(directory);
    const std::string end = run_in_child([&] {
      const bool is_process = !is_durable && seed % 3 == 0;
      DiskLife life(plan, seed, is_process ? Durability::kProcess : Durability::kDurable,
                    directory);
      live(plan, life);
      life.drop();
    });
    if (!end.empty()) plan.report->fail(*rows.begin(), seed, "the process " + end);
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
}

}  // namespace tulving::torture
