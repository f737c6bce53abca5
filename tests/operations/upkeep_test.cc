// Operations of upkeep and of the store do what the calls do that they stand for, and answer as the
// table says.

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/operations/called.h"
#include "tulving/consolidation_queue.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Covers kCoversUpkeep{"store.stats",
                           "store.verify",
                           "store.purge",
                           "snapshot",
                           "changes",
                           "tenants",
                           "tenant.drop",
                           "holdable",
                           "decay",
                           "memory.decay",
                           "gc",
                           "clusters",
                           "consolidate",
                           "consolidation.scan",
                           "plan.list",
                           "plan.get",
                           "plan.results",
                           "plan.apply",
                           "plan.drop",
                           "plan.undo",
                           "consolidation_task.list",
                           "consolidation_task.get",
                           "queue.claim",
                           "queue.close",
                           "queue.fail",
                           "queue.approve",
                           "queue.reject",
                           "queue.reopen",
                           "queue.preview",
                           "tracker.export",
                           "tracker.import",
                           "consolidation_job.list",
                           "consolidation_job.get",
                           "job.start",
                           "job.resume",
                           "job.cancel",
                           "notes.follow"};

const char* const kNow = "2026-01-20T00:00:00Z";

class UpkeepOperations : public Called {
 protected:
  UpkeepOperations()
      : folder_(std::filesystem::temp_directory_path() /
                ("tulving-operations-test." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_ / "notes");
  }
  ~UpkeepOperations() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  /// Memories that say much the same, some used a lot, some fading.
  void add_alike() {
    for (int i = 0; i < 6; ++i) {
      add("d" + std::to_string(i),
          "The router in rack " + std::to_string(i) + " was replaced on Monday.",
          {{"project_id", "p"},
           {"agent_id", "a"},
           {"memory_type", "decision"},
           {"embedding", {1, 0.01 * i, 0}},
           {"strength", i > 3 ? 2 : 0.5},
           {"use_count", 3 * i},
           {"created_at", "2026-01-0" + std::to_string(i + 1)},
           {"last_used", "2026-01-0" + std::to_string(i + 1)}});
    }
  }
  [[nodiscard]] std::string path(const char* name) const { return folder_ / name; }
  /// A task in the queue; its id.
  std::string put_task(const char* title, Approval approval = Approval::kNotNeeded) {
    const std::string memory = add(title, title);
    ConsolidationTask task;
    task.title = title;
    task.action = "merge";
    task.approval = approval;
    task.memory_ids = {*Uuid::parse(memory)};
    return service_.store().tenant("t")->queue().add(task)->task_id;
  }
  Json on_task(const char* operation, const std::string& id, Json more = Json::object()) {
    more["tenant_id"] = "t";
    more["task_id"] = id;
    return ask(operation, more);
  }

  std::filesystem::path folder_;
};

TEST_F(UpkeepOperations, TheStoreAsAWhole) {
  add("a", "tea", {{"embedding", {1, 0}}});

  EXPECT_EQ(ask("store.stats", Json::object())["memories"], 1);
  EXPECT_THAT(ask("store.verify", Json::object())["problems"], IsEmpty());
  EXPECT_EQ(ask("tenants", Json::object())["tenants"][0]["models"][0]["dim"], 2);
  EXPECT_EQ(ask("snapshot", {{"directory", path("snapshot")}})["counts"]["memory"], 1);
  EXPECT_EQ(ask("snapshot", {{"directory", path("later")}, {"since", 1}})["since"], 1);
  EXPECT_EQ(refused("snapshot", Json{{"directory", path("snapshot")}}.dump()).code,
            ErrorCode::kConflict);
  const Json changes = ask("changes", {{"since", 0}});
  EXPECT_EQ(changes["changes"][0]["kind"], "memory");
  EXPECT_EQ(changes["changes"][0]["erased"], false);
  EXPECT_EQ(changes["is_last"], true);
  EXPECT_THAT(ask("changes", {{"since", changes["revision"]}})["changes"], IsEmpty());
  EXPECT_EQ(refused("changes", R"({"since": 1000000})").code, ErrorCode::kInvalidArgument);

  EXPECT_TRUE(service_.store().tenant("t")->remember_vault("/notes"));
  const Json dropped = ask("tenant.drop", {{"tenant_id", "t"}, {"purge", true}});
  EXPECT_EQ(dropped, (Json{{"tenant_id", "t"}, {"memories", 1}, {"vaults", {"/notes"}}}));
  EXPECT_THAT(ask("tenants", Json::object())["tenants"], IsEmpty());
  EXPECT_EQ(ask("store.stats", Json::object())["memories"], 0);
  EXPECT_EQ(refused("tenant.drop", R"({"tenant_id": "t"})").code, ErrorCode::kNotFound);
  const Error bad = refused("tenant.drop", R"({"tenant_id": ""})");
  EXPECT_EQ(bad.code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(bad.field, "tenant_id");
  EXPECT_EQ(refused("tenant.drop", "{}").field, "tenant_id");
  EXPECT_EQ(ask("changes", {{"since", 0}, {"incarnation", changes["incarnation"]}})["incarnation"],
            ask("store.stats", Json::object())["incarnation"]);
  EXPECT_EQ(refused("changes", R"({"since": 0, "incarnation":
                                   "77777777-7777-4777-8777-777777777777"})")
                .code,
            ErrorCode::kConflict);
  ask("store.purge", Json::object());
}

