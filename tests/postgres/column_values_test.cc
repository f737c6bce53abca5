// What is promised of values that a database gives and no sync wrote: what a column cannot take it
// refuses with a reason, and never throws; what stands for nothing is taken as nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <set>

#include "tests/postgres/column_trips.h"
#include "tests/postgres/random_rows.h"

namespace tulving::storage::postgres {
namespace {

using enum PostgresSchema;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kRecords = 200;
constexpr std::array<float, 2> kFloats = {1, 2};

Record fresh_record(RecordKind kind) {
  Record fresh;
  kinds::RecordKinds::with(kind == kEmbeddingKind ? RecordKind::kMemory : kind,
                           [&](auto tag) { fresh = typename decltype(tag)::Type(); });
  return fresh;
}

// One value of each alternative that is not absent.
std::vector<Field> one_of_each() {
  return {Field(true),
          Field(std::int32_t{7}),
          Field(0.5),
          Field(Timestamp()),
          Field(std::string("no such name")),
          Field(NamedUuid{Uuid::derive("n", "u"), "named"}),
          Field(std::vector<std::string>{"a"}),
          Field(std::vector<Uuid>{Uuid::derive("n", "v")}),
          Field(std::span<const float>(kFloats)),
          Field(std::vector<float>{1, 2})};
}

/// Of one column, over many records.
struct Shown {
  std::set<std::size_t> alternatives;  ///< Of Field, but for absent.
  [[nodiscard]] bool has(const Field& like) const { return alternatives.contains(like.index()); }
};

Shown all_shown(const Projection& projection, const TableSpec& table, const Column& column) {
  Shown shown_ones;
  RandomRows random(3);
  for (int i = 0; i < kRecords; ++i) {
    const RandomSource made(random, table.source);
    if (!table.takes(made.source())) continue;
    if (table.elements != nullptr && table.elements(made.source()) == 0) continue;
    const Field value = as_given(shown(projection, column, {made.source()}));
    if (!std::holds_alternative<std::monostate>(value)) {
      shown_ones.alternatives.insert(value.index());
    }
  }
  // A UUID is given with its name, as text, or as what it stands for.
  const std::size_t text = Field(std::string()).index();
  const std::size_t uuid = Field(NamedUuid()).index();
  if (shown_ones.alternatives.contains(text)) shown_ones.alternatives.insert(uuid);
  if (shown_ones.alternatives.contains(uuid)) shown_ones.alternatives.insert(text);
  // Bytes in place and bytes of its own are one value.
  if (shown_ones.has(Field(std::vector<float>()))) {
    shown_ones.alternatives.insert(Field(std::span<const float>()).index());
  }
  return shown_ones;
}

// Columns that tell nothing of the record, and take whatever is there.
bool tells_nothing(PostgresSchema schema, const TableSpec& table, const Column& column) {
  return schema == kGuild && (column.name == "tenant_id" || table.name == "memory_embeddings");
}

// Whether the field is an enumerator, or an id that is a UUID: no text will do.
bool has_few_texts(const Record& record, std::string_view field_name) {
  bool found = false;
  std::visit(
      [&]<class Kind>(const Kind&) {
        kinds::each_field<Kind>([&](const auto& field) {
          using Value = typename std::remove_cvref_t<decltype(field)>::Value;
          const bool is_one = std::is_enum_v<Value> || std::is_same_v<Value, Uuid> ||
                              std::is_same_v<Value, std::optional<PatternType>> ||
                              std::is_same_v<Value, std::optional<ConsolidationMethod>> ||
                              std::is_same_v<Value, std::optional<Decision>>;
          found = found || (is_one && field.name == field_name);
        });
      },
      record);
  return found;
}

class ColumnValues : public ::testing::TestWithParam<PostgresSchema> {
 protected:
  template <class Visit>
  void each_column(const Visit& visit) {
    for (const TableSpec& table : projection_.tables) {
      for (const Column& column : table.columns) {
        if (column.set == nullptr || tells_nothing(GetParam(), table, column)) continue;
        SCOPED_TRACE(std::string(table.name).append(".").append(column.name));
        visit(table, column);
      }
    }
  }
  static std::string why_not(const TableSpec& table, const Column& column, Field value) {
    Record record = fresh_record(table.source);
    Reading to{record, kTestTenant};
    std::string why = "it throws";
    EXPECT_NO_THROW(why = column.set(std::move(value), to));
    return why;
  }

