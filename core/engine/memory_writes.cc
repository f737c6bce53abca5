#include "core/engine/memory_writes.h"

#include <fmt/format.h>

#include "core/base/hash.h"
#include "core/engine/life_writes.h"
#include "core/model/rules.h"
#include "core/model/summary.h"

namespace tulving::engine {
namespace {

Error conflict(std::string message, std::string field) {
  return {ErrorCode::kConflict, std::move(message), std::move(field)};
}

std::string text_hash(std::string_view text) { return to_hex(md5(text)); }

std::string name_of(const Memory& memory) {
  return memory.external_id.empty() ? memory.id.to_string()
                                    : fmt::format("\"{}\"", memory.external_id);
}

bool is_event(const Memory& memory) {
  return memory.memory_type == "conversation" || memory.memory_type == "interaction";
}

OnDuplicate resolved(OnDuplicate choice, const Memory& memory) {
  if (choice != OnDuplicate::kDefault) return choice;
  return is_event(memory) ? OnDuplicate::kKeep : OnDuplicate::kReinforce;
}

// Reinforces the memory that stands for the text of `same`: itself, or, archived, the one that it
// was merged into; without one it comes back. Nil: it cannot any more, and the text is new again.
Result<Uuid> stage_again(Transaction& transaction, const RecordPtr& same) {
  Uuid id = same->id();
  if (same->status() == MemoryStatus::kArchived) {
    const Memory archived = same->to_memory();
    if (const RecordPtr heir = heir_of(transaction, same)) {
      id = heir->id();
    } else if (!check_life_event(archived, model::LifeEvent::kRecover, transaction.now())) {
      return Uuid{};
    } else if (auto status = stage_life_event(transaction, archived, model::LifeEvent::kRecover);
               !status) {
      return std::move(status).error();
    }
  }
  if (auto status = stage_touch(transaction, id); !status) return std::move(status).error();
  return id;
}

// Stages a new memory, or what `on_duplicate` says about the one with the same text.
Result<AddResult> stage_new(Transaction& transaction, Memory memory, OnDuplicate on_duplicate) {
  if (auto status = check_references(transaction, memory); !status) {
    return std::move(status).error();
  }
  WriteEffect effect = WriteEffect::kAdded;
  if (const RecordPtr same = transaction.duplicate(memory.agent_id, memory.content_hash)) {
    switch (resolved(on_duplicate, memory)) {
      case OnDuplicate::kReject:
        return conflict(fmt::format("text is that of memory {} of the same agent; on_duplicate is "
                                    "reject",
                                    same->id().to_string()),
                        "text");
      case OnDuplicate::kReinforce: {
        auto reinforced = stage_again(transaction, same);
        if (!reinforced) return std::move(reinforced).error();
        if (reinforced->is_nil()) break;
        return AddResult{*reinforced, WriteEffect::kReinforced, transaction.revision()};
      }
      default:
        effect = WriteEffect::kKept;
    }
  }
  const Uuid id = memory.id;
  if (auto status = transaction.put_memory(std::move(memory), {}); !status) {
    return std::move(status).error();
  }
  return AddResult{id, effect, transaction.revision()};
}

// What an import line leaves at its defaults is taken from the memory that is there, so that
// importing a file again undoes neither use nor forgetting, archiving, merging or promotion.
void inherit(Memory& incoming, const Memory& present, bool allow_erased) {
  if (!incoming.created_at) incoming.created_at = present.created_at;
  if (!incoming.updated_at) incoming.updated_at = present.updated_at;
  if (incoming.summary.empty() && incoming.text == present.text) incoming.summary = present.summary;
  if (incoming.use_count == 0 && !incoming.last_used) {
    incoming.use_count = present.use_count;
    incoming.last_used = present.last_used;
  }
  if (present.status == MemoryStatus::kDeleted && !allow_erased) {
    incoming.status = present.status;
    incoming.deleted_at = present.deleted_at;
  }
  const bool is_set_aside =
      present.status == MemoryStatus::kArchived || present.status == MemoryStatus::kPromoted;
  if (is_set_aside && incoming.status == MemoryStatus::kActive) {
    incoming.status = present.status;
    if (!incoming.archived_at) incoming.archived_at = present.archived_at;
    if (!incoming.promoted_at) incoming.promoted_at = present.promoted_at;
    if (incoming.ltm_path.empty()) incoming.ltm_path = present.ltm_path;
    if (incoming.consolidated_into_id.is_nil()) {
      incoming.consolidated_into_id = present.consolidated_into_id;
    }
  }
}

// Embeddings of `incoming` that differ from the stored ones.
Result<std::vector<Embedding>> changed_embeddings(const Transaction& transaction,
                                                  const Memory& incoming) {
  std::vector<Embedding> changed;
  if (incoming.embeddings.empty()) return changed;
  auto stored = transaction.embeddings(incoming.id);
  if (!stored) return std::move(stored).error();
  for (const Embedding& embedding : incoming.embeddings) {
    bool is_same = false;
    for (const Embedding& old : *stored) is_same = is_same || old == embedding;
    if (!is_same) changed.push_back(embedding);
  }
  return changed;
}

Result<AddResult> stage_replace(Transaction& transaction, Memory incoming, const RecordPtr& present,
                                const WriteOptions& options) {
  const Memory old = present->to_memory();
  inherit(incoming, old, options.allow_erased);
  incoming = completed(std::move(incoming), transaction.tenant_id(), transaction.now());
  if (auto status = check_references(transaction, incoming); !status) {
    return std::move(status).error();
  }
  auto embeddings = changed_embeddings(transaction, incoming);
  if (!embeddings) return std::move(embeddings).error();
  incoming.embeddings.clear();
  incoming.revision = old.revision;
  if (incoming == old && embeddings->empty()) {
    return AddResult{old.id, WriteEffect::kUnchanged, old.revision};
  }
  incoming.embeddings = *std::move(embeddings);
  if (auto status = transaction.put_memory(std::move(incoming), "update"); !status) {
    return std::move(status).error();
  }
  return AddResult{old.id, WriteEffect::kUpdated, transaction.revision()};
}

template <class T>
void assign(T& field, const std::optional<T>& patch) {
  if (patch) field = *patch;
}

void apply_patch(Memory& memory, const MemoryPatch& patch) {
  const bool summary_was_made = memory.summary == model::default_summary(memory.text);
  assign(memory.text, patch.text);
  assign(memory.content, patch.content);
  if (patch.text && summary_was_made) memory.summary.clear();
  assign(memory.summary, patch.summary);
  assign(memory.memory_type, patch.memory_type);
  assign(memory.layer, patch.layer);
  assign(memory.tags, patch.tags);
  assign(memory.entities, patch.entities);
  assign(memory.facts, patch.facts);
  assign(memory.keywords, patch.keywords);
  assign(memory.metadata, patch.metadata);
  assign(memory.user_id, patch.user_id);
  assign(memory.project_id, patch.project_id);
  assign(memory.task_id, patch.task_id);
  assign(memory.stage_id, patch.stage_id);
  assign(memory.goal, patch.goal);
  assign(memory.result, patch.result);
  assign(memory.feedback, patch.feedback);
  assign(memory.outcome, patch.outcome);
  if (patch.success) memory.success = patch.success;
  assign(memory.is_critical, patch.is_critical);
  assign(memory.criticality_reason, patch.criticality_reason);
  assign(memory.priority, patch.priority);
  assign(memory.strength, patch.strength);
  if (patch.expires_at) memory.expires_at = *patch.expires_at;
  if (patch.embedding) memory.embeddings = {*patch.embedding};
}

}  // namespace

Status check_references(const Transaction& transaction, const Memory& memory) {
  if (!memory.session_id.empty() && !transaction.session(memory.session_id)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("session_id is \"{}\"; there is no such session in tenant \"{}\"",
                             memory.session_id, transaction.tenant_id()),
                 "session_id"};
  }
  const Uuid& into = memory.consolidated_into_id;
  if (!into.is_nil() && (into == memory.id || !transaction.memory(into))) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("consolidated_into_id is {}; it must be another memory of the tenant",
                             into.to_string()),
                 "consolidated_into_id"};
  }
  return {};
}

