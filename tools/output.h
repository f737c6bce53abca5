#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/result.h"
#include "tulving/search.h"
#include "tulving/store.h"

namespace tulving::tools {

/// Keeps members in the order they were set, which is the order people read them in.
using Json = nlohmann::ordered_json;

/// Prints one JSON document on a line of its own.
void print_json(const Json& document);

/// The text of `document`. kInvalidArgument: a string of it is not UTF-8 (`what` names it).
Result<std::string> json_text(const Json& document, std::string_view what);

/// Reads `text` as JSON. kInvalidArgument: it is not; the message begins with `what`.
Result<Json> parse_json(std::string_view text, std::string_view what);

/// The JSON form of a memory: the line that export writes, its revision and content hash beside it.
Json memory_json(const std::string& tenant_id, const Memory& memory);

/// The JSON form of what a write did: {"id", "effect", "revision"}.
Json write_json(const AddResult& result);

/// A table for people: columns padded to their widest cell, the last one cut to the terminal's
/// width.
class Table {
 public:
  explicit Table(std::vector<std::string> headings);
  void add_row(std::vector<std::string> cells);
  void print() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // The headings are row 0.
};

/// Prints "name  value" lines, names padded to one width.
void print_fields(const std::vector<std::pair<std::string, std::string>>& fields);

/// The same of an object's members, strings bare and anything else as JSON.
void print_members(const Json& object);

/// How people call the memory: its external id, or its id where it has none.
std::string name_of(const MemoryView& memory);

/// `text` on one line, control characters turned into blanks, cut to `columns` with an ellipsis.
std::string one_line(std::string_view text, std::size_t columns);

/// 1536 -> "1.5 KiB".
std::string human_bytes(std::uint64_t bytes);

}  // namespace tulving::tools
