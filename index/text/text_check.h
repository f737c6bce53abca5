#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace tulving::index {

class TextIndex;

/// Tells whether a text index has of its rows what set() would give them, word by word, and whether
/// its postings say the same: a checkpoint may claim anything under the digest of another text.
/// Costs what indexing the texts costs.
///
/// Thread safety: one thread at a time. The index must outlive it, and not change during a call.
class TextCheck {
 public:
  explicit TextCheck(const TextIndex& index);
  ~TextCheck();

  [[nodiscard]] bool holds(std::uint32_t row, std::string_view text,
                           std::span<const std::string_view> beside);
  /// Whether postings are those of the rows, and a search may skip what their bounds let it.
  [[nodiscard]] bool postings_hold() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tulving::index
