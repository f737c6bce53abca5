#include "tools/cli/print/output.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

#include "tools/cli/print/shown_text.h"
#include "tools/cli/print/terminal.h"

namespace tulving::tools {

namespace {

constexpr std::size_t kGap = 2;  // Blanks between columns.
constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

/// The terminal's width; without one, no limit: a pipe gets whole lines.
std::size_t terminal_columns() {
  winsize size{};
  if (!stdout_is_terminal() || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return kNoLimit;
  }
  return size.ws_col;
}

}  // namespace

void tell(std::string_view line) {
  static_cast<void>(std::fwrite(line.data(), 1, line.size(), stderr));
}

void report(std::string_view message) {
  tell(fmt::format("tulving: {}\n", stderr_is_terminal()
                                        ? with_controls_escaped(message, LineBreaks::kEscaped)
                                        : std::string(message)));
}

void print_json_line(std::string_view document) { fmt::print("{}\n", document); }

Table::Table(std::vector<std::string> headings) { rows_.push_back(std::move(headings)); }

void Table::add_row(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = one_line(cell, kNoLimit);
  rows_.push_back(std::move(cells));
}

void Table::print() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], columns_of(row[i]));
    }
  }
  const std::size_t limit = terminal_columns();
  for (const auto& row : rows_) {
    std::string line;
    std::size_t used = 0;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      line += row[i];
      line.append(widths[i] - columns_of(row[i]) + kGap, ' ');
      used += widths[i] + kGap;
    }
    // Too narrow a terminal wraps, rather than losing the last column altogether.
    line += used + 10 < limit ? cut_to(row.back(), limit - used) : row.back();
    fmt::print("{}\n", line);
  }
}

void print_fields(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::size_t width = 0;
  for (const auto& [name, value] : fields) width = std::max(width, columns_of(name));
  for (const auto& [name, value] : fields) {
    fmt::print("{}{:{}}{}\n", name, "", width - columns_of(name) + kGap, shown(value));
  }
}

std::string shown(std::string_view text) {
  return stdout_is_terminal() ? with_controls_escaped(text, LineBreaks::kEscaped)
                              : std::string(text);
}

std::string one_line(std::string_view text, std::size_t columns) {
  return cut_to(stdout_is_terminal() ? with_controls_escaped(text, LineBreaks::kEscaped)
                                     : with_breaks_escaped(text),
                columns);
}

std::string human_bytes(std::uint64_t bytes) {
  static constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 1024 && unit + 1 < kUnits.size()) {
    amount /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

}  // namespace tulving::tools
