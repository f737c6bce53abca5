// What is made of memories follows them: after each change of a source its merge says what the
// sources say now, no more and no less, in the same write.

#include "tests/engine/follow/follow_fixture.h"
#include "tulving/consolidation_queue.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class Merged : public Following {
 protected:
  Merged() {
    code_ =
        add("My locker code is 2291.", {1.0F, 0.0F}, [](Memory& one) { one.entities = {"2291"}; });
    floor_ = add("The locker is on floor two.", {1.0F, 0.02F});
    key_ = add("Its key hangs behind the door.", {1.0F, 0.01F});
    merge_ = merge().memory_id;
    EXPECT_THAT(sources(merge_), UnorderedElementsAre(code_, floor_, key_));
  }

  Uuid code_, floor_, key_, merge_;
};

TEST_F(Merged, SaysTheNewValueOfAnUpdatedSource) {
  const std::uint64_t revision = store_->revision();

  const AddResult updated = update(code_, "My locker code is 7788.");

  EXPECT_THAT(updated.followed, ElementsAre(merge_));
  EXPECT_EQ(store_->revision(), revision + 1) << "one write";
  EXPECT_THAT(text(merge_), HasSubstr("7788"));
  EXPECT_THAT(text(merge_), Not(HasSubstr("2291")));
  EXPECT_THAT(text(merge_), HasSubstr("floor two"));
  const auto hits = value_of(tenant_->search(text_search("locker code"))).hits;
  ASSERT_FALSE(hits.empty());
  EXPECT_EQ(hits[0].memory.id(), merge_);
  EXPECT_EQ(status(code_), MemoryStatus::kArchived);
  std::vector<std::string> operations;
  for (const auto& entry : value_of(tenant_->history(merge_))) {
    operations.push_back(entry.operation);
  }
  EXPECT_THAT(operations, ElementsAre("add", "follow"));
  reopen();
  EXPECT_THAT(text(merge_), HasSubstr("7788"));
  expect_sound();
}

TEST_F(Merged, FollowsAnImportedLineToo) {
  Memory line = memory("My locker code is 7788.");
  line.id = code_;
  line.memory_type = "user_preference";
  const auto written = value_of(tenant_->write(std::vector<Record>{line}));

  EXPECT_THAT(written.at(0).followed, ElementsAre(merge_));
  EXPECT_THAT(text(merge_), HasSubstr("7788"));
  EXPECT_THAT(all_shown(), Not(HasSubstr("2291")));
  EXPECT_EQ(get(code_).consolidated_into_id, merge_);
}

TEST_F(Merged, NoLongerSaysWhatAPersonForgot) {
  ASSERT_THAT(tenant_->forget(code_), Succeeds());

  EXPECT_THAT(text(merge_), Not(HasSubstr("2291")));
  EXPECT_THAT(get(merge_).entities, IsEmpty());
  EXPECT_THAT(sources(merge_), UnorderedElementsAre(floor_, key_));
  EXPECT_TRUE(get(code_).consolidated_into_id.is_nil());
  EXPECT_EQ(status(code_), MemoryStatus::kDeleted);
  EXPECT_THAT(value_of(list_all<Relation>(*tenant_, {.filter = {merge_}})), SizeIs(2));
  EXPECT_THAT(value_of(tenant_->search(text_search("2291"))).hits, IsEmpty());

  ASSERT_THAT(tenant_->forget(floor_), Succeeds());

  EXPECT_FALSE(is_there(merge_)) << "one source is no merge";
  EXPECT_THAT(shown(), ElementsAre("Its key hangs behind the door."));
  EXPECT_EQ(status(key_), MemoryStatus::kActive);
  EXPECT_FALSE(get(key_).archived_at);
  EXPECT_THAT(value_of(list_all<Relation>(*tenant_, {.filter = {key_}})), IsEmpty());
  expect_sound();
}

