// What is promised: after follow_notes() the vault holds one note for each memory that is promoted
// and shows, with its present text, and none for another; and nothing that a person wrote is
// changed or removed. The notes are read here by their bytes, not by the code that wrote them.

#include "core/consolidation/vault/vault_note.h"
#include "tests/consolidation/vault/notes_testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(Notes, SayWhatTheirMemoriesSayNow) {
  const Uuid id = promote("Ada's badge number is 4711.");
  const fs::path first = note_of(id);
  EXPECT_THAT(contents(first), EndsWith("---\n\nAda's badge number is 4711.\n"));

  update(id, "Ada's badge number is 4712.");
  const auto report = follow();

  ASSERT_THAT(report.changes, SizeIs(1));
  EXPECT_EQ(report.changes[0].event, NoteEvent::kRewritten);
  EXPECT_EQ(report.changes[0].memory_id, id);
  EXPECT_FALSE(fs::exists(first)) << "its name has the old number";
  EXPECT_THAT(contents(note_of(id)), EndsWith("---\n\nAda's badge number is 4712.\n"));
  EXPECT_THAT(contents(note_of(id)), HasSubstr("review_count 3 >= 3\"\n"));
  EXPECT_THAT(files_in(vault_), SizeIs(1));
  EXPECT_THAT(follow().changes, IsEmpty());
}

TEST_F(Notes, GoWithTheirMemories) {
  const Uuid forgotten = promote("One.");
  const Uuid archived = promote("Two.");
  const Uuid erased = promote("Three.");
  const Uuid kept = promote("Four.");
  EXPECT_THAT(tenant_.forget(forgotten), Succeeds());
  EXPECT_THAT(tenant_.archive(archived), Succeeds());
  EXPECT_THAT(tenant_.erase(erased), Succeeds());

  const auto report = follow();

  EXPECT_THAT(report.changes, SizeIs(3));
  EXPECT_THAT(report.changes, Contains(Field(&NoteChange::reason, "the memory was erased")));
  EXPECT_THAT(files_in(vault_), SizeIs(1));
  EXPECT_TRUE(fs::exists(note_of(kept)));
  EXPECT_THAT(tenant_.recover(archived), Succeeds());
  EXPECT_THAT(follow().changes, ElementsAre(Field(&NoteChange::event, NoteEvent::kWritten)));
  EXPECT_THAT(contents(note_of(archived)), HasSubstr("review_count 3 >= 3"));
}

TEST_F(Notes, ArePeoplesOnceTheyAreEdited) {
  const Uuid id = promote("Ada's badge number is 4711.");
  const fs::path path = note_of(id);
  const std::string edited = contents(path) + "She told me on Monday.\n";
  put(path, edited);
  EXPECT_EQ(follow().current, 1U) << "the memory did not change: nothing is owed";

  update(id, "Ada's badge number is 4712.");
  EXPECT_THAT(follow().changes, ElementsAre(Field(&NoteChange::event, NoteEvent::kKept)));
  EXPECT_THAT(tenant_.erase(id), Succeeds());
  const auto report = follow();
  ASSERT_THAT(report.changes, ElementsAre(Field(&NoteChange::event, NoteEvent::kKept)));
  EXPECT_EQ(report.changes[0].reason, "the memory was erased");
  EXPECT_EQ(contents(path), edited);

  NotesRequest request;
  request.remove_edited = true;
  request.dry_run = true;
  EXPECT_THAT(follow(request).changes, ElementsAre(Field(&NoteChange::event, NoteEvent::kRemoved)));
  EXPECT_EQ(contents(path), edited);
  request.dry_run = false;
  follow(request);
  EXPECT_THAT(files_in(vault_), IsEmpty());
}

TEST_F(Notes, OfAPromotionThatWasUndoneGoWhoeverUndidIt) {
  const Uuid id = add(tenant_, "Ada's badge number is 4711.");
  const auto report = run("acme");
  EXPECT_THAT(tenant_.undo_plan(report.plan_id), Succeeds());
  EXPECT_THAT(follow().changes, ElementsAre(Field(&NoteChange::event, NoteEvent::kRemoved)));
  EXPECT_THAT(files_in(vault_), IsEmpty());
  EXPECT_THAT(value_of(tenant_.get(id)).ltm_path, IsEmpty());
}

// A proposal promotes nothing: there is no note until a run writes one.
TEST_F(Notes, OfAProposalAreLeftToARun) {
  const Uuid id = add(tenant_, "Ada's badge number is 4711.");
  const auto report = run("acme", true);
  EXPECT_TRUE(report.plan_id.is_nil());
  EXPECT_THAT(report.promote, ElementsAre(Field(&PromoteResult::memory_id, id)));
  EXPECT_THAT(follow().changes, IsEmpty());
  EXPECT_THAT(files_in(vault_), IsEmpty());
  EXPECT_EQ(value_of(tenant_.get(id)).status, MemoryStatus::kActive);
}

