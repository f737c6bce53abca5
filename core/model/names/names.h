#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "tulving/filter.h"
#include "tulving/options.h"
#include "tulving/records.h"

namespace tulving::model {

// Names as they stand in JSON, in filters and in Postgres, lower case; those of the records'
// enumerators are in core/kinds/enumerators.h. Every parser is exact: no other case, no blanks.

/// The names a filter's field may take as values; empty for fields of free text.
[[nodiscard]] std::span<const std::string_view> value_names(Field field) noexcept;

/// The field's name in JSON: "agent_id", "tags", "created_at".
[[nodiscard]] std::string_view to_string(Field field) noexcept;
[[nodiscard]] std::string_view to_string(NumberField field) noexcept;
[[nodiscard]] constexpr std::string_view to_string(JsonPart part) noexcept {
  return part == JsonPart::kMetadata ? "metadata" : "content";
}
[[nodiscard]] std::optional<Field> parse_field(std::string_view name) noexcept;
[[nodiscard]] std::optional<NumberField> parse_number_field(std::string_view name) noexcept;
/// created_at, updated_at, last_used, expires_at and the other times.
[[nodiscard]] bool is_time(NumberField field) noexcept;
/// Fields of several values, any of which may be the equal one.
[[nodiscard]] bool is_list(Field field) noexcept;
/// Fields whose values are UUIDs.
[[nodiscard]] bool is_id(Field field) noexcept;
/// Fields whose values are "true" and "false".
[[nodiscard]] bool is_truth_value(Field field) noexcept;

}  // namespace tulving::model