TEST_F(Merged, KeepsWhatGcCollectsUntilAPersonForgetsIt) {
  clock_.advance(std::chrono::hours(24 * 31));
  EXPECT_THAT(value_of(tenant_->gc()).deleted, SizeIs(3));
  EXPECT_EQ(status(code_), MemoryStatus::kDeleted);
  EXPECT_EQ(get(code_).consolidated_into_id, merge_);
  EXPECT_THAT(text(merge_), HasSubstr("2291"));
  update(floor_, "The locker is on floor three.");
  EXPECT_THAT(text(merge_), HasSubstr("2291"));
  EXPECT_THAT(text(merge_), HasSubstr("floor three"));

  ASSERT_THAT(tenant_->forget(code_), Succeeds());

  EXPECT_THAT(text(merge_), Not(HasSubstr("2291")));
  EXPECT_TRUE(get(code_).consolidated_into_id.is_nil());
  ASSERT_THAT(tenant_->forget(key_), Succeeds());
  EXPECT_THAT(shown(), ElementsAre("The locker is on floor three."))
      << "the last source comes back though gc had collected it";
}

TEST_F(Merged, GivesARecoveredSourceBack) {
  ASSERT_THAT(tenant_->recover(code_), Succeeds());

  EXPECT_THAT(text(merge_), Not(HasSubstr("2291")));
  EXPECT_THAT(sources(merge_), UnorderedElementsAre(floor_, key_));
  EXPECT_EQ(value_of(tenant_->search(text_search("2291"))).hits.at(0).memory.id(), code_);
}

TEST_F(Merged, GivesASourceBackThatGoesToAnotherUserOrExpiry) {
  update(code_, [](MemoryPatch& patch) { patch.user_id = "ben"; });

  EXPECT_EQ(status(code_), MemoryStatus::kActive);
  EXPECT_THAT(text(merge_), Not(HasSubstr("2291")));
  EXPECT_THAT(get(merge_).user_id, IsEmpty());

  update(key_,
         [&](MemoryPatch& patch) { patch.expires_at = clock_.now() + std::chrono::hours(1); });

  EXPECT_FALSE(is_there(merge_));
  EXPECT_THAT(shown(), SizeIs(3));
  clock_.advance(std::chrono::hours(2));
  EXPECT_THAT(all_shown(), Not(HasSubstr("door")));
}

TEST_F(Merged, MovesWithItsSourcesWhenTheyMoveTogether) {
  std::vector<Record> lines;
  for (const Uuid& id : {code_, floor_, key_}) {
    Memory line = get(id);
    line.user_id = "ben";
    lines.emplace_back(line);
  }
  value_of(tenant_->write(lines));

  EXPECT_EQ(get(merge_).user_id, "ben");
  EXPECT_THAT(sources(merge_), SizeIs(3));
}

TEST_F(Merged, MovesItsSourcesWhenItIsMoved) {
  update(merge_, [](MemoryPatch& patch) { patch.user_id = "ben"; });

  for (const Uuid& id : {merge_, code_, floor_, key_}) EXPECT_EQ(get(id).user_id, "ben");
  EXPECT_THAT(sources(merge_), SizeIs(3));
}

TEST_F(Merged, KeepsWhatWasDoneToItself) {
  const Uuid other = add("Ada keeps bees.", {0.0F, 1.0F});
  Relation relation;
  relation.source_id = other;
  relation.target_id = merge_;
  value_of(tenant_->put(relation));
  update(merge_, [](MemoryPatch& patch) {
    patch.tags = {"sports"};
    patch.priority = 9;
  });
  ASSERT_THAT(tenant_->touch({&merge_, 1}), Succeeds());

  update(code_, "My locker code is 7788.");

  EXPECT_THAT(get(merge_).tags, ElementsAre("sports"));
  EXPECT_EQ(get(merge_).priority, 9);
  EXPECT_EQ(get(merge_).use_count, 1);

  ASSERT_THAT(tenant_->forget(code_), Succeeds());
  ASSERT_THAT(tenant_->forget(key_), Succeeds());

  EXPECT_THAT(get(floor_).tags, ElementsAre("sports")) << "handed to the last source";
  EXPECT_EQ(get(floor_).use_count, 1);
  const auto relations = value_of(list_all<Relation>(*tenant_, {.filter = {floor_}}));
  ASSERT_THAT(relations, SizeIs(1));
  EXPECT_EQ(relations[0].source_id, other);
}

