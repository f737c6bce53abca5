#include "core/json/foreign/turns.h"

#include <fmt/format.h>

#include "core/base/text/utf8.h"
#include "core/json/foreign/foreign_values.h"

namespace tulving::json {
namespace {

Status turn_time(const FieldValue& in, ForeignMemory& out) {
  if (out.memory.created_at) return out.metadata.add(in.field, in.value);
  return read_foreign_time(in, out.memory.created_at);
}

constexpr ForeignMember<ForeignMemory> kTurn[] = {
    {"content", &memory_content<>},
    {"text", &memory_content<>},
    {"message", &memory_content<>},
    {"role", &memory_field<&Memory::source_agent>},
    {"timestamp", &turn_time},
    {"created_at", &turn_time},
    {"session_id", &memory_field<&Memory::session_id>},
};

}  // namespace

Result<Memory> read_turn(const ForeignEntry& entry, const ForeignRow& row,
                         const RecordDefaults& defaults, std::string_view format) {
  ForeignMemory in;
  const FieldValue whole{entry.within, entry.value};
  if (entry.value.kind() == JsonKind::kString) {
    in.memory.text = entry.value.as_string();
    in.has_content = true;
  } else if (entry.value.kind() != JsonKind::kObject) {
    return whole.must_be("an object or a text for each");
  } else {
    auto status = read_foreign(entry.value, kTurn, defaults, in, in.metadata);
    if (!status) return status.error();
  }
  auto metadata = in.metadata.json(format);
  if (!metadata) return metadata.error();
  (in.has_content ? in.memory.metadata : in.memory.content) = *std::move(metadata);
  say_content(in.memory);
  if (!in.memory.created_at && row.created_at) {
    in.memory.created_at = *row.created_at + std::chrono::microseconds(entry.index);
  }
  in.memory.source_type = SourceType::kConversation;
  return std::move(in.memory);
}

Status check_owner(std::string_view field, const std::string& owner) {
  if (owner.empty()) return refusal(fmt::format("{} is missing", field), field);
  const std::size_t length = utf8_length(owner);
  if (length <= 64) return {};
  return refusal(fmt::format("{} has {} characters; must have 1..64", field, length), field);
}

Status read_list_text(const FieldValue& in, std::string_view list,
                      std::vector<std::pair<std::string_view, std::string>>& lists) {
  std::string holder;
  const bool is_text = in.value.kind() == JsonKind::kString;
  const JsonValue value = unwrapped(in.value, holder);
  if (is_text && value.kind() != JsonKind::kString) {
    lists.emplace_back(list, std::move(holder));
    return {};
  }
  // A list is taken out of the row; what is left of that name is a second one.
  if (value.kind() == JsonKind::kArray || value.kind() == JsonKind::kObject) {
    return given_twice(in.field);
  }
  return in.must_be("an array or an object");
}

}  // namespace tulving::json
