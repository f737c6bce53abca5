// A text index on disk: a checkpoint container (core/base/checkpoint/checkpoint_layout.h) of kind
// "TEXT", version 3. Sections, each an array; never renumber.
//
//   0  rows            u32[documents]   ascending
//   1  digests         u64[documents]   TextIndex::digest_of() what is searched of the row
//   2  lengths         u32[documents]   terms of the row, as a search for its text would have them
//   3  list sizes      u32[documents]   bytes of the row's term list
//   4  term lists      u8[sum of 3]     one after another (index/text/postings/term_list.h)
//   5  term postings   u32[term ids]    places of rows that have the term
//   (index/text/postings/passages.h) 6  term sizes      u8[term ids]     bytes of the term; 0: the
//   id is free 7  terms           u8[sum of 6]     UTF-8, one after another
//
// Postings are not written: they are the term lists turned round, and so
// cannot contradict them. Nor are the words that led to the terms, nor the bytes of any term that
// no row has: what was erased is not in the file. Versions 1 and 2 had no blocks or
// counted those, and are not read.

#include "index/text/text_checkpoint.h"

#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/base/checkpoint/checkpoint_file.h"

namespace tulving::index {
namespace {

constexpr std::string_view kKind = "TEXT";
constexpr std::uint32_t kVersion = 3;
enum Part : std::size_t {
  kRows,
  kDigests,
  kLengths,
  kListSizes,
  kLists,
  kTermPostings,
  kTermSizes,
  kTerms,
  kParts
};

/// The sections as read, sizes agreeing with each other.
struct Content {
  std::vector<std::uint32_t> rows, lengths, list_sizes, term_postings;
  std::vector<std::uint64_t> digests;
  std::vector<std::byte> lists, terms;
  std::vector<std::uint8_t> term_sizes;
};

template <class T>
Status read_part(const CheckpointReader& reader, Part part, std::vector<T>& into) {
  auto elements = reader.read_array<T>(part);
  if (!elements) return elements.error();
  into = *std::move(elements);
  return {};
}

Status read_content(const CheckpointReader& reader, Content& content) {
  if (reader.sections() != kParts) return reader.corruption("it has another number of sections");
  if (auto status = read_part(reader, kRows, content.rows); !status) return status;
  if (auto status = read_part(reader, kDigests, content.digests); !status) return status;
  if (auto status = read_part(reader, kLengths, content.lengths); !status) return status;
  if (auto status = read_part(reader, kListSizes, content.list_sizes); !status) return status;
  if (auto status = read_part(reader, kLists, content.lists); !status) return status;
  if (auto status = read_part(reader, kTermPostings, content.term_postings); !status) return status;
  if (auto status = read_part(reader, kTermSizes, content.term_sizes); !status) return status;
  return read_part(reader, kTerms, content.terms);
}

template <class T>
std::uint64_t sum_of(const std::vector<T>& values) {
  std::uint64_t sum = 0;
  for (const T value : values) sum += value;
  return sum;
}

/// Why the sections do not fit each other; empty when they do. After this, memory taken is bounded
/// by the size of the file.
std::string_view misfit(const Content& content) {
  const std::size_t documents = content.rows.size();
  if (content.digests.size() != documents || content.lengths.size() != documents ||
      content.list_sizes.size() != documents) {
    return "its counts of rows differ";
  }
  if (content.term_postings.size() != content.term_sizes.size())
    return "its counts of terms differ";
  if (sum_of(content.list_sizes) != content.lists.size()) return "its term lists do not add up";
  if (sum_of(content.term_sizes) != content.terms.size()) return "its terms do not add up";
  // A block is in two passages, and takes a byte of a list at least.
  if (sum_of(content.term_postings) / 2 > content.lists.size())
    return "it claims too many postings";
  for (std::size_t i = 1; i < documents; ++i) {
    if (content.rows[i - 1] >= content.rows[i]) return "its rows are not ascending";
  }
  // Tables are by row. So few rows so far apart are indexed again sooner than such tables are
  // zeroed.
  constexpr std::uint64_t kRowsPerDocumentMax = 256, kRowsFree = 1'000'000;
  if (documents > 0 && content.rows.back() > kRowsFree + kRowsPerDocumentMax * documents) {
    return "its rows are too far apart";
  }
  return {};
}

bool restore_terms(const Content& content, Vocabulary& vocabulary) {
  vocabulary.reserve(content.term_sizes.size(), content.terms.size());
  const std::string_view bytes(reinterpret_cast<const char*>(content.terms.data()),
                               content.terms.size());
  std::size_t at = 0;
  for (const std::uint8_t size : content.term_sizes) {
    if (!vocabulary.restore(bytes.substr(at, size))) return false;
    at += size;
  }
  return true;
}

bool restore_rows(const Content& content, InvertedIndex& index) {
  const SavedRows saved{content.rows, content.digests, content.lengths, content.list_sizes,
                        content.lists};
  return index.restore(saved, content.term_postings.size(), sum_of(content.term_postings));
}

/// Every term that is named has rows, every one that has rows is named, and as many as was said.
bool terms_agree(const Content& content, const InvertedIndex& index) {
  if (content.rows.empty()) return content.term_sizes.empty();
  for (std::size_t term = 0; term < content.term_postings.size(); ++term) {
    const std::size_t postings = index.postings(static_cast<std::uint32_t>(term)).size();
    if (postings != content.term_postings[term]) return false;
    if ((postings == 0) != (content.term_sizes[term] == 0)) return false;
  }
  return true;
}

Content content_of(const Vocabulary& vocabulary, const InvertedIndex& index) {
  Content content;
  for (const std::uint32_t row : index.rows()) {
    const auto list = index.term_list(row);
    content.rows.push_back(row);
    content.digests.push_back(index.digest(row));
    content.lengths.push_back(index.length(row));
    content.list_sizes.push_back(static_cast<std::uint32_t>(list.size()));
    content.lists.insert(content.lists.end(), list.begin(), list.end());
  }
  const std::uint32_t terms = content.rows.empty() ? 0 : vocabulary.limit();
  for (std::uint32_t term = 0; term < terms; ++term) {
    const auto bytes = std::as_bytes(std::span(vocabulary.view(term)));
    content.term_postings.push_back(static_cast<std::uint32_t>(index.postings(term).size()));
    content.term_sizes.push_back(static_cast<std::uint8_t>(bytes.size()));
    content.terms.insert(content.terms.end(), bytes.begin(), bytes.end());
  }
  return content;
}

Status write_content(const Content& content, CheckpointWriter& writer) {
  const auto write = [&](const auto& part) {
    using Element = typename std::decay_t<decltype(part)>::value_type;
    return writer.write_array(std::span<const Element>(part));
  };
  if (auto status = write(content.rows); !status) return status;
  if (auto status = write(content.digests); !status) return status;
  if (auto status = write(content.lengths); !status) return status;
  if (auto status = write(content.list_sizes); !status) return status;
  if (auto status = write(content.lists); !status) return status;
  if (auto status = write(content.term_postings); !status) return status;
  if (auto status = write(content.term_sizes); !status) return status;
  return write(content.terms);
}

}  // namespace

Status save_text_checkpoint(FileSystem& files, const std::filesystem::path& file,
                            const CheckpointOrigin& origin, const Vocabulary& vocabulary,
                            const InvertedIndex& index) {
  const Content content = content_of(vocabulary, index);
  auto writer =
      CheckpointWriter::open(file, {.kind = kKind, .version = kVersion, .origin = origin}, files);
  if (!writer) return writer.error();
  if (auto status = write_content(content, *writer); !status) return status;
  return writer->finish();
}

Status load_text_checkpoint(FileSystem& files, const std::filesystem::path& file,
                            CheckpointOrigin& origin, Vocabulary& vocabulary,
                            InvertedIndex& index) {
  auto reader = CheckpointReader::open(file, kKind, kVersion, files);
  if (!reader) return reader.error();
  Content content;
  if (auto status = read_content(*reader, content); !status) return status;
  if (const auto why = misfit(content); !why.empty()) return reader->corruption(why);
  if (!restore_terms(content, vocabulary)) return reader->corruption("it has a term twice");
  if (!restore_rows(content, index)) return reader->corruption("a row's term list is damaged");
  if (!terms_agree(content, index)) return reader->corruption("its terms and rows disagree");
  origin = reader->origin();
  return {};
}

}  // namespace tulving::index
