// What is promised: tasks go out to the beads tracker's issues.jsonl and come back equal; what a
// person or the tracker added survives; and a hand-edited line that is wrong is refused with the
// field, its value and the rule. Lines are written by us, or by hand below, and read as JSON by
// nlohmann.

#include <gmock/gmock.h>

#include "tests/consolidation/tracker/beads_testing.h"

namespace tulving::consolidation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Beads, ReadsATask) {
  const auto task = task_of(good_line());
  ASSERT_TRUE(task.has_value()) << task.error().message;
  EXPECT_EQ(task->task_id, "tulving-7");
  EXPECT_EQ(task->title, "Merge 2 memories");
  EXPECT_EQ(task->agent, UpkeepAgent::kMerge);
  EXPECT_EQ(task->urgency, Urgency::kHigh);
  EXPECT_THAT(task->labels, ElementsAre("mine"));
  EXPECT_EQ(task->priority, 1);
  EXPECT_EQ(task->status, ConsolidationTaskStatus::kOpen);
  EXPECT_EQ(task->action, "merge");
  EXPECT_THAT(task->memory_ids, ElementsAre(*Uuid::parse(kFirst), *Uuid::parse(kSecond)));
  EXPECT_EQ(task->cohesion, 0.81);
  EXPECT_FALSE(task->score.has_value());
  EXPECT_EQ(task->notes, R"({"reason":[1,2]})");
  EXPECT_EQ(format_time(*task->created_at), "2025-10-14T19:34:56.123456Z");
  EXPECT_FALSE(task->closed_at.has_value());
}

TEST(Beads, KeepsWhatIsTheTrackersOwn) {
  json line = good_line();
  const auto task = task_of(line);
  ASSERT_TRUE(task.has_value());
  json again = json::parse(to_beads_line(kTenant, *task));
  // Times lose their nanoseconds and offsets, notes have our order, and null is left out.
  line["created_at"] = "2025-10-14T19:34:56.123456Z";
  line.erase("closed_at");
  line["notes"] = json::parse(line["notes"].get<std::string>());
  line["notes"]["memory_ids"] = {kFirst, kSecond};
  line["notes"]["tenant_id"] = kTenant;
  again["notes"] = json::parse(again["notes"].get<std::string>());
  EXPECT_EQ(again, line);
}

TEST(Beads, ReadsNotesThatAreAnObjectAndLinesOfManyBlanks) {
  json line = good_line();
  line["notes"] = json::parse(line["notes"].get<std::string>());
  const auto task = from_beads_line(kTenant, " " + line.dump() + "\r");
  ASSERT_TRUE(task.has_value()) << task.error().message;
  EXPECT_EQ(task->task.cohesion, 0.81);
}

TEST(Beads, ForgetsTheClaimOfATaskThatSomeoneOpened) {
  ConsolidationTask task = *task_of(good_line());
  task.status = ConsolidationTaskStatus::kInProgress;
  task.claimed_by = "worker";
  EXPECT_EQ(from_beads_line(kTenant, to_beads_line(kTenant, task))->task.claimed_by, "worker");
  json line = json::parse(to_beads_line(kTenant, task));
  line["status"] = "open";
  EXPECT_EQ(task_of(line)->claimed_by, "");
}

struct Edit {
  std::string name;
  std::string pointer;  // Into the line; "/notes/..." into what notes holds.
  std::string value;    // JSON; empty: the member is removed.
  std::string field;
  std::vector<std::string> said;
};

std::ostream& operator<<(std::ostream& out, const Edit& edit) { return out << edit.name; }

class HandEdited : public testing::TestWithParam<Edit> {};

