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

// What is printed is safe for a terminal, whatever was stored: main() has guarded the streams
// (tools/cli/print/terminal.h). A line end alone passes there, so text of somebody else's that is
// printed as it stands goes through shown(), one_line(), report(), Table or print_fields().

/// Says on stderr what is wrong, "tulving: MESSAGE"; on a terminal in one line.
void report(std::string_view message);

/// Prints one JSON document on a line of its own.
void print_json(const Json& document);
/// The same of a document that is text already.
void print_json_line(std::string_view document);

/// The text of `document`. kInvalidArgument: a string of it is not UTF-8 (`what` names it).
Result<std::string> json_text(const Json& document, std::string_view what);

/// The JSON form of what a write did: {"id", "effect", "revision"}.
Json write_json(const AddResult& result);

/// A table for people: columns padded to their widest cell, the last one cut to the terminal's
/// width. A cell is one line: breaks in it are escaped.
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

/// How people call the memory: its external id, or its id where it has none.
std::string name_of(const MemoryView& memory);

/// `text` as it may stand in a line of stdout: verbatim, but on a terminal with line breaks and
/// other controls escaped.
std::string shown(std::string_view text);

/// `text` on one line: line breaks escaped, on a terminal other controls too, and cut to `columns`
/// with an ellipsis.
std::string one_line(std::string_view text, std::size_t columns);

/// 1536 -> "1.5 KiB".
std::string human_bytes(std::uint64_t bytes);

}  // namespace tulving::tools
