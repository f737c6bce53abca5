#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <roaring/roaring.hh>
#include <string_view>
#include <vector>

#include "index/text/text_arm.h"

namespace tulving::index {

/// A search in one line: what is asked of an arm that is used once.
struct Asked {
  std::string_view text;
  std::uint32_t k = 10;
  const Roaring* allowed = nullptr;
  TieOrder ties = {};
  Bm25Params bm25 = {};
  std::optional<std::chrono::steady_clock::time_point> deadline = {};

  [[nodiscard]] TextQuery query() const { return {text, allowed, ties, bm25, deadline}; }
};

struct Answer {
  std::vector<ScoredRow> rows;
  bool partial = false;
  std::uint64_t postings_read = 0;
  std::uint32_t terms = 0;
};

inline Answer search(const TextIndex& index, const Asked& asked) {
  TextArm arm(index, asked.query());
  TextMatches matches = arm.best(asked.k);
  return {std::move(matches.rows), matches.partial, matches.postings_read, arm.words()};
}

}  // namespace tulving::index
