// (1) postings(t) has block b of row r with n > 0 times exactly when r's term list says so.
// (2) lengths_[r] == kAbsent exactly when r is not in rows_, and then r has no term list.
// (3) documents_ counts rows_, and total_length_ is the sum of their longest passages' lengths.

#include "index/text/inverted_index.h"

#include <algorithm>
#include <cstring>

#include "core/base/check.h"
#include "index/text/passages.h"
#include "index/text/term_list.h"

namespace tulving::index {
namespace {

constexpr std::size_t kHeapBlockBytes = 16;  // what the allocator adds to a block, about

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
};
Scratch& scratch() {
  static thread_local Scratch buffers;
  return buffers;
}

}  // namespace

PostingList& InvertedIndex::list(std::uint32_t term) {
  if (term >= forward_.size()) forward_.resize(std::size_t{term} + 1);
  return forward_[term];
}

void InvertedIndex::set(std::uint32_t row, const Document& document,
                        std::vector<std::uint32_t>& orphans) {
  TULVING_CHECK(row != kAbsent && document.length != kAbsent);
  auto& [old_terms, encoded] = scratch();
  old_terms.clear();
  if (row >= lengths_.size()) {
    lengths_.resize(std::size_t{row} + 1, kAbsent);
    backward_.resize(std::size_t{row} + 1);
  } else if (lengths_[row] != kAbsent) {
    TULVING_CHECK(decode_own(term_list(row), old_terms));
    drop(row);
  }
  replace(old_terms, document.terms, row, orphans);
  encoded.clear();
  encode_terms(document.terms, encoded);
  store(row, document.digest, document.length, encoded);
}

void InvertedIndex::erase(std::uint32_t row, std::vector<std::uint32_t>& orphans) {
  if (row >= lengths_.size() || lengths_[row] == kAbsent) return;
  auto& terms = scratch().terms;
  TULVING_CHECK(decode_own(term_list(row), terms));
  drop(row);
  replace(terms, {}, row, orphans);
}

void InvertedIndex::replace(std::span<const TermCount> old_terms,
                            std::span<const TermCount> new_terms, std::uint32_t row,
                            std::vector<std::uint32_t>& orphans) {
  constexpr std::size_t kAhead = 8;
  while (!new_terms.empty()) {
    if (kAhead < new_terms.size() && new_terms[kAhead].term < forward_.size()) {
      forward_[new_terms[kAhead].term].prefetch();
    }
    const auto counts = first_term(new_terms);
    new_terms = new_terms.subspan(counts.size());
    while (!old_terms.empty() && old_terms.front().term < counts.front().term) {
      erase_posting(old_terms.front().term, row, orphans);
      old_terms = old_terms.subspan(first_term(old_terms).size());
    }
    if (!old_terms.empty() && old_terms.front().term == counts.front().term) {
      const auto old_counts = first_term(old_terms);
      old_terms = old_terms.subspan(old_counts.size());
      if (std::ranges::equal(old_counts, counts)) continue;
    }
    set_postings(counts, row);
  }
  for (; !old_terms.empty(); old_terms = old_terms.subspan(first_term(old_terms).size())) {
    erase_posting(old_terms.front().term, row, orphans);
  }
}

void InvertedIndex::set_postings(std::span<const TermCount> counts, std::uint32_t row) {
  PostingList& postings = list(counts.front().term);
  posting_bytes_ -= postings.heap_bytes();
  postings.set(row, counts);
  posting_bytes_ += postings.heap_bytes();
}

void InvertedIndex::erase_posting(std::uint32_t term, std::uint32_t row,
                                  std::vector<std::uint32_t>& orphans) {
  PostingList& postings = forward_[term];
  posting_bytes_ -= postings.heap_bytes();
  postings.erase(row);
  posting_bytes_ += postings.heap_bytes();
  if (postings.documents() == 0) orphans.push_back(term);
}

void InvertedIndex::store(std::uint32_t row, std::uint64_t digest, std::uint32_t length,
                          std::span<const std::byte> term_list) {
  Backward& backward = backward_[row];
  backward.digest = digest;
  if (!term_list.empty()) {
    const auto size = static_cast<std::uint32_t>(term_list.size());
    backward.term_list = std::make_unique_for_overwrite<std::byte[]>(sizeof(size) + size);
    std::memcpy(backward.term_list.get(), &size, sizeof(size));
    std::memcpy(backward.term_list.get() + sizeof(size), term_list.data(), size);
    term_list_bytes_ += sizeof(size) + size + kHeapBlockBytes;
  }
  lengths_[row] = length;
  rows_.add(row);
  ++documents_;
  total_length_ += longest_passage(length);
}

void InvertedIndex::drop(std::uint32_t row) {
  if (const auto list = term_list(row); !list.empty()) {
    term_list_bytes_ -= sizeof(std::uint32_t) + list.size() + kHeapBlockBytes;
  }
  backward_[row] = {};
  --documents_;
  total_length_ -= longest_passage(lengths_[row]);
  lengths_[row] = kAbsent;
  rows_.remove(row);
}

std::span<const std::byte> InvertedIndex::term_list(std::uint32_t row) const {
  const std::byte* const list = backward_[row].term_list.get();
  if (list == nullptr) return {};
  std::uint32_t size = 0;
  std::memcpy(&size, list, sizeof(size));
  return {list + sizeof(size), size};
}

double InvertedIndex::average_length() const {
  if (documents_ == 0) return 0.0;
  return static_cast<double>(total_length_) / static_cast<double>(documents_);
}

std::size_t InvertedIndex::bytes() const {
  return forward_.capacity() * sizeof(PostingList) + posting_bytes_ +
         lengths_.capacity() * sizeof(std::uint32_t) + backward_.capacity() * sizeof(Backward) +
         term_list_bytes_ + rows_.getSizeInBytes();
}

void InvertedIndex::reserve(std::size_t row_limit,
                            std::span<const std::uint32_t> postings_by_term) {
  lengths_.assign(row_limit, kAbsent);
  backward_.resize(row_limit);
  forward_.resize(postings_by_term.size());
  for (std::size_t term = 0; term < forward_.size(); ++term) {
    forward_[term].reserve(postings_by_term[term]);
    posting_bytes_ += forward_[term].heap_bytes();
  }
}

bool InvertedIndex::restore(std::uint32_t row, std::uint64_t digest, std::uint32_t length,
                            std::span<const std::byte> term_list) {
  auto& terms = scratch().terms;
  if (!decode_own(term_list, terms)) return false;
  if (!terms.empty() && terms.back().term >= forward_.size()) return false;
  std::uint64_t occurrences = 0;
  // Each term's list lies elsewhere, and its end elsewhere again.
  constexpr std::size_t kAhead = 8;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (i + 2 * kAhead < terms.size()) __builtin_prefetch(&forward_[terms[i + 2 * kAhead].term], 1);
    if (i + kAhead < terms.size()) forward_[terms[i + kAhead].term].prefetch();
    if (!forward_[terms[i].term].append(row, terms[i])) return false;  // More than was said.
    if (terms[i].block != kBeside && terms[i].block > last_block(length)) return false;
    occurrences += terms[i].times;
  }
  if (length > occurrences) return false;
  store(row, digest, length, term_list);
  return true;
}

}  // namespace tulving::index
