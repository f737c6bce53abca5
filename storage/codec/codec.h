#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/incarnations.h"
#include "tulving/consolidation_jobs.h"
#include "tulving/plans.h"
#include "tulving/records.h"
#include "tulving/result.h"

namespace tulving::storage {

/// A stored memory: verified FlatBuffer bytes, read in place. Immutable, so it may be shared
/// between threads freely. The only type outside this folder that looks into the bytes.
class MemoryRecord {
  struct Passkey {};  // Lets make_shared, and nobody else, construct: one allocation less a record.

 public:
  /// Encodes `memory` (embeddings aside; every optional time but the truly optional ones set).
  /// `edited_revision` is 0, or that of an earlier write, since which it has got vectors alone.
  static std::shared_ptr<const MemoryRecord> encode(const Memory& memory,
                                                    std::uint64_t edited_revision = 0);
  /// Takes bytes read back from disk. kCorruption: they are not a valid record.
  static Result<std::shared_ptr<const MemoryRecord>> decode(std::string bytes);

  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  [[nodiscard]] Memory to_memory() const;

  [[nodiscard]] Uuid id() const;
  [[nodiscard]] std::uint64_t revision() const;
  /// Of the last write that changed more than its vectors.
  [[nodiscard]] std::uint64_t edited_revision() const;
  /// Whether who read it at `revision` has read what it is now, but for its vectors.
  [[nodiscard]] bool is_as_of(std::uint64_t revision) const {
    return edited_revision() <= revision && revision <= this->revision();
  }
  [[nodiscard]] std::string_view external_id() const;
  [[nodiscard]] std::string_view agent_id() const;
  [[nodiscard]] std::string_view user_id() const;
  [[nodiscard]] std::string_view project_id() const;
  [[nodiscard]] std::string_view session_id() const;
  [[nodiscard]] std::string_view task_id() const;
  [[nodiscard]] std::string_view stage_id() const;
  [[nodiscard]] std::string_view memory_type() const;
  [[nodiscard]] Layer layer() const;
  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] std::string_view content() const;
  [[nodiscard]] std::string_view summary() const;
  [[nodiscard]] std::vector<std::string_view> tags() const;
  [[nodiscard]] std::vector<std::string_view> entities() const;
  [[nodiscard]] std::vector<std::string_view> keywords() const;
  [[nodiscard]] std::string_view metadata() const;
  [[nodiscard]] SourceType source_type() const;
  [[nodiscard]] std::string_view source_agent() const;
  [[nodiscard]] std::string_view source_id() const;
  [[nodiscard]] std::int32_t priority() const;
  [[nodiscard]] double strength() const;
  [[nodiscard]] std::int32_t use_count() const;
  [[nodiscard]] std::int32_t review_count() const;
  [[nodiscard]] std::int32_t cross_domain_count() const;
  [[nodiscard]] std::int32_t reuse_count() const;
  [[nodiscard]] double relevance_score() const;
  [[nodiscard]] std::optional<double> confidence_score() const;
  [[nodiscard]] std::int32_t abstraction_level() const;
  [[nodiscard]] MemoryStatus status() const;
  [[nodiscard]] Uuid consolidated_into_id() const;  ///< Nil: none.
  [[nodiscard]] std::vector<Uuid> source_memory_ids() const;
  [[nodiscard]] Timestamp created_at() const;
  [[nodiscard]] Timestamp updated_at() const;
  [[nodiscard]] Timestamp last_used() const;
  [[nodiscard]] std::optional<Timestamp> expires_at() const;
  [[nodiscard]] std::optional<Timestamp> promoted_at() const;
  [[nodiscard]] std::optional<Timestamp> archived_at() const;
  [[nodiscard]] std::optional<Timestamp> deleted_at() const;
  [[nodiscard]] std::optional<Timestamp> consolidated_at() const;
  [[nodiscard]] bool is_critical() const;
  [[nodiscard]] std::string_view content_hash() const;

  MemoryRecord(Passkey, std::string bytes) : bytes_(std::move(bytes)) {}

 private:
  std::string bytes_;
};

// The other kinds, as values. Decoding answers kCorruption for bytes that are not a valid record.

/// Of a kind in kinds::PlainKinds, by its declaration.
template <class Record>
[[nodiscard]] std::string encode(const Record& record);
template <class Record>
Result<Record> decode(std::string_view bytes);
/// A MemoryRecord's bytes, and back.
template <>
[[nodiscard]] std::string encode(const Memory& record);
template <>
Result<Memory> decode(std::string_view bytes);

