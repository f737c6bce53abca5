// What is promised of columns that are made of several fields: their JSON and lists are read member
// by member, and refused with the member that is not understood.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/postgres/column_trips.h"
#include "tests/postgres/random_rows.h"

namespace tulving::storage::postgres {
namespace {

using enum PostgresSchema;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

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
