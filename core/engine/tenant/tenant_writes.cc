#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/engine/store/store_impl.h"
#include "core/engine/write/memory_writes.h"
#include "core/model/rules/rules.h"

// Tenant's writes: check what the records alone can tell, then stage under the store's write mutex.

namespace tulving {
namespace {

constexpr std::size_t kIdempotencyKeyBytesMax = 128;

Error at_position(Error error, std::string_view kind, std::size_t position, std::size_t count) {
  TULVING_DCHECK(position < count);
  error.position = position;
  if (count > 1) {
    error.message = fmt::format("{} {} of {}: {}", kind, position, count, error.message);
  }
  return error;
}

std::string_view kind_of(const Record& record) {
  if (std::holds_alternative<Memory>(record)) return "memory";
  return std::holds_alternative<Session>(record) ? "session" : "relation";
}

// What the first write with this key returned; empty when there was none.
Result<std::optional<std::vector<AddResult>>> replay(const engine::Transaction& transaction,
                                                     const std::string& key,
                                                     const std::string& payload) {
  const Uuid row = Uuid::derive(transaction.tenant_id(), "idempotency/" + key);
  auto bytes = transaction.journal().get(
      storage::Table::kRecords,
      storage::record_key(transaction.tenant_number(), storage::RecordKind::kIdempotency, row));
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<std::vector<AddResult>>();
  auto record = storage::decode_idempotency(**bytes);
  if (!record) return record.error();
  if (!record->payload.empty() && record->payload != payload) {
    return Error{ErrorCode::kConflict,
                 fmt::format("idempotency_key is \"{}\", which was used for other memories", key),
                 "idempotency_key"};
  }
  std::vector<AddResult> results;
  for (std::size_t i = 0; i < record->ids.size(); ++i) {
    results.push_back(
        {record->ids[i], static_cast<WriteEffect>(record->effects[i]), record->revision});
  }
  return std::optional(std::move(results));
}

storage::IdempotencyRecord remembered(std::uint64_t revision, std::span<const AddResult> results,
                                      std::string payload) {
  storage::IdempotencyRecord record;
  record.revision = revision;
  record.payload = std::move(payload);
  for (const AddResult& result : results) {
    record.ids.push_back(result.id);
    record.effects.push_back(static_cast<std::uint8_t>(result.effect));
  }
  return record;
}

Relation completed(Relation relation, Timestamp now) {
  if (!relation.created_at) relation.created_at = now;
  return relation;
}

Result<AddResult> stage_session(engine::Transaction& transaction, Session session) {
  const auto present = transaction.session(session.session_id);
  const Uuid id = engine::session_row_id(transaction.tenant_id(), session.session_id);
  if (!session.created_at) {
    session.created_at = present ? present->created_at : std::optional(transaction.now());
  }
  if (!session.updated_at) session.updated_at = present ? present->updated_at : session.created_at;
  if (present) {
    session.revision = present->revision;
    if (session == *present) return AddResult{id, WriteEffect::kUnchanged, present->revision};
  }
  transaction.put_session(std::move(session));
  return AddResult{id, present ? WriteEffect::kUpdated : WriteEffect::kAdded,
                   transaction.revision()};
}

Result<AddResult> stage_relation(engine::Transaction& transaction, Relation relation) {
  for (const auto& [end, field] :
       {std::pair(&relation.source_id, "source_id"), std::pair(&relation.target_id, "target_id")}) {
    *end = transaction.referred(*end);
    if (!transaction.memory(*end)) {
      Error error = engine::no_such_memory(transaction, *end);
      error.field = field;
      return error;
    }
  }
  // Again, now that names are ids.
  if (auto status = model::check_relation(relation); !status) return status.error();
  relation.id = engine::relation_id(transaction.tenant_id(), relation);
  const auto present = transaction.relation(relation.id);
  if (!relation.created_at && present) relation.created_at = present->created_at;
  relation = completed(std::move(relation), transaction.now());
  const Uuid id = relation.id;
  if (present) {
    relation.revision = present->revision;
    if (relation == *present) return AddResult{id, WriteEffect::kUnchanged, present->revision};
  }
  transaction.put_relation(std::move(relation));
  return AddResult{id, present ? WriteEffect::kUpdated : WriteEffect::kAdded,
                   transaction.revision()};
}

Status check_record(const Record& record, const model::Limits& limits) {
  if (const auto* memory = std::get_if<Memory>(&record))
    return model::check_memory(*memory, limits);
  if (const auto* session = std::get_if<Session>(&record)) return model::check_session(*session);
  return model::check_relation(std::get<Relation>(record));
}

Result<AddResult> stage_record(engine::Transaction& transaction, const Record& record,
                               std::uint32_t equal_before, const WriteOptions& options) {
  if (const auto* memory = std::get_if<Memory>(&record)) {
    auto status = engine::check_session(transaction, memory->session_id);
    if (!status) return status.error();
    return engine::stage_write(transaction, *memory, equal_before, options);
  }
  if (const auto* session = std::get_if<Session>(&record)) {
    return stage_session(transaction, *session);
  }
  return stage_relation(transaction, std::get<Relation>(record));
}

// Sessions, then memories, which refer to them, then relations, which refer to memories; and when
// all are there, what memories refer to among each other. So a record may stand above what it
// refers to.
Result<std::vector<AddResult>> stage_records(engine::Transaction& transaction,
                                             std::span<const Record> records,
                                             std::span<const std::uint32_t> equal_before,
                                             const WriteOptions& options) {
  for (const Record& record : records) {
    const auto* memory = std::get_if<Memory>(&record);
    if (memory != nullptr && !memory->id.is_nil()) {
      transaction.announce(memory->id, memory->external_id);
    }
  }
  TULVING_DCHECK(equal_before.size() == records.size());  // counted() refuses any other number.
  std::vector<AddResult> results(records.size());
  static_assert(std::is_same_v<Record, std::variant<Session, Memory, Relation>>);
  for (std::size_t kind = 0; kind < std::variant_size_v<Record>; ++kind) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (records[i].index() != kind) continue;
      auto result = stage_record(transaction, records[i], equal_before[i], options);
      if (!result) {
        return at_position(result.error(), kind_of(records[i]), i, records.size());
      }
      results[i] = *result;
    }
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    TULVING_DCHECK(!results[i].id.is_nil());  // Each was staged, under its kind.
    if (!std::holds_alternative<Memory>(records[i])) continue;
    auto status = engine::check_references(transaction, *transaction.memory(results[i].id));
    if (!status) return at_position(status.error(), "memory", i, records.size());
  }
  return results;
}

