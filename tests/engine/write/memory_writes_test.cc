// Writing keeps the promises of store.h: what is the same memory, what is refused and by which
// rule, what an update, a touch, a forgetting and an erasure leave behind. Every refusal is checked
// to have changed nothing: the store's revision stays.

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MemoryWrites : public ::testing::Test {
 protected:
  MemoryWrites() {
    StoreOptions options;
    options.clock = clock_.clock();
    store_.emplace(value_of(Store::open_in_memory(options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }

  template <class T>
  void expect_refused(const Result<T>& result, ErrorCode code, const std::string& field,
                      std::uint64_t revision_before) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, code) << result.error().message;
    EXPECT_EQ(result.error().field, field) << result.error().message;
    EXPECT_EQ(store_->revision(), revision_before) << "something was written";
  }

  ManualClock clock_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
};

TEST_F(MemoryWrites, AddFillsInWhatTheCallerLeftOut) {
  const AddResult added = value_of(tenant_->add(memory("Ada likes tea. She drinks it black.")));

  const Memory stored = value_of(tenant_->get(added.id));
  EXPECT_EQ(stored.created_at, clock_.now());
  EXPECT_EQ(stored.last_used, clock_.now());
  EXPECT_EQ(stored.summary, "Ada likes tea. She drinks it black.");
  EXPECT_THAT(stored.content_hash, SizeIs(32));
  EXPECT_EQ(stored.revision, added.revision);
}

Memory with_vector(std::string text, std::vector<float> vector) {
  Memory made = memory(std::move(text));
  made.tags = {"one", "two"};
  made.embeddings = {{"default", std::move(vector)}, {"other", {0, 1}}};
  return made;
}

TEST_F(MemoryWrites, AMemoryGivenAwayIsTheOneThatIsCopied) {
  const Memory given = with_vector("Given away or copied.", {1, 2, 3});
  AddOptions keep;
  keep.on_duplicate = OnDuplicate::kKeep;
  Memory away = given;

  const AddResult copied = value_of(tenant_->add(given, keep));
  const AddResult moved = value_of(tenant_->add(std::move(away), keep));

  Memory expected = value_of(tenant_->get(copied.id, true));
  expected.id = moved.id;
  expected.revision = moved.revision;
  EXPECT_EQ(value_of(tenant_->get(moved.id, true)), expected);
  EXPECT_EQ(moved.effect, WriteEffect::kKept);
}

TEST_F(MemoryWrites, AMemoryGivenAwayComesBackFromARefusal) {
  value_of(tenant_->add(memory("Said before.")));
  Memory named = memory("Of a name.");
  named.external_id = "name";
  value_of(tenant_->add(named));
  AddOptions reject;
  reject.on_duplicate = OnDuplicate::kReject;
  std::vector<Memory> refused(5, with_vector("Said before.", {1, 2, 3}));
  refused[1].external_id = "name";
  refused[2].session_id = "no such session";
  refused[3].text = "Of another dimension";
  refused[4].priority = 11;
  value_of(tenant_->add(with_vector("The models' first.", {3, 2, 1})));
  refused[3].embeddings[1].vector = {1, 2, 3, 4};
  for (const Memory& given : refused) {
    Memory away = given;
    ASSERT_FALSE(tenant_->add(std::move(away), reject).has_value());
    EXPECT_EQ(away, given) << given.text;  // NOLINT(bugprone-use-after-move): as promised.
  }
  ASSERT_THAT(store_->close(), Succeeds());
  Memory late = with_vector("Too late.", {1, 2, 3});
  const Memory as_given = late;
  ASSERT_FALSE(tenant_->add(std::move(late)).has_value());
  EXPECT_EQ(late, as_given);  // NOLINT(bugprone-use-after-move)
}

TEST_F(MemoryWrites, TheSameTextOfTheSameAgentIsReinforced) {
  const AddResult first = value_of(tenant_->add(memory("The build needs g++ 12.")));
  clock_.advance(std::chrono::hours(1));

  const AddResult second = value_of(tenant_->add(memory("The build needs g++ 12.")));

  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(second.effect, WriteEffect::kReinforced);
  const Memory stored = value_of(tenant_->get(first.id));
  EXPECT_EQ(stored.use_count, 1);
  EXPECT_EQ(stored.last_used, clock_.now());
}

TEST_F(MemoryWrites, TheSameTextOfAnotherAgentIsAnotherMemory) {
  Memory mine = memory("Deploys are on Tuesday.");
  mine.agent_id = "a";
  Memory yours = mine;
  yours.agent_id = "b";

  EXPECT_NE(value_of(tenant_->add(mine)).id, value_of(tenant_->add(yours)).id);
}

TEST_F(MemoryWrites, ConversationTurnsWithTheSameTextAreKeptApart) {
  Memory turn = memory("Good morning!");
  turn.memory_type = "conversation";
  const AddResult first = value_of(tenant_->add(turn));

  const AddResult second = value_of(tenant_->add(turn));

  EXPECT_NE(second.id, first.id);
  EXPECT_EQ(second.effect, WriteEffect::kKept);
}

TEST_F(MemoryWrites, ADuplicateIsRefusedWhenTheCallerSaysSo) {
  value_of(tenant_->add(memory("Once is enough.")));
  AddOptions reject;
  reject.on_duplicate = OnDuplicate::kReject;

  expect_refused(tenant_->add(memory("Once is enough."), reject), ErrorCode::kConflict, "text", 1);
}

TEST_F(MemoryWrites, AnExternalIdThatIsThereIsRefused) {
  Memory named = memory("one");
  named.external_id = "note/1";
  value_of(tenant_->add(named));
  named.text = "two";

  expect_refused(tenant_->add(named), ErrorCode::kConflict, "external_id", 1);
}

TEST_F(MemoryWrites, AnExternalIdGivesTheSameUuidInEveryStore) {
  Memory named = memory("one");
  named.external_id = "note/1";

  const AddResult here = value_of(tenant_->add(named));
  Store elsewhere = value_of(Store::open_in_memory());
  const AddResult there = value_of(value_of(elsewhere.tenant("acme")).add(named));

  EXPECT_EQ(here.id, there.id);
  EXPECT_EQ(value_of(tenant_->resolve("note/1")), here.id);
  EXPECT_EQ(value_of(tenant_->resolve(here.id.to_string())), here.id);
}

TEST_F(MemoryWrites, ABatchIsAllOrNothing) {
  std::vector<Memory> batch = {memory("one"), memory("two"), memory("three")};
  batch[2].priority = 11;

  const auto refused = tenant_->add(batch);

  expect_refused(refused, ErrorCode::kInvalidArgument, "priority", 0);
  EXPECT_THAT(refused.error().message, HasSubstr("memory 2 of 3"));
  EXPECT_EQ(tenant_->stats().memories, 0U);
}

TEST_F(MemoryWrites, AnUnknownSessionIsRefused) {
  Memory turn = memory("hello");
  turn.session_id = "s1";
  expect_refused(tenant_->add(turn), ErrorCode::kInvalidArgument, "session_id", 0);

  Session session;
  session.session_id = "s1";
  value_of(tenant_->put(session));
  EXPECT_THAT(tenant_->add(turn), Succeeds());
}

TEST_F(MemoryWrites, VectorsOfAnotherDimensionOrNoDirectionAreRefused) {
  value_of(tenant_->add(memory("first", {1, 0, 0})));

  expect_refused(tenant_->add(memory("short", {1, 0})), ErrorCode::kInvalidArgument, "embedding",
                 1);
  expect_refused(tenant_->add(memory("zero", {0, 0, 0})), ErrorCode::kInvalidArgument, "embedding",
                 1);
  expect_refused(tenant_->add(memory("nan", {1, NAN, 0})), ErrorCode::kInvalidArgument, "embedding",
                 1);
  EXPECT_EQ(tenant_->stats().memories, 1U);
}

TEST_F(MemoryWrites, AnIdempotencyKeyWritesOnce) {
  AddOptions options;
  options.idempotency_key = "request-7";
  options.on_duplicate = OnDuplicate::kKeep;
  const AddResult first = value_of(tenant_->add(memory("paid"), options));

  const AddResult again = value_of(tenant_->add(memory("paid"), options));

  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.revision, first.revision);
  EXPECT_EQ(tenant_->stats().memories, 1U);
}

