#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/cli/transfer/fvecs.h"
#include "tulving/result.h"

namespace tulving::tools {

/// Reads a text file line by line: LF or CRLF, blank lines left out, a byte order mark skipped.
class LineReader {
 public:
  /// Opens `path`, or stdin for "-". With `rewindable` what cannot be read twice (a pipe) goes
  /// through a temporary file. kNotFound, kIo.
  static Result<LineReader> open(const std::string& path, bool rewindable);

  /// The next line, valid until the next call; empty at the end. kIo: it cannot be read.
  Result<std::optional<std::string_view>> next();
  Status rewind();

  [[nodiscard]] std::uint64_t number() const { return number_; }  ///< Of the last line, from 1.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] std::uint64_t bytes_total() const { return bytes_total_; }  ///< 0: unknown.

 private:
  struct FreeBuffer {
    void operator()(char* buffer) const noexcept;
  };
  std::string path_;
  File file_;
  std::unique_ptr<char, FreeBuffer> buffer_;  // getline(3)'s.
  std::size_t capacity_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_total_ = 0;
};

}  // namespace tulving::tools
