#include "core/engine/write/memory_writes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/engine/record/identity.h"
#include "core/engine/record/not_found.h"
#include "core/engine/write/life_writes.h"
#include "core/engine/write/record_identity.h"
#include "core/engine/write/record_writes.h"
#include "core/kinds/memory.h"
#include "core/model/rules/rules.h"
#include "core/model/text/summary.h"

namespace tulving::engine {
namespace {

Error conflict(std::string message, std::string field) {
  return {ErrorCode::kConflict, std::move(message), std::move(field)};
}

std::string name_of(const Memory& memory) {
  return memory.external_id.empty() ? memory.id.to_string()
                                    : fmt::format("\"{}\"", memory.external_id);
}

Error erased(const Memory& memory) {
  return conflict(
      fmt::format("memory {} was erased; it comes back only when told so", name_of(memory)),
      memory.external_id.empty() ? "id" : "external_id");
}

OnDuplicate resolved(OnDuplicate choice, const Memory& memory) {
  if (choice != OnDuplicate::kDefault) return choice;
  return is_event_type(memory.memory_type) ? OnDuplicate::kKeep : OnDuplicate::kReinforce;
}

// Reinforces the memory that stands for the text of `same`: itself, or, archived, the one that it
// was merged into; without one it comes back. Nil: it cannot any more, and the text is new again.
Result<Uuid> stage_again(Transaction& transaction, const RecordPtr& same) {
  TULVING_DCHECK(same->status() != MemoryStatus::kDeleted);  // Its text may be said anew.
  Uuid id = same->id();
  if (same->status() == MemoryStatus::kArchived) {
    const Memory archived = same->to_memory();
    if (const RecordPtr heir = heir_of(transaction, same)) {
      id = heir->id();
    } else if (!check_life_event(archived, model::LifeEvent::kRecover, transaction.now())) {
      return Uuid{};
    } else if (auto status = stage_life_event(transaction, archived, model::LifeEvent::kRecover);
               !status) {
      return status.error();
    }
  }
  if (auto status = stage_touch(transaction, id); !status) return status.error();
  return id;
}

// Stages a new memory by `put`, or what `on_duplicate` says about the one with the same text.
template <class Put>
Result<AddResult> stage_new(Transaction& transaction, const Memory& memory,
                            OnDuplicate on_duplicate, const Put& put) {
  TULVING_DCHECK(!memory.id.is_nil() && !transaction.memory(memory.id));
  WriteEffect effect = WriteEffect::kAdded;
  if (const RecordPtr same = transaction.duplicate(said_by_completed(memory))) {
    switch (resolved(on_duplicate, memory)) {
      case OnDuplicate::kReject:
        return conflict(
            fmt::format("{} is that of memory {} of the same agent and user; "
                        "on_duplicate is reject",
                        memory.text.empty() ? "content" : "text", same->id().to_string()),
            memory.text.empty() ? "content" : "text");
      case OnDuplicate::kReinforce: {
        auto reinforced = stage_again(transaction, same);
        if (!reinforced) return reinforced.error();
        if (reinforced->is_nil()) break;
        return AddResult{*reinforced, WriteEffect::kReinforced, transaction.revision()};
      }
      default:
        effect = WriteEffect::kKept;
    }
  }
  const Uuid id = memory.id;
  if (auto status = put(); !status) return status.error();
  return AddResult{id, effect, transaction.revision()};
}

// A line that says nothing of what a merge was made of changes nothing of that. Nor does it make a
// text that it edits the work of an agent.
void inherit_lineage(Memory& incoming, const Memory& present) {
  if (present.source_memory_ids.empty()) return;
  if (incoming.source_memory_ids.empty()) {
    incoming.source_memory_ids = present.source_memory_ids;
    incoming.abstraction_level = present.abstraction_level;
    incoming.pattern_type = present.pattern_type;
    incoming.confidence_score = present.confidence_score;
    incoming.consolidation_method = present.consolidation_method;
    incoming.consolidated_at = present.consolidated_at;
  }
  const bool is_edit =
      incoming.text != present.text && incoming.consolidated_at == present.consolidated_at;
  if (is_edit) incoming.consolidation_method.reset();
}

}  // namespace

void inherit(Memory& incoming, const Memory& present, bool allow_erased) {
  if (incoming.external_id.empty()) incoming.external_id = present.external_id;
  if (!incoming.created_at) incoming.created_at = present.created_at;
  if (!incoming.updated_at) incoming.updated_at = present.updated_at;
  if (incoming.text == present.text) {
    if (incoming.summary.empty()) incoming.summary = present.summary;
  } else if (incoming.summary == model::default_summary(present.text)) {
    incoming.summary.clear();  // Of the old text; the new one gets its own.
  }
  if (incoming.use_count == 0 && !incoming.last_used) {
    incoming.use_count = present.use_count;
    incoming.last_used = present.last_used;
  }
  const bool is_deleted = present.status == MemoryStatus::kDeleted && !allow_erased;
  const bool is_set_aside =
      present.status == MemoryStatus::kArchived || present.status == MemoryStatus::kPromoted;
  if (is_deleted || (is_set_aside && incoming.status == MemoryStatus::kActive)) {
    incoming.status = present.status;
    if (is_deleted) incoming.deleted_at = present.deleted_at;
    if (!incoming.archived_at) incoming.archived_at = present.archived_at;
    if (!incoming.promoted_at) incoming.promoted_at = present.promoted_at;
    if (incoming.ltm_path.empty()) incoming.ltm_path = present.ltm_path;
    if (incoming.consolidated_into_id.is_nil()) {
      incoming.consolidated_into_id = present.consolidated_into_id;
    }
  }
  inherit_lineage(incoming, present);
}

// Sources that a line of a merge, pattern or principle names, and that it cannot have: erased ones,
// forgotten ones, and ones that have left the merge since. Empty: none.
std::optional<Uuid> source_that_left(const Transaction& transaction, const Memory& incoming,
                                     const Memory* present) {
  const auto is_held = [&](const RecordPtr& source) {
    return source && source->consolidated_into_id() == incoming.id;
  };
  const bool is_merge =
      present != nullptr && std::ranges::any_of(present->source_memory_ids, [&](const Uuid& id) {
        return is_held(transaction.memory(id));
      });
  for (const Uuid& id : incoming.source_memory_ids) {
    if (present != nullptr &&
        std::ranges::find(present->source_memory_ids, id) != present->source_memory_ids.end()) {
      continue;
    }
    if (transaction.is_erased(id)) return id;
    const RecordPtr source = transaction.memory(id);
    if (!source || is_held(source)) continue;
    if (is_merge || source->status() == MemoryStatus::kDeleted) return id;
  }
  return std::nullopt;
}

Status check_new_sources(const Transaction& transaction, const Memory& memory) {
  const auto left = source_that_left(transaction, memory, nullptr);
  if (!left) return {};
  return conflict(
      fmt::format("memory {} was made of memory {}, which was {}; it comes back only when told so",
                  name_of(memory), left->to_string(),
                  transaction.is_erased(*left) ? "erased" : "forgotten"),
      "source_memory_ids");
}

namespace {

// Embeddings of `incoming` that differ from the stored ones.
Result<std::vector<Embedding>> changed_embeddings(const Transaction& transaction,
                                                  const Memory& incoming) {
  std::vector<Embedding> changed;
  if (incoming.embeddings.empty()) return changed;
  auto stored = transaction.embeddings(incoming.id);
  if (!stored) return stored.error();
  for (const Embedding& embedding : incoming.embeddings) {
    bool is_same = false;
    for (const Embedding& old : *stored) is_same = is_same || old == embedding;
    if (!is_same) changed.push_back(embedding);
  }
  return changed;
}

Result<AddResult> stage_replace(Transaction& transaction, Memory incoming, const RecordPtr& present,
                                const WriteOptions& options) {
  TULVING_DCHECK(incoming.id == present->id());
  Memory old = present->to_memory();
  old.content_hash = content_hash_of(old);  // Without a text it was another before 0.2.
  if (!options.allow_erased && source_that_left(transaction, incoming, &old)) {
    return AddResult{old.id, WriteEffect::kUnchanged, old.revision};  // The line is out of date.
  }
  inherit(incoming, old, options.allow_erased);
  incoming = completed(std::move(incoming), transaction.tenant_id(), transaction.now());
  auto embeddings = changed_embeddings(transaction, incoming);
  if (!embeddings) return embeddings.error();
  const std::vector<Embedding> given = std::exchange(incoming.embeddings, {});
  incoming.revision = old.revision;
  if (incoming == old && embeddings->empty()) {
    return AddResult{old.id, WriteEffect::kUnchanged, old.revision};
  }
  const bool drops_vectors = incoming.text != old.text && !options.keep_vectors;
  incoming.embeddings = *std::move(embeddings);
  if (auto status = transaction.put_memory(std::move(incoming), "update"); !status) {
    return status.error();
  }
  if (drops_vectors) transaction.drop_vectors(old.id, given);
  return AddResult{old.id, WriteEffect::kUpdated, transaction.revision()};
}

void apply_patch(Memory& memory, const MemoryPatch& patch) {
  const bool summary_was_made = memory.summary == model::default_summary(memory.text);
  kinds::each_field<Memory>([&]<class Field>(const Field& field) {
    if constexpr (Field::is_patched) {
      if (const auto& value = patch.*Field::patch) field.of(memory) = *value;
    }
  });
  if (patch.text && !patch.summary && summary_was_made) memory.summary.clear();
  if (patch.embedding) memory.embeddings = {*patch.embedding};
  if (patch.ltm_path) memory.ltm_path = *patch.ltm_path;
}

Status check_references(const Transaction& transaction, const Uuid& id, std::string_view session_id,
                        const Uuid& into) {
  if (auto status = check_session(transaction, session_id); !status) return status;
  if (!into.is_nil() && (into == id || !transaction.memory(into))) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("consolidated_into_id is {}; it must be another memory of the tenant",
                             into.to_string()),
                 "consolidated_into_id"};
  }
  return {};
}

}  // namespace

