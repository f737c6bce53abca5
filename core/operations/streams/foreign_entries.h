#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/flat_hash.h"
#include "core/base/json/entry_stream.h"
#include "core/json/foreign/foreign.h"
#include "core/operations/streams/entry_spool.h"
#include "tulving/operations.h"

namespace tulving::operations {

/// What an entry or a record is known by, in 16 bytes that nobody makes two of.
using EntryKey = std::array<std::uint64_t, 2>;
[[nodiscard]] EntryKey entry_key(std::string_view kind, std::string_view id);

/// The entries of another system's file, from the lines of a stream. Of a format that is a log they
/// come when all was read, each in its last version: until then they lie in a temporary file, and
/// RAM keeps some 40 bytes for each id.
class ForeignEntries {
 public:
  using NextLine = std::function<Result<std::optional<StreamLine>>()>;

  ForeignEntries(const json::ForeignFormat& format, NextLine next_line)
      : format_(format), next_line_(std::move(next_line)), stream_(format.shape, kEntryBytesMax) {}

  /// Empty at the end.
  Result<std::optional<Entry>> next();

  /// The longest entry: a text of escapes alone, and what is beside it. Longer ones are refused.
  static constexpr std::size_t kEntryBytesMax = std::size_t{64} << 20U;

 private:
  Result<std::optional<Entry>> next_of_stream();
  Status keep_version(Entry entry, std::optional<Entry>& now);
  Result<std::optional<Entry>> next_of_log();

  const json::ForeignFormat& format_;
  NextLine next_line_;
  EntryStream stream_;
  StreamLine line_;
  std::string_view rest_;  // Of the line, or the part of it.
  bool has_line_ = false;
  bool is_at_end_ = false;

  EntrySpool log_;
  FlatMap<EntryKey, std::uint64_t> last_;  // Of each id: which entry of the log.
  std::uint64_t in_log_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace tulving::operations