Error no_such_memory(const Transaction& transaction, const Uuid& id) {
  return {ErrorCode::kNotFound,
          fmt::format("tenant \"{}\" has no memory {}", transaction.tenant_id(), id.to_string()),
          "id"};
}

Uuid imported_id(const std::string& tenant_id, const Memory& memory) {
  const std::string created = memory.created_at ? format_time(*memory.created_at) : std::string();
  return Uuid::derive(
      tenant_id, fmt::format("import/{}/{}/{}/{}/{}", memory.agent_id, memory.session_id, created,
                             text_hash(memory.text), memory.content));
}

Memory completed(Memory memory, const std::string& tenant_id, Timestamp now) {
  if (memory.id.is_nil()) {
    memory.id =
        memory.external_id.empty() ? Uuid::random() : Uuid::derive(tenant_id, memory.external_id);
  }
  memory.content_hash = text_hash(memory.text);
  if (memory.summary.empty()) memory.summary = model::default_summary(memory.text);
  if (!memory.created_at) memory.created_at = now;
  if (!memory.updated_at) memory.updated_at = memory.created_at;
  if (!memory.last_used) memory.last_used = memory.created_at;
  if (memory.status == MemoryStatus::kDeleted && !memory.deleted_at) memory.deleted_at = now;
  return memory;
}

