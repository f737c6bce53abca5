#pragma once

#include <cstdint>

#include "index/text/postings/posting.h"

namespace tulving::index {

/// A number of a set of postings, in whatever order they come: two sets that differ have the same
/// one by chance alone, 1 in 2^60, as its keys are drawn anew for each.
class PostingDigest {
 public:
  PostingDigest();
  /// An empty one with the keys of `like`.
  [[nodiscard]] PostingDigest empty() const {
    PostingDigest other = *this;
    other.sum_ = 0;
    return other;
  }

  void add(std::uint32_t term, Posting posting) {
    std::uint64_t one = term_key_ * term + place_key_ * posting.place + times_key_ * posting.times;
    one ^= one >> 32U;
    one *= mix_key_;
    sum_ += one ^ one >> 29U;
  }

  [[nodiscard]] bool operator==(const PostingDigest& other) const { return sum_ == other.sum_; }

 private:
  std::uint64_t term_key_, place_key_, times_key_, mix_key_, sum_ = 0;
};

}  // namespace tulving::index
