#include "index/text/postings/posting_list.h"

#include <algorithm>

#include "core/base/check.h"

namespace tulving::index {
namespace {

std::size_t count_erased(std::span<const Posting> postings) {
  return static_cast<std::size_t>(
      std::ranges::count_if(postings, [](const Posting& posting) { return posting.times == 0; }));
}

}  // namespace

void PostingList::set(PlaceRange places, std::span<const Posting> postings) {
  if (postings_.empty() || postings_.back().place < places.first) {
    postings_.insert(postings_.end(), postings.begin(), postings.end());
    ++documents_;
    return;
  }
  const auto old = of(places);
  const auto at = old.data() - postings_.data();
  const std::size_t erased = count_erased(old);
  if (erased == old.size()) ++documents_;
  erased_ -= static_cast<std::uint32_t>(erased);
  if (old.size() < postings.size()) {
    postings_.insert(postings_.begin() + at, postings.size() - old.size(), Posting{});
  } else {
    postings_.erase(
        postings_.begin() + at,
        postings_.begin() + at + static_cast<std::ptrdiff_t>(old.size() - postings.size()));
  }
  std::ranges::copy(postings, postings_.begin() + at);
}

void PostingList::erase(PlaceRange places) {
  const auto old = of(places);
  const std::size_t erased = count_erased(old);
  TULVING_CHECK(erased < old.size());
  const auto at = old.data() - postings_.data();
  const auto begin = postings_.begin() + at;
  std::for_each(begin, begin + static_cast<std::ptrdiff_t>(old.size()),
                [](Posting& posting) { posting.times = 0; });
  erased_ += static_cast<std::uint32_t>(old.size() - erased);
  --documents_;
  if (erased_ * std::size_t{4} >= postings_.size()) sweep();
}

void PostingList::sweep() {
  const auto swept = std::remove_if(postings_.begin(), postings_.end(),
                                    [](const Posting& posting) { return posting.times == 0; });
  postings_.erase(swept, postings_.end());
  erased_ = 0;
  if (postings_.capacity() > postings_.size() * 3) postings_.shrink_to_fit();
}

std::span<const Posting> PostingList::of(PlaceRange places) const {
  const auto before = [](const Posting& posting, std::uint32_t place) {
    return posting.place < place;
  };
  const auto first = std::lower_bound(postings_.begin(), postings_.end(), places.first, before);
  auto last = first;
  while (last != postings_.end() && last->place < places.first + places.count) ++last;
  return {postings_.data() + (first - postings_.begin()), static_cast<std::size_t>(last - first)};
}

std::size_t PostingList::heap_bytes() const {
  const std::size_t capacity = postings_.capacity();
  return capacity <= 2 ? 0 : capacity * sizeof(Posting) + kHeapBlockBytes;
}

}  // namespace tulving::index
