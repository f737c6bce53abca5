// A vault on a disk that loses power or fails, at each operation in turn. What is promised: a note
// is as it was or as it was to be, whole, and the latter once that was told; whatever else is in
// the vault stays; an error leaves nothing half-written and names the vault and the reason.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "core/consolidation/vault/vault.h"
#include "tests/base/files/faults.h"
#include "tests/base/files/scratch_folder.h"
#include "tests/consolidation/vault/vault_testing.h"

namespace tulving::consolidation {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class VaultFaults : public testing::Test {
 protected:
  [[nodiscard]] fs::path path() const { return root_ / "vault"; }
  [[nodiscard]] std::string text(const std::string& name) const {
    return read_bytes(path() / name);
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    if (!fs::exists(path())) return names;
    for (const auto& entry : fs::directory_iterator(path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  // A vault with one note.
  void prepare() {
    root_.clear();
    auto vault = Vault::open(path());
    ASSERT_TRUE(vault);
    const auto note = vault->write(memory("first"), kNote);
    ASSERT_TRUE(note);
    first_ = *note;
  }
  /// Opens the vault on the disk and does something in it.
  Status in_vault(const std::function<Status(Vault& vault)>& what) {
    auto vault = Vault::open(path(), disk_);
    return vault ? what(*vault) : Status(vault.error());
  }
  Status in_turn(const std::function<Status(const Vault::Turn& turn)>& what) {
    return in_vault([&](Vault& vault) -> Status {
      const auto turn = vault.take_turn(true);
      return turn ? what(*turn) : Status(turn.error());
    });
  }
  /// Puts `act` through both kinds of trial; `check` sees the vault without leftovers.
  void try_all(const std::function<Status()>& act, const std::function<void(bool told)>& check) {
    const FaultTrial cut{[this] { prepare(); }, act,
                         [&](const Status& told) {
                           ASSERT_TRUE(Vault::open(path())) << "it clears what is left over";
                           check(told.has_value());
                         }};
    EXPECT_GE(cut_power_at_each_operation(disk_, cut), 5);
    for (const int cause : {EIO, ENOSPC}) {
      const FaultTrial failing{[this] { prepare(); }, act,
                               [&](const Status& told) {
                                 check(told.has_value());
                                 if (told) return;
                                 EXPECT_EQ(told.error().code, ErrorCode::kIo);
                                 EXPECT_THAT(told.error().message, HasSubstr(path().string()));
                               }};
      EXPECT_GE(fail_each_operation(disk_, cause, failing), 5);
    }
  }

  ScratchFolder root_;
  SimulatedDisk disk_;
  VaultNote first_;
};

TEST_F(VaultFaults, ANewNoteIsWholeOrNotThere) {
  const std::string name = note_name(memory("second"));
  try_all(
      [&] {
        return in_vault([](Vault& vault) -> Status {
          const auto note = vault.write(memory("second"), kNote);
          return note ? Status() : Status(note.error());
        });
      },
      [&](bool told) {
        EXPECT_EQ(digest_of(text(first_.path)), first_.digest);
        EXPECT_EQ(names().size(), fs::exists(path() / name) ? 2U : 1U);
        if (told) {
          EXPECT_TRUE(fs::exists(path() / name));
        }
        if (fs::exists(path() / name)) {
          EXPECT_EQ(text(name), note_text(memory("second"), kNote));
        }
      });
}

TEST_F(VaultFaults, TheFirstNoteMakesTheFolderOrLeavesNothing) {
  const auto remove_vault = [this] { root_.clear(); };
  const auto write = [this] {
    return in_vault([](Vault& vault) -> Status {
      const auto note = vault.write(memory("first"), kNote);
      return note ? Status() : Status(note.error());
    });
  };
  const auto check = [this](const Status& told) {
    for (const auto& name : names()) {
      if (!name.starts_with('.')) {
        EXPECT_EQ(text(name), note_text(memory("first"), kNote));
      }
    }
    if (told) {
      EXPECT_THAT(names(), ElementsAre(note_name(memory("first"))));
    }
  };
  EXPECT_GT(cut_power_at_each_operation(disk_, {remove_vault, write, check}), 5);
  EXPECT_GT(fail_each_operation(disk_, EIO,
                                {remove_vault, write,
                                 [&](const Status& told) {
                                   check(told);
                                   if (!told) {
                                     EXPECT_THAT(names(), IsEmpty());
                                   }
                                 }}),
            5);
}

TEST_F(VaultFaults, ARewrittenNoteHasTheOldTextOrTheNewOne) {
  const std::string after = note_text(memory("another text"), kNote);
  try_all(
      [&] {
        return in_turn([&](const Vault::Turn& turn) {
          return turn.rewrite(first_.path, first_.digest, after);
        });
      },
      [&](bool told) {
        EXPECT_THAT(names(), ElementsAre(first_.path));
        EXPECT_THAT(digest_of(text(first_.path)), AnyOf(first_.digest, digest_of(after)));
        if (told) {
          EXPECT_EQ(text(first_.path), after);
        }
      });
}

TEST_F(VaultFaults, ARenamedNoteHasOneOfItsNames) {
  const std::string name = note_name(memory("second"));
  try_all(
      [&] {
        return in_turn([&](const Vault::Turn& turn) { return turn.rename(first_.path, name); });
      },
      [&](bool told) {
        ASSERT_THAT(names(), AnyOf(ElementsAre(first_.path), ElementsAre(name)));
        if (told) {
          EXPECT_THAT(names(), ElementsAre(name));
        }
        EXPECT_EQ(digest_of(text(names().front())), first_.digest);
      });
}

TEST_F(VaultFaults, ARemovedNoteIsWholeOrGone) {
  try_all(
      [&] {
        return in_vault([&](Vault& vault) { return vault.remove(first_.path, first_.digest); });
      },
      [&](bool told) {
        if (told) {
          EXPECT_THAT(names(), IsEmpty());
        }
        if (!names().empty()) {
          EXPECT_EQ(digest_of(text(first_.path)), first_.digest);
        }
      });
}

}  // namespace
}  // namespace tulving::consolidation
