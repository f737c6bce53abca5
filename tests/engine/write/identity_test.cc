// What makes two memories the same one: an id, a name, or who said what. Each rule with the case
// beside it that is not the same.

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Identity : public ::testing::Test {
 protected:
  Identity() {
    StoreOptions options;
    options.clock = clock_.clock();
    store_.emplace(value_of(Store::open_in_memory(options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }

  AddResult write(const Record& record, const WriteOptions& options = {}) {
    return value_of(tenant_->write(std::span(&record, 1), options)).front();
  }
  Result<std::vector<AddResult>> try_write(const Record& record) {
    return tenant_->write(std::span(&record, 1));
  }
  static Memory named(const std::string& name, const std::string& text, Uuid id = {}) {
    Memory memory = testing::memory(text);
    memory.external_id = name;
    memory.id = id;
    return memory;
  }
  static Memory of_content(const std::string& content) {
    Memory memory;
    memory.content = content;
    return memory;
  }
  static Uuid id(int i) { return Uuid::derive("test", std::to_string(i)); }

  ManualClock clock_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
};

TEST_F(Identity, ANameBesideAnIdFindsTheMemoryAsTheIdDoes) {
  write(named("note-1", "both", id(1)));
  value_of(tenant_->add(named("note-2", "added with both", id(2))));

  EXPECT_EQ(value_of(tenant_->resolve("note-1")), id(1));
  EXPECT_EQ(value_of(tenant_->resolve("note-2")), id(2));
  ListRequest request;
  request.filter = in(Field::kExternalId, {"note-1", "note-2", "note-3"});
  EXPECT_EQ(value_of(tenant_->list(request)).matching, 2U);
}

TEST_F(Identity, ANameIsOneMemorysOnEveryWayIn) {
  write(named("note-1", "first", id(1)));
  const std::uint64_t before = store_->revision();

  for (const auto& error : {try_write(named("note-1", "other", id(2))).error(),
                            tenant_->add(named("note-1", "other", id(2))).error(),
                            tenant_->add(named("note-1", "other")).error()}) {
    EXPECT_EQ(error.code, ErrorCode::kConflict);
    EXPECT_EQ(error.field, "external_id");
    EXPECT_THAT(error.message, AllOf(HasSubstr("note-1"), HasSubstr(id(1).to_string())));
  }
  const std::vector<Memory> batch = {named("note-2", "a", id(2)), named("note-2", "b", id(3))};
  EXPECT_THAT(tenant_->add(batch), FailsWith(ErrorCode::kConflict));
  Plan plan;
  plan.origin = "test";
  plan.changes.push_back({std::nullopt, PlannedRecord(named("note-1", "planned", id(4)))});
  EXPECT_THAT(tenant_->apply_plan(plan), FailsWith(ErrorCode::kConflict));
  EXPECT_EQ(store_->revision(), before);
  EXPECT_THAT(value_of(store_->tenant("other")).add(named("note-1", "theirs")), Succeeds());
}

TEST_F(Identity, AnUndoThatWouldTakeANameThatIsAnothersByNowIsRefused) {
  write(named("note-1", "first", id(1)));
  Plan plan;
  plan.origin = "test";
  Memory renamed = value_of(tenant_->get(id(1)));
  renamed.external_id = "note-2";
  plan.changes.push_back({PlannedRecord(value_of(tenant_->get(id(1)))), PlannedRecord(renamed)});
  const PlanSummary applied = value_of(tenant_->apply_plan(plan));
  EXPECT_THAT(tenant_->resolve("note-1"), FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(value_of(tenant_->resolve("note-2")), id(1));
  write(named("note-1", "another", id(3)));

  EXPECT_THAT(tenant_->undo_plan(applied.id), FailsWith(ErrorCode::kConflict));

  ASSERT_THAT(tenant_->erase(id(3)), Succeeds());
  EXPECT_THAT(tenant_->undo_plan(applied.id), Succeeds());
  EXPECT_EQ(value_of(tenant_->resolve("note-1")), id(1));
}

TEST_F(Identity, ARecordOfANameAloneIsTheMemoryThatHasIt) {
  write(named("note-1", "first", id(1)));

  const AddResult updated = write(named("note-1", "second"));

  EXPECT_EQ(updated.id, id(1));
  EXPECT_EQ(updated.effect, WriteEffect::kUpdated);
  EXPECT_EQ(tenant_->stats().memories, 1U);
}

TEST_F(Identity, ARecordOfAnIdAloneLeavesTheName) {
  write(named("note-1", "first", id(1)));

  write(named("", "second", id(1)));

  EXPECT_EQ(value_of(tenant_->get(value_of(tenant_->resolve("note-1")))).text, "second");
}

TEST_F(Identity, ANameThatWasGivenUpIsFree) {
  const Uuid derived = write(named("note-1", "first")).id;
  write(named("note-2", "renamed", derived));

  EXPECT_THAT(tenant_->resolve("note-1"), FailsWith(ErrorCode::kNotFound));
  EXPECT_EQ(value_of(tenant_->resolve("note-2")), derived);
  EXPECT_EQ(write(named("note-1", "new", id(5))).id, id(5));
  EXPECT_EQ(value_of(tenant_->resolve("note-1")), id(5));
}

TEST_F(Identity, ANameWhoseIdIsAnothersNeedsAnIdOfItsOwn) {
  const Uuid derived = write(named("note-1", "first")).id;
  write(named("note-2", "renamed", derived));

  const auto refused = try_write(named("note-1", "new"));

  ASSERT_THAT(refused, FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("note-1"), HasSubstr("note-2")));
}

TEST_F(Identity, ReferencesByNameReachAMemoryOfAnyId) {
  Memory part = named("part", "part", id(2));
  part.consolidated_into_id = Uuid::derive("acme", "whole");
  part.parent_memory_id = Uuid::derive("acme", "whole");
  Relation relation;
  relation.source_id = Uuid::derive("acme", "part");
  relation.target_id = Uuid::derive("acme", "whole");
  // Everything above what it refers to.
  const std::vector<Record> records = {relation, part, named("whole", "whole", id(1))};

  value_of(tenant_->write(records));

  const Memory stored = value_of(tenant_->get(id(2)));
  EXPECT_EQ(stored.consolidated_into_id, id(1));
  EXPECT_EQ(stored.parent_memory_id, id(1));
  const auto relations = value_of(list_all<Relation>(*tenant_, {.filter = {id(2)}}));
  ASSERT_EQ(relations.size(), 1U);
  EXPECT_EQ(relations[0].target_id, id(1));
  relation.target_id = id(2);
  EXPECT_THAT(try_write(relation), FailsWith(ErrorCode::kInvalidArgument)) << "to itself";
  const std::uint64_t revision = store_->revision();
  value_of(tenant_->write(records));
  EXPECT_EQ(store_->revision(), revision);
}

TEST_F(Identity, ARecordThatRefersToNothingIsNamedByItsPlace) {
  Memory turn = memory("turn");
  turn.session_id = "s1";
  Session session;
  session.session_id = "s1";
  EXPECT_THAT(tenant_->write(std::vector<Record>{turn, session}), Succeeds());
  turn.session_id = "s2";
  Relation relation;
  relation.source_id = id(1);
  relation.target_id = id(2);

  const auto no_session = tenant_->write(std::vector<Record>{memory("a"), turn, session});
  const auto no_end = tenant_->write(std::vector<Record>{memory("a"), session, relation});

  ASSERT_FALSE(no_session || no_end);
  EXPECT_EQ(no_session.error().position, 1U);
  EXPECT_EQ(no_session.error().field, "session_id");
  EXPECT_EQ(no_end.error().position, 2U);
  EXPECT_EQ(no_end.error().field, "source_id");
}

TEST_F(Identity, WhatWasErasedComesBackByNeitherIdNorName) {
  write(named("secret", "a secret", id(1)));
  ASSERT_THAT(tenant_->erase(id(1)), Succeeds());

  EXPECT_THAT(try_write(named("secret", "a secret", id(1))), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(try_write(named("secret", "a secret")), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(try_write(named("secret", "a secret", id(2))), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(tenant_->add(named("secret", "a secret", id(2))), FailsWith(ErrorCode::kConflict));
  WriteOptions allow;
  allow.allow_erased = true;
  EXPECT_EQ(write(named("secret", "a secret"), allow).effect, WriteEffect::kAdded);
}

TEST_F(Identity, TheSameTextOfAnotherUserIsAnotherMemory) {
  Memory ana = memory("Prefers green tea.");
  ana.user_id = "ana";
  Memory bo = ana;
  bo.user_id = "bo";

  const AddResult first = value_of(tenant_->add(ana));
  const AddResult second = value_of(tenant_->add(bo));

  EXPECT_NE(first.id, second.id);
  EXPECT_EQ(value_of(tenant_->add(ana)).id, first.id);
  ASSERT_THAT(tenant_->erase(first.id), Succeeds());
  EXPECT_THAT(try_write(ana), FailsWith(ErrorCode::kConflict)) << "her text was erased";
  EXPECT_THAT(try_write(bo), Succeeds()) << "his was not";
}

TEST_F(Identity, MemoriesWithoutATextAreTheSameByTheirContent) {
  const AddResult first = value_of(tenant_->add(of_content(R"({"a":1,"b":{"x":2,"y":[3]}})")));

  const AddResult same = value_of(tenant_->add(of_content(R"({ "b": {"y":[3.0],"x":2}, "a":1 })")));
  const AddResult other = value_of(tenant_->add(of_content(R"({"a":2})")));

  EXPECT_EQ(same.id, first.id);
  EXPECT_EQ(same.effect, WriteEffect::kReinforced);
  EXPECT_NE(other.id, first.id);
  EXPECT_NE(value_of(tenant_->get(first.id)).content_hash,
            value_of(tenant_->get(other.id)).content_hash);
  EXPECT_EQ(value_of(tenant_->add(memory(R"({"a":2})"))).effect, WriteEffect::kAdded)
      << "a text is no content";
}

TEST_F(Identity, ErasingAMemoryWithoutATextBansItselfAlone) {
  const Uuid first = write(of_content(R"({"a":1})")).id;
  write(of_content(R"({"a":2})"));
  ASSERT_THAT(tenant_->erase(first), Succeeds());

  EXPECT_THAT(try_write(of_content(R"({"a":1.0})")), FailsWith(ErrorCode::kConflict));
  EXPECT_EQ(write(of_content(R"({"a":2})")).effect, WriteEffect::kUnchanged);
  EXPECT_EQ(write(of_content(R"({"a":3})")).effect, WriteEffect::kAdded);
}

TEST_F(Identity, AnUpdateThatTakesTheTextAwayHashesTheContent) {
  Memory both = memory("text");
  both.content = R"({"a":1})";
  const Uuid id = value_of(tenant_->add(both)).id;
  MemoryPatch patch;
  patch.text = "";
  value_of(tenant_->update(id, patch));

  EXPECT_EQ(value_of(tenant_->add(of_content(R"({"a":1})"))).id, id);
}

TEST_F(Identity, AnIdempotencyKeyStandsForItsMemoriesAlone) {
  AddOptions options;
  options.idempotency_key = "request-7";
  Memory paid = memory("paid", {1, 0});
  paid.metadata = R"({"amount":20,"currency":"EUR"})";
  const AddResult first = value_of(tenant_->add(paid, options));

  Memory retried = paid;
  retried.metadata = R"({ "currency": "EUR", "amount": 20.0 })";
  EXPECT_EQ(value_of(tenant_->add(retried, options)).id, first.id);

  const std::uint64_t before = store_->revision();
  Memory other_text = paid;
  other_text.text = "paid twice";
  Memory other_vector = paid;
  other_vector.embeddings[0].vector = {0, 1};
  Memory other_user = paid;
  other_user.user_id = "bo";
  for (const Memory& other : {other_text, other_vector, other_user}) {
    const auto refused = tenant_->add(other, options);
    ASSERT_THAT(refused, FailsWith(ErrorCode::kConflict));
    EXPECT_EQ(refused.error().field, "idempotency_key");
    EXPECT_THAT(refused.error().message, HasSubstr("request-7"));
  }
  EXPECT_THAT(tenant_->add(std::vector{paid, paid}, options), FailsWith(ErrorCode::kConflict));
  EXPECT_EQ(store_->revision(), before);
}

TEST_F(Identity, EqualRecordsAreCountedWithinACallOrByTheCaller) {
  Memory turn = memory("Yes.");
  turn.memory_type = "conversation";
  const std::vector<Record> two = {turn, turn};
  value_of(tenant_->write(two));
  EXPECT_EQ(tenant_->stats().memories, 2U);
  value_of(tenant_->write(two));
  EXPECT_EQ(tenant_->stats().memories, 2U);

  const std::vector<std::uint32_t> third = {2};
  WriteOptions options;
  options.equal_before = third;
  write(turn, options);
  EXPECT_EQ(tenant_->stats().memories, 3U);
  EXPECT_THAT(tenant_->write(two, options), FailsWith(ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace tulving
