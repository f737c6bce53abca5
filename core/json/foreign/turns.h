#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json/foreign/foreign.h"
#include "core/json/text/json_reader.h"

namespace tulving::json {

/// A turn of a conversation, or an interaction: a text, or an object with "content", "text" or
/// "message", "role" and a time. An object that has no such text is the content as a whole. Without
/// a time it is the row's, a microsecond later each, so that the order stays.
Result<Memory> read_turn(const ForeignEntry& entry, const ForeignRow& row,
                         const RecordDefaults& defaults, std::string_view format);

/// Refuses what a row's elements could not name: nothing, or a name of more than 64 characters.
Status check_owner(std::string_view field, const std::string& owner);

/// The member of a row that is one of its lists, where it is no list: null, or a text that holds
/// one, which goes to `lists`.
Status read_list_text(const FieldValue& in, std::string_view list,
                      std::vector<std::pair<std::string_view, std::string>>& lists);

}  // namespace tulving::json
