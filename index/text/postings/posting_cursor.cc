#include "index/text/postings/posting_cursor.h"

#include <algorithm>

namespace tulving::index {

/// The block that was unpacked, or the one behind it, mostly.
std::size_t PostingCursor::block_at(std::uint32_t place) const {
  const auto blocks = list_->blocks();
  if (block_ < blocks.size() && blocks[block_].first() <= place) {
    if (place <= blocks[block_].last()) return block_;
    if (block_ + 1 == blocks.size() || place <= blocks[block_ + 1].last()) return block_ + 1;
  }
  return list_->block_at(place);
}

std::span<const Posting> PostingCursor::unpacked(std::size_t block) {
  const PostingBlock& packed = list_->blocks()[block];
  if (block != block_) {
    packed.unpack(buffer_);
    block_ = block;
  }
  return std::span(buffer_).first(packed.size());
}

std::span<const Posting> PostingCursor::within(std::span<const Posting> postings,
                                               std::uint32_t first, std::uint32_t end) {
  if (postings.front().place >= first && postings.back().place < end) return postings;
  return postings_within(postings, first, end);
}

}  // namespace tulving::index
