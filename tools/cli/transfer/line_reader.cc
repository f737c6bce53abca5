#include "tools/cli/transfer/line_reader.h"

#include <fmt/core.h>
#include <stdio.h>  // getline(3), tmpfile(3)
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace tulving::tools {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

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
  std::rewind(copy.get());
  return copy;
}

}  // namespace

void LineReader::FreeBuffer::operator()(char* buffer) const noexcept { std::free(buffer); }

Result<LineReader> LineReader::open(const std::string& path, bool rewindable) {
  LineReader reader;
  reader.path_ = path;
  const bool standard_input = path == "-";
  // A duplicate, so that closing it leaves stdin alone.
  reader.file_.reset(standard_input ? fdopen(dup(STDIN_FILENO), "rb")
                                    : std::fopen(path.c_str(), "rb"));
  if (!reader.file_) return cannot_read(path);
  if (rewindable && fseeko(reader.file_.get(), 0, SEEK_END) != 0) {
    auto copy = spool(reader.file_.get(), path);
    if (!copy) return copy.error();
    reader.file_ = *std::move(copy);
  }
  if (fseeko(reader.file_.get(), 0, SEEK_END) == 0) {
    reader.bytes_total_ =
        static_cast<std::uint64_t>(std::max<off_t>(0, ftello(reader.file_.get())));
    if (auto status = reader.rewind(); !status) return status.error();
  }
  return reader;
}

Status LineReader::rewind() {
  if (fseeko(file_.get(), 0, SEEK_SET) != 0) return cannot_read(path_);
  number_ = 0;
  bytes_read_ = 0;
  return {};
}

Result<std::optional<std::string_view>> LineReader::next() {
  while (true) {
    char* buffer = buffer_.release();
    errno = 0;
    const ssize_t bytes = getline(&buffer, &capacity_, file_.get());
    buffer_.reset(buffer);
    if (bytes < 0) {
      if (std::ferror(file_.get()) != 0) return cannot_read(path_);
      return std::optional<std::string_view>();
    }
    ++number_;
    bytes_read_ += static_cast<std::uint64_t>(bytes);
    std::string_view line(buffer, static_cast<std::size_t>(bytes));
    if (number_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    const auto last = line.find_last_not_of(" \t\r\n");
    if (last != std::string_view::npos) return std::optional(line.substr(0, last + 1));
  }
}

}  // namespace tulving::tools
