#pragma once

#include <string>
#include <string_view>

#include "storage/postgres/table.h"
#include "tulving/records.h"

namespace tulving::storage::postgres {

/// The content object with the text in it, as JSON.
[[nodiscard]] std::string content_object(const Memory& memory);
/// Takes it apart again: an object's "text", where that is a text, and its other members; for
/// Column::set.
[[nodiscard]] std::string set_content_object(Field&& value, Reading& to);

/// The text, or the content object where there is none: what a schema without a column for content
/// holds.
[[nodiscard]] std::string content_text(const Memory& memory);
/// Either one again, for Column::set: a JSON object that a record may have as its content (with
/// members, none of them "text") is the content, anything else the text. A text that is such an
/// object itself comes back as content, and shows the same in the column.
[[nodiscard]] std::string set_content_text(Field&& value, Reading& to);
inline constexpr std::string_view kContentTextNote =
    "the text, or the content object where there is none; beside a text the content is lost. An "
    "object without a member \"text\" comes back as content, all else as text";

/// A memory's key where that is a UUID: its id, and by it the caller's own name.
[[nodiscard]] Column memory_key(std::string_view name = "memory_id");

}  // namespace tulving::storage::postgres