TEST_F(MemoryWrites, AnUpdateWithAStaleRevisionChangesNothing) {
  const AddResult added = value_of(tenant_->add(memory("draft")));
  MemoryPatch patch;
  patch.text = "final";
  const AddResult updated = value_of(tenant_->update(added.id, patch, added.revision));
  patch.text = "lost update";

  expect_refused(tenant_->update(added.id, patch, added.revision), ErrorCode::kConflict, "revision",
                 updated.revision);
  EXPECT_EQ(value_of(tenant_->get(added.id)).text, "final");
}

TEST_F(MemoryWrites, HistoryHoldsEveryVersionInOrder) {
  const AddResult added = value_of(tenant_->add(memory("v1")));
  MemoryPatch patch;
  patch.text = "v2";
  value_of(tenant_->update(added.id, patch));
  ASSERT_THAT(tenant_->forget(added.id), Succeeds());

  const auto history = value_of(tenant_->history(added.id));

  ASSERT_THAT(history, SizeIs(3));
  EXPECT_EQ(history[0].operation, "add");
  EXPECT_EQ(history[0].memory.text, "v1");
  EXPECT_EQ(history[1].operation, "update");
  EXPECT_EQ(history[1].memory.text, "v2");
  EXPECT_EQ(history[2].operation, "forget");
  EXPECT_EQ(history[2].memory.status, MemoryStatus::kDeleted);
}

