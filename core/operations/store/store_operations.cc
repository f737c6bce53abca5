// store.stats, store.verify, store.purge, snapshot, changes, tenants, tenant.drop.

#include <fmt/format.h>

#include <array>

#include "core/kinds/kinds.h"
#include "core/operations/answer.h"
#include "core/operations/table/concat.h"
#include "core/operations/table/groups.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array kVectors = {
    text("model", "The embedding model").required(),
    integer("dim", "Floats a vector").required(),
    integer("vectors", "Live ones, each passage's its own").required(),
    integer("in_graph", "Of these, reachable by the graph; the rest are scanned").required(),
    integer("tombstones", "Dead rows not yet reclaimed").required(),
    integer("bytes", "RAM").required(),
    integer("damaged", "Parts of its file found damaged since opening, made anew from the log")
        .required(),
    integer("memories", "That have a vector, or several").required(),
};

/// How many records of each kind that is not searched.
constexpr auto kKindCounts = [] {
  std::array<Param, kinds::PlainKinds::size> counted;
  std::size_t i = 0;
  kinds::PlainKinds::each([&]<class Record>(kinds::Tag<Record>) {
    counted[i++] = integer(kinds::Kind<Record>::plural, "Records of this kind").required();
  });
  return counted;
}();
constexpr auto kTenantStats = concat(
    concat(
        std::array{
            text("tenant_id", "The tenant").required(),
            integer("memories", "All, whatever their status").required(),
            counts("by_status", "Memories by status").required(),
            integer("without_vector", "Active and promoted, with a vector of no model").required()},
        kKindCounts),
    std::array{integer("terms", "Distinct terms of the text index").required(),
               integer("record_bytes", "RAM of records").required(),
               integer("text_bytes", "RAM of the text index").required(),
               integer("attribute_bytes", "RAM of filters").required(),
               object("vectors", kVectors, "By model").list().required()});
constexpr std::array kEmbedding = {
    text("model", "Of the embedder").required(),
    integer("pending", "Active and promoted, with a text and no vector, where one is made")
        .required(),
    integer("failed", "Of these, refused by the embedder").required(),
    integer("made", "Vectors of memories since opening").required(),
    boolean("is_failing", "It could not be reached, or answered nonsense, when asked last")
        .required(),
    text("last_error", "Of the embedder since opening"),
};
constexpr std::array kStats = {
    integer("revision", "Of the last write").required(),
    uuid("incarnation", "Of the opening that wrote it; none in a store that none has written to"),
    integer("durable_revision", "Up to here every write survives a power loss").required(),
    integer("memories", "Of all tenants").required(),
    integer("without_vector", "Likewise").required(),
    integer("tombstones", "Erased records remembered as such").required(),
    integer("ram_bytes", "Sum of the tenants'").required(),
    number("bytes_per_memory", "RAM").required(),
    integer("disk_bytes", "Files in the directory").required(),
    boolean("indexing_caught_up", "No vector waits for the graph").required(),
    object("embedding", kEmbedding, "Of a store that was opened with an embedder"),
    object("tenants", kTenantStats, "By id").list().required(),
};

constexpr std::array kVerified = {
    integer("revision", "Of the last write").required(),
    uuid("incarnation", "Of the opening that wrote it"),
    integer("records_checked", "Records decoded and compared").required(),
    integer("vectors_checked", "Likewise").required(),
    text("problems", "One sentence each, naming file or record; none: sound").list().required(),
};

constexpr std::array kSnapshot = {
    text("directory", "The new directory; must not be there, or be empty").required(),
    integer("since", "Only what changed after this revision"),
    uuid("incarnation", "The one that `since` is of, by which a history that parted is told"),
};
constexpr std::array kManifest = {
    uuid("store_id", "The store it was taken from").required(),
    integer("revision", "Everything up to it is there").required(),
    uuid("incarnation", "The one that the revision is of"),
    integer("since", "Only what changed after it is there"),
    counts("counts", "Records by kind").required(),
    integer("bytes", "Of all its files").required(),
};

constexpr std::array kSince = {
    integer("since", "After this revision").required(),
    uuid("incarnation", "The one that `since` is of, by which a history that parted is told"),
    integer("limit", "Changes a page; the last one's write comes whole")
        .range(1, 1'000'000)
        .by_default("1000"),
};
constexpr std::array kChange = {
    integer("revision", "Of the write that changed it last").required(),
    text("tenant_id", "The tenant").required(),
    text("kind",
         "As import files name it, or plan; embedding where one was taken off a memory; tenant "
         "where it was dropped, with all that was there before")
        .required(),
    text("id", "What its owners call it: a UUID, a session_id, a task_id, a tenant_id").required(),
    boolean("erased", "It is gone for good").required(),
};
constexpr std::array kChanges = {
    object("changes", kChange, "By revision, each record once").list().required(),
    integer("revision", "Complete up to here: the next page's since").required(),
    uuid("incarnation", "The one that the revision is of: the next page's incarnation"),
    boolean("is_last", "Nothing came after it").required(),
};

constexpr std::array kModel = {
    text("model", "The embedding model").required(),
    integer("dim", "Floats a vector").required(),
    integer("vectors", "Live ones").required(),
};
constexpr auto kTenant =
    concat(concat(std::array{text("tenant_id", "The tenant").required(),
                             integer("memories", "All, whatever their status").required(),
                             counts("by_status", "Memories by status").required()},
                  kKindCounts),
           std::array{object("models", kModel, "What it has vectors of").list().required()});