TEST_P(HandEdited, IsRefusedWithFieldValueAndRule) {
  const Edit& edit = GetParam();
  json line = good_line();
  json notes = json::parse(line["notes"].get<std::string>());
  const bool in_notes = edit.pointer.starts_with("/notes/");
  json& target = in_notes ? notes : line;
  const std::string key = edit.pointer.substr(in_notes ? 7 : 1);
  if (edit.value.empty()) {
    target.erase(key);
  } else {
    target[key] = json::parse(edit.value);
  }
  if (in_notes) line["notes"] = notes.dump();

  const auto task = from_beads_line(kTenant, line.dump());

  ASSERT_FALSE(task.has_value());
  EXPECT_EQ(task.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(task.error().field, edit.field);
  for (const std::string& said : edit.said) EXPECT_THAT(task.error().message, HasSubstr(said));
}

INSTANTIATE_TEST_SUITE_P(
    Beads, HandEdited,
    testing::Values(
        Edit{"NoId", "/id", "", "id", {"id is missing"}},
        Edit{"IdOfTheWrongType", "/id", "7", "id", {"id is 7", "string"}},
        Edit{"IdTooLong", "/id", '"' + std::string(65, 'x') + '"', "id", {"1..64 characters"}},
        Edit{"NoTitle", "/title", "", "title", {"title is missing"}},
        Edit{"TitleEmpty", "/title", "\"\"", "title", {"1..500 characters"}},
        Edit{"StatusUnknown",
             "/status",
             "\"done\"",
             "status",
             {"\"done\"", "open, in_progress, blocked, closed"}},
        Edit{"StatusANumber", "/status", "1", "status", {"one of"}},
        Edit{"PriorityZero", "/priority", "0", "priority", {"priority is 0", "1..3"}},
        Edit{"PriorityFour", "/priority", "4", "priority", {"priority is 4", "1..3"}},
        Edit{"PriorityAWord", "/priority", "\"high\"", "priority", {"\"high\"", "1..3"}},
        Edit{"NotesNoJson", "/notes", "\"memory_ids: 7\"", "notes", {"notes is not valid JSON"}},
        Edit{"NotesAnArray", "/notes", "\"[]\"", "notes", {"an array", "object"}},
        Edit{"NotesANumber", "/notes", "7", "notes", {"notes"}},
        Edit{"NoMemories", "/notes/memory_ids", "", "notes.memory_ids", {"missing"}},
        Edit{"MemoriesEmpty", "/notes/memory_ids", "[]", "notes.memory_ids", {"at least one"}},
        Edit{"MemoryNoUuid",
             "/notes/memory_ids",
             "[\"abc\"]",
             "notes.memory_ids",
             {"\"abc\"", "UUID"}},
        Edit{"MemoryOfOtherVersion",
             "/notes/memory_ids",
             "[\"11111111-1111-1111-8111-111111111111\"]",
             "notes.memory_ids",
             {"version 4"}},
        Edit{"MemoryTwice",
             "/notes/memory_ids",
             "[\"" + kFirst + "\",\"" + kFirst + "\"]",
             "notes.memory_ids",
             {kFirst, "twice"}},
        Edit{"AgentUnknown", "/notes/agent", "\"tim\"", "notes.agent", {"\"tim\"", "decay"}},
        Edit{"AgentsDiffer", "/notes/agent", "\"decay\"", "notes.agent", {"decay", "merge"}},
        Edit{"ScoreTooHigh", "/notes/score", "1.5", "notes.score", {"1.5", "0..1"}},
        Edit{"CohesionAWord", "/notes/cohesion", "\"x\"", "notes.cohesion", {"-1..1"}},
        Edit{"ConfidenceNegative", "/notes/confidence", "-0.1", "notes.confidence", {"0..1"}},
        Edit{"RetriesTooMany", "/notes/retry_count", "4", "notes.retry_count", {"0..3"}},
        Edit{"ApprovalUnknown", "/notes/approval", "\"ok\"", "notes.approval", {"approved"}},
        Edit{"ScoresNoList", "/notes/scores", "0.5", "notes.scores", {"0.5", "array"}},
        Edit{"ScoresTooHigh", "/notes/scores", "[0.5,1.5]", "notes.scores", {"1.5", "0..1"}},
        Edit{"ScoresAWord", "/notes/scores", "[0.5,\"x\"]", "notes.scores", {"\"x\"", "0..1"}},
        Edit{"ScoresTooFew",
             "/notes/scores",
             "[0.5]",
             "notes.scores",
             {"1 numbers", "2 ids", "each memory has one"}},
        Edit{"LabelOfNoAgent", "/labels", "[\"consolidation:x\"]", "labels", {"consolidation:x"}},
        Edit{"TwoAgents",
             "/labels",
             "[\"consolidation:merge\",\"consolidation:decay\"]",
             "labels",
             {"one agent"}},
        Edit{"UrgencyUnknown",
             "/labels",
             "[\"consolidation:merge\",\"urgency:now\"]",
             "labels",
             {"urgency:now"}},
        Edit{"LabelTwice", "/labels", "[\"consolidation:merge\",\"a\",\"a\"]", "labels", {"twice"}},
        Edit{"LabelEmpty", "/labels", "[\"consolidation:merge\",\"\"]", "labels", {"1..64"}},
        Edit{"CreatedNoTime", "/created_at", "\"yesterday\"", "created_at", {"yesterday"}},
        Edit{"ClosedWhileOpen",
             "/closed_at",
             "\"2025-10-14T12:34:57Z\"",
             "closed_at",
             {"2025-10-14T12:34:57Z", "open"}},
        Edit{"ClosedWithoutTime", "/status", "\"closed\"", "closed_at", {"missing"}},
        Edit{"TypeOfTheWrongType", "/issue_type", "1", "issue_type", {"string"}}),
    [](const auto& param) { return param.param.name; });

TEST(Beads, NeedsAnAgentInTheNotesOrInALabel) {
  json line = good_line();
  line["labels"] = {"mine"};
  const auto by_notes = task_of(line);
  ASSERT_TRUE(by_notes.has_value()) << by_notes.error().message;
  EXPECT_EQ(by_notes->agent, UpkeepAgent::kMerge);
  line.erase("labels");
  EXPECT_TRUE(task_of(line).has_value());
  const auto by_label = task_of(with_note("agent", nullptr));
  ASSERT_TRUE(by_label.has_value()) << by_label.error().message;
  EXPECT_EQ(by_label->agent, UpkeepAgent::kMerge);
  const auto by_neither = task_of(with_note("agent", nullptr, line));
  ASSERT_FALSE(by_neither.has_value());
  EXPECT_EQ(by_neither.error().field, "notes.agent");
  EXPECT_THAT(by_neither.error().message, HasSubstr("consolidation:<agent>"));
}

TEST(Beads, RefusesAMemberGivenTwice) {
  std::string line = good_line().dump();
  line.insert(line.size() - 1, ",\"priority\":2");
  EXPECT_EQ(from_beads_line(kTenant, line).error().field, "priority");
  line = good_line().dump();
  line.insert(line.size() - 1, ",\"assignee\":\"bob\"");
  EXPECT_EQ(from_beads_line(kTenant, line).error().field, "assignee");
}

TEST(Beads, LeavesIssuesOfOthersAlone) {
  const std::string other =
      R"({"id": "x-1", "title": "Fix it", "priority": 0, "status": "deferred", "notes": "free"})";
  EXPECT_EQ(from_beads_line(kTenant, other).error().code, ErrorCode::kNotFound);
}

TEST(Beads, TellsWhoseATaskIs) {
  EXPECT_FALSE(from_beads_line(kTenant, good_line().dump())->names_tenant);
  EXPECT_TRUE(from_beads_line(kTenant, with_note("tenant_id", kTenant).dump())->names_tenant);
  json other = with_note("tenant_id", "umbrella");
  EXPECT_EQ(from_beads_line(kTenant, other.dump()).error().code, ErrorCode::kNotFound);
  other["priority"] = 0;
  EXPECT_EQ(from_beads_line(kTenant, other.dump()).error().code, ErrorCode::kNotFound)
      << "also when it is broken";
  other["notes"] = json::parse(other["notes"].get<std::string>());
  EXPECT_EQ(from_beads_line(kTenant, other.dump()).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(from_beads_line(kTenant, with_note("tenant_id", 7).dump()).error().field,
            "notes.tenant_id");
  EXPECT_EQ(from_beads_line(kTenant, with_note("tenant_id", "").dump()).error().field,
            "notes.tenant_id");
}

TEST(Beads, ReadsAFileWithTheFaultsOfItsLines) {
  json bad = good_line();
  bad["id"] = "tulving-8";
  bad["priority"] = 0;
  const std::string file =
      good_line().dump() + "\n\n{\"id\": \"x\"}\n" + bad.dump() + "\n{\n" + good_line().dump();

  const auto lines = read_beads(kTenant, file);

  ASSERT_EQ(lines.size(), 6U);
  std::string joined;
  for (const BeadsLine& line : lines) joined += line.text;
  EXPECT_EQ(joined, file);
  EXPECT_EQ(lines[0].task->task, *task_of(good_line()));
  EXPECT_TRUE(lines[1].is_blank);
  EXPECT_EQ(lines[2].id, "x");
  EXPECT_FALSE(lines[2].task || lines[2].fault || lines[2].is_blank);
  EXPECT_EQ(lines[3].id, "tulving-8");
  EXPECT_EQ(lines[3].fault->field, "priority");
  EXPECT_TRUE(lines[4].fault);
  EXPECT_FALSE(lines[5].task);
  EXPECT_THAT(lines[5].fault->message, HasSubstr("line 1 has it already"));
}

TEST(Beads, RandomTasksComeBackEqual) {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(seed);
    testing_support::RandomRecords random(seed);
    const ConsolidationTask task = random_task(random);
    const std::string line = to_beads_line(kTenant, task);
    ASSERT_EQ(line.find('\n'), std::string::npos);
    const auto again = from_beads_line(kTenant, line);
    ASSERT_TRUE(again.has_value()) << again.error().message << "\n" << line;
    ASSERT_TRUE(again->names_tenant);
    ASSERT_EQ(again->task, task) << line << "\n" << to_beads_line(kTenant, again->task);
  }
}

}  // namespace
}  // namespace tulving::consolidation
