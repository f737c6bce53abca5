#include "index/text/text_check.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "index/text/document_terms.h"
#include "index/text/postings/inverted_index.h"
#include "index/text/postings/term_list.h"
#include "index/text/postings/vocabulary.h"
#include "index/text/text_index.h"

namespace tulving::index {

class TextCheck::Impl {
 public:
  explicit Impl(const TextIndex& index)
      : index_(index.postings()), vocabulary_(index.vocabulary()) {}

  bool holds(std::uint32_t row, std::string_view text, std::span<const std::string_view> beside) {
    if (row >= index_.row_limit() || index_.length(row) == InvertedIndex::kAbsent) return false;
    expected_.read(text, beside, own_vocabulary_);
    if (index_.length(row) != expected_.length() ||
        index_.digest(row) != TextIndex::digest_of(text, beside)) {
      return false;
    }
    found_.clear();
    if (!decode_terms(index_.term_list(row), found_)) return false;
    return are_equal();
  }

  [[nodiscard]] bool postings_hold() const { return index_.is_sound(); }

 private:
  // Ids are each vocabulary's own, and so is their order: terms are compared as strings.
  using Named = std::tuple<std::string_view, std::uint32_t, std::uint32_t>;
  static void name(std::span<const TermCount> terms, const Vocabulary& vocabulary,
                   std::vector<Named>& named) {
    named.clear();
    for (const TermCount& count : terms) {
      named.emplace_back(vocabulary.view(count.term), count.block, count.times);
    }
    std::ranges::sort(named);
  }

  bool are_equal() {
    const bool are_known = std::ranges::all_of(
        found_, [this](const TermCount& count) { return count.term < vocabulary_.limit(); });
    if (!are_known || found_.size() != expected_.counts().size()) return false;
    name(found_, vocabulary_, found_names_);
    name(expected_.counts(), own_vocabulary_, expected_names_);
    return found_names_ == expected_names_;
  }

  const InvertedIndex& index_;
  const Vocabulary& vocabulary_;
  Vocabulary own_vocabulary_;
  DocumentTerms expected_;
  std::vector<TermCount> found_;
  std::vector<Named> found_names_, expected_names_;
};

TextCheck::TextCheck(const TextIndex& index) : impl_(std::make_unique<Impl>(index)) {}
TextCheck::~TextCheck() = default;

bool TextCheck::holds(std::uint32_t row, std::string_view text,
                      std::span<const std::string_view> beside) {
  return impl_->holds(row, text, beside);
}

bool TextCheck::postings_hold() const { return impl_->postings_hold(); }

}  // namespace tulving::index
