#include "index/text/text_index.h"

#include <array>
#include <utility>

#include "core/base/hash.h"
#include "index/text/document_terms.h"
#include "index/text/postings/inverted_index.h"
#include "index/text/postings/vocabulary.h"
#include "index/text/text_checkpoint.h"

namespace tulving::index {
namespace {

/// One hash after another, so that a word that moves from a text to a tag changes it.
std::uint64_t chained(std::uint64_t digest, std::string_view part) {
  const std::array<std::uint64_t, 2> both = {digest, xxh3(part)};
  return xxh3(std::as_bytes(std::span(both)));
}

}  // namespace

class TextIndex::Impl {
 public:
  void set(std::uint32_t row, std::string_view text, std::span<const std::string_view> beside) {
    terms_.read(text, beside, vocabulary_);
    index_.set(
        row,
        {.digest = digest_of(text, beside), .length = terms_.length(), .terms = terms_.counts()},
        orphans_);
    forget_orphans();
  }

  void erase(std::uint32_t row) {
    index_.erase(row, orphans_);
    forget_orphans();
  }

  [[nodiscard]] std::uint64_t bytes() const {
    return sizeof(Impl) + vocabulary_.bytes() + index_.bytes() + terms_.bytes() +
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
  DocumentTerms terms_;
  std::vector<std::uint32_t> orphans_;
};

TextIndex::TextIndex() : impl_(std::make_unique<Impl>()) {}
TextIndex::~TextIndex() = default;

void TextIndex::set(std::uint32_t row, std::string_view text,
                    std::span<const std::string_view> beside) {
  impl_->set(row, text, beside);
}
void TextIndex::erase(std::uint32_t row) { impl_->erase(row); }

std::uint64_t TextIndex::documents() const { return impl_->index_.documents(); }
std::uint64_t TextIndex::terms() const { return impl_->vocabulary_.size(); }
std::uint64_t TextIndex::bytes() const { return impl_->bytes(); }
const Roaring& TextIndex::rows() const { return impl_->index_.rows(); }
const InvertedIndex& TextIndex::postings() const { return impl_->index_; }
const Vocabulary& TextIndex::vocabulary() const { return impl_->vocabulary_; }

std::uint64_t TextIndex::digest_of(std::string_view text,
                                   std::span<const std::string_view> beside) {
  std::uint64_t digest = xxh3(text);
  for (const std::string_view words : beside) digest = chained(digest, words);
  return digest;
}

std::optional<std::uint64_t> TextIndex::digest(std::uint32_t row) const {
  const InvertedIndex& index = impl_->index_;
  if (row >= index.row_limit() || index.length(row) == InvertedIndex::kAbsent) return std::nullopt;
  return index.digest(row);
}

Status TextIndex::save(const std::filesystem::path& file, const CheckpointOrigin& origin,
                       FileSystem& files) const {
  return save_text_checkpoint(files, file, origin, impl_->vocabulary_, impl_->index_);
}

Result<std::unique_ptr<TextIndex>> TextIndex::load(const std::filesystem::path& file,
                                                   CheckpointOrigin& origin, FileSystem& files) {
  auto index = std::make_unique<TextIndex>();
  Impl& impl = *index->impl_;
  auto status = load_text_checkpoint(files, file, origin, impl.vocabulary_, impl.index_);
  if (!status) return status.error();
  return index;
}

}  // namespace tulving::index
