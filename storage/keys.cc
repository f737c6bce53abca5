#include "storage/keys.h"

#include <cstring>
#include <initializer_list>

#include "core/base/check.h"
#include "core/base/fault_points.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/vector_tombstone.h"

namespace tulving::storage {
namespace {

template <class Integer>
void put_integer(std::string& key, Integer value) {
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
    key.push_back(static_cast<char>(static_cast<unsigned char>(value >> shift)));
  }
}

void put_id(std::string& key, const Uuid& id) {
  key.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

template <class Integer>
Integer take_integer(std::string_view& key) {
  TULVING_DCHECK(key.size() >= sizeof(Integer));  // The whole key's length was looked at first.
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<Integer>((value << 8U) | static_cast<unsigned char>(key[i]));
  }
  key.remove_prefix(sizeof value);
  return value;
}

Uuid take_id(std::string_view& key) {
  TULVING_DCHECK(key.size() >= sizeof(Uuid::bytes));
  Uuid id;
  std::memcpy(id.bytes.data(), key.data(), id.bytes.size());
  key.remove_prefix(id.bytes.size());
  return id;
}

std::string tenant_prefix(std::uint32_t tenant, std::size_t more) {
  std::string key;
  key.reserve(sizeof tenant + more);
  put_integer(key, tenant);
  return key;
}

constexpr std::size_t kIdBytes = sizeof(Uuid::bytes);

// Set in the kind of a tombstone; the other bits are the kind of what is gone.
constexpr std::uint8_t kTombstoneBit = 0x80;

bool is_record_kind(std::uint8_t value) {
  const auto kind = static_cast<RecordKind>(value);
  return kinds::RecordKinds::with(kind, [](auto) {}) || kind == RecordKind::kPlan ||
         kind == RecordKind::kTombstone || kind == RecordKind::kIdempotency;
}

// What can be erased.
bool may_be_gone(std::uint8_t value) {
  return value == kVectorTombstone ||
         kinds::RecordKinds::with(static_cast<RecordKind>(value), [](auto) {});
}

}  // namespace

std::string store_key() { return "store"; }

std::string model_key(std::uint16_t model) {
  std::string key = "m";
  put_integer(key, model);
  return key;
}

std::string tenant_key(std::uint32_t tenant) {
  std::string key = "t";
  put_integer(key, tenant);
  return key;
}

std::string dropped_key(std::string_view tenant_id) {
  TULVING_DCHECK(!tenant_id.empty());
  return std::string(kDroppedPrefix).append(tenant_id);
}

std::string change_key(std::uint64_t revision) {
  std::string key(kChangePrefix);
  put_integer(key, revision);
  TULVING_DCHECK(parse_change_key(key) == revision);
  return key;
}

std::string record_key(std::uint32_t tenant, RecordKind kind, const Uuid& id) {
  return record_key(tenant, static_cast<std::uint8_t>(kind), id);
}

std::string record_key(std::uint32_t tenant, std::uint8_t byte, const Uuid& id) {
  std::string key = tenant_prefix(tenant, 1 + kIdBytes);
  put_integer(key, byte);
  put_id(key, id);
  TULVING_DCHECK(parse_record_key(key).has_value() == kind_of_byte(byte).has_value());
  return key;
}

std::string tombstone_key(std::uint32_t tenant, std::uint8_t gone, const Uuid& id) {
  TULVING_DCHECK(may_be_gone(gone));
  if (TULVING_SABOTAGE(kTombstoneWithoutKind)) {
    return record_key(tenant, RecordKind::kTombstone, id);
  }
  return record_key(tenant, static_cast<std::uint8_t>(kTombstoneBit | gone), id);
}

std::string tombstone_key(std::uint32_t tenant, RecordKind gone, const Uuid& id) {
  return tombstone_key(tenant, static_cast<std::uint8_t>(gone), id);
}

