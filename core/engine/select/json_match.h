#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/json/decimal.h"
#include "storage/codec/codec.h"
#include "tulving/filter.h"

namespace tulving::engine {

/// A JsonMatches condition, read once and asked of many records. It has passed check_filter().
class JsonMatch {
 public:
  explicit JsonMatch(const JsonMatches& condition);
  [[nodiscard]] bool contains(const storage::MemoryRecord& record) const;

 private:
  /// Of a scalar in its canonical text.
  [[nodiscard]] bool holds(std::string_view scalar) const;
  [[nodiscard]] bool holds_text(std::string_view scalar) const;
  [[nodiscard]] bool holds_order(std::string_view scalar) const;

  const JsonMatches& condition_;
  std::string canonical_;          ///< The operand's.
  std::string text_;               ///< What it stands for, of a string; folded where asked for.
  std::optional<Decimal> number_;  ///< Its value, of a number.
};

}  // namespace tulving::engine
