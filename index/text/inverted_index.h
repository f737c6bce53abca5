#pragma once

#include <absl/container/inlined_vector.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <roaring/roaring.hh>
#include <span>
#include <vector>

namespace tulving::index {

/// A row that has a term, and how often. Zero times: erased, not yet swept out.
struct Posting {
  std::uint32_t row = 0;
  std::uint32_t times = 0;
};

/// The rows of one term, ascending. An erased posting stays until a quarter of the list is erased,
/// so that erasing costs O(log n) amortised; a row between others moves those behind it, O(n)
/// bytes.
class PostingList {
 public:
  /// `times` is at least 1.
  void set(std::uint32_t row, std::uint32_t times);
  void erase(std::uint32_t row);

  /// How often the row has the term, 0 when it has not. O(log n).
  [[nodiscard]] std::uint32_t times(std::uint32_t row) const;
  [[nodiscard]] std::span<const Posting> postings() const { return postings_; }
  [[nodiscard]] std::size_t documents() const { return postings_.size() - erased_; }
  [[nodiscard]] std::size_t heap_bytes() const;
  void reserve(std::size_t postings) { postings_.reserve(postings); }
  /// set() of a row above all others, into room that reserve() made; false when there is none.
  bool append(std::uint32_t row, std::uint32_t times) {
    if (postings_.size() == postings_.capacity()) return false;
    postings_.push_back({row, times});
    return true;
  }
  /// Hides the wait for memory that append() will write to.
  void prefetch() const { __builtin_prefetch(postings_.data() + postings_.size(), 1); }

 private:
  // Half of a vocabulary occurs once or twice: two postings fit where a vector keeps its pointers.
  using Postings = absl::InlinedVector<Posting, 2>;

  [[nodiscard]] Postings::const_iterator lower_bound(std::uint32_t row) const;

  Postings postings_;
  std::uint32_t erased_ = 0;
};

struct TermCount {
  std::uint32_t term = 0;
  std::uint32_t times = 0;

  friend bool operator==(const TermCount&, const TermCount&) = default;
};

/// What is known of a row's text.
struct Document {
  std::uint64_t digest = 0;          ///< XXH3 of the text.
  std::uint32_t length = 0;          ///< Terms, as a search for the whole text would have them.
  std::span<const TermCount> terms;  ///< By term, each once, at least one time.
};

/// Which row has which terms how often, both ways.
///
/// Backwards a row keeps its terms as a byte string (see term_list.h), about 1.7 bytes a term,
/// where four-byte ids would take as much as half the postings. It makes erase() exact, O(the row's
/// terms), and is what a checkpoint holds: postings follow from it.
class InvertedIndex {
 public:
  static constexpr std::uint32_t kAbsent = UINT32_MAX;

  /// Sets what a row has, replacing what it had: only terms that changed are touched. Terms that no
  /// row has any more are appended to `orphans`.
  void set(std::uint32_t row, const Document& document, std::vector<std::uint32_t>& orphans);
  void erase(std::uint32_t row, std::vector<std::uint32_t>& orphans);

  [[nodiscard]] const Roaring& rows() const { return rows_; }
  [[nodiscard]] std::uint64_t documents() const { return documents_; }
  [[nodiscard]] double average_length() const;
  [[nodiscard]] std::size_t row_limit() const { return lengths_.size(); }  ///< Highest row + 1.
  /// Of a row below row_limit(); kAbsent when it has no text.
  [[nodiscard]] std::uint32_t length(std::uint32_t row) const { return lengths_[row]; }
  [[nodiscard]] const std::uint32_t* lengths() const { return lengths_.data(); }
  [[nodiscard]] std::uint64_t digest(std::uint32_t row) const { return backward_[row].digest; }
  [[nodiscard]] std::span<const std::byte> term_list(std::uint32_t row) const;
  [[nodiscard]] const PostingList& postings(std::uint32_t term) const { return forward_[term]; }
  [[nodiscard]] std::size_t term_limit() const { return forward_.size(); }
  [[nodiscard]] std::size_t bytes() const;

  /// For loading: room for each term's postings, then rows in ascending order. False when a list is
  /// not well-formed, names a term beyond the vocabulary, or holds more of a term than was said.
  void reserve(std::size_t row_limit, std::span<const std::uint32_t> documents_by_term);
  bool restore(std::uint32_t row, std::uint64_t digest, std::uint32_t length,
               std::span<const std::byte> term_list);

 private:
  struct Backward {
    std::uint64_t digest = 0;
    std::unique_ptr<std::byte[]> term_list;  // its size in 4 bytes, then the list; null: no terms
  };

  PostingList& list(std::uint32_t term);
  void replace(std::span<const TermCount> old_terms, std::span<const TermCount> new_terms,
               std::uint32_t row, std::vector<std::uint32_t>& orphans);
  void erase_posting(std::uint32_t term, std::uint32_t row, std::vector<std::uint32_t>& orphans);
  void store(std::uint32_t row, std::uint64_t digest, std::uint32_t length,
             std::span<const std::byte> term_list);
  void drop(std::uint32_t row);

  std::vector<PostingList> forward_;  // by term
  std::vector<std::uint32_t>
      lengths_;                     // by row; apart from the rest, as scoring reads nothing else
  std::vector<Backward> backward_;  // by row
  Roaring rows_;
  std::uint64_t documents_ = 0;
  std::uint64_t total_length_ = 0;
  std::size_t posting_bytes_ = 0;    // of forward_ on the heap
  std::size_t term_list_bytes_ = 0;  // of backward_ on the heap
};

}  // namespace tulving::index
