// What is promised: whatever was done to memories, and to files by people, and whatever killed the
// process: once the notes followed, the vault holds one note for each memory that is promoted and
// shows, with its present text, none for another, and all that a person wrote as they wrote it.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <set>

#include "tests/consolidation/vault/notes_testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::EndsWith;
using ::testing::IsEmpty;

// What a person and the tenants do, in any order; then what the vault must hold.
class RandomVault : public Notes {
 protected:
  struct Place {
    Tenant tenant;
    std::string front;  // What its notes say of it.
  };

  [[nodiscard]] Uuid any_id() { return ids_[random_() % ids_.size()]; }

  void change_memories(Tenant& tenant) {
    const Uuid id = any_id();
    const std::string text = "Version " + std::to_string(++versions_) + " of what is said.";
    MemoryPatch patch;
    switch (random_() % 9) {
      case 0:
      case 1: {
        Memory one = memory(text);
        one.id = id;
        one.review_count = 3;
        if (random_() % 4 == 0) one.expires_at = clock_.now() + std::chrono::hours(1);
        const Record record = one;
        WriteOptions options;
        options.allow_erased = random_() % 2 == 0;
        static_cast<void>(tenant.write(std::span(&record, 1), options).has_value());
        break;
      }
      case 2:
        patch.text = text;
        if (random_() % 2 == 0) patch.tags = {"tag" + std::to_string(versions_)};
        static_cast<void>(tenant.update(id, patch).has_value());
        break;
      case 3:
        static_cast<void>(tenant.forget(id).has_value());
        break;
      case 4:
        static_cast<void>(tenant.archive(id).has_value());
        break;
      case 5:
        static_cast<void>(tenant.recover(id).has_value());
        break;
      case 6:
        static_cast<void>(tenant.erase(id).has_value());
        break;
      case 7: {
        auto plans = value_of(tenant.plans());
        if (plans.empty()) break;
        static_cast<void>(tenant.undo_plan(plans[random_() % plans.size()].id).has_value());
        break;
      }
      default:
        clock_.advance(std::chrono::minutes(20));
    }
  }

  void change_files() {
    auto files = files_in(vault_);
    if (files.empty()) return;
    const auto file =
        std::next(files.begin(), static_cast<std::ptrdiff_t>(random_() % files.size()));
    const fs::path path = vault_ / file->first;
    switch (random_() % 4) {
      case 0:
        persons_[file->first] = file->second + "My own words.\n";
        put(path, persons_[file->first]);
        break;
      case 1:
        fs::remove(path);
        persons_.erase(file->first);
        break;
      case 2: {
        const std::string name =
            "mine" + std::to_string(++versions_) +
            file->first.substr(file->first.size() - std::string("-.md").size() - 36);
        fs::rename(path, vault_ / name);
        if (const auto mine = persons_.extract(file->first)) persons_[name] = mine.mapped();
        break;
      }
      default: {
        const std::string name = "else-" + Uuid::random().to_string() + ".md";
        persons_[name] = "---\nid: x\n---\nNo memory's.\n";
        put(vault_ / name, persons_[name]);
      }
    }
  }

  // The ids whose note a file is, of one tenant; edited files are a person's.
  void check(const Place& place) {
    std::map<Uuid, std::vector<std::string>> notes;
    std::set<Uuid> edited;
    for (const auto& [name, text] : files_in(vault_)) {
      const auto id = Uuid::parse(name.substr(name.size() - 39, 36));
      ASSERT_TRUE(id.has_value()) << name;
      if (text.find(place.front) == std::string::npos) continue;
      if (persons_.contains(name)) {
        edited.insert(*id);
      } else {
        notes[*id].push_back(name);
      }
    }
    for (const Uuid& id : ids_) {
      SCOPED_TRACE(place.tenant.id() + " " + id.to_string());
      const auto memory = place.tenant.get(id);
      const bool is_wanted = memory && memory->status == MemoryStatus::kPromoted &&
                             (!memory->expires_at || *memory->expires_at > clock_.now());
      if (!is_wanted) {
        EXPECT_THAT(notes[id], IsEmpty());
        continue;
      }
      EXPECT_LE(notes[id].size(), 1U);
      EXPECT_TRUE(notes[id].size() == 1 || edited.contains(id))
          << "it has no note; its path is \"" << memory->ltm_path << "\", its text "
          << memory->text;
      if (notes[id].empty()) continue;
      const std::string& name = notes[id][0];
      EXPECT_THAT(contents(vault_ / name), EndsWith("\"\n---\n\n" + memory->text + "\n"));
      if (!name.starts_with("mine")) {
        EXPECT_EQ(name, memory->ltm_path);
      }
      ++checked_;
    }
    for (const auto& [name, text] : persons_) EXPECT_EQ(contents(vault_ / name), text) << name;
  }

