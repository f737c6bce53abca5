#include "tests/torture/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/hash.h"

namespace tulving::torture {
namespace {

// What somebody touched, no undo puts back.
void touched(TenantModel& tenant, const std::string& memory) {
  for (auto& [name, plan] : tenant.plans) {
    if (plan.made == memory || plan.changed == memory) plan.can_be_undone = false;
  }
}

void drop_relations(TenantModel& tenant, const std::string& memory) {
  std::erase_if(tenant.relations, [&](const auto& one) {
    return one.first.first == memory || one.first.second == memory;
  });
}

void erase(TenantModel& tenant, const std::string& memory) {
  touched(tenant, memory);
  tenant.memories.erase(memory);
  tenant.erased.insert(memory);
  drop_relations(tenant, memory);
  for (auto& [id, task] : tenant.tasks) task.is_closed = task.is_closed || task.memory == memory;
}

void add(TenantModel& tenant, const NewMemory& memory) {
  tenant.memories[memory.name] = {memory.text, memory.vector, memory.tag, memory.session};
  tenant.erased.erase(memory.name);
  tenant.retracted.erase(memory.name);
}

void set_status(TenantModel& tenant, const std::string& name, MemoryStatus status) {
  touched(tenant, name);
  MemoryFact& memory = tenant.memories.at(name);
  if (memory.status == status) return;
  memory.status = status;
  ++memory.versions;
}

void update(TenantModel& tenant, const Operation& operation) {
  touched(tenant, operation.names[0]);
  MemoryFact& memory = tenant.memories.at(operation.names[0]);
  ++memory.versions;
  if (!operation.text.empty()) {
    memory.text = operation.text;
    memory.vector = operation.vector;  // A new text without a vector drops the old one's.
  } else {
    memory.tag = operation.key;
    memory.priority = 1 + static_cast<std::int32_t>(operation.vector % 10);
  }
}

void apply_plan(TenantModel& tenant, const Operation& operation) {
  const NewMemory& made = operation.memories[0];
  MemoryFact& changed = tenant.memories.at(operation.names[0]);
  touched(tenant, operation.names[0]);
  tenant.plans[operation.key] = {made.name, operation.names[0], changed.text};
  changed.text = operation.text;
  ++changed.versions;
  add(tenant, made);
  tenant.relations[{made.name, operation.names[0]}] = 1;
}

void undo_plan(TenantModel& tenant, const Operation& operation) {
  PlanFact& plan = tenant.plans.at(operation.key);
  const std::string text = plan.text_before;
  drop_relations(tenant, plan.made);
  tenant.memories.erase(plan.made);
  tenant.erased.insert(plan.made);
  tenant.retracted.insert(plan.made);
  MemoryFact& changed = tenant.memories.at(plan.changed);
  changed.text = text;
  ++changed.versions;
  touched(tenant, plan.changed);
  plan.is_undone = true;
}

void erase_session(TenantModel& tenant, const std::string& session) {
  std::vector<std::string> its;
  for (const auto& [name, memory] : tenant.memories) {
    if (memory.session == session) its.push_back(name);
  }
  for (const std::string& name : its) erase(tenant, name);
  tenant.sessions.erase(session);
}

}  // namespace

std::optional<ErrorCode> Model::apply(const Operation& operation) {
  TenantModel& tenant = tenants[static_cast<std::size_t>(operation.tenant)];
  switch (operation.step) {
    case Step::kAdd:
    case Step::kExpiring:
    case Step::kRevive:
      for (const NewMemory& memory : operation.memories) add(tenant, memory);
      if (!operation.key.empty()) tenant.retry_keys[operation.key] = operation.memories;
      break;
    case Step::kImport:
      tenant.sessions[operation.memories[0].session] = operation.text;
      add(tenant, operation.memories[0]);
      if (!operation.names.empty()) {
        touched(tenant, operation.names[0]);
        tenant.relations[{operation.memories[0].name, operation.names[0]}] = 0.5;
      }
      break;
    case Step::kUpdate:
      update(tenant, operation);
      break;
    case Step::kTouch:
      for (const std::string& name : operation.names) {
        touched(tenant, name);
        ++tenant.memories.at(name).uses;
      }
      break;
    case Step::kForget:
      set_status(tenant, operation.names[0], MemoryStatus::kDeleted);
      break;
    case Step::kArchive:
      set_status(tenant, operation.names[0], MemoryStatus::kArchived);
      break;
    case Step::kRecover:
      set_status(tenant, operation.names[0], MemoryStatus::kActive);
      break;
    case Step::kErase:
      erase(tenant, operation.names[0]);
      break;
    case Step::kAddErased:
      return ErrorCode::kConflict;
    case Step::kRelate:
      for (const std::string& name : operation.names) touched(tenant, name);
      tenant.relations[{operation.names[0], operation.names[1]}] = 0.25;
      break;
    case Step::kUnrelate:
      for (const std::string& name : operation.names) touched(tenant, name);
      tenant.relations.erase({operation.names[0], operation.names[1]});
      break;
    case Step::kPutSession:
      tenant.sessions[operation.names[0]] = operation.text;
      break;
    case Step::kEraseSession:
      erase_session(tenant, operation.names[0]);
      break;
    case Step::kPutTask:
      touched(tenant, operation.names[0]);
      tenant.tasks[operation.key] = {operation.text, operation.names[0]};
      break;
    case Step::kEraseTask:
      tenant.tasks.erase(operation.key);
      break;
    case Step::kApplyPlan:
      apply_plan(tenant, operation);
      break;
    case Step::kUndoPlan:
      undo_plan(tenant, operation);
      break;
    case Step::kSnapshot:
      snapshots[operation.slot] = {operation.number, digest_of(facts())};
      break;
    case Step::kRetry:
    case Step::kRestore:
    case Step::kReopen:
    case Step::kCheckpoint:
    case Step::kMakeDurable:
    case Step::kAge:
      break;
  }
  return std::nullopt;
}

Facts Model::facts() const {
  Facts facts;
  for (std::size_t i = 0; i < tenants.size(); ++i) {
    const TenantModel& tenant = tenants[i];
    const auto put = [&](std::string_view kind, std::string_view name, std::string line) {
      facts[fmt::format("{} {} {}", kTenantNames[i], kind, name)] = std::move(line);
    };
    for (const auto& [name, one] : tenant.memories) {
      const std::uint64_t vector = one.vector == 0 ? 0 : digest_of(vector_of(one.vector));
      put("memory", name, memory_line(one, vector, static_cast<int>(i)));
    }
    for (const std::string& name : tenant.erased) put("erased", name, "");
    for (const auto& [ends, strength] : tenant.relations) {
      put("relation", ends.first + " -> " + ends.second, fmt::format("{}", strength));
    }
    for (const auto& [id, summary] : tenant.sessions) put("session", id, summary);
    for (const auto& [id, task] : tenant.tasks) {
      put("task", id, task.title + (task.is_closed ? ", closed" : ", open"));
    }
    for (const auto& [name, plan] : tenant.plans) {
      put("plan", Uuid::derive(kTenantNames[i], name).to_string(),
          plan.is_undone ? "undone" : "applied");
    }
  }
  return facts;
}

std::string memory_line(const MemoryFact& memory, std::uint64_t vector_digest, int tenant) {
  if (tenant == kKept) return memory.text;  // The rest is maintenance's.
  return fmt::format("\"{}\" vector {:x} tag {} session {} priority {} uses {} {} versions {}",
                     memory.text, vector_digest, memory.tag, memory.session, memory.priority,
                     memory.uses, to_string(memory.status), memory.versions);
}

std::uint64_t digest_of(const Facts& facts) {
  std::string all;
  for (const auto& [what, line] : facts) all.append(what).append("\n").append(line).append("\n");
  return xxh3(std::string_view(all));
}

std::uint64_t digest_of(const std::vector<float>& vector) {
  return xxh3(std::as_bytes(std::span(vector)));
}

}  // namespace tulving::torture