TEST_F(UpkeepOperations, Fading) {
  add_alike();

  const Json all = ask("decay", {{"tenant_id", "t"}, {"now", kNow}, {"limit", 2}});
  const Json some = ask("decay", {{"tenant_id", "t"}, {"now", kNow}, {"below", 0.3}});
  const Json one = ask("memory.decay", {{"tenant_id", "t"}, {"id", "d1"}, {"now", kNow}});
  const Json collected = ask("gc", {{"tenant_id", "t"}, {"dry_run", true}});
  ask("gc", {{"limit", 5}});

  EXPECT_EQ(all["memories"].size(), 2U);
  EXPECT_EQ(all["matching"], 6);
  EXPECT_LT(some["matching"], 6);
  EXPECT_EQ(one["at"], kNow);
  EXPECT_EQ(collected,
            (Json{{"dry_run", true}, {"deleted", Json::array()}, {"kept", Json::array()}}));
}

TEST_F(UpkeepOperations, Clusters) {
  add_alike();
  const Json by_vector = ask("clusters", {{"tenant_id", "t"}, {"threshold", 0.9}});
  const Json by_text = ask("clusters", {{"tenant_id", "t"}, {"by", "texts"}});
  EXPECT_EQ(by_vector["clusters"][0]["ids"].size(), 6U);
  EXPECT_EQ(by_text["memories"], 0) << "all have vectors";
}

TEST_F(UpkeepOperations, ConsolidationIsPlannedAppliedAndUndone) {
  add_alike();
  const Json run = {{"tenant_id", "t"}, {"now", kNow}};
  Json dry = run;
  dry["dry_run"] = true;
  Json proposal = run;
  proposal["propose"] = true;
  const Json last = {{"tenant_id", "t"}, {"plan", "last"}};

  const Json shown = ask("consolidate", dry);
  EXPECT_FALSE(shown["preview"].empty());
  EXPECT_THAT(ask("plan.list", {{"tenant_id", "t"}})["plans"], IsEmpty());
  const Json scanned = ask("consolidation.scan", {{"tenant_id", "t"}, {"agents", {"cluster"}}});
  EXPECT_EQ(scanned.size(), 1U);
  ask("consolidation.scan", {{"tenant_id", "t"}});
  ask("consolidate", proposal);
  EXPECT_EQ(ask("plan.get", last)["status"], "proposed");
  EXPECT_EQ(ask("plan.results", last)["agent_results"].size(),
            ask("plan.get", last)["items"].size());
  EXPECT_EQ(ask("plan.drop", last)["status"], "dropped");
  ask("consolidate", proposal);
  EXPECT_EQ(ask("plan.apply", last)["status"], "applied");
  EXPECT_EQ(ask("plan.undo", last)["status"], "undone");
  EXPECT_EQ(ask("plan.list", {{"tenant_id", "t"}})["plans"].size(), 2U);
  EXPECT_EQ(refused("plan.get", R"({"tenant_id":"t","plan":"x"})").field, "plan");
  EXPECT_EQ(refused("plan.undo", last.dump()).code, ErrorCode::kNotFound);
  EXPECT_EQ(refused("consolidate", R"({"tenant_id":"t","finding":"x"})").field, "agents");
}

TEST_F(UpkeepOperations, NotesFollowTheirMemories) {
  add("lasts", "The desk is by the window.", {{"review_count", 5}, {"strength", 2}});
  ask("consolidate", {{"tenant_id", "t"}, {"agents", {"promote"}}, {"vault", path("notes")}});

  const Json sound = ask("notes.follow", Json::object());
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "notes")) {
    if (file.path().extension() == ".md") std::filesystem::remove(file.path());
  }
  const Json missing = ask("notes.follow", {{"dry_run", true}});

  EXPECT_THAT(sound["changes"], IsEmpty());
  ASSERT_FALSE(missing["changes"].empty());
  EXPECT_EQ(missing["changes"][0]["event"], "written");
  EXPECT_EQ(missing["vaults"][0]["vault"], path("notes"));
  ask("notes.follow", {{"tenant_id", "t"}, {"forget_vault", path("notes")}});
  EXPECT_THAT(ask("notes.follow", {{"tenant_id", "t"}})["vaults"], IsEmpty());
  EXPECT_EQ(refused("notes.follow", R"({"vault":"/x"})").field, "tenant_id");
}