  std::mt19937 random_{5};
  std::vector<Uuid> ids_;
  std::map<std::string, std::string> persons_;  // Files that a person wrote or edited.
  int versions_ = 0;
  int checked_ = 0;
};

TEST_F(RandomVault, HoldsWhatIsPromotedAndShowsWhateverWasDone) {
  for (int i = 0; i < 6; ++i) ids_.push_back(Uuid::derive("t", std::to_string(i)));
  std::vector<Place> places{{tenant_, "tenant: \"acme\""},
                            {value_of(store_.tenant("zeta")), "tenant: \"zeta\""}};
  for (int step = 0; step < 1500; ++step) {
    SCOPED_TRACE(step);
    Place& place = places[random_() % 2];
    if (random_() % 5 == 0) {
      change_files();
    } else if (random_() % 4 == 0) {
      run(place.tenant.id());
    } else {
      change_memories(place.tenant);
    }
    if (random_() % 3 > 0) continue;
    for (const Place& each : places) {
      const auto report = value_of(follow_notes(store_, each.tenant.id()));
      ASSERT_THAT(report.problems, IsEmpty());
    }
    for (const Place& each : places) {
      check(each);
      for (const NoteChange& left : value_of(follow_notes(store_, each.tenant.id())).changes) {
        EXPECT_EQ(left.event, NoteEvent::kKept) << left.path << ": not done at once";
      }
    }
    if (HasFailure()) break;
  }
  std::cout << checked_ << " notes were compared in 1500 steps, " << persons_.size()
            << " files are a person's\n";
}

// Killed anywhere, between the store's write and the note's, or in the middle of either.
TEST_F(Notes, AreCaughtUpWithByWhoeverComesNextAfterAKill) {
  const fs::path path = directory_ / "store";
  std::mt19937 random(9);
  int killed = 0;
  for (int round = 0; round < 25; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Store store = value_of(Store::open(path));
      Tenant tenant = value_of(store.tenant("acme"));
      std::mt19937 choices(static_cast<unsigned>(round));
      ConsolidationOptions options;
      options.vault = vault_;
      options.rate_limit = 0;
      auto consolidator = value_of(Consolidator::create(store, "acme", options));
      for (int i = 0; i < 40; ++i) {
        const Uuid id = Uuid::derive("t", std::to_string(choices() % 8));
        Memory one = memory("Round " + std::to_string(round) + ", " + std::to_string(i) + ".");
        one.id = id;
        one.review_count = 3;
        const Record record = one;
        WriteOptions allow;
        allow.allow_erased = true;
        if (choices() % 4 == 0) {
          static_cast<void>(tenant.erase(id).has_value());
        } else {
          static_cast<void>(tenant.write(std::span(&record, 1), allow).has_value());
        }
        if (choices() % 3 == 0) {
          ConsolidationRun request;
          request.agents = {UpkeepAgent::kPromote};
          static_cast<void>(consolidator.run(request).has_value());
        }
        static_cast<void>(follow_notes(store, "acme").has_value());
      }
      _exit(0);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(20'000 + random() % 300'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    killed += WIFSIGNALED(status) ? 1 : 0;

    Store store = value_of(Store::open(path));
    const Tenant tenant = value_of(store.tenant("acme"));
    const auto report = value_of(follow_notes(store, "acme"));
    EXPECT_THAT(report.problems, IsEmpty());
    std::map<std::string, std::string> wanted;
    for (int i = 0; i < 8; ++i) {
      const auto memory = tenant.get(Uuid::derive("t", std::to_string(i)));
      if (memory && memory->status == MemoryStatus::kPromoted)
        wanted[memory->ltm_path] = memory->text;
    }
    auto files = files_in(vault_);
    EXPECT_EQ(files.size(), wanted.size()) << "round " << round;
    for (const auto& [name, text] : wanted) EXPECT_THAT(files[name], EndsWith(text + "\n"));
  }
  std::cout << killed << " of 25 processes were killed at work\n";
}

}  // namespace
}  // namespace tulving
