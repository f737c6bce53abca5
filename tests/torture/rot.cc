// What no crash does: bytes that rot in checkpoints, snapshots and logs, a log that is put back
// from a backup, a store that is opened twice. The answer is an error, or it is the truth.

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "tests/torture/check.h"
#include "tests/torture/harness.h"

namespace tulving::torture {
namespace {

namespace fs = std::filesystem;

class RotLife {
 public:
  RotLife(const RunPlan& plan, std::uint64_t seed, fs::path directory)
      : plan_(plan),
        seed_(seed),
        random_(seed),
        script_(seed, {}),
        directory_(std::move(directory)),
        player_(Ground::machine(), directory_ / "life", {}) {
    fs::create_directories(directory_ / "life");
  }

  void live() {
    if (!play(40)) return;
    fs::copy(db() / "log", directory_ / "older log", fs::copy_options::recursive);
    // Of a log that was not closed, but whose every write is on the disk, and which had the time to
    // say so.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    fs::copy(db(), directory_ / "open", fs::copy_options::recursive);
    const std::uint64_t older = count_;
    if (!play(40)) return;
    const auto to = directory_ / "life" / "a snapshot";
    if (!told(player_.store().snapshot(to).has_value(), "a snapshot failed")) return;
    opened_twice();
    // After a purge close() writes checkpoints.
    if (!told(player_.store().purge().has_value(), "a purge failed")) return;
    if (!told(player_.close().has_value(), "closing failed")) return;
    for (int i = 0; i < 12 && !plan_.report->has_failed; ++i) {
      rotten_checkpoint();
      rotten_snapshot(to);
      rotten_log(Kind::kRotLog, db(), count_);
      rotten_log(Kind::kRotOpenLog, directory_ / "open", older);
    }
    put_back(older);
  }

 private:
  fs::path db() const { return directory_ / "life" / "db"; }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool told(bool is_well, std::string_view what) {
    if (!is_well) plan_.report->fail(Kind::kRotLog, seed_, what);
    return is_well;
  }
  bool begin(Kind kind) {
    if (!plan_.does(kind) || plan_.report->has_failed) return false;
    Report::Row& row = plan_.report->row(kind);
    ++row.trials;
    row.acknowledged += count_;
    return true;
  }

  bool play(int operations) {
    if (!player_.is_open() && !told(player_.open().has_value(), "opening failed")) return false;
    for (int i = 0; i < operations; ++i, ++count_) {
      const auto next = script_.next(count_);
      const Status status = player_.play(next.operation, script_.after(count_));
      const bool is_right = status ? !next.refusal : next.refusal == status.error().code;
      if (!told(is_right && player_.wrong().empty(), fmt::format("operation {} failed", count_))) {
        return false;
      }
    }
    return true;
  }