  Projection projection_ =
      make_projection(GetParam(), {.dim = RandomRows::kDim, .models = {"default"}});
};

TEST_P(ColumnValues, OfAnotherTypeAreRefused) {
  each_column([&](const TableSpec& table, const Column& column) {
    const Shown taken = all_shown(projection_, table, column);
    EXPECT_FALSE(taken.alternatives.empty()) << "it never shows anything";
    for (const Field& value : one_of_each()) {
      const std::string why = why_not(table, column, value);
      EXPECT_TRUE(taken.has(value) || !why.empty()) << "alternative " << value.index();
    }
  });
}

TEST_P(ColumnValues, OfNoKnownNameAreRefused) {
  each_column([&](const TableSpec& table, const Column& column) {
    const bool is_text = all_shown(projection_, table, column).has(Field(std::string()));
    if (!is_text || !has_few_texts(fresh_record(table.source), column.from)) return;
    EXPECT_NE(why_not(table, column, Field(std::string("no such name"))), "");
  });
}

// Whatever it is: a reason or none, and no throw.
TEST_P(ColumnValues, OfAnyFormDoNoHarm) {
  const std::vector<std::string> texts = {"",
                                          "{",
                                          "}",
                                          "[",
                                          "[1",
                                          "\"",
                                          "null",
                                          "7",
                                          "{}",
                                          "[]",
                                          "{\"a\"",
                                          "{\"a\":}",
                                          "\xFF",
                                          std::string("a\0b", 3),
                                          std::string(600, '['),
                                          "{\"text\": 5}",
                                          "{\"memory_ids\": [5]}",
                                          "{\"memory_id\": null}",
                                          "{\"date_range\": []}",
                                          "1e400",
                                          "\"\\ud800\"",
                                          "{\"a\": 1, \"a\": 2}"};
  each_column([&](const TableSpec& table, const Column& column) {
    for (const std::string& text : texts) {
      (void)why_not(table, column, Field(text));
      (void)why_not(table, column, Field(std::vector<std::string>{text, text}));
      (void)why_not(table, column, Field(NamedUuid{Uuid(), text}));
    }
    (void)why_not(table, column, Field(std::vector<Uuid>(3)));
    (void)why_not(table, column, Field(std::numeric_limits<double>::quiet_NaN()));
    (void)why_not(table, column, Field(std::numeric_limits<std::int32_t>::min()));
  });
}

INSTANTIATE_TEST_SUITE_P(EverySchema, ColumnValues, ::testing::ValuesIn(kPostgresSchemas),
                         [](const auto& schema) { return std::string(to_string(schema.param)); });

// One column, by its name.
class OneColumn {
 public:
  OneColumn(PostgresSchema schema, std::string_view table, std::string_view column)
      : projection_(make_projection(schema, {.dim = RandomRows::kDim, .models = {"default"}})),
        table_(*projection_.table(table)),
        column_(*std::ranges::find(table_.columns, column, &Column::name)),
        record_(fresh_record(table_.source)) {}

  std::string set(Field value) {
    Reading to{record_, kTestTenant};
    return column_.set(std::move(value), to);
  }
  std::string set(const char* text) { return set(Field(std::string(text))); }
  template <class Kind>
  Kind& as() {
    return std::get<Kind>(record_);
  }

