#pragma once

#include <string>

#include "storage/postgres/table.h"
#include "tulving/records.h"

namespace tulving::storage::postgres {

/// The content object with the text in it, as JSON.
[[nodiscard]] std::string content_object(const Memory& memory);
/// Takes it apart again: an object's "text", where that is a text, and its other members; for
/// Column::set.
[[nodiscard]] std::string set_content_object(Field&& value, Reading& to);

/// The text, or the content object where there is none.
[[nodiscard]] std::string content_text(const Memory& memory);
/// A content object comes back as one, all else as the text; for Column::set.
[[nodiscard]] std::string set_content_text(Field&& value, Reading& to);

}  // namespace tulving::storage::postgres