TEST_F(UpkeepOperations, TheQueueOfTasks) {
  const std::string first = put_task("first");
  const std::string asks = put_task("asks", Approval::kWaiting);
  const std::string refused_one = put_task("refused", Approval::kWaiting);

  EXPECT_EQ(
      ask("consolidation_task.list", {{"tenant_id", "t"}, {"status", "open"}})["tasks"].size(), 3U);
  EXPECT_EQ(
      ask("consolidation_task.list", {{"tenant_id", "t"}, {"memory", "first"}})["tasks"].size(),
      1U);
  EXPECT_EQ(on_task("consolidation_task.get", first)["title"], "first");
  EXPECT_EQ(on_task("queue.preview", first)["action"], "merge");
  EXPECT_EQ(ask("queue.claim", {{"tenant_id", "t"}, {"worker", "w"}})["task_id"], first);
  EXPECT_EQ(ask("queue.claim", {{"tenant_id", "t"}, {"worker", "w"}}), nullptr);
  EXPECT_EQ(on_task("queue.fail", first, {{"worker", "w"}, {"error", "no"}})["status"], "blocked");
  EXPECT_EQ(on_task("queue.reopen", first)["status"], "open");
  ask("queue.claim", {{"tenant_id", "t"}, {"worker", "w"}, {"agent", "merge"}, {"lease", 5}});
  EXPECT_EQ(on_task("queue.close", first, {{"worker", "w"}})["status"], "closed");
  EXPECT_EQ(on_task("queue.approve", asks)["approval"], "approved");
  EXPECT_EQ(on_task("queue.reject", refused_one)["status"], "closed");
  EXPECT_EQ(refused("consolidation_task.get", R"({"tenant_id":"t","task_id":"x"})").code,
            ErrorCode::kNotFound);
}

TEST_F(UpkeepOperations, TheIssueTracker) {
  put_task("first");
  const Json file = {{"tenant_id", "t"}, {"file", path("issues.jsonl")}};

  EXPECT_EQ(ask("tracker.export", file)["written"], 1);
  std::ofstream(path("issues.jsonl"), std::ios::app) << "no json\n";
  const Json imported = ask("tracker.import", file);

  EXPECT_EQ(imported["unchanged"], 1);
  EXPECT_EQ(imported["errors"][0]["line"], 2);
}

TEST_F(UpkeepOperations, JobsOfAProject) {
  add_alike();

  const Json job = ask("job.start", {{"tenant_id", "t"}, {"project_id", "p"}, {"all", true}});
  const std::string id = job["id"];
  ask("job.start", {{"tenant_id", "t"}, {"project_id", "q"}, {"trigger", "urgent"}});

  EXPECT_EQ(job["status"], "completed");
  EXPECT_THAT(remarks_, SizeIs(1));
  EXPECT_EQ(ask("consolidation_job.get", {{"tenant_id", "t"}, {"id", id}}), job);
  EXPECT_EQ(ask("consolidation_job.list", {{"tenant_id", "t"}, {"project_id", "p"}})["jobs"].size(),
            1U);
  const std::string done = Json{{"tenant_id", "t"}, {"id", id}}.dump();
  EXPECT_EQ(refused("job.cancel", done).code, ErrorCode::kConflict);
  EXPECT_EQ(refused("job.resume", done).code, ErrorCode::kConflict);
}

TEST_F(UpkeepOperations, JobsThatAKilledProcessLeft) {
  ConsolidationJob left;
  left.project_id = "p";
  left.status = JobStatus::kRunning;
  auto tenant = service_.store().tenant("t");
  const auto resumed = tenant->put(left)->record.id.to_string();
  const auto cancelled = tenant->put(left)->record.id.to_string();

  EXPECT_EQ(ask("job.resume", {{"tenant_id", "t"}, {"id", resumed}})["retry_count"], 1);
  EXPECT_EQ(ask("job.cancel", {{"tenant_id", "t"}, {"id", cancelled}})["status"], "cancelled");
}

TEST_F(UpkeepOperations, HoldableCountsByReasonAndListsUpToTheLimit) {
  add("plain", "plain");
  add("other", "other");
  add("timed", "timed", {{"agent_id", "tim"}});
  ask("session.put", {{"tenant_id", "t"}, {"session", {{"session_id", "s"}}}});
  const Json answer = ask("holdable", {{"tenant_id", "t"}, {"schema", "guild"}, {"limit", 1}});
  EXPECT_EQ(answer["held"], 1);
  ASSERT_THAT(answer["reasons"], SizeIs(1));
  EXPECT_EQ(answer["reasons"][0]["kind"], "memory");
  EXPECT_EQ(answer["reasons"][0]["records"], 2);
  EXPECT_THAT(answer["unheld"], SizeIs(1));
  EXPECT_EQ(ask("holdable", {{"tenant_id", "t"}, {"schema", "orchestrator"}})["held"], 4);
  EXPECT_EQ(refused("holdable", R"({"tenant_id":"t","schema":"paper"})").field, "schema");
}

}  // namespace
}  // namespace tulving::testing
