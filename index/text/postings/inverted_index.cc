// (1) postings(t) has place p of row r with n > 0 times exactly when r's term list says so.
// (2) length(r) == kAbsent exactly when r is not in rows_, and then r has neither term list nor
//     places.
// (3) documents_ counts rows_, and total_length_ is the sum of their longest passages' lengths.

#include "index/text/postings/inverted_index.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "index/text/postings/passages.h"
#include "index/text/postings/term_list.h"

namespace tulving::index {
namespace {

/// The front of `terms` that is one term's, by block.
std::span<const TermCount> first_term(std::span<const TermCount> terms) {
  std::size_t count = 0;
  while (count < terms.size() && terms[count].term == terms.front().term) ++count;
  return terms.first(count);
}

std::uint32_t longest_passage(std::uint32_t length) { return std::min(length, kPassageWords); }

bool decode_own(std::span<const std::byte> list, std::vector<TermCount>& terms) {
  terms.clear();
  return decode_terms(list, terms);
}

/// Reused, so that a write allocates nothing but what it keeps.
struct Scratch {
  std::vector<TermCount> terms;
  std::vector<std::byte> list;
  std::vector<Posting> postings;
};
Scratch& scratch() {
  static thread_local Scratch buffers;
  return buffers;
}

}  // namespace

void InvertedIndex::set(std::uint32_t row, const Document& document,
                        std::vector<std::uint32_t>& orphans) {
  TULVING_CHECK(row != kAbsent && document.length != kAbsent);
  if (row >= backward_.size()) backward_.resize(std::size_t{row} + 1);
  const std::uint32_t old_length = length(row);
  const bool is_there = old_length != kAbsent;
  const bool stays = is_there && place_count(old_length) == place_count(document.length);
  if (is_there && !stays) erase(row, orphans);
  auto& terms = scratch().terms;
  terms.clear();
  if (stays) {
    TULVING_CHECK(decode_own(term_list(row), terms));
    drop(row);
    places_.set_length(backward_[row].first_place, document.length);
  } else {
    backward_[row].first_place = places_.take(row, document.length);
  }
  const PlaceRange places{backward_[row].first_place, place_count(document.length)};
  replace({terms, old_length}, {document.terms, document.length}, places, orphans);
  auto& encoded = scratch().list;
  encoded.clear();
  encode_terms(document.terms, encoded);
  store(row, document.digest, document.length, encoded);
  if (!orphans.empty()) {  // erase() may have called one so that has the row again
    std::erase_if(orphans, [&](std::uint32_t term) { return forward_[term].documents() > 0; });
  }
}

void InvertedIndex::erase(std::uint32_t row, std::vector<std::uint32_t>& orphans) {
  if (row >= backward_.size() || length(row) == kAbsent) return;
  auto& terms = scratch().terms;
  TULVING_CHECK(decode_own(term_list(row), terms));
  replace({terms, length(row)}, {{}, length(row)}, places_of(row), orphans);
  places_.give_back(backward_[row].first_place, length(row));
  drop(row);
}

void InvertedIndex::replace(Content old, Content now, PlaceRange places,
                            std::vector<std::uint32_t>& orphans) {
  constexpr std::size_t kAhead = 8;
  const float length = counted_length(now.length);
  const bool is_shorter = length < counted_length(old.length);
  while (!now.terms.empty()) {
    if (kAhead < now.terms.size() && now.terms[kAhead].term < forward_.size()) {
      forward_[now.terms[kAhead].term].prefetch();
    }
    const auto counts = first_term(now.terms);
    const std::uint32_t term = counts.front().term;
    now.terms = now.terms.subspan(counts.size());
    while (!old.terms.empty() && old.terms.front().term < term) {
      erase_posting(old.terms.front().term, places, orphans);
      old.terms = old.terms.subspan(first_term(old.terms).size());
    }
    if (!old.terms.empty() && old.terms.front().term == term) {
      const auto old_counts = first_term(old.terms);
      old.terms = old.terms.subspan(old_counts.size());
      if (std::ranges::equal(old_counts, counts)) {
        if (is_shorter) forward_[term].shorten(places, length);
        continue;
      }
    }
    set_postings(counts, places, now.length);
  }
  for (; !old.terms.empty(); old.terms = old.terms.subspan(first_term(old.terms).size())) {
    erase_posting(old.terms.front().term, places, orphans);
  }
}

void InvertedIndex::set_postings(std::span<const TermCount> counts, PlaceRange places,
                                 std::uint32_t length) {
  auto& of_row = scratch().postings;
  of_row.clear();
  for_each_place(counts, length, [&](std::uint32_t place, std::uint32_t times) {
    of_row.push_back({places.first + place, times});
  });
  change(counts.front().term,
         [&](PostingList& postings) { postings.set(places, of_row, places_); });
}

void InvertedIndex::erase_posting(std::uint32_t term, PlaceRange places,
                                  std::vector<std::uint32_t>& orphans) {
  change(term, [&](PostingList& postings) { postings.erase(places, places_); });
  if (forward_[term].documents() == 0) orphans.push_back(term);
}

void InvertedIndex::store(std::uint32_t row, std::uint64_t digest, std::uint32_t length,
                          std::span<const std::byte> term_list) {
  Backward& backward = backward_[row];
  backward.digest = digest;
  if (!term_list.empty()) {
    const auto size = static_cast<std::uint32_t>(term_list.size());
    backward.term_list.reset(new std::byte[sizeof(size) + size]);
    std::memcpy(backward.term_list.get(), &size, sizeof(size));
    std::memcpy(backward.term_list.get() + sizeof(size), term_list.data(), size);
    term_list_bytes_ += sizeof(size) + size + kHeapBlockBytes;
  }
  backward.length = length;
  rows_.add(row);
  ++documents_;
  total_length_ += longest_passage(length);
}

void InvertedIndex::drop(std::uint32_t row) {
  if (const auto list = term_list(row); !list.empty() && !is_lent(backward_[row].term_list.get())) {
    term_list_bytes_ -= sizeof(std::uint32_t) + list.size() + kHeapBlockBytes;
  }
  --documents_;
  total_length_ -= longest_passage(length(row));
  rows_.remove(row);
  Backward& backward = backward_[row];
  backward.digest = 0;
  backward.term_list = nullptr;
  backward.length = kAbsent;
}

std::span<const std::byte> InvertedIndex::term_list(std::uint32_t row) const {
  const std::byte* const list = backward_[row].term_list.get();
  if (list == nullptr) return {};
  std::uint32_t size = 0;
  std::memcpy(&size, list, sizeof(size));
  return {list + sizeof(size), size & ~kLent};
}

bool InvertedIndex::is_lent(const std::byte* list) {
  std::uint32_t size = 0;
  std::memcpy(&size, list, sizeof(size));
  return (size & kLent) != 0;
}

double InvertedIndex::average_length() const {
  if (documents_ == 0) return 0.0;
  return static_cast<double>(total_length_) / static_cast<double>(documents_);
}

std::size_t InvertedIndex::bytes() const {
  return forward_.capacity() * sizeof(PostingList) + posting_bytes_ + places_.bytes() +
         backward_.capacity() * sizeof(Backward) + term_list_bytes_ + loaded_lists_.capacity() +
         rows_.getSizeInBytes();
}

}  // namespace tulving::index
