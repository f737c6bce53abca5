// What is promised: the notes of promoted memories follow whatever command changed the memories,
// stderr says which did, and a person's edits stay.

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/cli/cli.h"
#include "tulving/store.h"

namespace tulving::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CliNotes : public Cli {
 protected:
  void promote(const std::string& name, const std::string& text) {
    const std::string line = Json{
        {"kind", "memory"},
        {"tenant_id", "t"},
        {"text", text},
        {"external_id", name},
        {"review_count", 3}}.dump();
    EXPECT_EQ(json({"import", "-"}, 0, line + "\n")["imported"], 1);
    const Outcome outcome =
        run({"consolidate", "--tenant", "t", "--agents", "promote", "--vault", vault()});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  [[nodiscard]] std::string vault() const { return path("vault"); }
  [[nodiscard]] std::vector<fs::path> notes() const {
    std::vector<fs::path> notes;
    for (const auto& entry : fs::directory_iterator(vault())) notes.push_back(entry.path());
    std::ranges::sort(notes);
    return notes;
  }
};

TEST_F(CliNotes, FollowUpdateForgetAndErase) {
  promote("badge", "Ada's badge number is 4711.");
  ASSERT_THAT(notes(), SizeIs(1));

  const Outcome updated =
      run({"update", "--tenant", "t", "badge", "--text", "Ada's badge number is 4712."});
  EXPECT_EQ(updated.exit_code, 0);
  EXPECT_THAT(updated.err, HasSubstr(" rewritten: the memory changed\n"));
  ASSERT_THAT(notes(), SizeIs(1));
  EXPECT_THAT(contents(notes()[0]), HasSubstr("\n\nAda's badge number is 4712.\n"));
  EXPECT_THAT(notes()[0].filename().string(), HasSubstr("4712"));
  EXPECT_EQ(json({"get", "--tenant", "t", "badge"})["ltm_path"], notes()[0].filename().string());

  EXPECT_THAT(run({"forget", "--tenant", "t", "badge"}).err, HasSubstr("was forgotten\n"));
  EXPECT_THAT(notes(), IsEmpty());
  promote("desk", "Ada's desk is on the third floor.");
  EXPECT_THAT(run({"erase", "--tenant", "t", "desk"}).err, HasSubstr(" removed: "));
  EXPECT_THAT(notes(), IsEmpty());
}

// The words are in no file of the vault, whatever way they went, and whoever looks next.
TEST_F(CliNotes, KeepNoWordOfWhatWentForGood) {
  const std::string secret = "The word is xyzzyplugh.";
  const auto words = [&] {
    std::size_t found = 0;
    for (const auto& entry : fs::directory_iterator(vault())) {
      const std::string name = entry.path().filename().string();
      const bool has_it = contents(entry.path()).find("xyzzyplugh") != std::string::npos;
      found += has_it || name.find("xyzzyplugh") != std::string::npos ? 1 : 0;
    }
    return found;
  };
  for (const Arguments& way : std::vector<Arguments>{{"forget", "--tenant", "t", "word"},
                                                     {"erase", "--tenant", "t", "word"},
                                                     {"erase", "--tenant", "t", "word", "--purge"},
                                                     {"archive", "--tenant", "t", "word"}}) {
    promote("word", secret);
    ASSERT_EQ(words(), 1U);
    EXPECT_EQ(run(way).exit_code, 0);
    EXPECT_EQ(words(), 0U) << ::testing::PrintToString(way);
    run({"erase", "--tenant", "t", "word"});
    fs::remove_all(db());
  }
  // A program that knows no vaults erased it: the next look of one that does, to read or to write.
  promote("word", secret);
  const auto id = Uuid::parse(std::string(json({"get", "--tenant", "t", "word"})["id"]));
  {
    Store store = *Store::open(db());
    ASSERT_TRUE(store.tenant("t")->erase(*id));
    ASSERT_TRUE(store.purge());
  }
  EXPECT_EQ(words(), 1U);
  EXPECT_EQ(run({"add", "--tenant", "t", "--text", "tea"}).exit_code, 0);
  EXPECT_EQ(words(), 0U);
}

// Somebody who may read the vault holds its lock, and never lets go.
TEST_F(CliNotes, OfAVaultThatAStrangerHoldsFollowAtTheNextLook) {
  promote("badge", "Ada's badge number is 4711.");
  const int stranger = ::open(vault().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ASSERT_EQ(flock(stranger, LOCK_EX), 0);
  const Outcome erased = run({"erase", "--tenant", "t", "badge"});
  EXPECT_EQ(erased.exit_code, 1) << "erased means gone";
  EXPECT_THAT(erased.out, HasSubstr("erased 1"));
  EXPECT_THAT(erased.err, HasSubstr("locked by another program; try again later"));
  EXPECT_THAT(notes(), SizeIs(1));
  close(stranger);
  EXPECT_THAT(run({"notes"}).out, HasSubstr("removed"));
  EXPECT_THAT(notes(), IsEmpty());
}

TEST_F(CliNotes, FollowAnImportAGcAndAnUndo) {
  promote("badge", "Ada's badge number is 4711.");
  const std::string line =
      R"({"kind":"memory","tenant_id":"t","external_id":"badge","status":"promoted","text":"It is 4713."})";
  EXPECT_THAT(run({"import", "-"}, line + "\n").err, HasSubstr("note "));
  for (const fs::path& note : notes()) EXPECT_THAT(contents(note), HasSubstr("4713"));
  run({"erase", "--tenant", "t", "badge"});

  promote("desk", "Ada's desk is on the third floor.");
  ASSERT_THAT(notes(), SizeIs(1));
  const Json plans = json({"plans", "--tenant", "t"})["plans"];
  EXPECT_EQ(run({"undo", "--tenant", "t", plans.back()["id"]}).exit_code, 0)
      << "the tenant knows its vault";
  EXPECT_THAT(notes(), IsEmpty());

  promote("key", "The key is under the mat.");
  run({"update", "--tenant", "t", "key", "--set", R"({"expires_at":"2026-01-01T00:00:00Z"})"});
  EXPECT_THAT(notes(), IsEmpty()) << "it expired";
}

TEST_F(CliNotes, ThatAPersonEditedStayAndAreNamed) {
  promote("badge", "Ada's badge number is 4711.");
  const fs::path note = notes()[0];
  const std::string edited = contents(note) + "Ask her about it.\n";
  std::ofstream(note, std::ios::binary) << edited;

  const Outcome erased = run({"erase", "--tenant", "t", "badge"});

  EXPECT_EQ(erased.exit_code, 1) << "erased means gone";
  EXPECT_THAT(erased.out, HasSubstr("erased 1"));
  EXPECT_THAT(erased.err, HasSubstr(note.string() + " of an erased memory was edited"));
  EXPECT_EQ(contents(note), edited);
  const Json said = json({"notes", "--dry-run"});
  EXPECT_EQ(said["changes"][0]["event"], "kept") << said;
  EXPECT_THAT(run({"add", "--tenant", "t", "--text", "More."}).err, HasSubstr("see tulving notes"));
  EXPECT_EQ(json({"notes", "--remove-edited"})["changes"][0]["event"], "removed");
  EXPECT_THAT(notes(), IsEmpty());
}

TEST_F(CliNotes, OfAVaultThatIsAwayAreAskedForUntilItIsForgotten) {
  promote("badge", "Ada's badge number is 4711.");
  fs::rename(vault(), path("moved"));
  EXPECT_THAT(run({"touch", "--tenant", "t", "badge"}).err, HasSubstr("there is no such folder"));
  EXPECT_THAT(run({"notes"}), Failed(1));
  const Json moved =
      json({"notes", "--tenant", "t", "--vault", path("moved"), "--forget-vault", vault()});
  EXPECT_EQ(moved["current"], 1) << moved;
  EXPECT_EQ(moved["vaults"][0]["vault"], path("moved"));
  EXPECT_THAT(run({"touch", "--tenant", "t", "badge"}).err, IsEmpty());
  EXPECT_THAT(run({"notes", "--vault", "x"}), Failed(2));
}

}  // namespace
}  // namespace tulving::testing
