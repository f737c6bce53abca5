// A posting list holds what a map of places would, after any sets, erasures and loads, and each
// block's bound is one: no posting of it scores more, whatever the lengths have become since.

#include "index/text/postings/posting_list.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "index/text/postings/posting_cursor.h"
#include "tests/index/text/test_seed.h"

namespace tulving::index {
namespace {

class PostingLists : public ::testing::Test {
 protected:
  struct Row {
    std::uint32_t length = 0, first = 0;
    [[nodiscard]] PlaceRange places() const { return {first, place_count(length)}; }
  };

  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
  std::uint32_t times() { return below(20) == 0 ? 1 + below(kPlaceTimesMax) : 1 + below(3); }

  void add_row() {
    const std::uint32_t length = below(4) == 0 ? 41 + below(400) : below(41);
    rows_.push_back({length, table_.take(static_cast<std::uint32_t>(rows_.size()), length)});
  }
  std::vector<Posting> postings_of(const Row& row) {
    std::vector<Posting> postings;
    const PlaceRange places = row.places();
    for (std::uint32_t place = places.first; place < places.end(); ++place) {
      if (below(2) == 0) postings.push_back({place, times()});
    }
    if (postings.empty()) postings.push_back({places.first + below(places.count), times()});
    return postings;
  }

  std::size_t erase_from_model(PlaceRange places) {
    const auto first = model_.lower_bound(places.first), last = model_.lower_bound(places.end());
    const auto count = static_cast<std::size_t>(std::distance(first, last));
    model_.erase(first, last);
    return count;
  }
  void set(const Row& row) {
    const auto postings = postings_of(row);
    if (erase_from_model(row.places()) == 0) ++documents_;
    for (const Posting& posting : postings) model_[posting.place] = posting.times;
    list_.set(row.places(), postings, table_);
  }
  void erase(const Row& row) {
    if (erase_from_model(row.places()) == 0) return;
    --documents_;
    list_.erase(row.places(), table_);
  }
  // The number of places stays, so that the postings do.
  void change_length(Row& row) {
    const std::uint32_t length = row.length <= 40 ? below(41) : row.length - row.length % 20;
    if (place_count(length) != place_count(row.length)) return;
    row.length = length;
    table_.set_length(row.first, length);
    list_.shorten(row.places(), counted_length(length));
  }

  void expect_agreement() {
    std::vector<Posting> expected, found;
    for (const auto& [place, n] : model_) expected.push_back({place, n});
    PostingBlock::Buffer buffer;
    const TermScore score{1.5F, 0.1F + 0.1F * static_cast<float>(below(9)), 0.01F};
    for (const PostingBlock& block : list_.blocks()) {
      const auto postings = block.unpack(buffer);
      ASSERT_EQ(block.first(), postings.front().place);
      ASSERT_EQ(block.last(), postings.back().place);
      const float bound = block.bound().of(score) * (1 + 1e-6F);
      for (const auto& [place, n] : postings) {
        ASSERT_LE(score(n, table_.length(place)), bound) << n << " times at " << place;
        ASSERT_TRUE(block.bound().has_beside() || !table_.is_beside(place));
      }
      found.insert(found.end(), postings.begin(), postings.end());
    }
    found.insert(found.end(), list_.tail().begin(), list_.tail().end());
    ASSERT_EQ(found, expected);
    ASSERT_EQ(list_.size(), expected.size());
    ASSERT_EQ(list_.documents(), documents_);
    expect_parts(expected);
  }
  void expect_parts(const std::vector<Posting>& expected) {
    PostingCursor cursor(list_);
    for (int i = 0; i < 20; ++i) {
      const std::uint32_t first = below(table_.limit()), end = first + below(i < 10 ? 4 : 4000);
      std::vector<Posting> found;
      cursor.read(first, end, [&](std::span<const Posting> part) {
        ASSERT_FALSE(part.empty());
        found.insert(found.end(), part.begin(), part.end());
      });
      const auto within = postings_within(expected, first, end);
      ASSERT_EQ(found, std::vector(within.begin(), within.end())) << first << " to " << end;
    }
  }

  const unsigned seed_ = test_seed();
  std::mt19937 random_{seed_};
  PlaceTable table_;
  std::vector<Row> rows_;
  PostingList list_;
  std::map<std::uint32_t, std::uint32_t> model_;
  std::size_t documents_ = 0;
};

TEST_F(PostingLists, HoldWhatAMapOfPlacesHolds) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (const unsigned erasures : {5U, 45U, 90U}) {  // per cent
    for (int step = 0; step < 4000; ++step) {
      if (erasures < 50) add_row();
      const std::uint32_t any = below(static_cast<std::uint32_t>(rows_.size()));
      Row& row = step % 3 == 0 ? rows_[any] : rows_.back();
      if (below(100) < erasures) {
        erase(rows_[any]);
      } else {
        set(row);
      }
      change_length(rows_[below(static_cast<std::uint32_t>(rows_.size()))]);
      if (step % 100 > 0) continue;
      ASSERT_NO_FATAL_FAILURE(expect_agreement());
    }
  }
  for (const Row& row : rows_) erase(row);
  ASSERT_NO_FATAL_FAILURE(expect_agreement());
  EXPECT_EQ(list_.size(), 0U);
  EXPECT_LT(list_.heap_bytes(), 600U);
}

TEST_F(PostingLists, ComeBackFromACheckpointAsTheyWere) {
  SCOPED_TRACE("seed " + std::to_string(seed_));
  for (int step = 0; step < 2000; ++step) {
    add_row();
    set(rows_.back());
    if (below(3) == 0) erase(rows_[below(static_cast<std::uint32_t>(rows_.size()))]);
    if (step % 97 > 0) continue;
    std::vector<PostingBlock> blocks;
    for (const PostingBlock& block : list_.blocks()) {
      ASSERT_TRUE(PostingBlock::is_sound(block.saved()));
      ASSERT_EQ(PostingBlock::words_of(block.saved()), block.bits().size());
      blocks.emplace_back(block.saved(), block.bits().data());
      ASSERT_TRUE(blocks.back().is_bounded(table_));
    }
    PostingList again;
    again.restore(std::move(blocks), list_.tail(), static_cast<std::uint32_t>(list_.size()),
                  static_cast<std::uint32_t>(list_.documents()));
    list_ = std::move(again);
    ASSERT_NO_FATAL_FAILURE(expect_agreement());
  }
}

TEST_F(PostingLists, TakeAThirdOfWhatPlainOnesWould) {
  for (int i = 0; i < 20'000; ++i) {
    add_row();
    if (i % 10 == 0) set(rows_.back());
  }
  EXPECT_LT(list_.heap_bytes(), list_.size() * sizeof(Posting) / 3);
}

}  // namespace
}  // namespace tulving::index
