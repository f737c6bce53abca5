#include "index/text/text_index.h"

#include <algorithm>
#include <utility>

#include "core/base/hash.h"
#include "index/text/analyzer.h"
#include "index/text/bm25.h"
#include "index/text/inverted_index.h"
#include "index/text/text_checkpoint.h"
#include "index/text/vocabulary.h"

namespace tulving::index {
namespace {

/// A query's terms that some row has, in the order of their first occurrence; `distinct` counts the
/// unknown ones too.
struct QueryTerms {
  std::vector<QueryTerm> known;
  std::uint32_t distinct = 0;
};

/// Adds up equal terms. Sorts, as a query may be as long as a text.
std::vector<QueryTerm> add_up(std::span<const std::uint32_t> sequence) {
  struct Place {
    std::uint32_t term, first, times;
  };
  std::vector<Place> places;
  places.reserve(sequence.size());
  for (std::uint32_t i = 0; i < sequence.size(); ++i) places.push_back({sequence[i], i, 1});
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.term < b.term; });
  std::size_t kept = 0;
  for (const Place& place : places) {
    if (kept > 0 && places[kept - 1].term == place.term) {
      ++places[kept - 1].times;
    } else {
      places[kept++] = place;
    }
  }
  places.resize(kept);
  std::sort(places.begin(), places.end(),
            [](const Place& a, const Place& b) { return a.first < b.first; });
  std::vector<QueryTerm> terms;
  terms.reserve(kept);
  for (const Place& place : places) terms.push_back({place.term, place.times});
  return terms;
}

QueryTerms query_terms(const Vocabulary& vocabulary, std::string_view text) {
  Analyzer& analyzer = Analyzer::of_this_thread();
  std::vector<std::uint32_t> sequence;
  std::vector<std::string> unknown_terms;
  for (const Word& word : analyzer.split(text)) {
    if (word.kind == WordKind::kCharacter) continue;
    std::string_view unknown;
    const std::uint32_t term = vocabulary.find(analyzer, word, &unknown);
    if (term == Vocabulary::kStopWord) continue;
    if (term == Vocabulary::kUnknown) {
      unknown_terms.emplace_back(unknown);
    } else {
      sequence.push_back(term);
    }
  }
  std::sort(unknown_terms.begin(), unknown_terms.end());
  const auto end = std::unique(unknown_terms.begin(), unknown_terms.end());
  QueryTerms terms{.known = add_up(sequence), .distinct = 0};
  terms.distinct = static_cast<std::uint32_t>(terms.known.size()) +
                   static_cast<std::uint32_t>(std::distance(unknown_terms.begin(), end));
  return terms;
}

}  // namespace

class TextIndex::Impl {
 public:
  void set(std::uint32_t row, std::string_view text) {
    Analyzer& analyzer = Analyzer::of_this_thread();
    ids_.clear();
    std::uint32_t length = 0;
    for (const Word& word : analyzer.split(text)) {
      const std::uint32_t term = vocabulary_.intern(analyzer, word);
      if (term == Vocabulary::kStopWord) continue;
      ids_.push_back(term);
      if (word.kind != WordKind::kCharacter) ++length;
    }
    std::sort(ids_.begin(), ids_.end());
    counts_.clear();
    for (const std::uint32_t term : ids_) {
      if (counts_.empty() || counts_.back().term != term) counts_.push_back({term, 0});
      ++counts_.back().times;
    }
    index_.set(row, {.digest = xxh3(text), .length = length, .terms = counts_}, orphans_);
    forget_orphans();
  }

  void erase(std::uint32_t row) {
    index_.erase(row, orphans_);
    forget_orphans();
  }

  [[nodiscard]] std::uint64_t bytes() const {
    return sizeof(Impl) + vocabulary_.bytes() + index_.bytes() +
           ids_.capacity() * sizeof(std::uint32_t) + counts_.capacity() * sizeof(TermCount) +
           orphans_.capacity() * sizeof(std::uint32_t);
  }

  Vocabulary vocabulary_;
  InvertedIndex index_;

 private:
  void forget_orphans() {
    for (const std::uint32_t term : orphans_) vocabulary_.erase(term);
    orphans_.clear();
  }

  // Empty between calls; kept for their memory.
  std::vector<std::uint32_t> ids_, orphans_;
  std::vector<TermCount> counts_;
};

TextIndex::TextIndex() : impl_(std::make_unique<Impl>()) {}
TextIndex::~TextIndex() = default;

void TextIndex::set(std::uint32_t row, std::string_view text) { impl_->set(row, text); }
void TextIndex::erase(std::uint32_t row) { impl_->erase(row); }

TextMatches TextIndex::search(const TextQuery& query) const {
  const QueryTerms terms = query_terms(impl_->vocabulary_, query.text);
  TextMatches matches = search_bm25(impl_->index_, terms.known, query);
  matches.terms = terms.distinct;
  return matches;
}

void TextIndex::score(std::string_view query, const Bm25Params& params,
                      std::span<const std::uint32_t> rows, std::span<float> scores) const {
  score_bm25(impl_->index_, query_terms(impl_->vocabulary_, query).known, params, rows, scores);
}

std::uint64_t TextIndex::documents() const { return impl_->index_.documents(); }
std::uint64_t TextIndex::terms() const { return impl_->vocabulary_.size(); }
std::uint64_t TextIndex::bytes() const { return impl_->bytes(); }
const Roaring& TextIndex::rows() const { return impl_->index_.rows(); }

std::optional<std::uint64_t> TextIndex::digest(std::uint32_t row) const {
  const InvertedIndex& index = impl_->index_;
  if (row >= index.row_limit() || index.length(row) == InvertedIndex::kAbsent) return std::nullopt;
  return index.digest(row);
}

Status TextIndex::save(const std::filesystem::path& file, std::uint64_t revision) const {
  return save_text_checkpoint(file, revision, impl_->vocabulary_, impl_->index_);
}

Result<std::unique_ptr<TextIndex>> TextIndex::load(const std::filesystem::path& file,
                                                   std::uint64_t& revision) {
  auto index = std::make_unique<TextIndex>();
  Impl& impl = *index->impl_;
  auto status = load_text_checkpoint(file, revision, impl.vocabulary_, impl.index_);
  if (!status) return status.error();
  return index;
}

}  // namespace tulving::index