Result<std::vector<std::uint32_t>> counted(const std::string& tenant_id,
                                           std::span<const Record> records,
                                           std::span<const std::uint32_t> given) {
  if (given.empty()) {
    EqualRecords equal;
    std::vector<std::uint32_t> counts;
    for (const Record& record : records) counts.push_back(equal.count(tenant_id, record));
    return counts;
  }
  if (given.size() != records.size()) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("equal_before has {} elements for {} records", given.size(), records.size()),
        "equal_before"};
  }
  return std::vector(given.begin(), given.end());
}

}  // namespace

Result<AddResult> Tenant::add(const Memory& memory, const AddOptions& options) {
  auto results = add(std::span(&memory, 1), options);
  if (!results) return results.error();
  return results->front();
}

Result<std::vector<AddResult>> Tenant::add(std::span<const Memory> memories,
                                           const AddOptions& options) {
  if (options.idempotency_key.size() > kIdempotencyKeyBytesMax) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("idempotency_key has {} bytes; at most {} allowed",
                             options.idempotency_key.size(), kIdempotencyKeyBytesMax),
                 "idempotency_key"};
  }
  // All that needs no other record is done before the write mutex is taken.
  const Timestamp now = impl_->store->now();
  const std::string payload =
      options.idempotency_key.empty() ? std::string() : engine::payload_digest(memories);
  std::vector<Memory> prepared;
  prepared.reserve(memories.size());
  for (std::size_t i = 0; i < memories.size(); ++i) {
    if (auto status = model::check_memory(memories[i], {impl_->store->options.text_bytes_max});
        !status) {
      return at_position(status.error(), "memory", i, memories.size());
    }
    prepared.push_back(engine::completed(memories[i], id(), now));
  }
  std::vector<AddResult> results;
  results.reserve(memories.size());
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    if (!options.idempotency_key.empty()) {
      auto earlier = replay(transaction, options.idempotency_key, payload);
      if (!earlier) return earlier.error();
      if (*earlier) {
        results = **std::move(earlier);
        return {};
      }
    }
    for (std::size_t i = 0; i < prepared.size(); ++i) {
      auto result = engine::stage_add(transaction, std::move(prepared[i]), options);
      if (!result) return at_position(result.error(), "memory", i, prepared.size());
      results.push_back(*result);
    }
    if (!options.idempotency_key.empty()) {
      transaction.put_idempotency(options.idempotency_key,
                                  remembered(transaction.revision(), results, payload));
    }
    return {};
  };
  if (auto status = impl_->write(stage); !status) return status.error();
  return results;
}

