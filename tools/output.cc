#include "tools/output.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

#include "tulving/json.h"

namespace tulving::tools {

namespace {

constexpr std::size_t kGap = 2;  // Blanks between columns.

/// Reads the code point at `i`, which then stands behind it. The store holds valid UTF-8 alone;
/// anything else would count byte by byte.
std::uint32_t next_code_point(std::string_view text, std::size_t& i) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(i++);
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  std::uint32_t code = more == 0 ? first : first & (0x3FU >> more);
  for (int n = 0; n < more && i < text.size() && (byte(i) & 0xC0U) == 0x80U; ++n) {
    code = code << 6U | (byte(i++) & 0x3FU);
  }
  return code;
}

/// Columns a terminal gives a code point: 2 for the wide blocks of East Asian scripts and emoji, 0
/// for combining marks, else 1. Ranges after Unicode's EastAsianWidth.txt, coarsely.
std::size_t columns_of(std::uint32_t code) {
  if ((code >= 0x300 && code <= 0x36F) || (code >= 0x200B && code <= 0x200F)) return 0;
  const bool wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                    (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                    (code >= 0xFF00 && code <= 0xFF60) || (code >= 0x1F300 && code <= 0x1FAFF) ||
                    (code >= 0x20000 && code <= 0x3FFFD);
  return wide ? 2 : 1;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size();) columns += columns_of(next_code_point(text, i));
  return columns;
}

/// The terminal's width; without one, no limit: a pipe gets whole lines.
std::size_t terminal_columns() {
  winsize size{};
  if (isatty(STDOUT_FILENO) == 0 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
      size.ws_col == 0) {
    return std::numeric_limits<std::size_t>::max();
  }
  return size.ws_col;
}

}  // namespace

void print_json(const Json& document) {
  // What came out of the store is UTF-8; a name quoted from the command line may not be.
  const std::string text = document.dump(-1, ' ', false, Json::error_handler_t::replace);
  fmt::print("{}\n", text);
}

Result<std::string> json_text(const Json& document, std::string_view what) {
  try {
    return document.dump();
  } catch (const Json::exception&) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("{} is not valid UTF-8", what)};
  }
}

Result<Json> parse_json(std::string_view text, std::string_view what) {
  try {
    return Json::parse(text);
  } catch (const Json::exception& problem) {
    // nlohmann's "[json.exception.parse_error.101] parse error at ..." names itself first.
    std::string_view reason = problem.what();
    if (const auto end = reason.find("] "); end != std::string_view::npos) {
      reason.remove_prefix(end + 2);
    }
    return Error{ErrorCode::kInvalidArgument, fmt::format("{} is not JSON: {}", what, reason)};
  }
}

Json memory_json(const std::string& tenant_id, const Memory& memory) {
  Json json = Json::parse(to_json_line(tenant_id, memory));
  if (!memory.content_hash.empty()) json["content_hash"] = memory.content_hash;
  json["revision"] = memory.revision;
  return json;
}

Json write_json(const AddResult& result) {
  return Json{{"id", result.id.to_string()},
              {"effect", to_string(result.effect)},
              {"revision", result.revision}};
}

Table::Table(std::vector<std::string> headings) { rows_.push_back(std::move(headings)); }

void Table::add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

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
    line += used + 10 < limit ? one_line(row.back(), limit - used) : row.back();
    fmt::print("{}\n", line);
  }
}

void print_fields(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::size_t width = 0;
  for (const auto& [name, value] : fields) width = std::max(width, columns_of(name));
  for (const auto& [name, value] : fields) {
    fmt::print("{}{:{}}{}\n", name, "", width - columns_of(name) + kGap, value);
  }
}

void print_members(const Json& object) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [name, value] : object.items()) {
    fields.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  print_fields(fields);
}

std::string name_of(const MemoryView& memory) {
  return memory.external_id().empty() ? memory.id().to_string() : std::string(memory.external_id());
}

std::string one_line(std::string_view text, std::size_t columns) {
  std::string line;
  std::size_t used = 0;
  std::size_t fits = 0;  // Bytes of `line` that leave room for the ellipsis.
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    const std::uint32_t code = next_code_point(text, i);
    const std::size_t width = columns_of(code);
    if (used + width > columns) {
      line.resize(fits);
      return line + "…";
    }
    used += width;
    if (code < 0x20 || code == 0x7F) {
      line += ' ';
    } else {
      line += text.substr(start, i - start);
    }
    if (used + 1 <= columns) fits = line.size();
  }
  return line;
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