// The same id in two tenants, as an export imported under another name has it.
TEST_F(Notes, OfTwoTenantsShareAVaultAndNothingElse) {
  const Uuid id = promote("Ada's badge number is 4711.");
  Tenant other = value_of(store_.tenant("zeta"));
  Memory same = memory("Ada's badge number is 4711.");
  same.id = id;
  same.review_count = 3;
  EXPECT_THAT(other.add(same), Succeeds());
  run("zeta");
  EXPECT_THAT(files_in(vault_), SizeIs(2));
  const fs::path theirs = vault_ / value_of(other.get(id)).ltm_path;
  const std::string before = contents(theirs);

  EXPECT_THAT(tenant_.erase(id), Succeeds());
  follow();

  EXPECT_THAT(files_in(vault_), ElementsAre(std::pair(theirs.filename().string(), before)));
  EXPECT_THAT(other.erase(id), Succeeds());
  EXPECT_THAT(value_of(follow_notes(store_, "zeta")).changes, SizeIs(1));
  EXPECT_THAT(files_in(vault_), IsEmpty());
}

TEST_F(Notes, OfAnotherStoreAreLeft) {
  promote("Ada's badge number is 4711.");
  Store other = value_of(Store::open_in_memory(store_options_));
  NotesRequest request;
  request.vault = vault_;
  const auto report = value_of(follow_notes(other, "acme", request));
  EXPECT_THAT(report.changes, IsEmpty());
  EXPECT_EQ(report.others, 1U);
  EXPECT_THAT(files_in(vault_), SizeIs(1));
}

TEST_F(Notes, OfAVaultThatIsAwayAreNamedAndNotMadeElsewhere) {
  const Uuid id = promote("Ada's badge number is 4711.");
  fs::rename(vault_, directory_ / "moved");
  update(id, "Ada's badge number is 4712.");
  EXPECT_THAT(follow().problems, ElementsAre(HasSubstr("no such folder")));
  EXPECT_FALSE(fs::exists(vault_));

  EXPECT_THAT(tenant_.forget_vault(vault_.string()), Succeeds());
  NotesRequest request;
  request.vault = directory_ / "moved";
  EXPECT_THAT(follow(request).changes, SizeIs(1));
  EXPECT_THAT(tenant_.vaults(), ElementsAre((directory_ / "moved").string()));
  EXPECT_THAT(tenant_.remember_vault("relative"), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant_.forget_vault("/nowhere"), FailsWith(ErrorCode::kNotFound));
}

// A note as it was before notes held their digests: the plan that wrote it has it.
TEST_F(Notes, OfBeforeAreKnownByTheirPlans) {
  const Uuid id = add(tenant_, "Ada's badge number is 4711.");
  const Memory before = value_of(tenant_.get(id));
  const std::string old = "---\nid: \"" + id.to_string() +
                          "\"\ntags: []\nentities: []\ncreated: null\nscore: 0.500000\ncriteria: "
                          "\"score\"\n---\n\nAda's badge number is 4711.\n";
  Memory promoted = before;
  promoted.status = MemoryStatus::kPromoted;
  promoted.promoted_at = clock_.now();
  promoted.ltm_path = "ada-" + id.to_string() + ".md";
  fs::create_directory(vault_);
  put(vault_ / promoted.ltm_path, old);
  Plan plan;
  plan.origin = "consolidate";
  plan.agents = {UpkeepAgent::kPromote};
  PlanItem item;
  item.agent = UpkeepAgent::kPromote;
  item.action = "promote";
  item.inputs = {{id, before.revision}};
  item.outcome = ItemOutcome::kPlanned;
  item.reason = "score";
  item.result = "{\"score\":0.5,\"note_digest\":\"" + consolidation::digest_of(old) + "\"}";
  plan.items = {item};
  plan.changes = {{before, promoted}};
  EXPECT_THAT(tenant_.apply_plan(plan), Succeeds());
  NotesRequest request;
  request.vault = vault_;

  const auto report = follow(request);

  EXPECT_THAT(report.changes, ElementsAre(Field(&NoteChange::event, NoteEvent::kRewritten)));
  EXPECT_THAT(contents(note_of(id)), HasSubstr("score: 0.500000\ncriteria: \"score\"\ndigest: "));
  EXPECT_THAT(files_in(vault_), SizeIs(1));
}

}  // namespace
}  // namespace tulving