 private:
  Projection projection_;
  const TableSpec& table_;
  const Column& column_;
  Record record_;
};

TEST(JobScope, IsReadMemberByMember) {
  OneColumn scope(kConsolidation, "consolidation_jobs", "scope");
  EXPECT_EQ(scope.set(Field()), "");
  EXPECT_EQ(scope.set("{}"), "");
  EXPECT_EQ(scope.set(R"({"date_range": null, "memory_types": null})"), "");
  EXPECT_EQ(scope.as<ConsolidationJob>().scope, tulving::JobScope());
  EXPECT_EQ(scope.set(R"({"date_range": {"from": "2026-03-01T00:00:00Z", "until": null},
                          "memory_types": ["decision"], "unconsolidated_only": false})"),
            "");
  const auto& read = scope.as<ConsolidationJob>().scope;
  EXPECT_EQ(format_time(*read.created_from), "2026-03-01T00:00:00Z");
  EXPECT_FALSE(read.created_until);
  EXPECT_THAT(read.memory_types, ElementsAre("decision"));
  EXPECT_FALSE(read.unconsolidated_only);
}

TEST(JobScope, IsRefusedWithTheMemberThatIsNotUnderstood) {
  OneColumn scope(kConsolidation, "consolidation_jobs", "scope");
  for (const auto& [text, reason] : std::initializer_list<std::pair<const char*, const char*>>{
           {"{", "scope is not valid JSON"},
           {"[]", "must be a JSON object"},
           {R"({"date_range": 5})", "date_range is 5"},
           {R"({"date_range": {"from": "yesterday"}})", "yesterday"},
           {R"({"date_range": {"since": null}})", "since"},
           {R"({"memory_types": "decision"})", "must be an array"},
           {R"({"memory_types": [1]})", "must be a string"},
           {R"({"unconsolidated_only": 1})", "must be true or false"},
           {R"({"tags": ["x"]})", "tags"},
           {R"({"memory_types": [], "memory_types": []})", "given twice"}}) {
    EXPECT_THAT(scope.set(text), HasSubstr(reason)) << text;
  }
  EXPECT_EQ(scope.as<ConsolidationJob>().scope, tulving::JobScope());
}

TEST(JobMetrics, AreReadAndThoseOfOthersPassedOver) {
  OneColumn metrics(kConsolidation, "consolidation_jobs", "metrics");
  const Uuid plan = Uuid::derive("a", "plan");
  EXPECT_EQ(metrics.set(Field(R"({"memories_processed": 5, "merges_made": 2.0, "progress": 0.87,
                                  "seconds_waited": {"a": []}, "plan_ids": [")" +
                              plan.to_string() + "\"]}")),
            "");
  const auto& job = metrics.as<ConsolidationJob>();
  EXPECT_EQ(job.metrics.memories_processed, 5U);
  EXPECT_EQ(job.metrics.merges_made, 2U);
  EXPECT_EQ(job.progress, 0.87);
  EXPECT_THAT(job.plan_ids, ElementsAre(plan));
  for (const char* bad :
       {"{", "7", R"({"progress": "x"})", R"({"progress": 1e999})", R"({"memories_merged": -1})",
        R"({"memories_merged": 1.5})", R"({"plan_ids": {}})", R"({"plan_ids": ["x"]})"}) {
    EXPECT_NE(metrics.set(bad), "") << bad;
  }
  EXPECT_EQ(job.metrics.memories_processed, 5U) << "a refused value changed something";
}

TEST(JobPhases, OfANewerReleaseAreRefused) {
  OneColumn phases(kConsolidation, "consolidation_jobs", "phases_completed");
  EXPECT_THAT(phases.set(Field(std::vector<std::string>{"memory_merging", "dreaming"})),
              HasSubstr("dreaming"));
  EXPECT_TRUE(phases.as<ConsolidationJob>().phases_completed.empty());
}

TEST(TaskNotes, AreReadAsInTheTrackersLine) {
  OneColumn notes(kCortex, "consolidation_tasks", "notes");
  const std::string id = Uuid::derive("a", "memory").to_string();
  for (const std::string& bad : std::vector<std::string>{
           "{", "{}", "[]", "{\"memory_ids\": [\"" + id + "\"]}",
           "{\"agent\": \"merge\", \"memory_ids\": []}",
           "{\"agent\": \"sweeper\", \"memory_ids\": [\"" + id + "\"]}",
           "{\"agent\": \"decay\", \"memory_ids\": [\"" + id + "\"], \"scores\": [0.1, 0.2]}"}) {
    EXPECT_NE(notes.set(Field(bad)), "") << bad;
  }
  EXPECT_NE(notes.set(Field()), "") << "a task is about memories";
  EXPECT_EQ(notes.set(Field("{\"agent\": \"decay\", \"memory_ids\": [\"" + id +
                            "\"], \"scores\": [0.1], \"seen\": true}")),
            "");
  EXPECT_EQ(notes.as<ConsolidationTask>().score, 0.1);
  EXPECT_EQ(notes.as<ConsolidationTask>().action, "reinforce");
}

TEST(TaskLabels, GiveTheUrgencyAndAgreeWithTheNotes) {
  using Labels = std::vector<std::string>;
  OneColumn labels(kCortex, "consolidation_tasks", "labels");
  auto& task = labels.as<ConsolidationTask>();
  task.agent = UpkeepAgent::kDecay;  // As the notes gave it.
  EXPECT_EQ(labels.set(Field(Labels{"urgency:high", "mine", "consolidation:decay", "urgency:low"})),
            "");
  EXPECT_EQ(task.urgency, Urgency::kHigh);
  EXPECT_THAT(task.labels, ElementsAre("mine", "urgency:low"));
  EXPECT_THAT(labels.set(Field(Labels{"urgency:soon"})), HasSubstr("urgency:soon"));
  EXPECT_THAT(labels.set(Field(Labels{"consolidation:sweeper"})), HasSubstr("sweeper"));
  EXPECT_THAT(labels.set(Field(Labels{"consolidation:merge"})), HasSubstr("the notes decay"));
}

TEST(AgentResults, AreAboutWhatTheyName) {
  OneColumn result(kCortex, "agent_results", "result");
  auto& read = result.as<AgentResult>();
  const Uuid a = Uuid::derive("a", "memory");
  read.agent = UpkeepAgent::kMerge;
  EXPECT_EQ(result.set(Field("{\"new_memory_id\": \"" + Uuid::derive("b", "memory").to_string() +
                             "\", \"source_ids\": [\"" + a.to_string() + "\", null, \"x\", \"" +
                             a.to_string() + "\"]}")),
            "");
  EXPECT_THAT(read.memory_ids, ElementsAre(a));
  EXPECT_EQ(result.set("[7]"), "");
  EXPECT_TRUE(read.memory_ids.empty());
  EXPECT_EQ(result.set(Field()), "");
  EXPECT_EQ(read.result, "{}") << "a result is needed";
  EXPECT_THAT(result.set("{"), HasSubstr("no JSON"));
}

}  // namespace
}  // namespace tulving::storage::postgres
