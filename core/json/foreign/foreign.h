#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json/entry_stream.h"
#include "core/base/json/json_text.h"
#include "tulving/json.h"

namespace tulving::json {

// What other systems' files hold, read into records. A format is a file of this folder: the members
// that its entries have, and where each goes. What no list names goes into the record's metadata.

/// An entry of such a file.
struct ForeignEntry {
  std::string_view within;  ///< As in Entry.
  std::string key = {};     ///< The member's name, where it is an object's.
  std::uint64_t index = 0;
  JsonValue value;
};

/// What a row is.
struct ForeignRow {
  bool is_other = false;  ///< It has not what makes an entry of this format; the rest is empty.
  std::vector<Record> records = {};
  std::string owner = {};                    ///< Whose the elements of its lists are.
  std::optional<Timestamp> created_at = {};  ///< Of elements that have no time.
  /// Lists that came as texts, as JSON in a column of text is written out: name and JSON.
  std::vector<std::pair<std::string_view, std::string>> lists = {};
};

/// In a format that is a log: which entry the row is a version of.
struct ForeignVersion {
  std::string id;
  bool is_gone = false;  ///< The version says that there is none any more.
};

struct ForeignFormat {
  std::string_view name;    ///< Of --format.
  std::string_view system;  ///< For people.
  std::string_view entry;   ///< What must be in an entry, for people.
  EntryShape shape;
  /// Whether an object is likely to be of this format: for a hint.
  bool (*is_like)(const JsonValue& object) = nullptr;
  Result<ForeignRow> (*read_row)(const ForeignEntry&, const RecordDefaults&) = nullptr;
  /// An element of a list of `row`. Null where the format has no lists.
  Result<Record> (*read_element)(const ForeignEntry&, const ForeignRow& row,
                                 const RecordDefaults&) = nullptr;
  /// Null: it is no log. Else empty where the row names no id.
  std::optional<ForeignVersion> (*version)(const JsonValue& row) = nullptr;
  /// The row's records name sessions that the file does not hold: they are made.
  bool makes_sessions = false;
};

/// All, by name.
[[nodiscard]] std::span<const ForeignFormat* const> foreign_formats();
[[nodiscard]] const ForeignFormat* find_foreign_format(std::string_view name);

/// Which one the object looks like; null: none.
[[nodiscard]] const ForeignFormat* format_like(const JsonValue& object);

/// Why an entry that ForeignRow::is_other is none of `format`, and what it may be. One text for all
/// entries of another format.
[[nodiscard]] std::string not_of(const ForeignFormat& format, const JsonValue& entry);

extern const ForeignFormat kContextualMemory, kCortexGraph, kJarvisMemory, kMcpMemory, kMem0,
    kSessionMemoryAgent;

}  // namespace tulving::json
