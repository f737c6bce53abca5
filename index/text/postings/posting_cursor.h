#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "index/text/postings/posting_list.h"

namespace tulving::index {

/// Reads one term's postings by place. The block that it unpacked last is kept, so that places in
/// about ascending order cost one unpacking a block.
class PostingCursor {
 public:
  /// The list outlives the cursor and does not change under it.
  explicit PostingCursor(const PostingList& list) : list_(&list) {}

  [[nodiscard]] const PostingList& list() const { return *list_; }
  /// Calls each(postings) for those at places from `first` to before `end`, in parts that ascend.
  template <class Each>
  void read(std::uint32_t first, std::uint32_t end, const Each& each) {
    const auto blocks = list_->blocks();
    for (std::size_t i = block_at(first); i < blocks.size() && blocks[i].first() < end; ++i) {
      if (i + 1 < blocks.size()) blocks[i + 1].prefetch();
      const auto part = within(unpacked(i), first, end);
      if (!part.empty()) each(part);
    }
    const auto tail = list_->tail();
    if (tail.empty() || tail.front().place >= end || tail.back().place < first) return;
    const auto part = within(tail, first, end);
    if (!part.empty()) each(part);
  }

 private:
  static constexpr std::size_t kNone = SIZE_MAX;

  [[nodiscard]] std::size_t block_at(std::uint32_t place) const;
  std::span<const Posting> unpacked(std::size_t block);
  static std::span<const Posting> within(std::span<const Posting> postings, std::uint32_t first,
                                         std::uint32_t end);

  const PostingList* list_;
  std::size_t block_ = kNone;  // whose postings the buffer holds
  PostingBlock::Buffer buffer_;
};

}  // namespace tulving::index
