#include "index/text/window_search.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace tulving::index {
namespace {

/// A window is as wide as a few blocks of the query's lists, so that few blocks lie across borders.
/// Narrower ones have closer bounds, and skip no more than they cost; wider ones leave the cache.
unsigned bits_of_window(const InvertedIndex& index, std::span<const WeighedTerm> terms) {
  constexpr unsigned kBitsMin = 12, kBitsMax = 16;
  constexpr std::uint64_t kBlocks = 8;
  std::uint64_t postings = 1;
  for (const WeighedTerm& term : terms) postings += index.postings(term.term).size();
  const std::uint64_t places =
      kBlocks * PostingBlock::kSizeMax * terms.size() * index.places().limit() / postings;
  return std::clamp(static_cast<unsigned>(std::bit_width(places)), kBitsMin, kBitsMax);
}

/// The place that a window's table begins with: one before, as its first is nobody's.
std::uint32_t base_of(PlaceRange places) { return places.first - std::min(places.first, 1U); }

}  // namespace

WindowSearch::WindowSearch(const InvertedIndex& index, std::span<const WeighedTerm> terms,
                           const Roaring* allowed, const Deadline& deadline)
    : index_(index),
      allowed_(allowed),
      deadline_(deadline),
      window_bits_(bits_of_window(index, terms)),
      window_count_((index.places().limit() >> window_bits_) + 1),
      slack_(1.0F + static_cast<float>(terms.size() + 8) * 0x1p-22F) {
  terms_.reserve(terms.size());
  for (const WeighedTerm& term : terms) {
    terms_.push_back({PostingCursor(index.postings(term.term)), term.score, {}, {}});
    bound_windows(terms_.back());
  }
  by_size_.resize(terms_.size());
  std::iota(by_size_.begin(), by_size_.end(), std::size_t{0});
  std::ranges::stable_sort(by_size_, std::greater(),
                           [this](std::size_t i) { return terms_[i].cursor.list().size(); });
}

/// A window has the rows that begin in it, whose places may reach into the next ones. A row's score
/// by one term is that of a passage, and that of the place beside the text.
void WindowSearch::bound_windows(Term& term) const {
  const PlaceTable& places = index_.places();
  const PostingList& list = term.cursor.list();
  term.of_passages.assign(window_count_, 0.0F);
  const auto raise = [&](std::vector<float>& bounds, std::uint32_t first, std::uint32_t last,
                         float bound) {
    const std::uint32_t reach = std::min(first, places.longest() - 1);
    for (std::uint32_t i = window_of(first - reach); i <= window_of(last); ++i) {
      bounds[i] = std::max(bounds[i], bound);
    }
  };
  const auto raise_both = [&](std::uint32_t first, std::uint32_t last, float bound,
                              bool has_beside) {
    raise(term.of_passages, first, last, bound);
    if (!has_beside) return;
    term.beside.resize(window_count_, 0.0F);
    raise(term.beside, first, last, bound);
  };
  for (const PostingBlock& block : list.blocks()) {
    raise_both(block.first(), block.last(), block.bound().of(term.score),
               block.bound().has_beside());
  }
  for (const auto& [place, times] : list.tail()) {
    raise_both(place, place, term.score(times, places.length(place)), places.is_beside(place));
  }
}

/// Those that have a posting, as a heap.
std::vector<WindowSearch::Window> WindowSearch::windows() const {
  std::vector<Window> windows;
  windows.reserve(window_count_);
  for (std::uint32_t i = 0; i < window_count_; ++i) {
    float bound = 0.0F;
    for (const Term& term : terms_) bound += term.bound(i);
    if (bound > 0.0F) windows.push_back({bound, i});
  }
  std::make_heap(windows.begin(), windows.end());
  return windows;
}

bool WindowSearch::run(TopRows& best) {
  auto left = windows();
  while (!left.empty() && !falls_short(left.front().bound, best.threshold())) {
    if (deadline_ && std::chrono::steady_clock::now() >= *deadline_) return false;
    std::pop_heap(left.begin(), left.end());
    search(left.back().number, best);
    left.pop_back();
    best.settle_if_worthwhile();
  }
  return true;
}

/// The first place at `place` or behind it that does not lie within a row.
std::uint32_t WindowSearch::row_border(std::uint64_t place) const {
  if (place >= index_.places().limit()) return index_.places().limit();
  const auto at = static_cast<std::uint32_t>(place);
  const std::uint32_t row = index_.places().owner(at).row;
  if (row == PlaceTable::Owner{}.row) return at;
  const PlaceRange places = index_.places_of(row);
  return places.first == at ? at : places.end();
}

void WindowSearch::search(std::uint32_t window, TopRows& best) {
  const std::uint32_t first = row_border(std::uint64_t{window} << window_bits_);
  const std::uint32_t end = row_border((std::uint64_t{window} + 1) << window_bits_);
  if (first >= end) return;
  const PlaceRange places{first, end - first};
  choose_terms(window, best.threshold());
  const std::uint32_t base = base_of(places);
  ScoreTable& table = ScoreTable::of_this_thread(end - base);
  for (const std::size_t term : read_) read(term, places, table);
  find_promising(table, best.threshold());
  if (!looked_up_.empty()) read_the_others(places, table);
  offer(table, base, best);
}

