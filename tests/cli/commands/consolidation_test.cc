// tasks, plans, undo, jobs and lineage show and steer consolidation from the command line, in words
// for people and one JSON document for programs. Tasks, plans and jobs are put there by the
// library, between runs of the binary on the same directory.

#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/cli/cli.h"
#include "tulving/tulving.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliConsolidation : public Cli {
 protected:
  CliConsolidation() {
    for (const char* name : {"a", "b"}) {
      ids_.push_back(*Uuid::parse(add("acme", name, std::string("tea of ") + name)));
    }
  }

  // The library's store on the same directory; closed before the next run.
  void with_tenant(const std::function<void(Tenant&)>& use) const {
    auto store = Store::open(db());
    ASSERT_TRUE(store) << store.error().message;
    auto tenant = store->tenant("acme");
    ASSERT_TRUE(tenant);
    use(*tenant);
    ASSERT_TRUE(store->close());
  }

  void add_task(const std::string& id, UpkeepAgent agent = UpkeepAgent::kMerge,
                std::int32_t priority = 2, Approval approval = Approval::kNotNeeded) const {
    ConsolidationTask task;
    task.task_id = id;
    task.title = "Look at " + id;
    task.agent = agent;
    task.priority = priority;
    task.approval = approval;
    task.action = "merge";
    task.memory_ids = {ids_[0]};
    with_tenant([&](Tenant& tenant) { ASSERT_TRUE(tenant.queue().add(task)); });
  }

  /// A plan that merges both memories.
  Plan merge() const {
    Plan plan;
    plan.origin = "consolidate";
    with_tenant([&](Tenant& tenant) {
      Memory made;
      made.external_id = "merged";
      made.id = Uuid::derive("acme", "merged");
      made.text = "tea of a and b";
      made.abstraction_level = 1;
      made.source_memory_ids = ids_;
      plan.changes.push_back({{}, made});
      for (const Uuid& id : ids_) {
        const Memory before = *tenant.get(id);
        Memory after = before;
        after.status = MemoryStatus::kArchived;
        after.consolidated_into_id = made.id;
        plan.changes.push_back({before, after});
      }
      PlanItem item;
      item.agent = UpkeepAgent::kMerge;
      item.action = "merge";
      item.outcome = ItemOutcome::kPlanned;
      item.reason = "cohesion 0.91 >= 0.75";
      plan.items = {item};
    });
    return plan;
  }
  std::string propose() const {
    const Plan plan = merge();
    std::string id;
    with_tenant([&](Tenant& tenant) { id = tenant.propose_plan(plan)->id.to_string(); });
    return id;
  }

  Json on_acme(Arguments arguments, int exit_code = 0) const {
    arguments.insert(arguments.end(), {"--tenant", "acme"});
    return json(arguments, exit_code);
  }
  Outcome text(Arguments arguments) const {
    arguments.insert(arguments.end(), {"--tenant", "acme"});
    return run(arguments);
  }
  std::vector<std::string> tasks(Arguments filter = {}) const {
    filter.insert(filter.begin(), "tasks");
    std::vector<std::string> found;
    const Json document = on_acme(filter);
    for (const Json& task : document["tasks"]) found.push_back(task["task_id"]);
    return found;
  }

  static std::string read_file(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::vector<Uuid> ids_;
};

TEST_F(CliConsolidation, TasksAreListedByEachFilter) {
  EXPECT_THAT(tasks(), IsEmpty());
  add_task("merge-1");
  add_task("decay-1", UpkeepAgent::kDecay, 1);
  add_task("waits", UpkeepAgent::kMerge, 3, Approval::kWaiting);

  EXPECT_THAT(tasks(), ElementsAre("decay-1", "merge-1", "waits"));
  EXPECT_THAT(tasks({"--agent", "decay"}), ElementsAre("decay-1"));
  EXPECT_THAT(tasks({"--approval", "waiting"}), ElementsAre("waits"));
  EXPECT_THAT(tasks({"--status", "closed"}), IsEmpty());
  EXPECT_THAT(tasks({"--label", "consolidation:decay"}), ElementsAre("decay-1"));
  EXPECT_THAT(tasks({"--memory", "a", "--limit", "1"}), ElementsAre("decay-1"));
  EXPECT_THAT(tasks({"--memory", "b"}), IsEmpty());
  const Outcome people = text({"tasks"});
  EXPECT_THAT(people.out, HasSubstr("Look at merge-1"));
  EXPECT_THAT(people.out, HasSubstr("waiting"));
}