TEST_F(Merged, KeepsATextThatAPersonWrote) {
  update(merge_,
         "My locker code is 2291 (as of 2026-02-03).\nThe locker is on floor two.\n"
         "Ask Eva for the key, not Tom.");
  EXPECT_FALSE(get(merge_).consolidation_method);

  update(code_, "My locker code is 7788.");

  EXPECT_EQ(text(merge_), "The locker is on floor two.\nAsk Eva for the key, not Tom.");
  EXPECT_EQ(status(code_), MemoryStatus::kActive) << "it stands for itself";
  EXPECT_THAT(shown(), SizeIs(2));
  const auto tasks = rewrites();
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].action, "rewrite");
  EXPECT_THAT(tasks[0].memory_ids, ElementsAre(merge_));
  value_of(tenant_->queue().decide(tasks[0].task_id, true));

  consolidate();

  EXPECT_THAT(text(merge_), HasSubstr("behind the door"));
  EXPECT_THAT(text(merge_), Not(HasSubstr("Eva")));
  EXPECT_EQ(get(merge_).consolidation_method, ConsolidationMethod::kHeuristic);
}

TEST_F(Merged, LosesAPersonsTextWhenASourceIsErased) {
  update(merge_, "The code 2291 opens the locker.");

  ASSERT_THAT(tenant_->erase(code_), Succeeds());

  EXPECT_THAT(text(merge_), Not(HasSubstr("2291")));
  EXPECT_THAT(text(merge_), HasSubstr("floor two"));
  EXPECT_THAT(value_of(tenant_->history(merge_)), SizeIs(1));
}

TEST_F(Merged, AveragesTheVectorsOfTheSourcesThatHaveOne) {
  update(code_, "My locker code is 7788.");

  EXPECT_THAT(get(code_).embeddings, IsEmpty());
  ASSERT_THAT(get(merge_).embeddings, SizeIs(1));
  const std::vector<float> mean = get(merge_).embeddings[0].vector;
  EXPECT_NEAR(mean[1] / mean[0], 0.015F, 1e-3F) << "of the two others";
  EXPECT_EQ(store_->stats().without_vector, 0U) << "archived ones do not count";

  ASSERT_THAT(tenant_->erase(floor_), Succeeds());
  ASSERT_THAT(get(merge_).embeddings, SizeIs(1));
  EXPECT_NEAR(get(merge_).embeddings[0].vector[1], 0.01F, 1e-6F);
  expect_sound();
}

TEST_F(Merged, IsUndoneToWhatItsSourcesAreNow) {
  update(code_, "My locker code is 7788.");
  ASSERT_THAT(tenant_->forget(key_), Succeeds());

  ASSERT_THAT(tenant_->undo_plan(plan_), Succeeds());

  EXPECT_THAT(shown(), ElementsAre("My locker code is 7788.", "The locker is on floor two."));
  EXPECT_FALSE(is_there(merge_));
  EXPECT_EQ(status(key_), MemoryStatus::kDeleted);
  expect_sound();
}

TEST_F(Merged, IsUndoneThoughItHasGoneBackIntoItsSources) {
  ASSERT_THAT(tenant_->recover(code_), Succeeds());
  ASSERT_THAT(tenant_->forget(key_), Succeeds());
  ASSERT_FALSE(is_there(merge_));

  ASSERT_THAT(tenant_->undo_plan(plan_), Succeeds());

  EXPECT_THAT(shown(), ElementsAre("My locker code is 2291.", "The locker is on floor two."));
}