Result<AddResult> stage_add(Transaction& transaction, Memory memory, const AddOptions& options) {
  if (transaction.memory(memory.id)) {
    return conflict(fmt::format("{} is a memory of tenant \"{}\" already", name_of(memory),
                                transaction.tenant_id()),
                    memory.external_id.empty() ? "id" : "external_id");
  }
  if (!options.allow_erased && transaction.is_erased(memory.id)) {
    return conflict(
        fmt::format("memory {} was erased; it comes back only when told so", name_of(memory)),
        memory.external_id.empty() ? "id" : "external_id");
  }
  return stage_new(transaction, std::move(memory), options.on_duplicate);
}

Result<AddResult> stage_write(Transaction& transaction, Memory memory,
                              const WriteOptions& options) {
  const bool is_named = !memory.id.is_nil() || !memory.external_id.empty();
  if (memory.id.is_nil()) {
    memory.id = is_named ? Uuid::derive(transaction.tenant_id(), memory.external_id)
                         : imported_id(transaction.tenant_id(), memory);
  }
  if (const RecordPtr present = transaction.memory(memory.id)) {
    return stage_replace(transaction, std::move(memory), present, options);
  }
  memory = completed(std::move(memory), transaction.tenant_id(), transaction.now());
  const bool was_erased =
      transaction.is_erased(memory.id) ||
      (!is_named && transaction.is_text_erased(memory.agent_id, memory.content_hash));
  if (was_erased && !options.allow_erased) {
    return conflict(
        fmt::format("memory {} was erased; it comes back only when told so", name_of(memory)),
        memory.external_id.empty() ? "id" : "external_id");
  }
  return stage_new(transaction, std::move(memory), options.on_duplicate);
}

Result<AddResult> stage_update(Transaction& transaction, const Uuid& id, const MemoryPatch& patch,
                               std::optional<std::uint64_t> expected_revision,
                               std::uint64_t text_bytes_max) {
  const RecordPtr present = transaction.memory(id);
  if (!present) return no_such_memory(transaction, id);
  if (expected_revision && *expected_revision != present->revision()) {
    return conflict(fmt::format("revision is {}; memory {} is at revision {}", *expected_revision,
                                id.to_string(), present->revision()),
                    "revision");
  }
  Memory memory = present->to_memory();
  apply_patch(memory, patch);
  memory.updated_at = transaction.now();
  memory = completed(std::move(memory), transaction.tenant_id(), transaction.now());
  if (auto status = model::check_memory(memory, {text_bytes_max}); !status) {
    return std::move(status).error();
  }
  if (auto status = transaction.put_memory(std::move(memory), "update"); !status) {
    return std::move(status).error();
  }
  return AddResult{id, WriteEffect::kUpdated, transaction.revision()};
}

Status stage_touch(Transaction& transaction, const Uuid& id) {
  const RecordPtr present = transaction.memory(id);
  if (!present) return no_such_memory(transaction, id);
  Memory memory = present->to_memory();
  if (auto status = check_life_event(memory, model::LifeEvent::kReinforce, transaction.now());
      !status) {
    return status;
  }
  if (memory.use_count < std::numeric_limits<std::int32_t>::max()) ++memory.use_count;
  memory.last_used = transaction.now();
  return transaction.put_memory(std::move(memory), {});
}

Status stage_forget(Transaction& transaction, const Uuid& id) {
  return stage_life_event(transaction, id, model::LifeEvent::kForget);
}

Status stage_erase(Transaction& transaction, const Uuid& id) {
  if (!transaction.memory(id)) return no_such_memory(transaction, id);
  return transaction.erase_memory(id);
}

}  // namespace tulving::engine