Result<std::vector<AddResult>> Tenant::write(std::span<const Record> records,
                                             const WriteOptions& options) {
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (auto status = check_record(records[i], {impl_->store->options.text_bytes_max}); !status) {
      return at_position(status.error(), kind_of(records[i]), i, records.size());
    }
  }
  const auto equal_before = counted(id(), records, options.equal_before);
  if (!equal_before) return equal_before.error();
  std::vector<AddResult> results;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    auto staged = stage_records(transaction, records, *equal_before, options);
    if (!staged) return staged.error();
    results = *std::move(staged);
    return {};
  };
  engine::Followed followed;
  if (auto status = impl_->write(stage, options.dry_run, &followed); !status) {
    return status.error();
  }
  for (AddResult& result : results) result.followed = followed.of(result.id);
  return results;
}

Result<AddResult> Tenant::update(Uuid id, const MemoryPatch& patch,
                                 std::optional<std::uint64_t> expected_revision) {
  AddResult updated;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    auto result = engine::stage_update(transaction, id, patch, expected_revision,
                                       impl_->store->options.text_bytes_max);
    if (!result) return result.error();
    updated = *result;
    return {};
  };
  engine::Followed followed;
  if (auto status = impl_->write(stage, false, &followed); !status) {
    return status.error();
  }
  updated.followed = followed.of(id);
  return updated;
}

Status Tenant::touch(std::span<const Uuid> ids) {
  return impl_->write([&](engine::Transaction& transaction) -> Status {
    for (const Uuid& id : ids) {
      if (auto status = engine::stage_touch(transaction, id); !status) return status;
    }
    return {};
  });
}

Status Tenant::forget(Uuid id) {
  return impl_->write(
      [&](engine::Transaction& transaction) { return engine::stage_forget(transaction, id); });
}

Status Tenant::erase(Uuid id) {
  return impl_->write(
      [&](engine::Transaction& transaction) { return engine::stage_erase(transaction, id); });
}

Result<AddResult> Tenant::put_session(const Session& session) {
  const Record record = session;
  auto results = write(std::span(&record, 1));
  if (!results) return results.error();
  return results->front();
}

Status Tenant::erase_session(std::string_view session_id) {
  return impl_->write([&](engine::Transaction& transaction) -> Status {
    if (!transaction.session(session_id)) {
      return Error{ErrorCode::kNotFound,
                   fmt::format("tenant \"{}\" has no session \"{}\"", id(), session_id),
                   "session_id"};
    }
    return transaction.erase_session(std::string(session_id));
  });
}

Result<Relation> Tenant::relate(const Relation& relation) {
  if (auto status = model::check_relation(relation); !status) return status.error();
  // What this write leaves, whatever another one does to it afterwards.
  std::optional<Relation> stored;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    auto result = stage_relation(transaction, relation);
    if (!result) return result.error();
    stored = transaction.relation(result->id);
    return {};
  };
  if (auto status = impl_->write(stage); !status) return status.error();
  return *std::move(stored);
}

Status Tenant::unrelate(Uuid relation_id) {
  return impl_->write([&](engine::Transaction& transaction) -> Status {
    const auto relation = transaction.relation(relation_id);
    if (!relation) {
      return Error{ErrorCode::kNotFound,
                   fmt::format("tenant \"{}\" has no relation {}", id(), relation_id.to_string()),
                   "id"};
    }
    transaction.erase_relation(*relation);
    return {};
  });
}

}  // namespace tulving