Status check_session(const Transaction& transaction, std::string_view session_id) {
  if (session_id.empty() || transaction.has<Session>(session_id)) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("session_id is \"{}\"; there is no such session in tenant \"{}\"",
                           session_id, transaction.tenant_id()),
               "session_id"};
}

Status check_references(const Transaction& transaction, const Memory& memory) {
  return check_references(transaction, memory.id, memory.session_id, memory.consolidated_into_id);
}

Status check_references(const Transaction& transaction, const storage::MemoryRecord& record) {
  return check_references(transaction, record.id(), record.session_id(),
                          record.consolidated_into_id());
}

Error no_such_memory(const Transaction& transaction, const Uuid& id) {
  return no_such<Memory>(transaction.tenant_id(), id);
}

void complete(Memory& memory, const std::string& tenant_id, Timestamp now) {
  if (memory.id.is_nil()) {
    memory.id =
        memory.external_id.empty() ? Uuid::random() : Uuid::derive(tenant_id, memory.external_id);
  }
  memory.content_hash = content_hash_of(memory);
  if (memory.summary.empty()) memory.summary = model::default_summary(memory.text);
  if (!memory.created_at) memory.created_at = now;
  if (!memory.updated_at) memory.updated_at = memory.created_at;
  if (!memory.last_used) memory.last_used = memory.created_at;
  if (memory.status == MemoryStatus::kDeleted && !memory.deleted_at) memory.deleted_at = now;
  TULVING_DCHECK(!memory.id.is_nil());
  TULVING_DCHECK(memory.created_at && memory.updated_at && memory.last_used);  // As rows want.
}

