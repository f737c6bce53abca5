#include "index/text/postings/posting_sorter.h"

#include <algorithm>

namespace tulving::index {

PostingSorter::PostingSorter(std::size_t terms, std::uint64_t expected) : ends_(terms) {
  gathered_.reserve(std::min<std::uint64_t>(expected, kGatheredMax));
}

void PostingSorter::sort() {
  std::uint32_t begin = 0;
  for (std::uint32_t& count : ends_) {
    const std::uint32_t next = begin + count;
    count = begin;  // It moves to the term's end while its postings are put there.
    begin = next;
  }
  sorted_.resize(gathered_.size());
  for (const Entry& entry : gathered_) sorted_[ends_[entry.term]++] = {entry.place, entry.times};
}

void PostingSorter::clear() {
  gathered_.clear();
  std::ranges::fill(ends_, 0);
}

std::uint32_t PostingSorter::take_rows(std::span<Posting> postings) {
  std::uint32_t rows = 0;
  for (Posting& posting : postings) {
    rows += posting.times >> 31U;
    posting.times &= ~kBegins;
  }
  return rows;
}

}  // namespace tulving::index
