// consolidate, consolidation.scan.

#include "tulving/consolidation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/operations/answer.h"
#include "core/operations/remarks.h"
#include "core/operations/table/concat.h"
#include "core/operations/table/groups.h"
#include "core/operations/table/words.h"
#include "core/operations/upkeep/preview_members.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array kAll = {
    tenant(),
    word("agents", kAgents, "Which; default: all, in the pipeline's order").list(),
    boolean("dry_run", "What would change, text by text; write nothing"),
    boolean("propose", "Keep the plan for plan.apply instead of applying it"),
    text("finding", "Only this one of the one agent's findings (consolidation.scan)"),
    boolean("redo_undone", "Also what was undone before"),
    text("vault", "The folder where promoted memories' notes go; default: none are written"),
    time("now", "The moment that scores are computed for; default: now"),
    integer("rate_limit", "Findings applied a minute; 0: no limit")
        .range(0, 4'294'967'295)
        .by_default("0"),
    integer("size_max", "Most memories of a cluster").range(0, 4'294'967'295).by_default("12"),
};
constexpr std::array kScan = {
    tenant(),
    word("agents", kAgents, "Which; default: all").list(),
    text("vault", "As for consolidate"),
    integer("size_max", "As for consolidate").range(0, 4'294'967'295).by_default("12"),
};
constexpr std::array kFindings = {
    text("decay", "Memories").list(),
    text("cluster", "Clusters").list(),
    text("merge", "Tasks").list(),
    text("promote", "Memories").list(),
    text("relations", "Pairs, \"ID ID\"").list(),
};

// What every result says, after what its agent says.
constexpr std::array kOutcome = {
    word("outcome", kOutcomes, "What became of it").required(),
    word("decision", kDecisions, "What the confidence let the agent do").required(),
    number("confidence", "0..1").required().or_null(),
    text("task_id", "The task it opened, or did"),
    text("reason", "Which figure met which threshold").required(),
    text("error", "Why it failed"),
};
constexpr auto kDecay = concat(
    std::array{
        uuid("memory_id", "What fades").required(),
        number("score", "Its decay score").required(),
        word("urgency", kUrgencies, "How soon").required(),
        text("action", "gc, reinforce, consolidate or promote").required(),
    },
    kOutcome);
constexpr auto kCluster = concat(
    std::array{
        text("cluster_id", "Derived from the memories").required(),
        uuid("memory_ids", "Ascending").list().required(),
        number("cohesion", "Mean pairwise cosine").required(),
        text("action", "merge or link").required(),
    },
    kOutcome);
constexpr auto kMerge = concat(
    std::array{
        uuid("memory_id", "The new one").required().or_null(),
        uuid("source_ids", "The originals").list().required(),
        number("cohesion", "Mean pairwise cosine").required(),
        text("method", "llm, heuristic or hybrid").required(),
    },
    kOutcome);
constexpr auto kPromote = concat(
    std::array{
        uuid("memory_id", "What lasts").required(),
        number("score", "Its decay score").required(),
        text("criteria", "score, use_count, review_count").list().required(),
        text("ltm_path", "Of its note; empty: not written").required(),
        text("note_digest", "Of the note as written"),
    },
    kOutcome);
constexpr auto kRelations = concat(
    std::array{
        uuid("source_id", "The older one").required(),
        uuid("target_id", "The younger one").required(),
        number("strength", "0..1").required(),
        text("shared_entities", "By which they belong together").list().required(),
        text("shared_tags", "Likewise").list().required(),
        number("similarity", "Cosine, where both have a vector").required().or_null(),
    },
    kOutcome);
constexpr std::array kReport = {
    text("tenant_id", "The tenant").required(),
    uuid("plan_id", "Null: nothing was changed, or would be").required().or_null(),
    boolean("dry_run", "Nothing was written").required(),
    object("decay", kDecay, "What fades").list().required(),
    object("cluster", kCluster, "What says much the same").list().required(),
    object("merge", kMerge, "What became one").list().required(),
    object("promote", kPromote, "What lasts").list().required(),
    object("relations", kRelations, "What belongs together").list().required(),
    integer("changes", "Records made or changed").required(),
    integer("replanned", "Times that something had changed between plan and apply").required(),
    number("miss_rate", "Of the clustering, where it was approximate").required(),
    integer("results_kept", "Findings stored as agent_result, as nothing was changed").required(),
    boolean("stopped", "By the caller; nothing was applied").required(),
    object("preview", kPreviewMembers, "Of a dry run: what would change, in words").list(),
};

std::vector<UpkeepAgent> agents_in(const Arguments& given) {
  std::vector<UpkeepAgent> agents;
  for (const std::string& name : given.texts("agents")) {
    if (const auto agent = parse_upkeep_agent(name)) agents.push_back(*agent);
  }
  return agents;
}

Result<Consolidator> consolidator_for(const Running& running) {
  const Arguments& given = running.arguments;
  ConsolidationOptions options;
  options.vault = given.text("vault");
  options.cluster_size_max = static_cast<std::uint32_t>(given.integer("size_max"));
  options.rate_limit = 0;
  if (given.operation().name == "consolidate") {
    options.rate_limit = static_cast<std::uint32_t>(given.integer("rate_limit"));
  }
  options.writer = running.service.options().writer;
  return Consolidator::create(running.store(), given.text("tenant_id"), options);
}

/// How far a run of these agents is, of 1000, when one of them has done so much of its own work;
/// each counts as another. They run in their order; none: all do.
std::uint64_t done_of(const std::vector<UpkeepAgent>& agents, UpkeepAgent at, double done) {
  std::array<bool, kAgents.size()> runs{};
  for (const UpkeepAgent agent : agents) runs.at(static_cast<std::size_t>(agent)) = true;
  if (agents.empty()) runs.fill(true);
  const auto before =
      std::count(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(at), true);
  const auto all = std::count(runs.begin(), runs.end(), true);
  return static_cast<std::uint64_t>((static_cast<double>(before) + done) * 1000 /
                                    static_cast<double>(all));
}

Status run_consolidate(const Running& running) {
  const Arguments& given = running.arguments;
  const auto agents = agents_in(given);
  if (given.has("finding") && agents.size() != 1) {
    return Error{ErrorCode::kInvalidArgument, "finding needs one agent in agents", "agents"};
  }
  auto consolidator = consolidator_for(running);
  if (!consolidator) return consolidator.error();
  ConsolidationRun run;
  run.agents = agents;
  run.dry_run = given.flag("dry_run");
  run.propose = given.flag("propose");
  run.redo_undone = given.flag("redo_undone");
  run.now = given.time("now");
  run.progress = [&running, &agents](UpkeepAgent at, double done) {
    return !running.call.progress || running.call.progress(done_of(agents, at, done), 1000);
  };
  auto report = given.has("finding") ? consolidator->process(agents.front(), given.text("finding"))
                                     : consolidator->run(run);
  if (!report) return report.error();
  remark_notes(report->notes, running.answer.remarks);
  // The report's own document, with its tenant in front.
  std::string& out = running.answer.json;
  out += "{\"tenant_id\":";
  json::append_value(out, given.text("tenant_id"));
  out += ',';
  out += std::string_view(to_json(*report)).substr(1);
  return {};
}

Status run_scan(const Running& running) {
  auto consolidator = consolidator_for(running);
  if (!consolidator) return consolidator.error();
  auto agents = agents_in(running.arguments);
  if (agents.empty()) {
    agents = {UpkeepAgent::kDecay, UpkeepAgent::kCluster, UpkeepAgent::kMerge,
              UpkeepAgent::kPromote, UpkeepAgent::kRelations};
  }
  ObjectWriter out(running.answer.json);
  for (const UpkeepAgent agent : agents) {
    auto ids = consolidator->scan(agent);
    if (!ids) return ids.error();
    out.member(to_string(agent), *ids);
  }
  out.close();
  return {};
}

const Operation kConsolidationTable[] = {
    {.name = "consolidate",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Finds what fades, merges what says the same, promotes what lasts, relates what "
             "belongs together, as one plan, which plan.undo takes back",
     .params = kAll,
     .answer = object({}, kReport, "What was found and done"),
     .run = &run_consolidate,
     .turned_by = "dry_run"},
    {.name = "consolidation.scan",
     .help = "What the agents would look at, by id",
     .params = kScan,
     .answer = object({}, kFindings, "The findings of each agent that was asked"),
     .run = &run_scan},
};

}  // namespace

std::span<const Operation> consolidation_operations() { return kConsolidationTable; }

}  // namespace tulving::operations
