// memory.touch, memory.archive, memory.recover, memory.forget, memory.erase.

#include <array>

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

constexpr std::array kNames = {tenant(), ids()};
constexpr std::array kErase = {
    tenant(),
    ids(),
    boolean("purge", "Rewrite the log's files, so that no byte remains"),
};
constexpr std::array kTouched = {uuid("touched", "The memories").list().required()};
constexpr std::array kArchived = {uuid("archived", "The memories").list().required()};
constexpr std::array kRecovered = {uuid("recovered", "The memories").list().required()};
constexpr std::array kForgotten = {uuid("forgotten", "The memories").list().required()};
constexpr std::array kErased = {uuid("erased", "The memories").list().required()};

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

Status run_touch(const Running& running) {
  return change_all(running, "touched", [](Tenant& tenant, const std::vector<Uuid>& memories) {
    return tenant.touch(memories);
  });
}
Status run_archive(const Running& running) {
  return change_each(running, "archived", &Tenant::archive);
}
Status run_recover(const Running& running) {
  return change_each(running, "recovered", &Tenant::recover);
}
Status run_forget(const Running& running) {
  return change_each(running, "forgotten", &Tenant::forget);
}
Status run_erase(const Running& running) {
  if (auto status = change_each(running, "erased", &Tenant::erase); !status) return status;
  return running.arguments.flag("purge") ? running.store().purge() : Status();
}

const Operation kOperations[] = {
    {.name = "memory.touch",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Reinforces memories: each is used once more, now",
     .params = kNames,
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
     .params = kNames,
     .answer = object({}, kForgotten, "What was hidden"),
     .run = &run_forget},
    {.name = "memory.erase",
     .effect = Effect::kDestroy,
     .is_idempotent = false,
     .help = "Removes memories for good, with their vectors, relations and histories",
     .params = kErase,
     .answer = object({}, kErased, "What was removed"),
     .run = &run_erase},
};

}  // namespace

std::span<const Operation> memory_life_operations() { return kOperations; }

}  // namespace tulving::operations
