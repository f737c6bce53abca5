// memory.touch, memory.archive, memory.recover, memory.forget, memory.erase.

#include <array>
#include <chrono>
#include <cmath>

#include "core/operations/answer.h"
#include "core/operations/table/groups.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr Param ids() {
  return text("ids", "Ids or external ids; all are looked for before anything is done to any")
      .list()
      .required();
}

constexpr Param ids_or_filter() {
  return text("ids",
              "Ids or external ids; all are looked for before anything is done to any. "
              "Without a filter they are needed")
      .list();
}
constexpr Param instead() {
  return filter("filter",
                "In place of ids: every memory that it lets through, in one write; {} "
                "lets all through");
}

constexpr std::array kNames = {tenant(), ids()};
constexpr double kExpiresAfterMax = 36'500.0 * 24 * 60 * 60;
constexpr std::array kTouchMemories = {
    tenant(),
    ids(),
    number("expires_after",
           "Seconds that each lives from now on, at least; what never expires, and what has "
           "expired, stays so")
        .range(0.000001, kExpiresAfterMax),
};
constexpr std::array kForgetMemories = {tenant(), ids_or_filter(), instead()};
constexpr std::array kEraseMemories = {
    tenant(),
    ids_or_filter(),
    instead(),
    boolean("purge", "Rewrite the log's files, so that no byte remains"),
};
constexpr std::array kTouched = {uuid("touched", "The memories").list().required()};
constexpr std::array kArchived = {uuid("archived", "The memories").list().required()};
constexpr std::array kRecovered = {uuid("recovered", "The memories").list().required()};
constexpr std::array kForgotten = {uuid("forgotten", "The memories").list().required()};
constexpr std::array kErasedMemories = {uuid("erased", "The memories").list().required()};

Result<std::vector<Uuid>> resolve_all(const Tenant& tenant, const std::vector<std::string>& names) {
  std::vector<Uuid> found;
  for (const std::string& name : names) {
    auto id = tenant.resolve(name);
    if (!id) return id.error();
    found.push_back(*id);
  }
  return found;
}

/// Does `change` to the memories that the parameter ids names, and answers {done: [...]}.
template <class Change>
Status change_all(const Running& running, std::string_view done, const Change& change) {
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto memories = resolve_all(*handle, running.arguments.texts("ids"));
  if (!memories) return memories.error();
  if (auto status = change(*handle, *memories); !status) return status;
  ObjectWriter out(running.answer.json);
  out.member(done, *memories);
  out.close();
  return {};
}

/// The same one by one.
Status change_each(const Running& running, std::string_view done, Status (Tenant::*change)(Uuid)) {
  return change_all(running, done,
                    [change](Tenant& tenant, const std::vector<Uuid>& memories) -> Status {
                      for (const Uuid& id : memories) {
                        if (auto status = (tenant.*change)(id); !status) return status;
                      }
                      return {};
                    });
}

/// One by one, or all that a filter lets through in one write.
Status change_each_or_where(const Running& running, std::string_view done,
                            Status (Tenant::*change)(Uuid),
                            Result<std::vector<Uuid>> (Tenant::*change_where)(const Filter&)) {
  const bool by_filter = running.arguments.has("filter");
  if (by_filter == running.arguments.has("ids")) {
    return Error{ErrorCode::kInvalidArgument,
                 by_filter ? "filter and ids are both given; one of them says which memories"
                           : "ids or filter is missing: which memories?",
                 by_filter ? "filter" : "ids"};
  }
  if (!by_filter) return change_each(running, done, change);
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto changed = ((*handle).*change_where)(running.arguments.filter("filter"));
  if (!changed) return changed.error();
  ObjectWriter out(running.answer.json);
  out.member(done, *changed);
  out.close();
  return {};
}

Status run_touch(const Running& running) {
  TouchOptions options;
  if (const auto seconds = running.arguments.number("expires_after")) {
    options.expires_after = std::chrono::microseconds(std::llround(*seconds * 1e6));
  }
  return change_all(running, "touched", [&](Tenant& tenant, const std::vector<Uuid>& memories) {
    return tenant.touch(memories, options);
  });
}
Status run_archive(const Running& running) {
  return change_each(running, "archived", &Tenant::archive);
}
Status run_recover(const Running& running) {
  return change_each(running, "recovered", &Tenant::recover);
}
Status run_forget(const Running& running) {
  return change_each_or_where(running, "forgotten", &Tenant::forget, &Tenant::forget_where);
}
Status run_erase_memories(const Running& running) {
  auto status =
      change_each_or_where(running, "erased", static_cast<Status (Tenant::*)(Uuid)>(&Tenant::erase),
                           &Tenant::erase_where);
  if (!status) return status;
  return running.arguments.flag("purge") ? running.store().purge() : Status();
}

const Operation kLifeTable[] = {
    {.name = "memory.touch",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Reinforces memories: each is used once more, now",
     .params = kTouchMemories,
     .answer = object({}, kTouched, "What was reinforced"),
     .run = &run_touch},
    {.name = "memory.archive",
     .effect = Effect::kWrite,
     .help = "Puts memories aside; gc deletes them after 30 days",
     .params = kNames,
     .answer = object({}, kArchived, "What was put aside"),
     .run = &run_archive},
    {.name = "memory.recover",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Takes archived memories back, for 30 days",
     .params = kNames,
     .answer = object({}, kRecovered, "What was taken back"),
     .run = &run_recover},
    {.name = "memory.forget",
     .effect = Effect::kDestroy,
     .help = "Hides memories, kept in the log",
     .params = kForgetMemories,
     .answer = object({}, kForgotten, "What was hidden"),
     .run = &run_forget},
    {.name = "memory.erase",
     .effect = Effect::kDestroy,
     .is_idempotent = false,
     .help = "Removes memories for good, with their vectors, relations and histories",
     .params = kEraseMemories,
     .answer = object({}, kErasedMemories, "What was removed"),
     .run = &run_erase_memories},
};

}  // namespace

std::span<const Operation> memory_life_operations() { return kLifeTable; }

}  // namespace tulving::operations