constexpr std::array kTenants = {object("tenants", kTenant, "By id").list().required()};
constexpr std::array kDrop = {
    tenant(),
    boolean("purge", "Rewrite the log's files, so that no byte remains"),
};
constexpr std::array kDropped = {
    text("tenant_id", "The tenant that is gone").required(),
    integer("memories", "What it had").required(),
    text("vaults", "Folders that its notes are in, which stay as they are").list().required(),
};
constexpr std::array kPurged = {integer("disk_bytes", "Files in the directory, now").required()};

Status run_stats(const Running& running) {
  running.answer.json += to_json(running.store().stats());
  return {};
}

Status run_verify(const Running& running) {
  auto report = running.store().verify();
  if (!report) return report.error();
  ObjectWriter out(running.answer.json);
  out.member("revision", report->position.revision);
  if (const Uuid& in = report->position.incarnation; !in.is_nil()) {
    out.member("incarnation", in.to_string());
  }
  out.member("records_checked", report->records_checked);
  out.member("vectors_checked", report->vectors_checked);
  json::append_array(out.key("problems"), report->problems,
                     [](std::string& to, const std::string& problem) {
                       json::append_value(to, well_formed(problem));
                     });
  out.close();
  return {};
}

Status run_purge(const Running& running) {
  if (auto status = running.store().purge(); !status) return status;
  ObjectWriter out(running.answer.json);
  out.member("disk_bytes", running.store().stats().disk_bytes);
  out.close();
  return {};
}

Result<std::optional<Position>> since_of(const Arguments& given) {
  const auto revision = given.integer_if_any("since");
  const auto incarnation = given.uuid("incarnation");
  if (revision) return std::optional(Position(*revision, incarnation.value_or(Uuid())));
  if (!incarnation) return std::optional<Position>();
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("incarnation is {}, and since is not given, which it is of",
                           incarnation->to_string()),
               "incarnation"};
}

Status run_snapshot(const Running& running) {
  auto since = since_of(running.arguments);
  if (!since) return since.error();
  auto info = running.store().snapshot(running.arguments.text("directory"), *since);
  if (!info) return info.error();
  running.answer.json += to_json(*info);
  return {};
}

Status run_changes(const Running& running) {
  auto since = since_of(running.arguments);
  if (!since) return since.error();
  auto page = running.store().changes(**since,
                                      static_cast<std::size_t>(running.arguments.integer("limit")));
  if (!page) return page.error();
  running.answer.json += to_json(*page);
  return {};
}

void append_tenant(std::string& to, const TenantStats& tenant) {
  ObjectWriter out(to);
  out.member("tenant_id", tenant.tenant_id);
  out.member("memories", tenant.memories);
  out.counts("by_status", tenant.by_status);
  for (const Param& kind : kKindCounts) {
    const auto count = tenant.records.find(kind.name);
    out.member(kind.name, count == tenant.records.end() ? 0 : count->second);
  }
  json::append_array(out.key("models"), tenant.vectors,
                     [](std::string& text, const VectorStats& model) {
                       ObjectWriter object(text);
                       object.member("model", model.model);
                       object.member("dim", model.dim);
                       object.member("vectors", model.vectors);
                       object.close();
                     });
  out.close();
}

Status run_tenants(const Running& running) {
  ObjectWriter out(running.answer.json);
  json::append_array(out.key("tenants"), running.store().stats().tenants, append_tenant);
  out.close();
  return {};
}

Status run_drop_tenant(const Running& running) {
  const std::string& id = running.arguments.text("tenant_id");
  auto tenant = running.tenant();
  if (!tenant) return tenant.error();
  const auto vaults = tenant->vaults();
  auto memories = running.store().drop_tenant(id);
  if (!memories) return memories.error();
  ObjectWriter out(running.answer.json);
  out.member("tenant_id", id);
  out.member("memories", *memories);
  json::append_array(out.key("vaults"), vaults, [](std::string& to, const std::string& vault) {
    json::append_value(to, vault);
  });
  out.close();
  return running.arguments.flag("purge") ? running.store().purge() : Status();
}

const Operation kStoreTable[] = {
    {.name = "store.stats",
     .help = "Counts, bytes per memory, index health",
     .answer = object({}, kStats, "The figures"),
     .run = &run_stats},
    {.name = "store.verify",
     .help = "Checks every checksum, record and index; reads all data",
     .answer = object({}, kVerified, "What was found"),
     .run = &run_verify},
    {.name = "store.purge",
     .effect = Effect::kDestroy,
     .help = "Rewrites the log's files, so that no byte of an erased record remains",
     .answer = object({}, kPurged, "What is left"),
     .run = &run_purge},
    {.name = "snapshot",
     .is_idempotent = false,
     .help =
         "Writes a consistent copy of the store into a new directory of the machine that runs it",
     .params = kSnapshot,
     .answer = object({}, kManifest, "Its manifest"),
     .run = &run_snapshot},
    {.name = "changes",
     .help = "Lists what was written or erased after a revision",
     .params = kSince,
     .answer = object({}, kChanges, "A page"),
     .run = &run_changes},
    {.name = "tenants",
     .help = "Lists the tenants and what each has",
     .answer = object({}, kTenants, "The tenants"),
     .run = &run_tenants},
    {.name = "tenant.drop",
     .effect = Effect::kDestroy,
     .help = "Removes a tenant for good, with all that it has; its id is free for a new one",
     .params = kDrop,
     .answer = object({}, kDropped, "What is gone"),
     .run = &run_drop_tenant},
};

}  // namespace

std::span<const Operation> store_operations() { return kStoreTable; }

}  // namespace tulving::operations
