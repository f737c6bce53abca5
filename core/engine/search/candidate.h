#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/check.h"
#include "core/engine/search/row_places.h"
#include "tulving/search.h"

namespace tulving::engine {

/// A row on its way to becoming a hit.
struct Candidate {
  std::uint32_t row = 0;
  float score = 0.0F;
  ScoreParts parts = {};
};

/// The candidates of one search, each row once, and found by it. One at a time on a thread.
class CandidateSet {
 public:
  /// All rows are below `row_limit`; room is made for `count`.
  CandidateSet(std::size_t row_limit, std::size_t count) : places_(row_limit) {
    list.reserve(count);
  }

  /// The row's candidate, made if need be; valid until the next is made.
  Candidate& at(std::uint32_t row) {
    std::uint32_t place = places_.find(row);
    if (place == RowPlaces::kNone) {
      place = static_cast<std::uint32_t>(list.size());
      places_.set(row, place);
      list.emplace_back().row = row;  // in place: a copy would wait for its own stores
    }
    TULVING_DCHECK(list[place].row == row);  // at() alone adds to the list, and nobody reorders it.
    return list[place];
  }
  /// Null: the row is no candidate.
  [[nodiscard]] Candidate* find(std::uint32_t row) {
    const std::uint32_t place = places_.find(row);
    return place == RowPlaces::kNone ? nullptr : &list[place];
  }

  std::vector<Candidate> list;  ///< To be changed in place; at() alone adds to it.

 private:
  RowPlaces places_;
};

}  // namespace tulving::engine