Memory completed(Memory memory, const std::string& tenant_id, Timestamp now) {
  complete(memory, tenant_id, now);
  return memory;
}

namespace {

Status make_session(Transaction& transaction, const Memory& memory) {
  if (memory.session_id.empty() || transaction.has<Session>(memory.session_id)) return {};
  Session session;
  session.session_id = memory.session_id;
  session.user_id = memory.user_id;
  const auto put = stage_put(transaction, std::move(session));
  return put ? Status() : Status(put.error());
}

}  // namespace

Result<AddResult> stage_add(Transaction& transaction, Memory& memory,
                            std::span<const Embedding> embeddings, const AddOptions& options) {
  if (transaction.memory(memory.id)) {
    return conflict(fmt::format("{} is a memory of tenant \"{}\" already", name_of(memory),
                                transaction.tenant_id()),
                    memory.external_id.empty() ? "id" : "external_id");
  }
  if (!options.allow_erased && was_erased(transaction, memory.id, memory.external_id)) {
    return erased(memory);
  }
  if (options.make_session) {
    if (auto status = make_session(transaction, memory); !status) return status.error();
  }
  if (auto status = check_references(transaction, memory); !status) {
    return status.error();
  }
  if (!options.allow_erased) {
    if (auto status = check_new_sources(transaction, memory); !status) {
      return status.error();
    }
  }
  return stage_new(transaction, memory, options.on_duplicate,
                   [&] { return transaction.put_memory(memory, embeddings, {}); });
}