  // Changes a byte of a file under `folder`; false: there is none.
  bool rot(const fs::path& folder, std::string& where, bool (*is_wanted)(const fs::path&)) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file() && entry.file_size() > 0 && is_wanted(entry.path())) {
        files.push_back(entry.path());
      }
    }
    if (files.empty()) return false;
    std::sort(files.begin(), files.end());
    const fs::path& file = files[below(files.size())];
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    const auto at = static_cast<std::streamoff>(below(fs::file_size(file)));
    stream.seekg(at);
    const char byte = static_cast<char>(stream.get());
    stream.seekp(at);
    stream.put(static_cast<char>(byte ^ (1 << below(8))));
    where = fmt::format("byte {} of {}", at, file.lexically_relative(folder).string());
    return true;
  }

  // A store that may be rotten: an error, or what the script says, or errors where it is read.
  void look(Kind kind, const fs::path& life, std::uint64_t count, const std::string& where) {
    Player player(Ground::machine(), life, {});
    player.set_clock(count);
    if (const Status status = player.open(); !status) {
      const bool is_told =
          status.error().code == ErrorCode::kCorruption && kind != Kind::kRotCheckpoint;
      if (!is_told) plan_.report->fail(kind, seed_, where + ": " + status.error().message);
      return;
    }
    const Difference found =
        difference(script_.after(count).facts(), facts_of(player.store(), script_.after(count)));
    if (!found.is_none()) {
      const auto report = player.store().verify();
      if (report && report->problems.empty()) {
        Report::Row& row = plan_.report->row(kind);
        row.lost += found.lost;
        row.resurrected += found.resurrected;
        row.torn += found.torn;
        plan_.report->tell(kind, seed_, where + ": verify() is content\n" + found.lines);
      }
    } else if (kind != Kind::kRotLog && kind != Kind::kRotOpenLog) {
      const std::string wrong = wrong_answer(player, without_snapshots(script_.after(count)));
      if (!wrong.empty()) plan_.report->fail(kind, seed_, where + ": " + wrong);
    }
  }
  static Model without_snapshots(Model model) {
    model.snapshots.clear();
    return model;
  }

  void rotten_checkpoint() {
    if (!begin(Kind::kRotCheckpoint)) return;
    const fs::path life = copy(db());
    std::string where;
    if (rot(life / "db" / "index", where, [](const fs::path&) { return true; })) {
      look(Kind::kRotCheckpoint, life, count_, where);
    }
  }
  void rotten_log(Kind kind, const fs::path& of, std::uint64_t count) {
    if (!begin(kind)) return;
    const fs::path life = copy(of);
    std::string where;
    const auto is_read = [](const fs::path& file) {
      const std::string name = file.filename().string();
      return !name.starts_with("OPTIONS") && name != "IDENTITY" && name != "LOCK";
    };
    const auto is_log = [](const fs::path& file) { return file.extension() == ".log"; };
    const bool is_open = kind == Kind::kRotOpenLog;
    if (is_open ? rot(life / "db" / "log", where, is_log)
                : rot(life / "db" / "log", where, is_read)) {
      look(kind, life, count, where);
    }
  }
  void rotten_snapshot(const fs::path& snapshot) {
    if (!begin(Kind::kRotSnapshot)) return;
    const fs::path copy = directory_ / "rotten";
    fs::remove_all(copy);
    fs::create_directories(copy);
    fs::copy(snapshot, copy / "snapshot", fs::copy_options::recursive);
    std::string where;
    if (!rot(copy / "snapshot", where, [](const fs::path&) { return true; })) return;
    const auto restored = Store::restore(copy / "snapshot", copy / "db");
    if (!restored && restored.error().code == ErrorCode::kCorruption) return;
    plan_.report->fail(Kind::kRotSnapshot, seed_,
                       where + ": " + (restored ? "it is restored" : restored.error().message));
  }
  fs::path copy(const fs::path& of) {
    const fs::path life = directory_ / "rotten";
    fs::remove_all(life);
    fs::create_directories(life);
    fs::copy(of, life / "db", fs::copy_options::recursive);
    return life;
  }

  // Checkpoints of what the log does not hold are not believed.
  void put_back(std::uint64_t older) {
    if (!begin(Kind::kOlderLog)) return;
    const fs::path life = copy(db());
    fs::remove_all(life / "db" / "log");
    fs::copy(directory_ / "older log", life / "db" / "log", fs::copy_options::recursive);
    look(Kind::kOlderLog, life, older, "the log of operation " + std::to_string(older));
  }

  void opened_twice() {
    if (!begin(Kind::kSpelling)) return;
    const fs::path link = directory_ / "link";
    fs::create_directory_symlink(db(), link);
    for (const fs::path& path : {db() / ".", db() / ".." / "db", link}) {
      const auto second = Store::open(path);
      if (!second && second.error().code == ErrorCode::kBusy) continue;
      plan_.report->fail(Kind::kSpelling, seed_, "the store opens once more as " + path.string());
      return;
    }
  }

  const RunPlan& plan_;
  const std::uint64_t seed_;
  std::mt19937_64 random_;
  Script script_;
  const fs::path directory_;
  Player player_;
  std::uint64_t count_ = 0;
};

}  // namespace

void run_rot(const RunPlan& plan, double share) {
  const Budget budget(plan, share);
  std::uint64_t lives = 0;
  const std::uint64_t first_seed = plan.life != 0 ? plan.life : plan.seed * 1000 + 700'000;
  for (std::uint64_t seed = first_seed; budget.lasts(lives * 40); ++seed, ++lives) {
    if (plan.life != 0 && lives > 0) return;
    const fs::path directory = plan.directory / fmt::format("rot{}", seed);
    const std::string end = run_in_child([&] { RotLife(plan, seed, directory).live(); });
    if (!end.empty()) plan.report->fail(Kind::kRotLog, seed, "the process " + end);
    std::error_code ignored;
    fs::remove_all(directory, ignored);
  }
}

}  // namespace tulving::torture