TEST_F(CliConsolidation, TasksAreShownWhole) {
  add_task("merge-1");

  const Json task = on_acme({"tasks", "show", "merge-1"});

  EXPECT_EQ(task["title"], "Look at merge-1");
  EXPECT_EQ(task["status"], "open");
  EXPECT_EQ(task["memory_ids"], Json::array({ids_[0].to_string()}));
  EXPECT_EQ(task, on_acme({"tasks"})["tasks"][0]);
  const Outcome people = text({"tasks", "show", "merge-1"});
  EXPECT_THAT(people.out, HasSubstr(ids_[0].to_string()));
  EXPECT_THAT(people.out, HasSubstr("tea of a")) << "what the task is about";
  EXPECT_THAT(text({"tasks"}).out, HasSubstr("tea of a"));
  on_acme({"erase", "a"});
  EXPECT_THAT(text({"tasks"}).out, ::testing::Not(HasSubstr("tea of a")));
  const Outcome missing = text({"tasks", "show", "none"});
  EXPECT_THAT(missing, Failed(1));
  EXPECT_THAT(missing.err, HasSubstr("none"));
}

TEST_F(CliConsolidation, TasksAreClaimedFailedReopenedAndClosed) {
  add_task("merge-1");
  EXPECT_EQ(on_acme({"tasks", "claim", "--worker", "w", "--agent", "decay"}), Json(nullptr));

  const Json claimed = on_acme({"tasks", "claim", "--worker", "w", "--lease", "60"});
  EXPECT_EQ(claimed["task_id"], "merge-1");
  EXPECT_EQ(claimed["claimed_by"], "w");
  EXPECT_EQ(on_acme({"tasks", "claim", "--worker", "other"}), Json(nullptr));
  EXPECT_THAT(text({"tasks", "claim", "--worker", "other"}).out, HasSubstr("no task"));
  EXPECT_THAT(text({"tasks", "close", "merge-1", "--worker", "other"}), Failed(1));
  const Json failed = on_acme({"tasks", "fail", "merge-1", "--worker", "w", "--error", "no words"});
  EXPECT_EQ(failed["status"], "blocked");
  EXPECT_EQ(failed["error"], "no words");
  EXPECT_EQ(on_acme({"tasks", "reopen", "merge-1"})["status"], "open");
  EXPECT_THAT(text({"tasks", "claim", "--worker", "w"}).out, HasSubstr("claimed merge-1"));
  EXPECT_THAT(text({"tasks", "close", "merge-1", "--worker", "w"}).out,
              HasSubstr("closed merge-1"));

  EXPECT_EQ(on_acme({"tasks", "show", "merge-1"})["status"], "closed");
}

TEST_F(CliConsolidation, TasksThatWaitAreApprovedOrRejected) {
  add_task("yes", UpkeepAgent::kMerge, 2, Approval::kWaiting);
  add_task("no", UpkeepAgent::kMerge, 2, Approval::kWaiting);

  EXPECT_EQ(on_acme({"tasks", "approve", "yes"})["approval"], "approved");
  EXPECT_EQ(on_acme({"tasks", "reject", "no"})["status"], "closed");

  EXPECT_THAT(text({"tasks", "approve", "yes"}), Failed(1));
  EXPECT_THAT(text({"tasks", "reject", "none"}), Failed(1));
}

TEST_F(CliConsolidation, TasksGoToTheTrackersFileAndComeBack) {
  add_task("merge-1");
  add_task("merge-2");
  const std::string issues = path("issues.jsonl");
  EXPECT_THAT(text({"tasks", "import", issues}), Failed(1)) << "there is no such file";
  const Json written = on_acme({"tasks", "export", issues});
  EXPECT_EQ(written["written"], 2);
  EXPECT_EQ(written["rejected"], 0);
  EXPECT_THAT(text({"tasks", "export", issues}).out, HasSubstr("written 0, unchanged 2"));
  EXPECT_THAT(text({"tasks", "import", issues}).out, HasSubstr("imported 0, unchanged 2"));

  std::string edited;
  std::istringstream lines(read_file(issues));
  for (std::string line; std::getline(lines, line);) {
    Json issue = Json::parse(line);
    if (issue["id"] == "merge-1") {
      issue["status"] = "closed";
      issue["closed_at"] = issue["updated_at"];
    } else {
      issue["priority"] = 0;
    }
    edited += issue.dump() + "\n";
  }
  file("issues.jsonl", edited);
  const Json taken = on_acme({"tasks", "import", issues}, 2);

  EXPECT_EQ(taken["updated"], 1);
  EXPECT_EQ(taken["rejected"], 1);
  EXPECT_EQ(taken["errors"][0]["line"], 2);
  EXPECT_EQ(taken["errors"][0]["field"], "priority");
  EXPECT_THAT(std::string(taken["errors"][0]["error"]), HasSubstr("1..3"));
  EXPECT_EQ(on_acme({"tasks", "show", "merge-1"})["status"], "closed");
  const Outcome people = text({"tasks", "import", issues});
  EXPECT_THAT(people, Failed(2));
  EXPECT_THAT(people.err, HasSubstr("line 2: priority is 0"));
  EXPECT_THAT(text({"tasks", "export", issues}), Failed(2)) << "line 2 is still broken";
  EXPECT_THAT(text({"tasks", "export", db()}), Failed(2)) << "a folder";
  EXPECT_THAT(run({"tasks", "export", issues}), Failed(2)) << "no tenant";
  EXPECT_EQ(read_file(issues), edited);
}

