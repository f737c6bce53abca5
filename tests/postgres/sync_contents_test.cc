// What a sync promises of contents: the tables hold what the store holds, row by row and field by
// field, after a first sync and after any number of incremental ones.
//
// The oracle is a model of plain values kept beside the journal; Postgres is asked for every
// column, times in microseconds and vectors by their bits.

#include <gmock/gmock.h>

#include <random>

#include "tests/postgres/postgres_testing.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SyncContents : public PostgresTest {};

Memory full_memory() {
  Memory memory = memory_of("Zoë said: \"tabs\\spaces\"\n\tand 東京\x01.", "s1", "full");
  memory.content = R"({"n": 1.50, "list": [1, "two"]})";
  memory.memory_type = "user_preference";
  memory.tags = {"work", "größe", "a b", "quote'\\"};
  memory.source_agent = "planner";
  memory.agent_id = "ignored where source_agent is set";
  memory.priority = 10;
  memory.expires_at = Timestamp{std::chrono::microseconds{-1}};  // Before 1970, and odd.
  memory.status = MemoryStatus::kPromoted;
  memory.embeddings = {{"default", {0.1F, -1.0e-38F, 3.4e38F, 1.0F / 3.0F}},
                       {"other", {1.0F, 2.0F, 3.0F, 1.17549435e-38F}}};
  return memory;
}

