#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/kinds/record_kind.h"
#include "tulving/uuid.h"

namespace tulving::storage {

// Keys of the journal. Integers are big-endian, so that keys sort as their fields do.
//   kMeta     "store" | 'm' model:u16 | 't' tenant:u32 | 'd' tenant's id | 'c' revision:u64
//   kRecords  tenant:u32 kind:u8 id:16     `kind` of a tombstone: 128 + that of what is gone
//   kVectors  tenant:u32 memory:16 model:u16
//   kHistory  tenant:u32 memory:16 revision:u64

using kinds::RecordKind;

[[nodiscard]] std::string store_key();
[[nodiscard]] std::string model_key(std::uint16_t model);
[[nodiscard]] std::string tenant_key(std::uint32_t tenant);
/// Of the row that says that a tenant of this id was dropped: its number is never given again.
[[nodiscard]] std::string dropped_key(std::string_view tenant_id);
/// What those start with, and no other key of kMeta.
inline constexpr std::string_view kDroppedPrefix = "d";
/// Of the row that says what a write changed.
[[nodiscard]] std::string change_key(std::uint64_t revision);
/// What all of those start with, and no other key of kMeta.
inline constexpr std::string_view kChangePrefix = "c";
[[nodiscard]] std::string record_key(std::uint32_t tenant, RecordKind kind, const Uuid& id);
/// Of what is left of an erased record. `gone` is its RecordKind, or kVectorTombstone: a memory and
/// a session may have the same id, so each kind has tombstones of its own.
[[nodiscard]] std::string tombstone_key(std::uint32_t tenant, std::uint8_t gone, const Uuid& id);
[[nodiscard]] std::string tombstone_key(std::uint32_t tenant, RecordKind gone, const Uuid& id);
[[nodiscard]] std::string record_prefix(std::uint32_t tenant);
[[nodiscard]] std::string record_prefix(std::uint32_t tenant, RecordKind kind);
[[nodiscard]] std::string vector_key(std::uint32_t tenant, const Uuid& memory, std::uint16_t model);
[[nodiscard]] std::string vector_prefix(std::uint32_t tenant);
[[nodiscard]] std::string vector_prefix(std::uint32_t tenant, const Uuid& memory);
[[nodiscard]] std::string history_prefix(std::uint32_t tenant);
[[nodiscard]] std::string history_key(std::uint32_t tenant, const Uuid& memory,
                                      std::uint64_t revision);
[[nodiscard]] std::string history_prefix(std::uint32_t tenant, const Uuid& memory);

struct RecordKey {
  std::uint32_t tenant = 0;
  RecordKind kind{};
  Uuid id;
  /// Of a tombstone the kind of what is gone. 0 in rows from before format 3, whose key was the
  /// same for all kinds: the row alone says it.
  std::uint8_t gone = 0;
};
/// Empty when `key` has another form.
[[nodiscard]] std::optional<RecordKey> parse_record_key(std::string_view key);
/// The key's own byte for the kind, which with tenant and id is the whole key.
[[nodiscard]] std::uint8_t kind_byte(const RecordKey& key);
/// The kind that such a byte means; empty: none.
[[nodiscard]] std::optional<RecordKind> kind_of_byte(std::uint8_t byte);
/// The key of a row by that byte.
[[nodiscard]] std::string record_key(std::uint32_t tenant, std::uint8_t byte, const Uuid& id);

/// The revision. Empty when `key` has another form.
[[nodiscard]] std::optional<std::uint64_t> parse_change_key(std::string_view key);

struct VectorKey {
  std::uint32_t tenant = 0;
  Uuid memory;
  std::uint16_t model = 0;
};
[[nodiscard]] std::optional<VectorKey> parse_vector_key(std::string_view key);

struct HistoryKey {
  std::uint32_t tenant = 0;
  Uuid memory;
  std::uint64_t revision = 0;
};
[[nodiscard]] std::optional<HistoryKey> parse_history_key(std::string_view key);

}  // namespace tulving::storage
