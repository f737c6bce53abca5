// What a text writer wrote, and patterns, follow their sources as merges do.

#include "tests/engine/follow/follow_fixture.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class Written : public Following {
 protected:
  MergeResult merge_by_writer() {
    ConsolidationOptions options;
    options.writer.writer = [](const TextRequest& request) -> Result<std::string> {
      return "In short: " + std::string(request.draft);
    };
    return merge(options);
  }
};

TEST_F(Written, ByAModelIsReplacedAtOnceAndWrittenAnewByTheAgent) {
  const Uuid code = add("My locker code is 2291.");
  add("The locker is on floor two.");
  const Uuid made = merge_by_writer().memory_id;
  ASSERT_THAT(text(made), HasSubstr("In short"));

  update(code, [](MemoryPatch& patch) { patch.tags = {"gym"}; });
  EXPECT_THAT(text(made), HasSubstr("In short")) << "it still says all";
  EXPECT_THAT(get(made).tags, ElementsAre("gym"));

  update(code, "My locker code is 7788.");

  EXPECT_THAT(text(made), Not(HasSubstr("In short")));
  EXPECT_THAT(text(made), HasSubstr("7788"));
  EXPECT_EQ(get(made).consolidation_method, ConsolidationMethod::kHeuristic);
  const auto tasks = rewrites();
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].action, "rewrite");

  consolidate();
  EXPECT_EQ(value_of(tenant_->get<ConsolidationTask>(tasks[0].task_id)).status,
            ConsolidationTaskStatus::kOpen)
      << "nobody is there to write it";
  merge_by_writer();

  EXPECT_THAT(text(made), HasSubstr("In short"));
  EXPECT_THAT(text(made), HasSubstr("7788"));
  EXPECT_EQ(value_of(tenant_->get<ConsolidationTask>(tasks[0].task_id)).status,
            ConsolidationTaskStatus::kClosed);
  ASSERT_THAT(tenant_->undo_plan(plan_), Succeeds());
  EXPECT_THAT(text(made), Not(HasSubstr("In short")));
}

class Patterns : public Following {
 protected:
  Patterns() {
    for (const char* name : {"first", "second", "third"}) {
      ids_.push_back(add("Restart the worker. Seen by the " + std::string(name) + " shift.",
                         {1.0F, 0.0F}, [](Memory& one) { one.project_id = "p"; }));
    }
    JobRunnerOptions options;
    options.merge_similarity = 1.0;
    auto runner = value_of(JobRunner::create(*store_, "acme", options));
    JobRequest request;
    request.project_id = "p";
    value_of(runner.start(request));
    for (const MemoryView& one : value_of(tenant_->list()).memories) {
      if (one.to_memory().abstraction_level == 2) pattern_ = one.id();
    }
    EXPECT_FALSE(pattern_.is_nil());
  }
  std::vector<Uuid> ids_;
  Uuid pattern_;
};

TEST_F(Patterns, FollowTheirSources) {
  for (const Uuid& id : ids_) update(id, "Reboot the worker.");
  EXPECT_EQ(text(pattern_), "Reboot the worker.");
  EXPECT_EQ(get(pattern_).abstraction_level, 2);

  ASSERT_THAT(tenant_->forget(ids_[0]), Succeeds());
  EXPECT_THAT(sources(pattern_), SizeIs(2));
  ASSERT_THAT(tenant_->erase(ids_[1]), Succeeds());

  EXPECT_FALSE(is_there(pattern_)) << "of one memory there is no pattern";
  EXPECT_EQ(status(ids_[2]), MemoryStatus::kActive);
  expect_sound();
}

}  // namespace
}  // namespace tulving