TEST_F(Merged, IsNotUndoneOverAPersonsEdit) {
  update(merge_, [](MemoryPatch& patch) { patch.tags = {"sports"}; });
  update(code_, "My locker code is 7788.");

  const auto undone = tenant_->undo_plan(plan_);

  ASSERT_THAT(undone, FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(undone.error().message,
              HasSubstr("memory " + merge_.to_string() + " was changed since"));
}

TEST_F(Merged, ComesBackByNoOutdatedImport) {
  std::vector<Record> old;
  ASSERT_THAT(tenant_->export_records([&](const Record& record) -> Status {
    old.push_back(record);
    return {};
  }),
              Succeeds());
  ASSERT_THAT(tenant_->forget(code_), Succeeds());
  value_of(tenant_->write(old));
  EXPECT_THAT(all_shown(), Not(HasSubstr("2291")));

  ASSERT_THAT(tenant_->erase(floor_), Succeeds());
  EXPECT_FALSE(is_there(merge_));
  const Record* line = nullptr;
  for (const Record& one : old) {
    const auto* memory = std::get_if<Memory>(&one);
    if (memory != nullptr && memory->id == merge_) line = &one;
  }
  ASSERT_NE(line, nullptr);
  const auto again = tenant_->write({line, 1});
  ASSERT_THAT(again, FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(again.error().message, HasSubstr("was made of memory"));
  EXPECT_EQ(again.error().field, "source_memory_ids");
}

class MergedTwice : public Merged {
 protected:
  MergedTwice() {
    later_ = add("It squeaks since May.", {1.0F, 0.01F});
    top_ = merge().memory_id;
    EXPECT_THAT(sources(top_), UnorderedElementsAre(merge_, later_));
  }
  Uuid later_, top_;
};

TEST_F(MergedTwice, FollowsASourceOfItsSource) {
  EXPECT_EQ(update(code_, "My locker code is 7788.").followed.size(), 2U);

  EXPECT_THAT(text(merge_), HasSubstr("7788"));
  EXPECT_THAT(text(top_), HasSubstr("7788"));
  EXPECT_THAT(all_shown(), Not(HasSubstr("2291")));

  ASSERT_THAT(tenant_->forget(code_), Succeeds());
  ASSERT_THAT(tenant_->forget(floor_), Succeeds());

  EXPECT_FALSE(is_there(merge_));
  EXPECT_THAT(sources(top_), UnorderedElementsAre(key_, later_)) << "in the place of the merge";
  EXPECT_EQ(get(key_).consolidated_into_id, top_);
  EXPECT_EQ(status(key_), MemoryStatus::kArchived);
  EXPECT_THAT(value_of(list_all<Relation>(*tenant_, {.filter = {key_}})), SizeIs(1));
  EXPECT_THAT(text(top_), HasSubstr("behind the door"));
  ASSERT_THAT(tenant_->undo_plan(plan_), Succeeds());
  EXPECT_THAT(shown(),
              UnorderedElementsAre("Its key hangs behind the door.", "It squeaks since May."));
  expect_sound();
}

TEST_F(MergedTwice, KeepsNoWordOfAnErasedSource) {
  ASSERT_THAT(tenant_->erase(code_), Succeeds());

  EXPECT_THAT(sources(top_), UnorderedElementsAre(merge_, later_));
  EXPECT_THAT(text(top_), HasSubstr("floor two"));
  for (const Uuid& id : {merge_, top_}) {
    for (const auto& entry : value_of(tenant_->history(id))) {
      EXPECT_THAT(entry.memory.text, Not(HasSubstr("2291")));
    }
  }
  for (const PlanSummary& one : value_of(tenant_->plans())) {
    for (const PlanChange& change : value_of(tenant_->get_plan(one.id)).changes) {
      for (const auto* side : {&change.before, &change.after}) {
        const auto* memory = *side ? std::get_if<Memory>(&**side) : nullptr;
        if (memory == nullptr) continue;
        EXPECT_THAT(memory->text, Not(HasSubstr("2291")));
      }
    }
  }
  ASSERT_THAT(tenant_->undo_plan(plan_), Succeeds()) << "the second plan changed no erased one";
  EXPECT_THAT(shown(), SizeIs(2));
  expect_sound();
}

}  // namespace
}  // namespace tulving
