// (1) Places ascend over blocks and tail. (2) No block is empty, and packed_ is null when there is
// none. (3) size_ counts the postings of blocks and tail, and packed_->bytes what blocks have on
// the heap.

#include "index/text/postings/posting_list.h"

#include <utility>

#include "core/base/check.h"

namespace tulving::index {
namespace {

/// Reused, so that a change allocates nothing but what it keeps.
std::vector<Posting>& merge_buffer() {
  static thread_local std::vector<Posting> postings;
  postings.clear();
  return postings;
}

void append_block(const PostingBlock& block, std::vector<Posting>& postings) {
  PostingBlock::Buffer buffer;
  const auto unpacked = block.unpack(buffer);
  postings.insert(postings.end(), unpacked.begin(), unpacked.end());
}

/// Puts `by` in the place of what `postings` have of some places; how many they had.
template <class Postings>
std::size_t splice(Postings& postings, PlaceRange places, std::span<const Posting> by) {
  const auto old = postings_within(postings, places.first, places.end());
  const std::size_t count = old.size();
  const auto at = postings.begin() + (old.data() - postings.data());
  const auto rest = postings.erase(at, at + static_cast<std::ptrdiff_t>(count));
  postings.insert(rest, by.begin(), by.end());
  return count;
}

}  // namespace

void PostingList::set(PlaceRange places, std::span<const Posting> postings,
                      const PlaceTable& table) {
  if (replace(places, postings, table) == 0) ++documents_;
}

void PostingList::erase(PlaceRange places, const PlaceTable& table) {
  const std::size_t erased = replace(places, {}, table);
  TULVING_CHECK(erased > 0);
  --documents_;
}

void PostingList::shorten(PlaceRange places, float length) {
  if (packed_ == nullptr) return;
  auto& blocks = packed_->blocks;
  for (std::size_t i = block_at(places.first); i < blocks.size(); ++i) {
    if (blocks[i].first() >= places.end()) break;
    blocks[i].shorten(length);
  }
}

std::size_t PostingList::block_at(std::uint32_t place) const {
  const auto all = blocks();
  const auto found = std::partition_point(
      all.begin(), all.end(), [place](const PostingBlock& block) { return block.last() < place; });
  return static_cast<std::size_t>(found - all.begin());
}

void PostingList::restore(std::vector<PostingBlock> blocks, std::span<const Posting> tail,
                          std::uint32_t postings, std::uint32_t rows) {
  TULVING_DCHECK(size_ == 0);
  size_ = postings;
  documents_ = rows;
  tail_.assign(tail.begin(), tail.end());
  if (blocks.empty()) return;
  packed_ = std::make_unique<Packed>();
  for (const PostingBlock& block : blocks) packed_->bytes += block.heap_bytes();
  packed_->blocks = std::move(blocks);
}

/// Onto the last block until that is full; else a block of its own. What is left stays.
void PostingList::pack_tail(const PlaceTable& table) {
  if (packed_ == nullptr) packed_ = std::make_unique<Packed>();
  auto& postings = merge_buffer();
  std::size_t last = packed_->blocks.size();
  if (last > 0 && packed_->blocks.back().size() < PostingBlock::kSizeMax) {
    append_block(packed_->blocks[--last], postings);
  }
  const std::size_t room = PostingBlock::kSizeMax - postings.size();
  const auto packed = std::span(tail_).first(std::min(room, tail_.size()));
  postings.insert(postings.end(), packed.begin(), packed.end());
  put_blocks(last, packed_->blocks.size(), postings, table);
  tail_ = Tail(tail_.begin() + static_cast<std::ptrdiff_t>(packed.size()), tail_.end());
}

/// Puts `postings` in the place of what the list has of some places; how many it had.
std::size_t PostingList::replace(PlaceRange places, std::span<const Posting> postings,
                                 const PlaceTable& table) {
  const bool is_in_tail = packed_ == nullptr || packed_->blocks.back().last() < places.first;
  const std::size_t replaced =
      is_in_tail ? replace_in_tail(places, postings) : replace_in_blocks(places, postings, table);
  size_ += static_cast<std::uint32_t>(postings.size());
  size_ -= static_cast<std::uint32_t>(replaced);
  while (tail_.size() >= kTailMax) pack_tail(table);
  return replaced;
}

std::size_t PostingList::replace_in_tail(PlaceRange places, std::span<const Posting> postings) {
  if (tail_.empty() || tail_.back().place < places.first) {
    tail_.insert(tail_.end(), postings.begin(), postings.end());
    return 0;
  }
  const std::size_t replaced = splice(tail_, places, postings);
  if (tail_.capacity() > 2 && tail_.capacity() > tail_.size() * 3) tail_.shrink_to_fit();
  return replaced;
}

std::size_t PostingList::replace_in_blocks(PlaceRange places, std::span<const Posting> postings,
                                           const PlaceTable& table) {
  auto& blocks = packed_->blocks;
  const std::size_t first = block_at(places.first);
  std::size_t last = first;
  auto& merged = merge_buffer();
  for (; last < blocks.size() && blocks[last].first() < places.end(); ++last) {
    append_block(blocks[last], merged);
  }
  if (last == first) append_block(blocks[last++], merged);
  if (last == blocks.size()) {  // A row may lie across the last block and the tail.
    const auto in_tail = postings_within(tail_, 0, places.end());
    merged.insert(merged.end(), in_tail.begin(), in_tail.end());
    tail_.erase(tail_.begin(), tail_.begin() + static_cast<std::ptrdiff_t>(in_tail.size()));
  }
  const std::size_t replaced = splice(merged, places, postings);
  // What has become small joins its neighbour.
  constexpr std::size_t kSmall = PostingBlock::kSizeMax / 2;
  if (merged.size() < kSmall && last < blocks.size() &&
      merged.size() + blocks[last].size() <= PostingBlock::kSizeMax) {
    append_block(blocks[last++], merged);
  }
  put_blocks(first, last, merged, table);
  return replaced;
}

/// Puts `postings` in the place of the blocks from `first` to before `last`, in blocks of about the
/// same size.
void PostingList::put_blocks(std::size_t first, std::size_t last, std::span<const Posting> postings,
                             const PlaceTable& table) {
  auto& blocks = packed_->blocks;
  std::size_t parts = (postings.size() + PostingBlock::kSizeMax - 1) / PostingBlock::kSizeMax;
  for (std::size_t i = first; i < last; ++i) packed_->bytes -= blocks[i].heap_bytes();
  const auto at = [&blocks](std::size_t i) {
    return blocks.begin() + static_cast<std::ptrdiff_t>(i);
  };
  for (; parts > 0; --parts, ++first) {
    const auto part = postings.first(postings.size() / parts);
    postings = postings.subspan(part.size());
    PostingBlock block(part, table);
    packed_->bytes += block.heap_bytes();
    if (first < last) {
      blocks[first] = std::move(block);
    } else {
      blocks.insert(at(first), std::move(block));
      ++last;
    }
  }
  blocks.erase(at(first), at(last));
  if (blocks.empty()) packed_ = nullptr;
}

std::size_t PostingList::heap_bytes() const {
  const std::size_t capacity = tail_.capacity();
  const std::size_t tail = capacity <= 2 ? 0 : capacity * sizeof(Posting) + kHeapBlockBytes;
  if (packed_ == nullptr) return tail;
  return tail + packed_->bytes + packed_->blocks.capacity() * sizeof(PostingBlock) +
         sizeof(Packed) + 2 * kHeapBlockBytes;
}

}  // namespace tulving::index