[[nodiscard]] std::string encode_plan(const Plan& plan);
Result<Plan> decode_plan(std::string_view bytes);

/// An embedding as stored: which memory's is its key's matter.
struct StoredEmbedding {
  std::uint64_t revision = 0;
  std::vector<float> vector;
};
[[nodiscard]] std::string encode_embedding(std::uint64_t revision, std::span<const float> vector);
/// The front of those bytes, which the floats of the vector follow: so that whoever has the vector
/// need not copy it.
[[nodiscard]] std::string encode_embedding_front(std::uint64_t revision, std::size_t dim);
Result<StoredEmbedding> decode_embedding(std::string_view bytes);
/// As decode_embedding, without the copy; the span points into `bytes`, which must stay and be
/// 4-aligned or the call fails over to kInvalidArgument.
struct EmbeddingView {
  std::uint64_t revision = 0;
  std::span<const float> vector;
};
Result<EmbeddingView> view_embedding(std::string_view bytes);

/// What is remembered of an erased record: no text, only what refuses its return.
struct Tombstone {
  std::uint64_t revision = 0;
  std::uint8_t kind = 0;             ///< RecordKind of the erased record.
  std::string name;                  ///< A session's id; empty for the others, whose key is enough.
  std::uint64_t content_digest = 0;  ///< Salted digest of agent, user and text; 0: none.
  /// The same by a digest that tells texts apart which somebody made to be equal by the other. Nil:
  /// none, the other alone decides.
  Uuid content_id = {};
};
[[nodiscard]] std::string encode_tombstone(const Tombstone& tombstone);
Result<Tombstone> decode_tombstone(std::string_view bytes);

/// An earlier version: the operation that ended in it, and its bytes.
struct HistoryRecord {
  std::string operation;
  std::uint64_t revision = 0;
  Timestamp at;
  std::string memory;  ///< Bytes of a MemoryRecord.
};
[[nodiscard]] std::string encode_history(const HistoryRecord& entry);
Result<HistoryRecord> decode_history(std::string_view bytes);

/// What an idempotency key's first use returned.
struct IdempotencyRecord {
  std::uint64_t revision = 0;
  std::vector<Uuid> ids;
  std::vector<std::uint8_t> effects;
  std::string payload = {};  ///< In hex, digest of what it was used for. Empty: unknown.
};
[[nodiscard]] std::string encode_idempotency(const IdempotencyRecord& record);
Result<IdempotencyRecord> decode_idempotency(std::string_view bytes);

struct TenantRow {
  std::uint32_t number = 0;
  std::uint64_t revision = 0;
  std::string tenant_id;
  std::vector<std::string> vaults = {};
};
[[nodiscard]] std::string encode_tenant(const TenantRow& tenant);
Result<TenantRow> decode_tenant(std::string_view bytes);

struct ModelRow {
  std::uint16_t number = 0;
  std::uint64_t revision = 0;
  std::string name;
  std::uint32_t dim = 0;
  std::optional<std::uint32_t> tenant = {};  ///< Who brought it; empty: not known.
};
[[nodiscard]] std::string encode_model(const ModelRow& model);
Result<ModelRow> decode_model(std::string_view bytes);

/// What one write changed: the rows of Table::kRecords that it put.
struct ChangeRow {
  struct Changed {
    std::uint8_t kind = 0;  ///< As the row's key has it: kind_byte().
    Uuid id;
    friend auto operator<=>(const Changed&, const Changed&) = default;
  };
  std::uint64_t revision = 0;
  std::uint64_t total = 0;  ///< Rows of the feed and what they name, up to and with this one.
  std::uint32_t tenant = 0;
  std::vector<Changed> changed;  ///< Ascending.
};
[[nodiscard]] std::string encode_change(const ChangeRow& row);
Result<ChangeRow> decode_change(std::string_view bytes);

/// The revision that a row of any table bears, without a look at the rest. kCorruption: the bytes
/// are none of a row.
Result<std::uint64_t> row_revision(std::string_view bytes);

/// The store's identity and format, in Table::kMeta under key "store".
struct StoreRow {
  std::uint32_t format = 0;
  Uuid store_id;
  std::uint64_t revision = 0;  ///< A lower bound; the greatest revision of any row counts.
  Incarnations incarnations = {};
};
[[nodiscard]] std::string encode_store(const StoreRow& store);
Result<StoreRow> decode_store(std::string_view bytes);

}  // namespace tulving::storage
