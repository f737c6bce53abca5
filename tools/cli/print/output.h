#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tulving::tools {

// What is printed is safe for a terminal, whatever was stored: main() has guarded the streams
// (tools/cli/print/terminal.h). A line end alone passes there, so text of somebody else's that is
// printed as it stands goes through shown(), one_line(), report(), Table or print_fields().

/// Writes to stderr, whole lines. Where that is closed or full, the message is lost and nothing
/// else: fmt's own printing would throw.
void tell(std::string_view line);
/// Says on stderr what is wrong, "tulving: MESSAGE"; on a terminal in one line.
void report(std::string_view message);

/// Prints one JSON document on a line of its own.
void print_json_line(std::string_view document);

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

/// `text` as it may stand in a line of stdout: verbatim, but on a terminal with line breaks and
/// other controls escaped.
std::string shown(std::string_view text);

/// `text` on one line: line breaks escaped, on a terminal other controls too, and cut to `columns`
/// with an ellipsis.
std::string one_line(std::string_view text, std::size_t columns);

/// 1536 -> "1.5 KiB".
std::string human_bytes(std::uint64_t bytes);

}  // namespace tulving::tools