TEST_F(MemoryWrites, WhatIsErasedIsGoneAndDoesNotComeBackByImport) {
  Memory named = memory("my secret", {1, 0});
  named.external_id = "secret/1";
  const Uuid id = value_of(tenant_->add(named)).id;
  MemoryPatch patch;
  patch.priority = 9;
  value_of(tenant_->update(id, patch));
  ASSERT_THAT(tenant_->erase(id), Succeeds());

  EXPECT_THAT(tenant_->get(id), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(tenant_->history(id), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(texts_of(value_of(tenant_->search(text_search("secret")))), IsEmpty());
  EXPECT_THAT(texts_of(value_of(tenant_->search(vector_search({1, 0})))), IsEmpty());
  const Record record = named;
  expect_refused(tenant_->write(std::span(&record, 1)), ErrorCode::kConflict, "external_id", 3);
  expect_refused(tenant_->add(named), ErrorCode::kConflict, "external_id", 3);
  WriteOptions allow;
  allow.allow_erased = true;
  EXPECT_EQ(value_of(tenant_->write(std::span(&record, 1), allow))[0].effect, WriteEffect::kAdded);
  EXPECT_EQ(value_of(tenant_->search(text_search("secret"))).hits.size(), 1U);
}

TEST_F(MemoryWrites, ImportingAForgottenMemoryAgainDoesNotReviveIt) {
  Memory named = memory("embarrassing");
  named.external_id = "e/1";
  const Record record = named;
  const Uuid id = value_of(tenant_->write(std::span(&record, 1)))[0].id;
  ASSERT_THAT(tenant_->forget(id), Succeeds());

  const auto again = value_of(tenant_->write(std::span(&record, 1)));

  EXPECT_EQ(again[0].effect, WriteEffect::kUnchanged);
  EXPECT_THAT(texts_of(value_of(tenant_->search(text_search("embarrassing")))), IsEmpty());
}

TEST_F(MemoryWrites, WritingTheSameRecordsTwiceChangesNothing) {
  Session session;
  session.session_id = "s1";
  Memory a = memory("first turn", {1, 0});
  a.external_id = "a";
  a.session_id = "s1";
  Memory b = memory("nameless");
  Relation relation;
  relation.source_id = Uuid::derive("acme", "a");
  relation.target_id = relation.source_id;
  Memory c = memory("third");
  c.external_id = "c";
  relation.target_id = Uuid::derive("acme", "c");
  const std::vector<Record> records = {session, a, b, c, relation};
  value_of(tenant_->write(records));
  const std::uint64_t revision = store_->revision();

  for (const AddResult& result : value_of(tenant_->write(records))) {
    EXPECT_EQ(result.effect, WriteEffect::kUnchanged);
  }
  EXPECT_EQ(store_->revision(), revision);
  EXPECT_EQ(tenant_->stats().memories, 3U);
}

TEST_F(MemoryWrites, ADryRunChecksEverythingAndWritesNothing) {
  WriteOptions dry;
  dry.dry_run = true;
  std::vector<Record> records = {memory("fine")};
  EXPECT_THAT(tenant_->write(records, dry), Succeeds());
  EXPECT_EQ(store_->revision(), 0U);

  Memory bad = memory("bad");
  bad.session_id = "nowhere";
  records.emplace_back(bad);
  expect_refused(tenant_->write(records, dry), ErrorCode::kInvalidArgument, "session_id", 0);
}

TEST_F(MemoryWrites, ErasingASessionErasesItsMemories) {
  Session session;
  session.session_id = "s1";
  value_of(tenant_->put(session));
  Memory turn = memory("in the session");
  turn.session_id = "s1";
  const Uuid inside = value_of(tenant_->add(turn)).id;
  const Uuid outside = value_of(tenant_->add(memory("outside"))).id;

  ASSERT_THAT(tenant_->erase<Session>("s1"), Succeeds());

  EXPECT_THAT(tenant_->get(inside), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(tenant_->get(outside), Succeeds());
  EXPECT_THAT(tenant_->get<Session>("s1"), FailsWith(ErrorCode::kNotFound));
}

TEST_F(MemoryWrites, RelationsNeedTwoDifferentMemoriesAndGoWithThem) {
  const Uuid a = value_of(tenant_->add(memory("a"))).id;
  const Uuid b = value_of(tenant_->add(memory("b"))).id;
  Relation relation;
  relation.source_id = a;
  relation.target_id = a;
  expect_refused(tenant_->put(relation), ErrorCode::kInvalidArgument, "target_id", 2);
  relation.target_id = Uuid::random();
  expect_refused(tenant_->put(relation), ErrorCode::kNotFound, "target_id", 2);

  relation.target_id = b;
  value_of(tenant_->put(relation));
  EXPECT_THAT(value_of(tenant_->related(a)), SizeIs(1));
  ASSERT_THAT(tenant_->erase(b), Succeeds());
  EXPECT_THAT(value_of(list_all<Relation>(*tenant_, {.filter = {a}})), IsEmpty());
  EXPECT_THAT(value_of(tenant_->related(a)), IsEmpty());
}

TEST_F(MemoryWrites, RelatedFindsMemoriesSeveralHopsAway) {
  std::vector<Uuid> chain;
  for (const char* text : {"a", "b", "c", "d"}) {
    chain.push_back(value_of(tenant_->add(memory(text))).id);
  }
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    Relation relation;
    relation.source_id = chain[i];
    relation.target_id = chain[i + 1];
    relation.strength = 0.5;
    value_of(tenant_->put(relation));
  }

  RelatedRequest request;
  request.hops_max = 2;
  const auto hits = value_of(tenant_->related(chain[0], request));

  ASSERT_THAT(hits, SizeIs(2));
  EXPECT_EQ(hits[1].memory.id(), chain[2]);
  EXPECT_EQ(hits[1].hops, 2U);
  EXPECT_FLOAT_EQ(hits[1].strength, 0.25F);
  EXPECT_EQ(hits[1].via, chain[1]);
  request.incoming = true;
  request.outgoing = false;
  EXPECT_THAT(value_of(tenant_->related(chain[0], request)), IsEmpty());
}

TEST_F(MemoryWrites, AMemoryConsolidatedIntoAnErasedOneIsSetFree) {
  Memory merged = memory("merged");
  merged.abstraction_level = 1;
  const Uuid into = value_of(tenant_->add(merged)).id;
  Memory raw = memory("raw");
  raw.consolidated_into_id = into;
  const Uuid id = value_of(tenant_->add(raw)).id;

  ASSERT_THAT(tenant_->erase(into), Succeeds());

  EXPECT_TRUE(value_of(tenant_->get(id)).consolidated_into_id.is_nil());
}

TEST_F(MemoryWrites, AClosedStoreRefusesEverything) {
  const Uuid id = value_of(tenant_->add(memory("a"))).id;
  ASSERT_THAT(store_->close(), Succeeds());

  EXPECT_THAT(tenant_->add(memory("b")), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant_->get(id), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(tenant_->search({}), FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(store_->close(), Succeeds());
}

}  // namespace
}  // namespace tulving
