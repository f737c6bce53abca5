// decay, memory.decay, gc, clusters.

#include <array>

#include "core/operations/answer.h"
#include "core/operations/table/groups.h"
#include "core/operations/table/tenants_of.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array kOneMemory = {
    tenant(),
    text("id", "Id or external id").required(),
    time("now", "The moment; default: now"),
};
constexpr std::array kScoreNow = {
    uuid("id", "The memory").required(),
    time("at", "The moment").required(),
    number("score", "0 (gone) to 1").required(),
    number("unclamped", "Above 1 for what is used a lot").required(),
    number("seconds_until_danger", "0: it is there already; null: never").required().or_null(),
    number("seconds_until_near_forget", "Likewise, until it leaves the danger zone downwards")
        .required()
        .or_null(),
    number("seconds_until_forget", "Likewise, until it is urgent").required().or_null(),
};

constexpr std::array kMany = {
    tenant(),
    time("now", "The moment; default: now"),
    number("at_least", "Scores from this on").range(0, 1),
    number("below", "Scores less than this").range(0, 1),
    integer("limit", "Memories at most").from(1).by_default("100"),
};
constexpr std::array kFading = {
    uuid("id", "The memory").required(),
    text("external_id", "Its own name"),
    number("score", "Unclamped").required(),
    number("strength", "0..2").required(),
    integer("use_count", "How often it was used").required(),
    integer("revision", "Of the memory").required(),
};
constexpr std::array kStanding = {
    integer("memories", "Active and promoted ones that are not expired").required(),
    integer("urgent", "Below the threshold of forgetting").required(),
    integer("near_forget", "From there to danger_zone_min").required(),
    integer("in_danger", "From there to danger_zone_max").required(),
    integer("steady", "From there to that of promotion").required(),
    integer("lasting", "Above").required(),
};
constexpr std::array kScores = {
    time("at", "The moment").required(),
    object("memories", kFading, "The most urgent first").list().required(),
    integer("matching", "Within the bounds").required(),
    object("counts", kStanding, "How many memories stand where").required(),
};