Result<AddResult> stage_write(Transaction& transaction, Memory memory, std::uint32_t equal_before,
                              const WriteOptions& options) {
  auto identity = identity_of(transaction, memory, equal_before, options.allow_erased);
  if (!identity) return identity.error();
  memory.id = identity->id;
  settle_references(transaction, memory);
  if (const RecordPtr present = transaction.memory(memory.id)) {
    return stage_replace(transaction, std::move(memory), present, options);
  }
  if (identity->was_erased && !options.allow_erased) return erased(memory);
  memory = completed(std::move(memory), transaction.tenant_id(), transaction.now());
  if (!options.allow_erased) {
    if (auto status = check_new_sources(transaction, memory); !status) {
      return status.error();
    }
  }
  return stage_new(transaction, memory, options.on_duplicate,
                   [&] { return transaction.put_memory(std::move(memory), {}); });
}

Result<AddResult> stage_update(Transaction& transaction, const Uuid& id, const MemoryPatch& patch,
                               std::optional<std::uint64_t> expected_revision,
                               std::uint64_t text_bytes_max) {
  const RecordPtr present = transaction.memory(id);
  if (!present) return no_such_memory(transaction, id);
  if (expected_revision && !present->is_as_of(*expected_revision)) {
    return conflict(fmt::format("revision is {}; memory {} is at revision {}", *expected_revision,
                                id.to_string(), present->revision()),
                    "revision");
  }
  Memory memory = present->to_memory();
  apply_patch(memory, patch);
  TULVING_DCHECK(memory.id == present->id() && memory.status == present->status());  // No patch's.
  const bool is_new_text = memory.text != present->text();
  if (is_new_text && !memory.source_memory_ids.empty()) memory.consolidation_method.reset();
  const std::vector<Embedding> given = memory.embeddings;
  memory.updated_at = transaction.now();
  memory = completed(std::move(memory), transaction.tenant_id(), transaction.now());
  if (auto status = model::check_record(memory, {text_bytes_max}); !status) {
    return status.error();
  }
  if (auto status = transaction.put_memory(std::move(memory), "update"); !status) {
    return status.error();
  }
  if (is_new_text && !patch.keep_vectors) transaction.drop_vectors(id, given);
  return AddResult{id, WriteEffect::kUpdated, transaction.revision()};
}

Status stage_forget(Transaction& transaction, const Uuid& id) {
  const RecordPtr present = transaction.memory(id);
  if (!present) return no_such_memory(transaction, id);
  transaction.note_forgotten(id);
  Memory memory = present->to_memory();
  const bool is_collected = memory.status == MemoryStatus::kDeleted &&
                            !memory.consolidated_into_id.is_nil();  // Its merge still says it.
  memory.consolidated_into_id = {};
  if (!is_collected) return stage_life_event(transaction, memory, model::LifeEvent::kForget);
  memory.updated_at = transaction.now();
  return transaction.put_memory(std::move(memory), "forget");
}

Status stage_erase(Transaction& transaction, const Uuid& id) {
  if (!transaction.memory(id)) return no_such_memory(transaction, id);
  return transaction.erase_memory(id);
}

}  // namespace tulving::engine
