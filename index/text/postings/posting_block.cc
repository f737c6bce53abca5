#include "index/text/postings/posting_block.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/base/check.h"
#include "index/text/postings/bit_packing.h"

namespace tulving::index {
namespace {

using Numbers = std::array<std::uint32_t, PostingBlock::kSizeMax>;

std::uint8_t bits_of(std::span<const std::uint32_t> numbers) {
  std::uint32_t any = 0;
  for (const std::uint32_t number : numbers) any |= number;
  return static_cast<std::uint8_t>(std::bit_width(any));
}

/// By the codes of the lengths, which ascend with them: of each number of times the least.
ScoreBound bound_of(std::span<const Posting> postings, const PlaceTable& places) {
  ScoreBound bound;
  std::array<std::uint32_t, 4> least;  // By times, 0 being nobody's, 3 all above.
  least.fill(PlaceTable::kVeryLong);
  std::uint32_t most = 0;
  for (const Posting& posting : postings) {
    const std::uint8_t code = places.length_code(posting.place);
    auto& of_times = least[std::min(posting.times, 3U)];
    of_times = std::min<std::uint32_t>(of_times, code);
    most = std::max(most, posting.times);
    const bool is_beside = places.is_beside(posting.place);
    if (is_beside || code == PlaceTable::kVeryLong) {
      bound.add(posting.times, places.length(posting.place), is_beside);
    }
  }
  for (std::uint32_t times = 1; times < least.size(); ++times) {
    if (least[times] == PlaceTable::kVeryLong) continue;
    const float length = PlaceTable::length_of_code(static_cast<std::uint8_t>(least[times]));
    bound.add(times < 3 ? times : most, length, false);
  }
  return bound;
}

}  // namespace

PostingBlock::PostingBlock(std::span<const Posting> postings, const PlaceTable& places)
    : first_(postings.front().place),
      last_(postings.back().place),
      bound_(bound_of(postings, places)),
      size_(static_cast<std::uint8_t>(postings.size())) {
  TULVING_CHECK(postings.size() <= kSizeMax);
  Numbers all_gaps, all_times;
  const std::span gaps(all_gaps.data(), postings.size()), times(all_times.data(), postings.size());
  std::uint32_t before = first_;
  for (std::size_t i = 0; i < postings.size(); ++i) {
    const Posting& posting = postings[i];
    TULVING_DCHECK(posting.times > 0 && posting.place >= before);
    gaps[i] = posting.place - before;
    times[i] = posting.times - 1;
    before = posting.place;
  }
  gap_bits_ = bits_of(gaps);
  times_bits_ = bits_of(times);
  bits_ = std::make_unique<std::uint32_t[]>(words());
  pack_bits(gaps, gap_bits_, bits_.get());
  pack_bits(times, times_bits_, bits_.get() + packed_words(size_, gap_bits_));
}

PostingBlock::PostingBlock(const SavedBlock& saved, const std::uint32_t* words)
    : first_(saved.first),
      last_(saved.last),
      bound_(ScoreBound::of_bytes(saved.bound)),
      size_(saved.size),
      gap_bits_(saved.gap_bits),
      times_bits_(saved.times_bits) {
  const std::size_t count = words_of(saved);
  bits_ = std::make_unique_for_overwrite<std::uint32_t[]>(count);
  std::copy_n(words, count, bits_.get());
}

bool PostingBlock::is_sound(const SavedBlock& saved) {
  constexpr unsigned kTimesBitsMax = std::bit_width(kPlaceTimesMax);
  return saved.size > 0 && saved.size <= kSizeMax && saved.gap_bits <= 32 &&
         saved.times_bits <= kTimesBitsMax;
}

std::size_t PostingBlock::words_of(const SavedBlock& saved) {
  return packed_words(saved.size, saved.gap_bits) + packed_words(saved.size, saved.times_bits);
}

SavedBlock PostingBlock::saved() const {
  return {.first = first_,
          .last = last_,
          .bound = bound_.bytes(),
          .size = size_,
          .gap_bits = gap_bits_,
          .times_bits = times_bits_};
}

std::span<const Posting> PostingBlock::unpack(Buffer& buffer) const {
  std::array<Lanes, kSizeMax / kLanes> gaps, times;
  unpack_bits(bits_.get(), size_, gap_bits_, gaps.data());
  unpack_bits(bits_.get() + packed_words(size_, gap_bits_), size_, times_bits_, times.data());
  constexpr Lanes kZero = {};
  Lanes before = {first_, first_, first_, first_};
  for (std::size_t i = 0; i * kLanes < size_; ++i) {
    Lanes places = gaps[i];
    places += __builtin_shufflevector(kZero, places, 0, 4, 5, 6);
    places += __builtin_shufflevector(kZero, places, 0, 0, 4, 5);
    places += before;
    before = __builtin_shufflevector(places, places, 3, 3, 3, 3);
    const Lanes counts = times[i] + 1;
    const std::array<Lanes, 2> both = {__builtin_shufflevector(places, counts, 0, 4, 1, 5),
                                       __builtin_shufflevector(places, counts, 2, 6, 3, 7)};
    std::memcpy(static_cast<void*>(&buffer[i * kLanes]), &both, sizeof(both));
  }
  return std::span(buffer).first(size_);
}

bool PostingBlock::is_bounded(const PlaceTable& places) const {
  Buffer buffer;
  return bound_.covers(bound_of(unpack(buffer), places));
}

std::size_t PostingBlock::words() const {
  return packed_words(size_, gap_bits_) + packed_words(size_, times_bits_);
}

std::size_t PostingBlock::heap_bytes() const {
  return words() * sizeof(std::uint32_t) + kHeapBlockBytes;
}

}  // namespace tulving::index
