#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <roaring/roaring.hh>
#include <span>
#include <vector>

#include "index/text/postings/place_table.h"
#include "index/text/postings/posting_list.h"
#include "index/text/postings/saved_index.h"

namespace tulving::index {

class PostingDigest;

/// What is known of a row's text.
struct Document {
  std::uint64_t digest = 0;          ///< Of what is searched, see TextIndex::digest_of().
  std::uint32_t length = 0;          ///< Counted words: what a search for the whole text would ask.
  std::span<const TermCount> terms;  ///< By term and block, each once, at least one time.
};

/// Which row has which terms how often, both ways.
///
/// Backwards a row keeps its terms as a byte string (see term_list.h), about 1.7 bytes a term,
/// where four-byte ids would take as much as half the postings. It makes erase() exact, O(the row's
/// terms).
class InvertedIndex {
 public:
  static constexpr std::uint32_t kAbsent = UINT32_MAX;

  /// Sets what a row has, replacing what it had: only terms that changed are touched. Terms that no
  /// row has any more are appended to `orphans`.
  void set(std::uint32_t row, const Document& document, std::vector<std::uint32_t>& orphans);
  void erase(std::uint32_t row, std::vector<std::uint32_t>& orphans);

  [[nodiscard]] const Roaring& rows() const { return rows_; }
  [[nodiscard]] std::uint64_t documents() const { return documents_; }
  /// Of the longest passage of each row (index/text/postings/passages.h).
  [[nodiscard]] double average_length() const;
  [[nodiscard]] std::size_t row_limit() const { return backward_.size(); }  ///< Highest row + 1.
  /// Of a row below row_limit(); kAbsent when it has no text.
  [[nodiscard]] std::uint32_t length(std::uint32_t row) const { return backward_[row].length; }
  [[nodiscard]] std::uint64_t digest(std::uint32_t row) const { return backward_[row].digest; }
  [[nodiscard]] const PlaceTable& places() const { return places_; }
  /// Of a row that has a text.
  [[nodiscard]] PlaceRange places_of(std::uint32_t row) const {
    return {backward_[row].first_place, place_count(backward_[row].length)};
  }
  [[nodiscard]] std::span<const std::byte> term_list(std::uint32_t row) const;
  [[nodiscard]] const PostingList& postings(std::uint32_t term) const { return forward_[term]; }
  [[nodiscard]] std::size_t bytes() const;

  /// For checkpoints, of `terms` terms.
  [[nodiscard]] SavedIndex saved(std::size_t terms) const;
  /// Into an empty index. False where something is not well-formed, or terms and rows say different
  /// things: then the index is good for nothing. Bounds of blocks are taken as they are.
  bool restore(SavedIndex saved);
  /// Whether terms and rows say the same, and the bounds hold. O(all).
  [[nodiscard]] bool is_sound() const;

 private:
  /// Its size in 4 bytes, the highest bit where it lies among loaded_lists_, then the list.
  struct FreeList {
    void operator()(std::byte* list) const {
      if (!is_lent(list)) delete[] list;
    }
  };
  struct Backward {
    std::uint64_t digest = 0;
    std::unique_ptr<std::byte[], FreeList> term_list;  // null: no terms
    std::uint32_t length = kAbsent;
    std::uint32_t first_place = 0;
  };

  /// What a row has at its places; which of them, the terms and the length say.
  struct Content {
    std::span<const TermCount> terms;
    std::uint32_t length = 0;
  };

  static constexpr std::uint32_t kLent = 1U << 31U;
  static bool is_lent(const std::byte* list);
  bool restore_rows(SavedIndex& saved, PostingDigest& digest);
  bool restore_terms(const SavedIndex& saved, PostingDigest& digest);

  PostingList& list(std::uint32_t term) {
    if (term >= forward_.size()) forward_.resize(std::size_t{term} + 1);
    return forward_[term];
  }
  /// Keeps account of the memory that the change of a list takes or frees.
  template <class Change>
  void change(std::uint32_t term, const Change& change) {
    PostingList& postings = list(term);
    posting_bytes_ -= postings.heap_bytes();
    change(postings);
    posting_bytes_ += postings.heap_bytes();
  }
  void replace(Content old, Content now, PlaceRange places, std::vector<std::uint32_t>& orphans);
  void set_postings(std::span<const TermCount> counts, PlaceRange places, std::uint32_t length);
  void erase_posting(std::uint32_t term, PlaceRange places, std::vector<std::uint32_t>& orphans);
  void store(std::uint32_t row, std::uint64_t digest, std::uint32_t length,
             std::span<const std::byte> term_list);
  void drop(std::uint32_t row);

  std::vector<std::byte> loaded_lists_;  // as a checkpoint had them: no list of a row by itself
  std::vector<PostingList> forward_;     // by term
  std::vector<Backward> backward_;       // by row
  PlaceTable places_;
  Roaring rows_;
  std::uint64_t documents_ = 0;
  std::uint64_t total_length_ = 0;   // of the longest passages
  std::size_t posting_bytes_ = 0;    // of forward_ on the heap
  std::size_t term_list_bytes_ = 0;  // of backward_ on the heap
};

}  // namespace tulving::index
