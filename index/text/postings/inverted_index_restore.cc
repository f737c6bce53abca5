#include "core/base/check.h"
#include "index/text/postings/inverted_index.h"
#include "index/text/postings/passages.h"
#include "index/text/postings/posting_sorter.h"
#include "index/text/postings/term_list.h"

namespace tulving::index {
namespace {

/// A row's terms, as its list says: false when that is none, or not of a text of `length`. Then
/// there are no more places than bytes, about.
bool decode_row(std::span<const std::byte> list, std::uint32_t length, std::size_t terms_limit,
                std::vector<TermCount>& terms) {
  terms.clear();
  if (length == InvertedIndex::kAbsent || !decode_terms(list, terms)) return false;
  if (!terms.empty() && terms.back().term >= terms_limit) return false;
  std::uint64_t occurrences = 0;
  for (const TermCount& count : terms) {
    if (count.block != kBeside && count.block > last_block(length)) return false;
    occurrences += count.times;
  }
  return length <= occurrences;
}

void gather(std::span<const TermCount> terms, std::uint32_t first_place, std::uint32_t length,
            PostingSorter& sorter) {
  for (std::size_t begin = 0, end = 0; begin < terms.size(); begin = end) {
    const std::uint32_t term = terms[begin].term;
    while (end < terms.size() && terms[end].term == term) ++end;
    bool begins = true;
    for_each_place(terms.subspan(begin, end - begin), length,
                   [&](std::uint32_t place, std::uint32_t times) {
                     sorter.add(term, {first_place + place, times}, begins);
                     begins = false;
                   });
  }
}

}  // namespace

bool InvertedIndex::restore(const SavedRows& saved, std::size_t terms, std::uint64_t postings) {
  TULVING_CHECK(documents_ == 0 && forward_.empty());
  if (saved.rows.empty()) return true;
  backward_.resize(std::size_t{saved.rows.back()} + 1);
  places_.reserve(backward_.size());
  forward_.resize(terms);
  PostingSorter sorter(terms, postings);
  const auto hand_out = [&] {
    sorter.hand_out([this](std::uint32_t term, std::span<const Posting> run, std::uint32_t rows) {
      change(term, [&](PostingList& list) { list.append(run, rows, places_); });
    });
  };
  std::vector<TermCount> of_row;
  std::span<const std::byte> lists = saved.lists;
  for (std::size_t i = 0; i < saved.rows.size(); ++i) {
    const auto list = lists.first(saved.list_sizes[i]);
    lists = lists.subspan(list.size());
    const std::uint32_t row = saved.rows[i], length = saved.lengths[i];
    if (!decode_row(list, length, terms, of_row)) return false;
    backward_[row].first_place = places_.take(row, length);
    gather(of_row, backward_[row].first_place, length, sorter);
    store(row, saved.digests[i], length, list);
    if (sorter.is_full()) hand_out();
  }
  hand_out();
  return true;
}

}  // namespace tulving::index
