#include "storage/postgres/wire/field_encoding.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "core/base/check.h"

namespace tulving::storage::postgres {
namespace {

// Of any version, and nil: another program's tables may hold what Uuid::parse() refuses.
std::optional<Uuid> any_uuid(std::string_view text) {
  Uuid id;
  if (text.size() != 36) return std::nullopt;
  for (const std::size_t hyphen : {8U, 13U, 18U, 23U}) {
    if (text[hyphen] != '-') return std::nullopt;
  }
  const char* next = text.data();
  for (std::uint8_t& byte : id.bytes) {
    if (*next == '-') ++next;
    const auto [end, failure] = std::from_chars(next, next + 2, byte, 16);
    if (failure != std::errc() || end != next + 2) return std::nullopt;
    next = end;
  }
  return id;
}

bool encode_text(const Field& value, RowEncoder& out) {
  if (const auto* text = std::get_if<std::string>(&value)) return out.text(*text), true;
  const auto* id = std::get_if<NamedUuid>(&value);
  if (id == nullptr) return false;
  out.text(id->name.empty() ? id->id.to_string() : id->name);
  return true;
}

bool encode_uuid(const Field& value, RowEncoder& out) {
  if (const auto* id = std::get_if<NamedUuid>(&value)) return out.uuid(id->id), true;
  const auto* text = std::get_if<std::string>(&value);
  const auto id = text == nullptr ? std::nullopt : any_uuid(*text);
  if (!id) return false;
  out.uuid(*id);
  return true;
}

std::optional<std::span<const float>> floats_of(const Field& value) {
  if (const auto* view = std::get_if<std::span<const float>>(&value)) return *view;
  if (const auto* owned = std::get_if<std::vector<float>>(&value)) return *owned;
  return std::nullopt;
}

// Whether `value` is a T; then `write` has it.
template <class T, class Write>
bool encode_as(const Field& value, Write write) {
  const auto* typed = std::get_if<T>(&value);
  if (typed != nullptr) write(*typed);
  return typed != nullptr;
}

bool try_encode(const Field& value, ColumnType type, RowEncoder& out) {
  using Texts = std::vector<std::string>;
  switch (type) {
    case ColumnType::kText:
      return encode_text(value, out);
    case ColumnType::kJson:
      return encode_as<std::string>(value, [&](const std::string& it) { out.json(it); });
    case ColumnType::kUuid:
      return encode_uuid(value, out);
    case ColumnType::kBoolean:
      return encode_as<bool>(value, [&](bool it) { out.boolean(it); });
    case ColumnType::kInteger:
      return encode_as<std::int32_t>(value, [&](std::int32_t it) { out.integer(it); });
    case ColumnType::kDouble:
      return encode_as<double>(value, [&](double it) { out.double_precision(it); });
    case ColumnType::kNumeric:
      return encode_as<double>(value, [&](double it) { out.numeric(it); });
    case ColumnType::kTimestamp:
    case ColumnType::kTimestamptz:
      return encode_as<Timestamp>(value, [&](Timestamp it) { out.time(it); });
    case ColumnType::kTextArray:
      return encode_as<Texts>(value, [&](const Texts& it) { out.text_array(it); });
    case ColumnType::kUuidArray:
      return encode_as<std::vector<Uuid>>(value, [&](const auto& it) { out.uuid_array(it); });
    case ColumnType::kVector:
    case ColumnType::kRealArray:
      break;
  }
  const auto floats = floats_of(value);
  if (!floats) return false;
  type == ColumnType::kVector ? out.vector(*floats) : out.real_array(*floats);
  return true;
}

}  // namespace

void encode(const Field& value, ColumnType type, RowEncoder& out) {
  if (std::holds_alternative<std::monostate>(value)) return out.null();
  const bool is_encoded = try_encode(value, type, out);
  TULVING_DCHECK(is_encoded);
  if (!is_encoded) out.null();
}

}  // namespace tulving::storage::postgres
