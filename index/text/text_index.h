#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <roaring/roaring.hh>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/files/file_system.h"
#include "tulving/result.h"

namespace tulving::index {

class InvertedIndex;
class Vocabulary;

/// One tenant's texts, to be searched by BM25 (text_arm.h), each scored by its best passage
/// (index/text/postings/passages.h).
/// A text is UTF-8, split at ICU word boundaries (Unicode TR29), lower-cased, freed of English stop
/// words and stemmed by Snowball's English stemmer, as Postgres' to_tsvector('english') does; runs
/// of scripts without spaces become overlapping two-character terms. What words are found by
/// besides, counting for less: index/text/analysis/word_forms.h.
///
/// Thread safety: const members beside each other; set() and erase() alone.
class TextIndex {
 public:
  TextIndex();
  ~TextIndex();

  /// Sets the text of a row, replacing what it had, and what stands `beside` it: words, as of tags,
  /// that find it too and count for less. O(words).
  void set(std::uint32_t row, std::string_view text, std::span<const std::string_view> beside = {});
  void erase(std::uint32_t row);

  [[nodiscard]] std::uint64_t documents() const;
  [[nodiscard]] std::uint64_t terms() const;
  [[nodiscard]] std::uint64_t bytes() const;  ///< RAM, approximately.

  /// As VectorIndex::save and load; per row digest_of() it is kept, so that a reader can tell
  /// which rows have changed since.
  Status save(const std::filesystem::path& file, const CheckpointOrigin& origin,
              FileSystem& files = FileSystem::machine()) const;
  static Result<std::unique_ptr<TextIndex>> load(const std::filesystem::path& file,
                                                 CheckpointOrigin& origin,
                                                 FileSystem& files = FileSystem::machine());
  /// Rows that have a text.
  [[nodiscard]] const Roaring& rows() const;
  /// What set() was given, as a number.
  [[nodiscard]] static std::uint64_t digest_of(std::string_view text,
                                               std::span<const std::string_view> beside = {});
  /// digest_of() the row, empty when it has no text.
  [[nodiscard]] std::optional<std::uint64_t> digest(std::uint32_t row) const;

 private:
  friend class TextArm;
  friend class TextCheck;
  [[nodiscard]] const InvertedIndex& postings() const;
  [[nodiscard]] const Vocabulary& vocabulary() const;

  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The terms of a query in order, repeated as they occur. A document has the same, and beside each
/// pair of characters of a script without spaces the single ones (index/text/analysis/analyzer.h
/// says why).
[[nodiscard]] std::vector<std::string> analyze(std::string_view text);

}  // namespace tulving::index
