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
  static Result<LineReader> open(const std::string& path, bool rewindable,
                                 std::size_t line_bytes_max = std::size_t{512} << 20U);

  /// The next line, valid until the next call; empty at the end. kIo: it cannot be read.
  /// kResourceExhausted: the line goes on beyond the bytes that one may have, perhaps for ever.
  Result<std::optional<std::string_view>> next();
  /// A line, or a part of one: what there is to it, at once and without a bound. Blank lines are
  /// there, too.
  struct Part {
    std::string_view text;  ///< Valid until the next call.
    bool goes_on = false;   ///< The line does.
  };
  Result<std::optional<Part>> next_part();
  Status rewind();

  [[nodiscard]] std::uint64_t number() const { return number_; }  ///< Of the last line, from 1.
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
  [[nodiscard]] std::uint64_t bytes_total() const { return bytes_total_; }  ///< 0: unknown.

 private:
  /// Reads the next line into line_, its end included. False: there is none.
  Result<bool> read_line();
  /// Reads the next block of the file. False: there is none.
  Result<bool> read_block();

  std::string path_;
  File file_;  // Read by its descriptor alone.
  std::size_t line_bytes_max_ = 0;
  std::string line_;
  std::string block_;
  std::size_t used_ = 0;  // Of the block.
  bool in_line_ = false;  // A part of it was read.
  std::uint64_t number_ = 0;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_total_ = 0;
};

}  // namespace tulving::tools