/// Leaves out of the reading as many terms as cannot bring a row into the answer together, those
/// with the longest lists.
void WindowSearch::choose_terms(std::uint32_t window, float threshold) {
  read_.clear();
  looked_up_.clear();
  rest_ = beside_ = 0.0F;
  for (const std::size_t i : by_size_) {
    const float bound = terms_[i].bound(window);
    if (bound == 0.0F) continue;
    const float beside = terms_[i].bound_beside(window);
    if (falls_short(rest_ + bound, threshold)) {
      rest_ += bound;
      looked_up_.push_back({i, bound, beside});
    } else {
      read_.push_back(i);
      beside_ += beside;
    }
  }
  in_order_ = looked_up_.empty();
  std::ranges::sort(read_);
  std::ranges::sort(looked_up_, std::greater(), &LookedUp::bound);
}

void WindowSearch::read(std::size_t term, PlaceRange places, ScoreTable& table) {
  terms_[term].cursor.read(places.first, places.end(), [&](std::span<const Posting> postings) {
    table.add(postings, base_of(places), index_.places(), terms_[term].score);
    postings_read_ += postings.size();
  });
}

void WindowSearch::find_promising(const ScoreTable& table, float threshold) {
  const float others = beside_ + rest_;
  const auto touched = table.touched();
  promising_.resize(touched.size());
  std::size_t count = 0;
  for (const std::uint32_t at : touched) {
    promising_[count] = at;
    count += falls_short(table.scores()[at] + others, threshold) ? 0 : 1;
  }
  promising_.resize(count);
}

/// Where too many rows are promising for looking each up, the terms left are read after all. Places
/// that only they have bring no row.
void WindowSearch::read_the_others(PlaceRange places, ScoreTable& table) {
  constexpr std::size_t kPostingsPerLookup = 16;
  std::uint64_t postings = 0;
  for (const LookedUp& term : looked_up_) postings += terms_[term.term].cursor.list().size();
  postings = postings * places.count / index_.places().limit();
  if (promising_.size() * looked_up_.size() * kPostingsPerLookup < postings) return;
  for (const LookedUp& term : looked_up_) {
    read(term.term, places, table);
    beside_ += term.beside;
  }
  looked_up_.clear();
  rest_ = 0.0F;
}

/// A long row is looked at as a whole at the first of its places that may enter. Where terms were
/// read that did not choose the places, its best passage may be one that is not among them; then
/// the place beside the text is, whose score that passage gets.
void WindowSearch::offer(ScoreTable& table, std::uint32_t base, TopRows& best) {
  const PlaceTable& places = index_.places();
  const std::span<float> scores = table.scores();
  for (const std::uint32_t at : promising_) {
    const bool is_whole = !in_order_ && beside_ > 0.0F && places.is_beside(base + at);
    float score = scores[at];
    if (!is_whole && falls_short(score + beside_ + rest_, best.threshold())) continue;
    const auto [row, beside] = places.owner(base + at);
    if (beside != 0) score += scores[beside - base];
    if (!(score > 0.0F)) continue;
    if (!is_whole && falls_short(score + rest_, best.threshold())) continue;
    const PlaceRange range = index_.places_of(row);
    if (range.count > 1) score = take_row_score(scores.subspan(range.first - base, range.count));
    if (falls_short(score + rest_, best.threshold())) continue;
    if (allowed_ != nullptr && !allowed_->contains(row)) continue;
    if (!looked_up_.empty() && !may_reach(range, score, best.threshold())) continue;
    best.offer({row, in_order_ ? score : score_of(range)});
  }
}

/// Whether a row that the terms read give `score` may reach the threshold by the other terms.
bool WindowSearch::may_reach(PlaceRange places, float score, float threshold) {
  float rest = rest_;
  for (const LookedUp& term : looked_up_) {
    if (falls_short(score + rest, threshold)) return false;
    score += score_by(terms_[term.term], places);
    rest -= term.bound;
  }
  return !falls_short(score, threshold);
}

/// What one term gives a row at most: that of a passage, and of the place beside the text.
float WindowSearch::score_by(Term& term, PlaceRange places) {
  const std::uint32_t last = places.end() - 1;
  float of_passage = 0.0F, beside = 0.0F;
  term.cursor.read(places.first, places.end(), [&](std::span<const Posting> postings) {
    postings_read_ += postings.size();
    for (const auto& [place, times] : postings) {
      const float score = term.score(times, index_.places().length(place));
      float& part = places.count > 1 && place == last ? beside : of_passage;
      part = std::max(part, score);
    }
  });
  return of_passage + beside;
}

/// In the query's order, as bm25.cc says.
float WindowSearch::score_of(PlaceRange places) {
  sums_.assign(places.count, 0.0F);
  for (Term& term : terms_) {
    term.cursor.read(places.first, places.end(), [&](std::span<const Posting> postings) {
      for (const auto& [place, times] : postings) {
        sums_[place - places.first] += term.score(times, index_.places().length(place));
      }
    });
  }
  return row_score(sums_);
}

}  // namespace tulving::index