TEST_F(CliConsolidation, APlanIsShownAppliedAndUndone) {
  const std::string before = exported();
  const std::string id = propose();
  EXPECT_EQ(exported(), before);
  const Json listed = on_acme({"plans"})["plans"];
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["id"], id);
  EXPECT_EQ(listed[0]["status"], "proposed");
  EXPECT_EQ(listed[0]["changes"], 3);
  const Json shown = on_acme({"plans", "show", id});
  EXPECT_EQ(shown["items"][0]["reason"], "cohesion 0.91 >= 0.75");
  EXPECT_EQ(shown["changes"][0]["before"], Json(nullptr));
  EXPECT_EQ(shown["changes"][0]["after"]["text"], "tea of a and b");
  EXPECT_EQ(shown["changes"][1]["before"]["text"], "tea of a");
  const Outcome people = text({"plans", "show", id});
  EXPECT_THAT(people.out, HasSubstr("made"));
  EXPECT_THAT(people.out, HasSubstr("archived: tea of a"));
  EXPECT_THAT(people.out, HasSubstr("cohesion 0.91"));
  EXPECT_THAT(text({"plans"}).out, HasSubstr("proposed"));

  EXPECT_EQ(on_acme({"plans", "results", id})["agent_results"][0]["result"]["success"], false);

  EXPECT_EQ(on_acme({"plans", "apply", id})["status"], "applied");
  const Json result = on_acme({"plans", "results", id})["agent_results"][0];
  EXPECT_EQ(result["agent"], shown["items"][0]["agent"]);
  EXPECT_EQ(result["result"]["beads_issue_id"], nullptr);
  EXPECT_THAT(text({"plans", "results", id}).out, HasSubstr("beads_issue_id"));
  EXPECT_EQ(on_acme({"get", "a"})["status"], "archived");
  EXPECT_THAT(text({"plans", "apply", id}), Failed(1));
  EXPECT_THAT(text({"undo", id}).out, HasSubstr("undone plan " + id));
  EXPECT_EQ(exported(), before);
  EXPECT_THAT(text({"undo", id}), Failed(1));
}

TEST_F(CliConsolidation, AnUndoOverALaterChangeNamesIt) {
  const std::string id = propose();
  on_acme({"plans", "apply", id});
  on_acme({"update", "a", "--priority", "7"});

  const Outcome refused = text({"undo", id});

  EXPECT_THAT(refused, Failed(1));
  // The source may change: undo would leave it as it is now. But the merge followed it, and lost a
  // text that is not its sources'.
  const Json merge = on_acme({"plans", "show", id})["changes"][0]["after"];
  EXPECT_THAT(refused.err,
              HasSubstr("memory " + merge["id"].get<std::string>() + " was changed since"));
  EXPECT_EQ(on_acme({"plans"})["plans"][0]["status"], "applied");
}

TEST_F(CliConsolidation, ADroppedPlanIsNotApplied) {
  const std::string id = propose();

  EXPECT_EQ(on_acme({"plans", "drop", id})["status"], "dropped");

  EXPECT_THAT(text({"plans", "apply", id}), Failed(1));
}

TEST_F(CliConsolidation, JobsAreListedAndShown) {
  ConsolidationJob job;
  job.project_id = "garden";
  job.progress = 0.5;
  std::string id;
  with_tenant([&](Tenant& tenant) {
    id = tenant.put(job)->record.id.to_string();
    job.project_id = "house";
    ASSERT_TRUE(tenant.put(job));
  });

  EXPECT_EQ(on_acme({"jobs"})["jobs"].size(), 2U);
  EXPECT_EQ(on_acme({"jobs", "--project", "garden"})["jobs"].size(), 1U);
  EXPECT_EQ(on_acme({"jobs", "show", id})["project_id"], "garden");
  EXPECT_THAT(text({"jobs"}).out, HasSubstr("50 %"));
  EXPECT_THAT(text({"jobs", "show", id}).out, HasSubstr("pending"));
  EXPECT_THAT(text({"jobs", "show", Uuid::random().to_string()}), Failed(1));
}

