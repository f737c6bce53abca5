#include "tools/cli/transfer/line_reader.h"

#include <fmt/core.h>
#include <stdio.h>  // fileno(3), tmpfile(3)
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/text/utf8.h"

namespace tulving::tools {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kBlockBytes = std::size_t{1} << 16U;

Error cannot_read(const std::string& path) {
  const auto code = errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo;
  return Error{code, fmt::format("cannot read {}: {}", path == "-" ? "standard input" : path,
                                 std::strerror(errno))};
}

/// Copies what cannot be read twice into a temporary file that has no name.
Result<File> spool(std::FILE* from, const std::string& path) {
  File copy(std::tmpfile());
  if (!copy) return Error{ErrorCode::kIo, "cannot make a temporary file"};
  std::array<char, 1 << 16> block{};
  while (const std::size_t bytes = std::fread(block.data(), 1, block.size(), from)) {
    if (std::fwrite(block.data(), 1, bytes, copy.get()) != bytes) {
      return Error{ErrorCode::kIo, "cannot write a temporary file: no room?"};
    }
  }
  if (std::ferror(from) != 0) return cannot_read(path);
  if (std::fflush(copy.get()) != 0) {
    return Error{ErrorCode::kIo, "cannot write a temporary file: no room?"};
  }
  return copy;
}

}  // namespace

Result<LineReader> LineReader::open(const std::string& path, bool rewindable,
                                    std::size_t line_bytes_max) {
  LineReader reader;
  reader.path_ = path;
  reader.line_bytes_max_ = line_bytes_max;
  const bool standard_input = path == "-";
  // A duplicate, so that closing it leaves stdin alone.
  reader.file_.reset(standard_input ? fdopen(dup(STDIN_FILENO), "rb")
                                    : std::fopen(path.c_str(), "rb"));
  if (!reader.file_) return cannot_read(path);
  // By the descriptor, as what is read.
  const auto end = [&] { return ::lseek(fileno(reader.file_.get()), 0, SEEK_END); };
  if (rewindable && end() < 0) {
    auto copy = spool(reader.file_.get(), path);
    if (!copy) return copy.error();
    reader.file_ = *std::move(copy);
  }
  if (const off_t bytes = end(); bytes >= 0) {
    reader.bytes_total_ = static_cast<std::uint64_t>(bytes);
    if (auto status = reader.rewind(); !status) return status.error();
  }
  return reader;
}

Status LineReader::rewind() {
  if (::lseek(fileno(file_.get()), 0, SEEK_SET) != 0) return cannot_read(path_);
  number_ = 0;
  bytes_read_ = 0;
  block_.clear();
  used_ = 0;
  in_line_ = false;
  return {};
}

// read(2) returns what there is: a line that somebody waits for an answer to is not held back.
Result<bool> LineReader::read_block() {
  block_.resize(kBlockBytes);
  used_ = 0;
  const ssize_t bytes = ::read(fileno(file_.get()), block_.data(), block_.size());
  block_.resize(static_cast<std::size_t>(std::max<ssize_t>(bytes, 0)));
  if (bytes < 0) return cannot_read(path_);
  return bytes > 0;
}

Result<bool> LineReader::read_line() {
  line_.clear();
  while (true) {
    const std::string_view rest = std::string_view(block_).substr(used_);
    const std::size_t end = rest.find('\n');
    const std::string_view part = rest.substr(0, end == rest.npos ? end : end + 1);
    if (line_.size() + part.size() > line_bytes_max_) {
      return Error{ErrorCode::kResourceExhausted,
                   fmt::format("line {} of {} is longer than {} bytes", number_ + 1,
                               path_ == "-" ? "standard input" : path_, line_bytes_max_)};
    }
    line_ += part;
    used_ += part.size();
    if (end != rest.npos) return true;
    const auto is_there = read_block();
    if (!is_there) return is_there.error();
    if (!*is_there) return !line_.empty();
  }
}

Result<std::optional<LineReader::Part>> LineReader::next_part() {
  if (used_ == block_.size()) {
    const auto is_there = read_block();
    if (!is_there) return is_there.error();
    if (!*is_there) {
      if (!std::exchange(in_line_, false)) return std::optional<Part>();
      return std::optional(Part{});  // The last line has no end.
    }
  }
  std::string_view text = std::string_view(block_).substr(used_);
  const std::size_t end = text.find('\n');
  const bool goes_on = end == text.npos;
  text = text.substr(0, end);
  used_ += text.size() + (goes_on ? 0 : 1);
  if (!std::exchange(in_line_, goes_on)) ++number_;
  if (bytes_read_ == 0) text = without_byte_order_mark(text);
  bytes_read_ += text.size() + (goes_on ? 0 : 1);
  return std::optional(Part{text, goes_on});
}

Result<std::optional<std::string_view>> LineReader::next() {
  while (true) {
    const auto is_there = read_line();
    if (!is_there) return is_there.error();
    if (!*is_there) return std::optional<std::string_view>();
    ++number_;
    bytes_read_ += line_.size();
    std::string_view line = line_;
    if (number_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    const auto last = line.find_last_not_of(" \t\r\n");
    if (last != std::string_view::npos) return std::optional(line.substr(0, last + 1));
  }
}

}  // namespace tulving::tools
