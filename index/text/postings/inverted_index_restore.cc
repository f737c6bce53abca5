#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "index/text/postings/inverted_index.h"
#include "index/text/postings/passages.h"
#include "index/text/postings/posting_digest.h"
#include "index/text/postings/term_list.h"

namespace tulving::index {
namespace {

/// A row's terms, as its list says: false when that is none, or not of a text of `length`.
bool decode_row(std::span<const std::byte> list, std::uint32_t length, std::size_t terms_limit,
                std::vector<TermCount>& terms) {
  terms.clear();
  if (!decode_terms(list, terms)) return false;
  if (!terms.empty() && terms.back().term >= terms_limit) return false;
  std::uint64_t occurrences = 0;
  for (const TermCount& count : terms) {
    if (count.block != kBeside && count.block > last_block(length)) return false;
    occurrences += count.times;
  }
  return length <= occurrences;
}

void digest_row(std::span<const TermCount> terms, std::uint32_t first_place, std::uint32_t length,
                PostingDigest& digest) {
  for (std::size_t begin = 0, end = 0; begin < terms.size(); begin = end) {
    const std::uint32_t term = terms[begin].term;
    while (end < terms.size() && terms[end].term == term) ++end;
    for_each_place(terms.subspan(begin, end - begin), length,
                   [&](std::uint32_t place, std::uint32_t times) {
                     digest.add(term, {first_place + place, times});
                   });
  }
}

/// One term's postings as they are read: whether they ascend and are of rows, and of how many.
class PostingReader {
 public:
  PostingReader(std::uint32_t term, const PlaceTable& places, PostingDigest& digest)
      : term_(term), places_(places), digest_(digest) {}

  bool read(std::span<const Posting> postings) {
    for (const Posting& posting : postings) {
      if (posting.place <= last_ || posting.place >= places_.limit()) return false;
      if (posting.times == 0 || posting.times > kPlaceTimesMax) return false;
      const std::uint32_t row = places_.owner(posting.place).row;
      if (row == InvertedIndex::kAbsent) return false;
      rows_ += row != row_ ? 1 : 0;
      row_ = row;
      last_ = posting.place;
      digest_.add(term_, posting);
    }
    count_ += static_cast<std::uint32_t>(postings.size());
    return true;
  }

  bool read(const PostingBlock& block) {
    PostingBlock::Buffer buffer;
    const auto postings = block.unpack(buffer);
    return postings.front().place == block.first() && postings.back().place == block.last() &&
           read(postings);
  }

  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] std::uint32_t rows() const { return rows_; }

 private:
  std::uint32_t term_;
  const PlaceTable& places_;
  PostingDigest& digest_;
  std::uint32_t last_ = 0, row_ = InvertedIndex::kAbsent, rows_ = 0, count_ = 0;
};

/// How many places rows and free ranges take, place 0 included; 0 where a file of this size cannot
/// have so many. A byte of a list stands for 255 words at most, some 13 passages; so many places
/// that are nobody's are indexed again sooner than tables of them are zeroed.
std::uint32_t places_limit(const SavedIndex& saved) {
  constexpr std::uint64_t kPlacesPerByte = 13, kFreePerPlace = 256, kFree = 1'000'000;
  std::uint64_t taken = 0, free = 0;
  for (const std::uint32_t length : saved.lengths) taken += place_count(length);
  for (const PlaceRange& range : saved.free_places) free += range.count;
  if (taken > saved.rows.size() + kPlacesPerByte * saved.lists.size()) return 0;
  if (free > kFree + kFreePerPlace * taken || taken + free >= UINT32_MAX) return 0;
  return static_cast<std::uint32_t>(1 + taken + free);
}

}  // namespace

SavedIndex InvertedIndex::saved(std::size_t terms) const {
  SavedIndex saved;
  for (const std::uint32_t row : rows_) {
    const auto list = term_list(row);
    const auto size = static_cast<std::uint32_t>(list.size());
    const auto size_bytes = std::as_bytes(std::span(&size, 1));
    saved.rows.push_back(row);
    saved.digests.push_back(digest(row));
    saved.lengths.push_back(length(row));
    saved.first_places.push_back(backward_[row].first_place);
    saved.lists.insert(saved.lists.end(), size_bytes.begin(), size_bytes.end());
    saved.lists.insert(saved.lists.end(), list.begin(), list.end());
  }
  if (saved.rows.empty()) return saved;
  saved.free_places = places_.free();
  for (std::size_t term = 0; term < terms; ++term) {
    const auto blocks = forward_[term].blocks();
    const auto tail = forward_[term].tail();
    saved.block_counts.push_back(static_cast<std::uint32_t>(blocks.size()));
    saved.tail_sizes.push_back(static_cast<std::uint32_t>(tail.size()));
    for (const PostingBlock& block : blocks) {
      saved.blocks.push_back(block.saved());
      saved.words.insert(saved.words.end(), block.bits().begin(), block.bits().end());
    }
    saved.tails.insert(saved.tails.end(), tail.begin(), tail.end());
  }
  return saved;
}

