// A text index on disk: a checkpoint container (core/base/checkpoint/checkpoint_layout.h) of kind
// "TEXT", version 4. Sections, each an array, numbers with the least significant byte first; never
// renumber.
//
//   0  rows            u32[documents]   ascending
//   1  digests         u64[documents]   TextIndex::digest_of() what is searched of the row
//   2  lengths         u32[documents]   terms of the row, as a search for its text would have them
//   3  first places    u32[documents]   of the row's passages (index/text/postings/passages.h)
//   4  term lists      u8[]             by row, its size as u32 before each (term_list.h)
//   5  free places     (u32, u32)[]     nobody's: the first and how many, ascending
//   6  block counts    u32[term ids]    packed blocks of the term's postings
//   7  tail sizes      u32[term ids]    its postings that are in none, the last
//   8  blocks          16 bytes each    by term (saved_index.h)
//   9  words           u32[]            of the blocks (posting_block.h), one block after another
//  10  tails           (u32, u32)[]     place and times
//  11  term sizes      u8[term ids]     bytes of the term; 0: the id is free
//  12  terms           u8[sum of 11]    UTF-8, one after another
//
// Postings are the term lists turned round: they are read because that is faster than turning
// them, and both must say the same. What is not written: the words that led to the terms,
// and the bytes of any term that no row has, so that what was erased is not in the file. Versions 1
// to 3 had no postings, 1 and 2 no blocks or counted those, and are not read.

#include "index/text/text_checkpoint.h"

#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/checkpoint/checkpoint_file.h"

namespace tulving::index {
namespace {

constexpr std::string_view kKind = "TEXT";
constexpr std::uint32_t kVersion = 4;
enum Part : std::size_t {
  kRows,
  kDigests,
  kLengths,
  kFirstPlaces,
  kLists,
  kFreePlaces,
  kBlockCounts,
  kTailSizes,
  kBlocks,
  kWords,
  kTails,
  kTermSizes,
  kTerms,
  kParts
};

struct Content {
  SavedIndex index;
  std::vector<std::uint8_t> term_sizes;
  std::vector<std::byte> terms;
};

/// Calls `each(part, array)` for all parts in their order, until one fails.
template <class SomeContent, class Each>
Status for_each_part(SomeContent& content, const Each& each) {
  auto& index = content.index;
  Status status;
  const auto take = [&](Part part, auto& array) {
    status = each(part, array);
    return status.has_value();
  };
  static_cast<void>(take(kRows, index.rows) && take(kDigests, index.digests) &&
                    take(kLengths, index.lengths) && take(kFirstPlaces, index.first_places) &&
                    take(kLists, index.lists) && take(kFreePlaces, index.free_places) &&
                    take(kBlockCounts, index.block_counts) && take(kTailSizes, index.tail_sizes) &&
                    take(kBlocks, index.blocks) && take(kWords, index.words) &&
                    take(kTails, index.tails) && take(kTermSizes, content.term_sizes) &&
                    take(kTerms, content.terms));
  return status;
}

Status read_content(const CheckpointReader& reader, Content& content) {
  if (reader.sections() != kParts) return reader.corruption("it has another number of sections");
  return for_each_part(content, [&reader]<class T>(Part part, std::vector<T>& into) -> Status {
    auto elements = reader.read_array<T>(part);
    if (!elements) return elements.error();
    into = *std::move(elements);
    return {};
  });
}

/// Why the sections do not fit each other; empty when they do. After this, memory taken is bounded
/// by the size of the file.
std::string_view misfit(const Content& content) {
  const SavedIndex& index = content.index;
  const std::size_t documents = index.rows.size(), terms = content.term_sizes.size();
  if (index.digests.size() != documents || index.lengths.size() != documents ||
      index.first_places.size() != documents) {
    return "its counts of rows differ";
  }
  if (index.block_counts.size() != terms || index.tail_sizes.size() != terms) {
    return "its counts of terms differ";
  }
  const auto bytes =
      std::accumulate(content.term_sizes.begin(), content.term_sizes.end(), std::uint64_t{0});
  if (bytes != content.terms.size()) return "its terms do not add up";
  for (std::size_t i = 1; i < documents; ++i) {
    if (index.rows[i - 1] >= index.rows[i]) return "its rows are not ascending";
  }
  // Tables are by row. So few rows so far apart are indexed again sooner than such tables are
  // zeroed.
  constexpr std::uint64_t kRowsPerDocumentMax = 256, kRowsFree = 1'000'000;
  if (documents > 0 && index.rows.back() > kRowsFree + kRowsPerDocumentMax * documents) {
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

/// Every term that is named has rows, and every one that has rows is named.
bool are_named(const Content& content, const InvertedIndex& index) {
  for (std::size_t term = 0; term < content.term_sizes.size(); ++term) {
    const std::size_t postings = index.postings(static_cast<std::uint32_t>(term)).size();
    if ((postings == 0) != (content.term_sizes[term] == 0)) return false;
  }
  return true;
}

Content content_of(const Vocabulary& vocabulary, const InvertedIndex& index) {
  const std::uint32_t terms = index.documents() == 0 ? 0 : vocabulary.limit();
  Content content{.index = index.saved(terms), .term_sizes = {}, .terms = {}};
  for (std::uint32_t term = 0; term < terms; ++term) {
    const auto bytes = std::as_bytes(std::span(vocabulary.view(term)));
    content.term_sizes.push_back(static_cast<std::uint8_t>(bytes.size()));
    content.terms.insert(content.terms.end(), bytes.begin(), bytes.end());
  }
  return content;
}

}  // namespace

Status save_text_checkpoint(FileSystem& files, const std::filesystem::path& file,
                            const CheckpointOrigin& origin, const Vocabulary& vocabulary,
                            const InvertedIndex& index) {
  const Content content = content_of(vocabulary, index);
  auto writer =
      CheckpointWriter::open(file, {.kind = kKind, .version = kVersion, .origin = origin}, files);
  if (!writer) return writer.error();
  auto status = for_each_part(content, [&writer]<class T>(Part, const std::vector<T>& part) {
    return writer->write_array(std::span<const T>(part));
  });
  if (!status) return status;
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
  if (!index.restore(std::move(content.index))) {
    return reader->corruption("its terms and rows disagree");
  }
  if (!are_named(content, index)) return reader->corruption("a term has no name, or no rows");
  origin = reader->origin();
  return {};
}

}  // namespace tulving::index
