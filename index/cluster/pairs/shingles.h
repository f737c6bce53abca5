#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "index/cluster/fixed_cosine.h"

namespace tulving::index {

class Workers;

/// Texts as sets of phrases ("shingles"), of which a hash of 64 bits stands for each.
class Shingles : public CosineSource {
 public:
  Shingles(std::span<const std::string_view> texts, const Workers& workers);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(sets_.size()); }
  /// Ascending; empty for a text without words.
  [[nodiscard]] std::span<const std::uint64_t> of(std::uint32_t row) const { return sets_[row]; }

  /// |A and B| / sqrt(|A| |B|); 0 if one is empty.
  [[nodiscard]] FixedCosine cosine(std::uint32_t a, std::uint32_t b) const override;

 private:
  std::vector<std::vector<std::uint64_t>> sets_;
};

}  // namespace tulving::index