bool InvertedIndex::restore(SavedIndex saved) {
  TULVING_CHECK(documents_ == 0 && forward_.empty());
  if (saved.rows.empty()) return saved.block_counts.empty();
  PostingDigest of_rows;
  PostingDigest of_terms = of_rows.empty();
  return restore_rows(saved, of_rows) && restore_terms(saved, of_terms) && of_rows == of_terms;
}

bool InvertedIndex::restore_rows(SavedIndex& saved, PostingDigest& digest) {
  const std::uint32_t limit = places_limit(saved);
  if (limit == 0) return false;
  places_.restore(limit);
  backward_.resize(std::size_t{saved.rows.back()} + 1);
  loaded_lists_ = std::move(saved.lists);
  std::span<std::byte> lists = loaded_lists_;
  std::vector<TermCount> terms;
  for (std::size_t i = 0; i < saved.rows.size(); ++i) {
    std::uint32_t size = 0;
    if (lists.size() < sizeof(size)) return false;
    std::memcpy(&size, lists.data(), sizeof(size));
    if (size >= kLent || size > lists.size() - sizeof(size)) return false;
    const auto list = lists.first(sizeof(size) + size);
    lists = lists.subspan(list.size());
    const std::uint32_t row = saved.rows[i], length = saved.lengths[i];
    const std::uint32_t first_place = saved.first_places[i];
    if (length == kAbsent || !places_.restore(row, first_place, length)) return false;
    if (!decode_row(list.subspan(sizeof(size)), length, saved.block_counts.size(), terms)) {
      return false;
    }
    digest_row(terms, first_place, length, digest);
    store(row, saved.digests[i], length, {});
    backward_[row].first_place = first_place;
    if (size == 0) continue;
    size |= kLent;
    std::memcpy(list.data(), &size, sizeof(size));
    backward_[row].term_list.reset(list.data());
  }
  return lists.empty() && places_.restore_free(saved.free_places);
}

bool InvertedIndex::restore_terms(const SavedIndex& saved, PostingDigest& digest) {
  forward_.resize(saved.block_counts.size());
  std::span<const SavedBlock> all_blocks = saved.blocks;
  std::span<const std::uint32_t> words = saved.words;
  std::span<const Posting> tails = saved.tails;
  for (std::uint32_t term = 0; term < forward_.size(); ++term) {
    const std::uint32_t block_count = saved.block_counts[term], tail_size = saved.tail_sizes[term];
    if (block_count > all_blocks.size() || tail_size > tails.size()) return false;
    if (tail_size > PostingList::kTailMax) return false;
    PostingReader reader(term, places_, digest);
    std::vector<PostingBlock> blocks;
    blocks.reserve(block_count);
    for (const SavedBlock& block : all_blocks.first(block_count)) {
      if (!PostingBlock::is_sound(block)) return false;
      const std::size_t count = PostingBlock::words_of(block);
      if (count > words.size() || !reader.read(blocks.emplace_back(block, words.data()))) {
        return false;
      }
      words = words.subspan(count);
    }
    const auto tail = tails.first(tail_size);
    if (!reader.read(tail)) return false;
    all_blocks = all_blocks.subspan(block_count);
    tails = tails.subspan(tail_size);
    forward_[term].restore(std::move(blocks), tail, reader.count(), reader.rows());
    posting_bytes_ += forward_[term].heap_bytes();
  }
  return all_blocks.empty() && words.empty() && tails.empty();
}

bool InvertedIndex::is_sound() const {
  PostingDigest of_rows;
  PostingDigest of_terms = of_rows.empty();
  std::vector<TermCount> terms;
  for (const std::uint32_t row : rows_) {
    if (!decode_row(term_list(row), length(row), forward_.size(), terms)) return false;
    digest_row(terms, backward_[row].first_place, length(row), of_rows);
  }
  for (std::uint32_t term = 0; term < forward_.size(); ++term) {
    const PostingList& list = forward_[term];
    PostingReader reader(term, places_, of_terms);
    for (const PostingBlock& block : list.blocks()) {
      if (!reader.read(block) || !block.is_bounded(places_)) return false;
    }
    if (!reader.read(list.tail())) return false;
    if (reader.count() != list.size() || reader.rows() != list.documents()) return false;
  }
  return of_rows == of_terms;
}

}  // namespace tulving::index
