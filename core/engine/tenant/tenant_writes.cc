#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "core/base/check.h"
#include "core/base/errors.h"
#include "core/engine/store/store_impl.h"
#include "core/engine/write/life_writes.h"
#include "core/engine/write/memory_writes.h"
#include "core/engine/write/record_writes.h"
#include "core/kinds/memory.h"
#include "core/model/rules/rules.h"

// Tenant's writes: check what the records alone can tell, then stage under the store's write mutex.

namespace tulving {
namespace {

constexpr std::size_t kIdempotencyKeyBytesMax = 128;
constexpr std::chrono::hours kExpiresAfterMax(24 * 36'500);

Error at_position(Error error, std::string_view kind, std::size_t position, std::size_t count) {
  TULVING_DCHECK(position < count);
  error.position = position;
  if (count > 1) {
    error.message = fmt::format("{} {} of {}: {}", kind, position, count, error.message);
  }
  return error;
}

/// A copy of all but the vectors, which are most of its bytes.
Memory without_embeddings(const Memory& memory) {
  Memory copy;
  kinds::each_field<Memory>([&](const auto& field) { field.of(copy) = field.of(memory); });
  return copy;
}

/// Gives a memory back what completing and staging it filled in, unless it is told to forget.
class AsGiven {
 public:
  explicit AsGiven(Memory& memory)
      : memory_(&memory),
        id_(memory.id),
        summary_(memory.summary),
        content_hash_(memory.content_hash),
        created_at_(memory.created_at),
        updated_at_(memory.updated_at),
        last_used_(memory.last_used),
        deleted_at_(memory.deleted_at),
        revision_(memory.revision) {}
  ~AsGiven() {
    if (memory_ == nullptr) return;
    memory_->id = id_;
    memory_->summary = std::move(summary_);
    memory_->content_hash = std::move(content_hash_);
    memory_->created_at = created_at_;
    memory_->updated_at = updated_at_;
    memory_->last_used = last_used_;
    memory_->deleted_at = deleted_at_;
    memory_->revision = revision_;
  }
  AsGiven(const AsGiven&) = delete;
  AsGiven& operator=(const AsGiven&) = delete;
  void forget() { memory_ = nullptr; }

 private:
  Memory* memory_;
  Uuid id_;
  std::string summary_, content_hash_;
  std::optional<Timestamp> created_at_, updated_at_, last_used_, deleted_at_;
  std::uint64_t revision_;
};

std::string_view kind_of(const Record& record) {
  return std::visit([]<class One>(const One&) { return kinds::Kind<One>::noun; }, record);
}

// What the first write with this key returned; empty when there was none.
Result<std::optional<std::vector<AddResult>>> replay(const engine::Transaction& transaction,
                                                     const std::string& key,
                                                     const std::string& payload,
                                                     std::span<const Memory> memories) {
  std::optional<std::string> bytes;
  for (const Uuid& row : engine::idempotency_ids(transaction.tenant_id(), key)) {
    if (bytes) break;
    auto found = transaction.journal().get(
        storage::Table::kRecords,
        storage::record_key(transaction.tenant_number(), storage::RecordKind::kIdempotency, row));
    if (!found) return found.error();
    bytes = *std::move(found);
  }
  if (!bytes) return std::optional<std::vector<AddResult>>();
  auto record = storage::decode_idempotency(*bytes);
  if (!record) return record.error();
  const bool is_former = record->payload.size() < payload.size();
  if (!record->payload.empty() &&
      record->payload != (is_former ? engine::former_payload_digest(memories) : payload)) {
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

Result<AddResult> stage_record(engine::Transaction& transaction, const Memory& memory,
                               std::uint32_t equal_before, const WriteOptions& options) {
  auto status = engine::check_session(transaction, memory.session_id);
  if (!status) return status.error();
  return engine::stage_write(transaction, memory, equal_before, options);
}

template <class Plain>
Result<AddResult> stage_record(engine::Transaction& transaction, const Plain& record,
                               [[maybe_unused]] std::uint32_t equal_before, const WriteOptions&) {
  Plain with_id = record;
  if constexpr (kinds::kHasOwnId<Plain>) {
    if (const auto line = engine::line_of(record)) {
      const Uuid id = engine::imported_id(transaction.tenant_id(), *line, equal_before);
      auto& key = with_id.*kinds::Kind<Plain>::key.member;
      if constexpr (std::is_same_v<kinds::Key<Plain>, Uuid>) {
        key = id;
      } else {
        key = id.to_string();
      }
    }
  }
  auto put = engine::stage_put(transaction, std::move(with_id));
  if (!put) return put.error();
  return AddResult{kinds::row_id<Plain>(transaction.tenant_id(), kinds::key_of(put->record)),
                   put->effect, put->record.revision};
}

// Kind by kind, as Record has them, since the later ones refer to the earlier: so a record may
// stand above what it refers to. When all are there, what memories refer to among each other.
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
  for (std::size_t kind = 0; kind < std::variant_size_v<Record>; ++kind) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (records[i].index() != kind) continue;
      auto result = std::visit(
          [&](const auto& record) {
            return stage_record(transaction, record, equal_before[i], options);
          },
          records[i]);
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

Result<AddResult> Tenant::add(Memory&& memory, const AddOptions& options) {
  // What a key was used for is told by the memory as it was given.
  if (!options.idempotency_key.empty()) return add(std::as_const(memory), options);
  if (auto status = model::check_record(memory, {impl_->store->options.text_bytes_max}); !status) {
    return at_position(status.error(), "memory", 0, 1);
  }
  AsGiven as_given(memory);
  engine::complete(memory, id(), impl_->store->now());
  std::optional<Result<AddResult>> added;
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    added = engine::stage_add(transaction, memory, memory.embeddings, options);
    return *added ? Status() : Status(at_position(added->error(), "memory", 0, 1));
  };
  if (auto status = impl_->write(stage); !status) return status.error();
  as_given.forget();
  return *std::move(added);
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
  std::vector<Memory> prepared;  // Without their embeddings, which nobody needs to copy.
  prepared.reserve(memories.size());
  for (std::size_t i = 0; i < memories.size(); ++i) {
    if (auto status = model::check_record(memories[i], {impl_->store->options.text_bytes_max});
        !status) {
      return at_position(status.error(), "memory", i, memories.size());
    }
    prepared.push_back(without_embeddings(memories[i]));
    engine::complete(prepared.back(), id(), now);
  }
  std::vector<AddResult> results;
  results.reserve(memories.size());
  const auto stage = [&](engine::Transaction& transaction) -> Status {
    if (!options.idempotency_key.empty()) {
      auto earlier = replay(transaction, options.idempotency_key, payload, memories);
      if (!earlier) return earlier.error();
      if (*earlier) {
        results = **std::move(earlier);
        return {};
      }
    }
    for (std::size_t i = 0; i < prepared.size(); ++i) {
      auto result = engine::stage_add(transaction, prepared[i], memories[i].embeddings, options);
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
    const auto check = [&](const auto& record) {
      return model::check_record(record, {impl_->store->options.text_bytes_max});
    };
    if (auto status = std::visit(check, records[i]); !status) {
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

Status Tenant::touch(std::span<const Uuid> ids, const TouchOptions& options) {
  if (options.expires_after && (*options.expires_after <= std::chrono::microseconds::zero() ||
                                *options.expires_after > kExpiresAfterMax)) {
    return invalid(fmt::format("expires_after is {} s; must be above 0 and at most {}",
                               std::chrono::duration<double>(*options.expires_after).count(),
                               std::chrono::seconds(kExpiresAfterMax).count()),
                   "expires_after");
  }
  return impl_->write([&](engine::Transaction& transaction) -> Status {
    for (const Uuid& id : ids) {
      if (auto status = engine::stage_touch(transaction, id, options); !status) return status;
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

}  // namespace tulving
