// memory.get, memory.list, memory.history, memory.lineage.

#include <array>

#include "core/operations/answer.h"
#include "core/operations/remarks.h"
#include "core/operations/table/groups.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array<std::string_view, 5> kSorts = {"created", "updated", "last_used", "priority",
                                                    "decay"};
constexpr std::array<std::string_view, 2> kOrders = {"asc", "desc"};

constexpr std::array kGet = {
    tenant(),
    text("id", "Id or external id").required(),
    boolean("with_embeddings", "Its vectors too"),
};

constexpr std::array kList = {
    tenant(),
    filter("filter", "Only those it lets through"),
    word("sort", kSorts, "By when they were made, changed or used, by priority or decay score")
        .by_default("\"created\""),
    word("order", kOrders, "From the least up, or from the greatest down").by_default("\"asc\""),
    integer("limit", "Memories a page").range(1, 10'000).by_default("100"),
    text("cursor", "The page to show, as the last one said"),
    boolean("include_archived", "Archived ones too"),
    boolean("include_deleted", "Forgotten ones too"),
    boolean("include_expired", "Expired ones too"),
};
constexpr std::array kPage = {
    record("memories", "memory", "In the order asked for").list().required(),
    text("next_cursor", "Of the next page; empty on the last one").required(),
    integer("matching", "Memories that the filter lets through, on all pages").required(),
    word("sort", kSorts, "As asked for").required(),
    word("order", kOrders, "As asked for").required(),
};

constexpr std::array kHistory = {
    tenant(),
    text("id", "Id or external id").required(),
};
constexpr std::array kVersion = {
    text("operation", "add, update, forget, archive, recover, gc, consolidate, undo or follow")
        .required(),
    integer("revision", "Of the version").required(),
    time("at", "When it came to be").required(),
    record("memory", "memory", "As it was then, without vectors").required(),
};
constexpr std::array kVersions = {
    uuid("id", "The memory").required(),
    object("history", kVersion, "Its versions, oldest first, the present one last")
        .list()
        .required(),
};

constexpr std::array kLineage = {
    tenant(),
    text("id", "Id or external id").required(),
    integer("depth_max", "Links followed").range(1, 1000).by_default("64"),
};
constexpr std::array kLink = {
    uuid("source_id", "What it was made from").required(),
    uuid("derived_id", "What was made").required(),
    text("kind", "How").required(),
    integer("depth", "Links from the memory asked about").required(),
    number("similarity", "Cosine of the two, where it was kept"),
};
constexpr std::array kLinks = {
    uuid("id", "The memory").required(),
    object("sources", kLink, "What it was made from").list().required(),
    object("derived", kLink, "What was made from it").list().required(),
};

Status run_get(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto id = handle->resolve(running.arguments.text("id"));
  if (!id) return id.error();
  auto memory = handle->get(*id, running.arguments.flag("with_embeddings"));
  if (!memory) return memory.error();
  append_memory(running.answer.json, handle->id(), *memory);
  return {};
}

ListRequest list_request(const Arguments& given) {
  ListRequest request;
  request.filter = given.filter("filter");
  request.sort = parse_list_sort(given.text("sort")).value_or(request.sort);
  request.order = parse_list_order(given.text("order")).value_or(request.order);
  request.limit = static_cast<std::uint32_t>(given.integer("limit"));
  request.cursor = given.text("cursor");
  request.include_archived = given.flag("include_archived");
  request.include_deleted = given.flag("include_deleted");
  request.include_expired = given.flag("include_expired");
  return request;
}

Status run_list(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  const ListRequest request = list_request(running.arguments);
  auto page = handle->list(request);
  if (!page) return page.error();
  remark_missing_names(*handle, request.filter, running.answer.remarks);
  ObjectWriter out(running.answer.json);
  json::append_array(out.key("memories"), page->memories,
                     [&](std::string& to, const MemoryView& memory) {
                       append_memory(to, handle->id(), memory.to_memory());
                     });
  out.member("next_cursor", page->next_cursor);
  out.member("matching", page->matching);
  out.member("sort", request.sort);
  out.member("order", request.order);
  out.close();
  return {};
}

Status run_history(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto id = handle->resolve(running.arguments.text("id"));
  if (!id) return id.error();
  auto history = handle->history(*id);
  if (!history) return history.error();
  ObjectWriter out(running.answer.json);
  out.member("id", *id);
  json::append_array(out.key("history"), *history, [&](std::string& to, const HistoryEntry& entry) {
    ObjectWriter version(to);
    version.member("operation", entry.operation);
    version.member("revision", entry.revision);
    version.member("at", entry.at);
    append_memory(version.key("memory"), handle->id(), entry.memory);
    version.close();
  });
  out.close();
  return {};
}

Status run_lineage(const Running& running) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto id = handle->resolve(running.arguments.text("id"));
  if (!id) return id.error();
  auto lineage =
      handle->lineage(*id, static_cast<std::uint32_t>(running.arguments.integer("depth_max")));
  if (!lineage) return lineage.error();
  running.answer.json += to_json(*lineage);
  return {};
}

const Operation kOperations[] = {
    {.name = "memory.get",
     .help = "A memory with all its fields, forgotten and expired ones included",
     .params = kGet,
     .answer = record({}, "memory", "The memory"),
     .run = &run_get},
    {.name = "memory.list",
     .help = "Memories by filter alone, in pages",
     .params = kList,
     .answer = object({}, kPage, "One page"),
     .run = &run_list},
    {.name = "memory.history",
     .help = "The versions of a memory",
     .params = kHistory,
     .answer = object({}, kVersions, "The versions"),
     .run = &run_history},
    {.name = "memory.lineage",
     .help = "What a memory was made from, and what was made from it",
     .params = kLineage,
     .answer = object({}, kLinks, "Both ways"),
     .run = &run_lineage},
};

}  // namespace

std::span<const Operation> memory_read_operations() { return kOperations; }

}  // namespace tulving::operations