std::optional<RecordKind> kind_of_byte(std::uint8_t byte) {
  if ((byte & kTombstoneBit) == 0) {
    return is_record_kind(byte) ? std::optional(static_cast<RecordKind>(byte)) : std::nullopt;
  }
  const auto gone = static_cast<std::uint8_t>(byte & ~kTombstoneBit);
  return may_be_gone(gone) ? std::optional(RecordKind::kTombstone) : std::nullopt;
}

std::uint8_t kind_byte(const RecordKey& key) {
  TULVING_DCHECK(key.gone == 0 || key.kind == RecordKind::kTombstone);
  return key.gone != 0 ? static_cast<std::uint8_t>(kTombstoneBit | key.gone)
                       : static_cast<std::uint8_t>(key.kind);
}

std::string record_prefix(std::uint32_t tenant) { return tenant_prefix(tenant, 0); }

std::string record_prefix(std::uint32_t tenant, RecordKind kind) {
  std::string key = tenant_prefix(tenant, 1);
  put_integer(key, static_cast<std::uint8_t>(kind));
  return key;
}

std::string vector_key(std::uint32_t tenant, const Uuid& memory, std::uint16_t model) {
  std::string key = tenant_prefix(tenant, kIdBytes + sizeof model);
  put_id(key, memory);
  put_integer(key, model);
  TULVING_DCHECK(parse_vector_key(key)->memory == memory);
  TULVING_DCHECK(key.starts_with(vector_prefix(tenant, memory)));
  return key;
}

std::string vector_prefix(std::uint32_t tenant) { return tenant_prefix(tenant, 0); }

std::string vector_prefix(std::uint32_t tenant, const Uuid& memory) {
  std::string key = tenant_prefix(tenant, kIdBytes);
  put_id(key, memory);
  return key;
}

std::string history_key(std::uint32_t tenant, const Uuid& memory, std::uint64_t revision) {
  std::string key = tenant_prefix(tenant, kIdBytes + sizeof revision);
  put_id(key, memory);
  put_integer(key, revision);
  TULVING_DCHECK(parse_history_key(key)->revision == revision);
  return key;
}

std::string history_prefix(std::uint32_t tenant) { return tenant_prefix(tenant, 0); }

std::string history_prefix(std::uint32_t tenant, const Uuid& memory) {
  return vector_prefix(tenant, memory);
}

std::optional<RecordKey> parse_record_key(std::string_view key) {
  RecordKey parsed;
  if (key.size() != sizeof parsed.tenant + 1 + kIdBytes) return std::nullopt;
  parsed.tenant = take_integer<std::uint32_t>(key);
  const auto byte = take_integer<std::uint8_t>(key);
  const auto kind = kind_of_byte(byte);
  if (!kind) return std::nullopt;
  parsed.kind = *kind;
  if ((byte & kTombstoneBit) != 0) parsed.gone = static_cast<std::uint8_t>(byte & ~kTombstoneBit);
  parsed.id = take_id(key);
  return parsed;
}

std::optional<std::uint64_t> parse_change_key(std::string_view key) {
  if (key.size() != kChangePrefix.size() + sizeof(std::uint64_t)) return std::nullopt;
  if (!key.starts_with(kChangePrefix)) return std::nullopt;
  key.remove_prefix(kChangePrefix.size());
  return take_integer<std::uint64_t>(key);
}

std::optional<VectorKey> parse_vector_key(std::string_view key) {
  VectorKey parsed;
  if (key.size() != sizeof parsed.tenant + kIdBytes + sizeof parsed.model) return std::nullopt;
  parsed.tenant = take_integer<std::uint32_t>(key);
  parsed.memory = take_id(key);
  parsed.model = take_integer<std::uint16_t>(key);
  return parsed;
}

std::optional<HistoryKey> parse_history_key(std::string_view key) {
  HistoryKey parsed;
  if (key.size() != sizeof parsed.tenant + kIdBytes + sizeof parsed.revision) return std::nullopt;
  parsed.tenant = take_integer<std::uint32_t>(key);
  parsed.memory = take_id(key);
  parsed.revision = take_integer<std::uint64_t>(key);
  return parsed;
}

}  // namespace tulving::storage