constexpr std::array kGc = {
    text("tenant_id", "One tenant; default: all"),
    boolean("dry_run", "Say what would go, write nothing"),
    time("now", "The clock that decides; default: now"),
    integer("limit", "Memories deleted at most, by tenant").range(1, 100'000).by_default("10000"),
};
constexpr std::array kGoneOrKept = {
    text("tenant_id", "The tenant").required(),
    uuid("id", "The memory").required(),
    text("reason", "archived, expired, recoverable, critical or over limit").required(),
    time("since", "When it was archived, or expired").required(),
    integer("revision", "Of the memory before").required(),
};
constexpr std::array kCollected = {
    boolean("dry_run", "Nothing was written").required(),
    object("deleted", kGoneOrKept, "What went, or would").list().required(),
    object("kept", kGoneOrKept, "What stays although it is archived or expired").list().required(),
};

constexpr std::array<std::string_view, 2> kBy = {"vectors", "texts"};
constexpr std::array kClustering = {
    tenant(),
    word("by", kBy, "What is compared").by_default("\"vectors\""),
    text("model", "The embedding model; default as for search"),
    filter("filter", "Among the memories that a search shows"),
    number("threshold", "Mean cosine at which two groups join, above 0")
        .range(0, 1)
        .by_default("0.75"),
    integer("size_max", "Most memories of a cluster").from(2).by_default("12"),
    time("now", "What has expired by then is left out; default: now"),
};
constexpr std::array kLikeMemories = {
    uuid("ids", "Ascending, at least 2").list().required(),
    number("cohesion", "Mean cosine of all pairs").required(),
};
constexpr std::array kClusters = {
    object("clusters", kLikeMemories, "By first id").list().required(),
    integer("memories", "That were compared").required(),
    integer("pairs", "That reach the threshold").required(),
    integer("split", "Clusters that were larger than size_max").required(),
    integer("left_over", "Memories of those that no piece has room for").required(),
    boolean("approximate", "Not every pair was looked at").required(),
    number("miss_rate", "Share of a sample's pairs that were not").required(),
};

/// Seconds; 0 for what is there already, null for what never will be.
void append_until(std::string& out, const TimeUntil& until) {
  if (std::holds_alternative<AlreadyThere>(until)) {
    out += '0';
  } else if (std::holds_alternative<NeverThere>(until)) {
    out += "null";
  } else {
    append_figure(out, std::get<std::chrono::duration<double>>(until).count());
  }
}

Status run_one(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto id = handle->resolve(running.arguments.text("id"));
  if (!id) return id.error();
  auto decay = handle->decay(*id, running.arguments.time("now"));
  if (!decay) return decay.error();
  ObjectWriter out(running.answer.json);
  out.member("id", *id);
  out.member("at", decay->now);
  append_figure(out.key("score"), decay->score);
  append_figure(out.key("unclamped"), decay->unclamped);
  append_until(out.key("seconds_until_danger"), decay->until_danger);
  append_until(out.key("seconds_until_near_forget"), decay->until_near_forget);
  append_until(out.key("seconds_until_forget"), decay->until_forget);
  out.close();
  return {};
}

Status append_fading(std::string& to, const Tenant& tenant, const DecayedMemory& decayed) {
  auto memory = tenant.get(decayed.id);
  if (!memory) return memory.error();
  ObjectWriter out(to);
  out.member("id", decayed.id);
  if (!memory->external_id.empty()) out.member("external_id", memory->external_id);
  append_figure(out.key("score"), decayed.score);
  append_figure(out.key("strength"), decayed.strength);
  out.member("use_count", decayed.use_count);
  out.member("revision", decayed.revision);
  out.close();
  return {};
}

Status run_many(const Running& running) {
  const Arguments& given = running.arguments;
  auto handle = running.tenant();
  if (!handle) return handle.error();
  DecayRequest request;
  request.now = given.time("now");
  request.at_least = given.number("at_least");
  request.below = given.number("below");
  request.limit = given.integer("limit");
  auto found = handle->decay_scores(request);
  if (!found) return found.error();
  auto standing = handle->decay_counts(found->now);
  if (!standing) return standing.error();
  ObjectWriter out(running.answer.json);
  out.member("at", found->now);
  Status status;
  json::append_array(out.key("memories"), found->memories,
                     [&](std::string& to, const DecayedMemory& decayed) {
                       if (status) status = append_fading(to, *handle, decayed);
                     });
  out.member("matching", found->matching);
  ObjectWriter where(out.key("counts"));
  where.member("memories", standing->memories);
  where.member("urgent", standing->urgent);
  where.member("near_forget", standing->near_forget);
  where.member("in_danger", standing->in_danger);
  where.member("steady", standing->steady);
  where.member("lasting", standing->lasting);
  where.close();
  out.close();
  return status;
}

/// Adds the items of one tenant to a JSON array without its brackets.
void add_items(std::string& array, const std::string& tenant_id, const std::vector<GcItem>& items) {
  for (const GcItem& item : items) {
    if (!array.empty()) array += ',';
    ObjectWriter out(array);
    out.member("tenant_id", tenant_id);
    out.member("id", item.id);
    out.member("reason", item.reason);
    out.member("since", item.since);
    out.member("revision", item.revision);
    out.close();
  }
}

Status run_gc(const Running& running) {
  GcRequest request;
  request.dry_run = running.arguments.flag("dry_run");
  request.now = running.arguments.time("now");
  request.limit = static_cast<std::uint32_t>(running.arguments.integer("limit"));
  std::string deleted;
  std::string stays;
  for (const std::string& id : tenants_of(running)) {
    auto handle = running.store().tenant(id);
    if (!handle) return handle.error();
    auto report = handle->gc(request);
    if (!report) return report.error();
    add_items(deleted, id, report->deleted);
    add_items(stays, id, report->kept);
  }
  ObjectWriter out(running.answer.json);
  out.member("dry_run", request.dry_run);
  out.key("deleted").append("[").append(deleted).append("]");
  out.key("kept").append("[").append(stays).append("]");
  out.close();
  return {};
}

Status run_clusters(const Running& running) {
  const Arguments& given = running.arguments;
  auto handle = running.tenant();
  if (!handle) return handle.error();
  ClusterRequest request;
  request.by = given.text("by") == "texts" ? ClusterBy::kTexts : ClusterBy::kVectors;
  request.model = given.text("model");
  request.filter = given.filter("filter");
  request.threshold = given.number("threshold").value_or(request.threshold);
  request.size_max = static_cast<std::uint32_t>(given.integer("size_max"));
  request.now = given.time("now");
  auto report = handle->clusters(request);
  if (!report) return report.error();
  ObjectWriter out(running.answer.json);
  json::append_array(out.key("clusters"), report->clusters,
                     [](std::string& to, const MemoryCluster& cluster) {
                       ObjectWriter object(to);
                       object.member("ids", cluster.ids);
                       object.member("cohesion", cluster.cohesion);
                       object.close();
                     });
  out.member("memories", report->memories);
  out.member("pairs", report->pairs);
  out.member("split", report->split);
  out.member("left_over", report->left_over);
  out.member("approximate", report->approximate);
  out.member("miss_rate", report->miss_rate);
  out.close();
  return {};
}

const Operation kFadingTable[] = {
    {.name = "decay",
     .help = "How memories fade, the most urgent first",
     .params = kMany,
     .answer = object({}, kScores, "Memories and counts"),
     .run = &run_many},
    {.name = "memory.decay",
     .help = "How a memory fades, and how long it has",
     .params = kOneMemory,
     .answer = object({}, kScoreNow, "Its score"),
     .run = &run_one},
    {.name = "gc",
     .effect = Effect::kDestroy,
     .help = "Deletes what was archived 30 days ago and what has expired, critical memories never",
     .params = kGc,
     .answer = object({}, kCollected, "What went and what stays"),
     .run = &run_gc,
     .turned_by = "dry_run"},
    {.name = "clusters",
     .help = "Groups of memories that say much the same",
     .params = kClustering,
     .answer = object({}, kClusters, "The groups"),
     .run = &run_clusters},
};

}  // namespace

std::span<const Operation> fading_operations() { return kFadingTable; }

}  // namespace tulving::operations
