#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/kinds/record_kind.h"
#include "storage/vector_tombstone.h"
#include "tulving/records.h"
#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving::storage::postgres {

using kinds::RecordKind;

/// Vectors are no records, but rows are made of them, and tombstones name them.
inline constexpr auto kEmbeddingKind = static_cast<RecordKind>(kVectorTombstone);

/// "session", "memory", "embedding" ..., as in SkippedRow::kind.
[[nodiscard]] std::string_view kind_name(RecordKind kind);

/// One vector of a memory.
struct SourceEmbedding {
  Uuid memory;
  std::string_view model;
  std::span<const float> vector;
  /// Of its memory; empty where an incremental snapshot brings the vector without the memory.
  std::optional<Timestamp> memory_created_at;
};

/// One record of a snapshot or a live store; views and pointers are valid during the visit.
struct SourceRecord {
  std::uint32_t tenant = 0;
  std::string_view tenant_id;
  RecordKind kind{};
  const Record* value = nullptr;               ///< Null: `embedding` is set.
  const SourceEmbedding* embedding = nullptr;  ///< Of kEmbeddingKind.
  /// Of a memory the vector of the model that the schema's column holds. Empty: none, or it comes
  /// by itself.
  std::span<const float> vector = {};
  /// Of a memory those that a relation joins with it, ascending. Null: not known here.
  const std::vector<Uuid>* related = nullptr;

  template <class Kind>
  [[nodiscard]] const Kind& as() const {
    return std::get<Kind>(*value);
  }
};

/// By what the ledger knows it: a session's session_id, a vector's "MEMORY/MODEL", the UUID of the
/// others, or that which stands for the caller's own id.
[[nodiscard]] std::string record_id(const SourceRecord& record);

/// A record that is gone for good, by record_id().
struct SourceTombstone {
  RecordKind kind{};
  std::string id;
};

}  // namespace tulving::storage::postgres
