#pragma once

#include "tests/engine/plans/plan_testing.h"

namespace tulving::testing {

/// A tenant with a few memories, and plans over them.
class Plans : public ::testing::Test {
 protected:
  Plans() {
    open();
    for (const char* text : {"The boiler man comes on Tuesday.", "Ada keeps bees.",
                             "Beans are sown after the last frost."}) {
      ids_.push_back(value_of(tenant_->add(memory(text, {1.0F, 0.5F}))).id);
    }
  }

  void open() {
    store_.emplace(value_of(Store::open(directory_ / "db")));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }
  void reopen() {
    ASSERT_THAT(store_->close(), Succeeds());
    tenant_.reset();
    store_.reset();
    open();
  }
  Plan merge() { return merge_plan(*tenant_, {ids_[0], ids_[1]}); }
  void change(const Uuid& id, std::string text = "Something else.") {
    MemoryPatch patch;
    patch.text = std::move(text);
    value_of(tenant_->update(id, patch));
  }
  Relation relate(const Uuid& from, const Uuid& to) {
    Relation relation;
    relation.source_id = from;
    relation.target_id = to;
    return value_of(tenant_->put(relation)).record;
  }

  // The plan is refused, each part is in the message, and nothing was written.
  void expect_conflict(const std::function<Result<PlanSummary>()>& call,
                       const std::vector<std::string>& parts) {
    const std::uint64_t revision = store_->revision();
    const State before = state_of(*tenant_);
    const auto result = call();
    ASSERT_THAT(result, FailsWith(ErrorCode::kConflict));
    for (const auto& part : parts) EXPECT_THAT(result.error().message, ::testing::HasSubstr(part));
    EXPECT_EQ(store_->revision(), revision);
    EXPECT_THAT(differences(state_of(*tenant_), before), ::testing::IsEmpty());
  }
  void expect_refused_to_apply(const Plan& plan, const std::vector<std::string>& parts) {
    const std::size_t plans = value_of(tenant_->plans()).size();
    expect_conflict([&] { return tenant_->apply_plan(plan); }, parts);
    EXPECT_THAT(value_of(tenant_->plans()), ::testing::SizeIs(plans));
  }
  void expect_refused_to_undo(const Uuid& id, const std::vector<std::string>& parts) {
    expect_conflict([&] { return tenant_->undo_plan(id); }, parts);
  }

  TemporaryDirectory directory_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
  std::vector<Uuid> ids_;
};

}  // namespace tulving::testing