TEST_F(SyncContents, EveryFieldArrivesAsItIs) {
  Session session = session_of("s1");
  session.user_id = "tim";
  session.summary = "About ' and \\ and \t.";
  session.metadata = R"({"k": [null, true]})";
  session.is_archived = true;
  session.ended_at = Timestamp{std::chrono::microseconds{253'402'300'799'999'999}};  // Year 9999.
  session.session_type = "run";
  store().put_session("acme", session);
  store().put_session("acme", session_of("bare"));
  store().put_memory("acme", full_memory());
  store().put_memory("acme", memory_of("bare"));
  auto relation = relation_of(memory_of("bare").id, full_memory().id, "supersedes");
  relation.metadata = R"({"why": "newer"})";
  store().put_relation("acme", relation);

  const auto report = sync(store().snapshot());

  expect_holds(store().model("acme"));
  EXPECT_THAT(report.skipped, IsEmpty());
  EXPECT_EQ(report.projection, "orchestrator");
  EXPECT_EQ(report.schema, "orchestrator");
  EXPECT_EQ(report.from_revision, 0U);
  EXPECT_EQ(report.to_revision, store().revision());
  EXPECT_EQ(report.inserted.at("sessions"), 2U);
  EXPECT_EQ(report.inserted.at("memory_entries"), 2U);
  EXPECT_EQ(report.inserted.at("memory_tags"), 4U);
  EXPECT_EQ(report.inserted.at("vector_embeddings"), 2U);
  EXPECT_EQ(report.inserted.at("memory_relationships"), 1U);
}

TEST_F(SyncContents, ContentWithoutTextHasNoTextMember) {
  auto memory = memory_of("");
  memory.id = Uuid::random();
  memory.content = R"({"state": "on"})";
  store().put_memory("acme", memory);

  sync(store().snapshot());

  expect_holds(store().model("acme"));
}

TEST_F(SyncContents, AnEmptyContentObjectIsOneWithTheTextOnly) {
  auto memory = memory_of("hello");
  memory.content = " { } ";
  store().put_memory("acme", memory);

  sync(store().snapshot());

  EXPECT_EQ(database().value("SELECT content FROM orchestrator.memory_entries"),
            R"({"text": "hello"})");
}

TEST_F(SyncContents, AnAgentOfUpTo64CharactersStandsForAMissingSourceAgent) {
  auto fits = memory_of("fits");
  for (int i = 0; i < 64; ++i) fits.agent_id += "é";
  auto too_long = memory_of("too long");
  too_long.agent_id = std::string(65, 'a');
  store().put_memory("acme", fits);
  store().put_memory("acme", too_long);

  sync(store().snapshot());

  const std::string select =
      "SELECT source_agent FROM orchestrator.memory_entries WHERE memory_id = ";
  EXPECT_EQ(database().value(select + "'" + fits.id.to_string() + "'"), fits.agent_id);
  EXPECT_EQ(database().value(select + "'" + too_long.id.to_string() + "'"), "~");
}

TEST_F(SyncContents, AnEmptyStoreMakesEmptyTables) {
  const auto report = sync(store().snapshot());

  expect_holds({});
  EXPECT_THAT(report.skipped, IsEmpty());
}

TEST_F(SyncContents, VectorsOfAnotherDimensionAreListed) {
  auto first = memory_of("first");
  first.embeddings = {{"default", {1, 2, 3}}, {"small", {1, 2}}};
  auto second = memory_of("second");
  second.embeddings = {{"default", {3, 2, 1}}};
  store().put_memory("acme", first);
  store().put_memory("acme", second);

  const auto report = sync(store().snapshot());

  ASSERT_EQ(report.skipped.size(), 1U);
  EXPECT_EQ(report.skipped[0].kind, "embedding");
  EXPECT_EQ(report.skipped[0].id, first.id.to_string() + "/small");
  EXPECT_THAT(report.skipped[0].reason, HasSubstr("2 dimensions"));
  EXPECT_EQ(report.inserted.at("vector_embeddings"), 2U);
  EXPECT_EQ(database().value("SELECT count(*) FROM orchestrator.vector_embeddings"), "2");
}

// 100,000 different words of eight letters: 1.2 MB as a tsvector, where 1 MB is the most.
std::string text_too_rich_to_index() {
  std::string text;
  for (int word = 0; word < 100'000; ++word) {
    int rest = word;
    for (int letter = 0; letter < 8; ++letter, rest /= 26) {
      text += static_cast<char>('a' + rest % 26);
    }
    text += ' ';
  }
  return text;
}

TEST_F(SyncContents, AMemoryThatTheTableCannotHoldIsListedWithWhatHangsOnIt) {
  const auto bad = memory_of(text_too_rich_to_index(), "", "bad");
  auto with_parts = bad;
  with_parts.tags = {"lost"};
  with_parts.embeddings = {{"default", {1, 2}}};
  store().put_memory("acme", with_parts);
  for (int i = 0; i < 30; ++i) {
    auto good = memory_of("good " + std::to_string(i));
    good.tags = {"kept"};
    store().put_memory("acme", good);
  }
  store().put_relation("acme", relation_of(memory_of("good 1").id, bad.id));
  store().put_relation("acme", relation_of(memory_of("good 1").id, memory_of("good 2").id));

  const auto report = sync(store().snapshot());

  std::map<std::string, int> kinds;
  for (const auto& row : report.skipped) ++kinds[row.kind];
  EXPECT_EQ(kinds, (std::map<std::string, int>{{"memory", 1}, {"embedding", 1}, {"relation", 1}}));
  EXPECT_THAT(report.skipped[0].reason, HasSubstr("too long for tsvector"));
  EXPECT_EQ(report.skipped[0].id, bad.id.to_string());
  auto rest = store().model("acme");
  rest.memories.erase(bad.id);
  std::erase_if(rest.relations,
                [&](const auto& entry) { return entry.second.target_id == bad.id; });
  expect_holds(rest);

  // It stays out, and the rest stays untouched.
  const auto before = stamps();
  const auto again = sync(store().snapshot());
  EXPECT_EQ(again.skipped.size(), report.skipped.size());
  EXPECT_THAT(changed(before, stamps()), IsEmpty());
}

TEST_F(SyncContents, AStringThatPostgresRefusesIsListed) {
  auto bad = session_of("bad");
  bad.metadata = R"({"zero": "\u0000"})";
  store().put_session("acme", bad);
  store().put_session("acme", session_of("good"));
  auto hanging = memory_of("in the bad session", "bad");
  store().put_memory("acme", hanging);

  const auto report = sync(store().snapshot());

  ASSERT_EQ(report.skipped.size(), 2U);
  EXPECT_EQ(report.skipped[0].kind, "session");
  EXPECT_EQ(report.skipped[0].id, "bad");
  EXPECT_EQ(report.skipped[1].kind, "memory");
  EXPECT_THAT(report.skipped[1].reason, HasSubstr("sessions bad"));
  EXPECT_EQ(database().value("SELECT string_agg(session_id, ',') FROM orchestrator.sessions"),
            "good");
}

TEST_F(SyncContents, TimesDoNotDependOnTheServersTimeZone) {
  database().run("ALTER DATABASE " + database().value("SELECT current_database()") +
                 " SET timezone TO 'America/St_Johns'");
  store().put_memory("acme", memory_of("one"));

  sync(store().snapshot());

  expect_holds(store().model("acme"));
}

TEST_F(SyncContents, ProgressRisesToTheTotal) {
  for (int i = 0; i < 20; ++i) {
    auto memory = memory_of(std::to_string(i));
    memory.tags = {"a", "b"};
    memory.embeddings = {{"default", {1, 2}}};
    if (i == 7) memory.embeddings.push_back({"skipped", {1, 2, 3}});
    store().put_memory("acme", memory);
  }
  std::vector<std::pair<std::uint64_t, std::uint64_t>> calls;

  PostgresSyncOptions options;
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    calls.emplace_back(done, total);
  };

  sync(store().snapshot(), options);

  ASSERT_FALSE(calls.empty());
  EXPECT_EQ(calls.back(), (std::pair<std::uint64_t, std::uint64_t>(81, 81)));
  EXPECT_TRUE(std::is_sorted(calls.begin(), calls.end()));
}

// Random operations on a small world, so that ids meet again: erased sessions come back, memories
// are put twice, relations hang on what goes. After each round an incremental sync, at times a full
// one, at times two rounds in one; the database must equal the model each time.
class SyncModel : public PostgresTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  std::size_t pick(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }
  template <class Map>
  typename Map::key_type any_of(const Map& map) {
    return std::next(map.begin(), static_cast<std::ptrdiff_t>(pick(map.size())))->first;
  }
  void put_memory() {
    auto memory =
        memory_of("text " + std::to_string(pick(1000)), "", "m" + std::to_string(pick(60)));
    const auto& model = store().model("acme");
    const auto there = model.memories.find(memory.id);
    if (there != model.memories.end()) {
      memory.created_at = there->second.created_at;
      memory.session_id = there->second.session_id;
    } else if (!model.sessions.empty() && pick(2) == 0) {
      memory.session_id = any_of(model.sessions);
    }
    for (std::size_t tag = 0; tag < 5; ++tag) {
      if (pick(2) == 0) memory.tags.push_back("t" + std::to_string(tag));
    }
    memory.embeddings = {{"default", {static_cast<float>(pick(9)), 0.1F, 7.0F}}};
    memory.priority = static_cast<std::int32_t>(1 + pick(10));
    store().put_memory("acme", memory);
  }
  void operate() {
    const auto& model = store().model("acme");
    switch (pick(9)) {
      case 0: {
        auto session = session_of("s" + std::to_string(pick(6)));
        session.summary = std::to_string(pick(3));
        return store().put_session("acme", session);
      }
      case 1:
        if (!model.sessions.empty()) store().erase_session("acme", any_of(model.sessions));
        return;
      case 2:
        if (!model.memories.empty()) store().erase_memory("acme", any_of(model.memories));
        return;
      case 3:
        if (!model.memories.empty()) store().forget("acme", any_of(model.memories));
        return;
      case 4:
        if (!model.relations.empty()) store().erase_relation("acme", any_of(model.relations));
        return;
      case 5:
      case 6: {
        if (model.memories.size() < 2) return put_memory();
        const auto source = any_of(model.memories);
        const auto target = any_of(model.memories);
        if (source != target) store().put_relation("acme", relation_of(source, target));
        return;
      }
      default:
        put_memory();
    }
  }

  std::mt19937 random_{GetParam()};
};

TEST_P(SyncModel, TheDatabaseEqualsTheStoreAfterEachSync) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  std::uint64_t synced = 0;
  for (int round = 0; round < 12; ++round) {
    for (std::size_t i = pick(40); i-- > 0;) operate();
    const bool is_full = round == 0 || pick(4) == 0;
    // An incremental snapshot may start before what the database holds.
    const auto since = pick(3) == 0 ? synced / 2 : synced;

    const auto report = sync(store().snapshot(is_full ? std::nullopt : std::optional(since)));

    EXPECT_THAT(report.skipped, IsEmpty());
    expect_holds(store().model("acme"));
    if (HasFailure()) FAIL() << "round " << round << (is_full ? ", full" : ", incremental");
    synced = store().revision();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SyncModel, ::testing::Range(1U, 7U));

}  // namespace
}  // namespace tulving::testing