TEST_F(CliConsolidation, AJobRunsOverItsProjectAndTheSameOneAgainChangesNothing) {
  AddOptions keep;
  keep.on_duplicate = OnDuplicate::kKeep;
  with_tenant([&](Tenant& tenant) {
    for (const char* project : {"garden", "garden", "garden", "house"}) {
      Memory one;
      one.text = std::string("Water the tomatoes in the morning, says ") + project + ".";
      one.project_id = project;
      one.embeddings = {{.vector = {1.0F, 0.2F}}};
      ASSERT_TRUE(tenant.add(one, keep));
    }
  });

  const Json done = on_acme({"jobs", "start", "--project", "garden", "--by", "the test"});

  EXPECT_EQ(done["status"], "completed");
  EXPECT_EQ(done["metrics"]["memories_processed"], 3);
  EXPECT_THAT(done["plan_ids"], ::testing::SizeIs(::testing::Ge(1U)));
  EXPECT_EQ(on_acme({"jobs", "show", done["id"]})["metrics"], done["metrics"]);
  const std::string after = exported();
  EXPECT_THAT(text({"jobs", "start", "--project", "garden"}).out, HasSubstr("completed"));
  const std::string again = exported();  // A job more, and that alone.
  ASSERT_THAT(again, ::testing::StartsWith(after));
  EXPECT_EQ(
      std::count(again.begin() + static_cast<std::ptrdiff_t>(after.size()), again.end(), '\n'), 1);
  EXPECT_THAT(text({"jobs", "resume", done["id"]}), Failed(1));
  EXPECT_THAT(text({"jobs", "cancel", done["id"]}), Failed(1));
  EXPECT_THAT(text({"jobs", "start"}), Failed(2));
  EXPECT_THAT(text({"jobs", "start", "--project", "p", "--trigger", "whim"}), Failed(2));
  EXPECT_THAT(text({"jobs", "start", "--project", "p", "--from", "yesterday"}), Failed(2));
}

TEST_F(CliConsolidation, LineageNamesBothWays) {
  EXPECT_THAT(text({"lineage", "a"}).out, HasSubstr("no other memory"));
  on_acme({"plans", "apply", propose()});

  const Json merged = on_acme({"lineage", "merged"});
  const Json original = on_acme({"lineage", "a", "--depth", "1"});

  EXPECT_EQ(merged["sources"].size(), 2U);
  EXPECT_EQ(merged["derived"], Json::array());
  EXPECT_EQ(original["derived"][0]["derived_id"], merged["id"]);
  EXPECT_EQ(original["derived"][0]["kind"], "consolidated");
  EXPECT_THAT(text({"lineage", "a"}).out, HasSubstr("tea of a and b"));
  EXPECT_THAT(text({"lineage", "nobody"}), Failed(1));
}

TEST_F(CliConsolidation, WrongArgumentsAreRefusedAndChangeNothing) {
  add_task("merge-1");
  const Json before = on_acme({"tasks"});
  for (const Arguments& wrong :
       std::vector<Arguments>{{"tasks", "--agent", "nobody"},
                              {"tasks", "--status", "done"},
                              {"tasks", "--approval", "maybe"},
                              {"tasks", "--limit", "0"},
                              {"tasks", "--label", ""},
                              {"tasks", "frobnicate"},
                              {"tasks", "show"},
                              {"tasks", "show", "merge-1", "--status", "open"},
                              {"tasks", "--status", "open", "claim", "--worker", "w"},
                              {"tasks", "claim"},
                              {"tasks", "claim", "--worker", ""},
                              {"tasks", "claim", "--worker", "w", "--lease", "0"},
                              {"tasks", "claim", "--worker", "w", "--lease", "86401"},
                              {"tasks", "claim", "--worker", "w", "--agent", "nobody"},
                              {"tasks", "close", "merge-1"},
                              {"tasks", "fail", "merge-1", "--worker", "w"},
                              {"plans", "show", "nonsense"},
                              {"plans", "apply"},
                              {"undo", "nonsense"},
                              {"undo"},
                              {"jobs", "show", "nonsense"},
                              {"jobs", "--project", "p", "show", ids_[0].to_string()},
                              {"lineage", "a", "--depth", "0"},
                              {"lineage"}}) {
    EXPECT_THAT(text(wrong), Failed(2)) << ::testing::PrintToString(wrong);
  }
  EXPECT_THAT(run({"tasks"}), Failed(2)) << "no tenant";
  EXPECT_EQ(on_acme({"tasks"}), before);
}

}  // namespace
}  // namespace tulving::testing
