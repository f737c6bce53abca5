// What is promised: a saved index answers after load() as it did before; a file that is damaged,
// cut short, or of another dimension, m or number of residual bits is refused with kCorruption; and
// not even a file whose checksums are right but whose content lies can crash the process or make a
// search leave memory.
//
// The test can tell because it compares answers to the bit, flips and cuts at many places, and, for
// the lies, rewrites sections through the checkpoint writer itself, so that checksums do not help.
// Run under AddressSanitizer a wild read is seen.

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "tests/index/vectors/vect_sections.h"
#include "tests/index/vectors/vector_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Vector;
using testing::Vectors;

constexpr std::uint32_t kDim = 20;
constexpr std::uint32_t kEf = 16;  // Narrow, so that walking is cheaper than scanning.
constexpr VectorIndexOptions kOptions{.m = 6, .ef_construction = 30, .exact_rows_max = 200};

class VectorCheckpoint : public ::testing::Test {
 protected:
  VectorCheckpoint() { std::filesystem::create_directories(folder_); }
  ~VectorCheckpoint() override { std::filesystem::remove_all(folder_); }

  // 2,500 vectors in a graph of which some are dead, and 40 waiting.
  void fill_with_graph() {
    testing::fill(index_, vectors_, generator_, 2500);
    testing::build_all(index_);
    for (std::uint32_t row = 0; row < 2500; row += 15) {
      index_.erase(row);
      vectors_.erase(row);
    }
    testing::fill(index_, vectors_, generator_, 40);
    index_.erase(2510);
    vectors_.erase(2510);
  }

  Result<std::unique_ptr<VectorIndex>> load(std::uint32_t dim = kDim,
                                            const VectorIndexOptions& options = kOptions) {
    return VectorIndex::load(file_, dim, options, origin_);
  }

  void expect_same_answers(const VectorIndex& loaded) {
    EXPECT_EQ(loaded.check_invariants().broken, "");
    EXPECT_EQ(loaded.rows(), index_.rows());
    EXPECT_EQ(loaded.counts().vectors, index_.counts().vectors);
    EXPECT_EQ(loaded.counts().in_graph, index_.counts().in_graph);
    EXPECT_EQ(loaded.counts().tombstones, index_.counts().tombstones);
    for (int i = 0; i < 30; ++i) {
      const Vector query = generator_.vector();
      const auto found = testing::search(loaded, query, 10, nullptr, false, kEf);
      EXPECT_EQ(found.rows, testing::search(index_, query, 10, nullptr, false, kEf).rows);
      EXPECT_EQ(found.plan, loaded.counts().in_graph == 0 ? VectorPlan::kScan : VectorPlan::kGraph);
      EXPECT_EQ(testing::search(loaded, query, 10, nullptr, true).rows,
                testing::search(index_, query, 10, nullptr, true).rows);
    }
  }

  std::vector<char> file_bytes() { return testing::read_bytes(file_); }
  void write_bytes(const std::vector<char>& bytes) { testing::write_bytes(file_, bytes); }

  std::vector<std::vector<std::byte>> sections() { return testing::read_sections(file_); }
  void rewrite(const std::vector<std::vector<std::byte>>& all) {
    testing::write_sections(file_, all);
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("tulving_vectors_" + std::to_string(::getpid()));
  std::filesystem::path file_ = folder_ / "vectors";
  Generator generator_{kDim, 31};
  VectorIndex index_{kDim, kOptions};
  Vectors vectors_;
  CheckpointOrigin origin_;
};

TEST_F(VectorCheckpoint, AnswersAfterLoadingAsBefore) {
  fill_with_graph();
  ASSERT_TRUE(index_.save(file_, {.revision = 77}).has_value());

  auto loaded = load();

  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(origin_.revision, 77U);
  expect_same_answers(**loaded);
}

TEST_F(VectorCheckpoint, GoesOnAfterLoading) {
  fill_with_graph();
  ASSERT_TRUE(index_.save(file_, {.revision = 1}).has_value());
  auto loaded = load();
  ASSERT_TRUE(loaded.has_value());
  VectorIndex& index = **loaded;

  testing::fill(index, vectors_, generator_, 1500);
  for (std::uint32_t row = 1; row < 2500; row += 3) {
    index.erase(row);
    vectors_.erase(row);
  }
  testing::build_all(index);

  EXPECT_EQ(index.check_invariants().broken, "");
  EXPECT_EQ(index.counts().vectors, vectors_.size());
  const Vector query = generator_.vector();
  EXPECT_EQ(testing::search(index, query, 10, nullptr, true).rows,
            testing::ranked_by_form(index, vectors_, query, 10));
  EXPECT_GE(testing::recall(testing::search(index, query, 10), vectors_, query, 10), 0.8);
}

TEST_F(VectorCheckpoint, KeepsAnIndexWithoutAGraph) {
  testing::fill(index_, vectors_, generator_, 150);
  index_.erase(3);
  ASSERT_TRUE(index_.save(file_, {.revision = 2}).has_value());

  auto loaded = load();

  ASSERT_TRUE(loaded.has_value());
  expect_same_answers(**loaded);
}

TEST_F(VectorCheckpoint, KeepsAnEmptyIndex) {
  ASSERT_TRUE(index_.save(file_, {.revision = 3}).has_value());

  auto loaded = load();

  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ((*loaded)->counts().vectors, 0U);
}

TEST_F(VectorCheckpoint, SaysWhenThereIsNoFile) {
  auto loaded = load();
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, ErrorCode::kNotFound);
}

TEST_F(VectorCheckpoint, RefusesAFileOfAnotherShape) {
  fill_with_graph();
  ASSERT_TRUE(index_.save(file_, {.revision = 1}).has_value());

  for (auto& loaded : {load(kDim + 1), load(kDim, {.m = 7, .exact_rows_max = 200}),
                       load(kDim, {.m = 6, .exact_rows_max = 200, .residual_bits = 0})}) {
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().code, ErrorCode::kCorruption);
  }
}

TEST_F(VectorCheckpoint, RefusesAFileWithAFlippedBit) {
  fill_with_graph();
  ASSERT_TRUE(index_.save(file_, {.revision = 1}).has_value());
  const auto whole = file_bytes();
  for (int i = 0; i < 150; ++i) {
    auto bytes = whole;
    const auto at = generator_.below(static_cast<std::uint32_t>(bytes.size()));
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << generator_.below(8)));
    write_bytes(bytes);
    auto loaded = load();
    ASSERT_FALSE(loaded.has_value()) << "byte " << at;
    EXPECT_EQ(loaded.error().code, ErrorCode::kCorruption);
  }
}

TEST_F(VectorCheckpoint, RefusesAFileThatWasCutShort) {
  fill_with_graph();
  ASSERT_TRUE(index_.save(file_, {.revision = 1}).has_value());
  const auto whole = file_bytes();
  for (int i = 0; i < 60; ++i) {
    auto bytes = whole;
    bytes.resize(generator_.below(static_cast<std::uint32_t>(bytes.size())));
    write_bytes(bytes);
    auto loaded = load();
    ASSERT_FALSE(loaded.has_value()) << "length " << bytes.size();
    EXPECT_EQ(loaded.error().code, ErrorCode::kCorruption);
  }
}

TEST_F(VectorCheckpoint, SurvivesContentThatLiesUnderRightChecksums) {
  fill_with_graph();
  ASSERT_TRUE(index_.save(file_, {.revision = 1}).has_value());
  const auto honest = sections();
  int refused = 0;
  for (int i = 0; i < 400; ++i) {
    auto lying = honest;
    auto& section = lying[generator_.below(static_cast<std::uint32_t>(lying.size()))];
    if (generator_.chance(0.2)) {
      section.resize(generator_.below(static_cast<std::uint32_t>(section.size()) + 1));
    } else {
      for (int n = 0; n < 3 && section.size() >= 4; ++n) {
        // A word becomes anything, or almost what it was.
        const std::size_t at = generator_.below(static_cast<std::uint32_t>(section.size() / 4)) * 4;
        std::uint32_t word = 0;
        std::memcpy(&word, section.data() + at, 4);
        word = generator_.chance(0.5) ? static_cast<std::uint32_t>(generator_.random()())
                                      : word + generator_.below(5) - 2;
        std::memcpy(section.data() + at, &word, 4);
      }
    }
    rewrite(lying);
    auto loaded = load();
    if (!loaded) {
      EXPECT_EQ(loaded.error().code, ErrorCode::kCorruption);
      ++refused;
      continue;
    }
    // What it holds is wrong; using it must still be safe.
    for (int q = 0; q < 3; ++q) {
      static_cast<void>(testing::search(**loaded, generator_.vector(), 10, nullptr, false, kEf));
      static_cast<void>(testing::search(**loaded, generator_.vector(), 10, nullptr, true));
    }
    (*loaded)->set(9000, generator_.vector());
    (*loaded)->erase(2501);
    (*loaded)->build_step(10);
    (*loaded)->reclaim();
  }
  EXPECT_GT(refused, 100);
}

// Sections 2 and 3 are the graph's counts {m, code bytes, nodes, entry point, highest level} and
// its rows, which begin with the number of links and the links; 4 is a level a node, 6 a header a
// node; 1 a row a slot; 8 the headers of slots that wait.
TEST_F(VectorCheckpoint, RefusesEachLieAboutTheGraph) {
  fill_with_graph();
  ASSERT_TRUE(index_.save(file_, {.revision = 1}).has_value());
  const auto honest = sections();
  std::array<std::uint32_t, 5> counts{};
  ASSERT_EQ(honest[2].size(), sizeof(counts));
  std::memcpy(counts.data(), honest[2].data(), sizeof(counts));
  const std::uint32_t nodes = counts[2];
  const std::size_t row_bytes = honest[3].size() / nodes;
  const auto word_of = [&](std::size_t section, std::size_t at) {
    std::uint32_t word = 0;
    std::memcpy(&word, honest[section].data() + at, sizeof(word));
    return word;
  };
  const std::size_t node = 1000 * row_bytes;
  // A slot is named after the links and the 12 bytes of the code's header.
  const std::size_t slot_at = 4 + 4 * 2 * kOptions.m + 12;
  struct Lie {
    const char* what;
    std::size_t section, at;
    std::uint32_t word;
  };
  const Lie lies[] = {
      {"a link to no node", 3, node + 4, nodes},
      {"a link to itself", 3, node + 4, 1000},
      {"more links than there is room for", 3, node, 2 * kOptions.m + 1},
      {"a deletion mark", 3, node, word_of(3, node) | 0x10000U},
      {"a slot that is another's", 3, node + slot_at, word_of(3, node + row_bytes + slot_at)},
      {"a slot that is not there", 3, node + slot_at, 1U << 30},
      {"an impossible sum", 3, node + slot_at - 4, 1U << 30},
      {"a scale that no unit vector has", 3, node + slot_at - 12, 0x7F00'0000U},
      {"a bound below zero", 3, node + slot_at - 8, 0xBF80'0000U},
      {"a scale that is no number", 3, node + slot_at - 12, 0x7FC0'0000U},
      {"a header's slot that is another's", 6, 1000 * 16 + 12, word_of(6, 1001 * 16 + 12)},
      {"a header's slot that is not there", 6, 1000 * 16 + 12, 1U << 30},
      {"an impossible sum in a header", 6, 1000 * 16 + 8, 1U << 30},
      {"a waiting scale that no unit vector has", 10, 12, 0x3F80'0000U},
      {"a waiting bound that is no number", 10, 12 + 4, 0xFFC0'0000U},
      {"an impossible waiting sum", 10, 12 + 8, 1U << 30},
      {"another number of residual bits", 0, 16, 4},
      {"an entry point beyond the nodes", 2, 12, nodes},
      {"a highest level that no node has", 2, 16, counts[4] + 1},
      {"more nodes than rows", 2, 8, nodes + 1},
      {"another m", 2, 0, 7},
      {"levels beyond the upper links", 4, 0, 0x3F3F3F3F},
      {"more slots than rows", 0, 8, word_of(0, 8) + 1},
      {"more covered slots than slots", 0, 12, word_of(0, 8) + 1},
      {"covered slots that no node has", 0, 12, word_of(0, 12) + 5},
      {"a row whose vectors lie apart", 1, 4 * 1, word_of(1, 4 * 3)},
      {"a row out of all range", 1, 4 * 1, 0xFFFF'FFF0U},
  };
  for (const Lie& lie : lies) {
    auto lying = honest;
    ASSERT_LE(lie.at + 4, lying[lie.section].size()) << lie.what;
    std::memcpy(lying[lie.section].data() + lie.at, &lie.word, 4);
    rewrite(lying);
    auto loaded = load();
    ASSERT_FALSE(loaded.has_value()) << lie.what;
    EXPECT_EQ(loaded.error().code, ErrorCode::kCorruption) << lie.what;
  }
  rewrite(honest);
  EXPECT_TRUE(load().has_value());
}

// The erased vector is the first of each section: its header, its codes, its residuals.
TEST_F(VectorCheckpoint, WritesNoByteOfAnErasedVectorThatNeverJoinedTheGraph) {
  index_.set(0, generator_.vector());
  index_.set(1, generator_.vector());
  index_.erase(0);
  ASSERT_TRUE(index_.save(file_, {.revision = 1}).has_value());

  const auto all = sections();

  ASSERT_EQ(all.size(), 14U);
  for (const std::size_t section : {10, 12, 13}) {
    const std::span<const std::byte> bytes(all[section]);
    const auto zeros = static_cast<std::size_t>(std::ranges::count(bytes, std::byte{0}));
    EXPECT_EQ(std::ranges::count(bytes.first(bytes.size() / 2), std::byte{0}), bytes.size() / 2);
    EXPECT_LT(zeros, bytes.size() * 3 / 4) << "nothing of the vector that is there";
  }
}

// A number of bits of its own for each: 20 dimensions keep 8, or none; 300 keep what is asked for.
TEST_F(VectorCheckpoint, KeepsEachNumberOfResidualBits) {
  constexpr std::uint32_t kLongDim = 300;
  for (const std::uint32_t bits : {0U, 4U, 8U}) {
    SCOPED_TRACE(bits);
    const VectorIndexOptions options{
        .m = 6, .ef_construction = 30, .exact_rows_max = 200, .residual_bits = bits};
    VectorIndex index(kLongDim, options);
    Vectors vectors;
    Generator generator(kLongDim, 5);
    // A chunk that the graph has, one that it has a part of, and rows that wait.
    testing::fill(index, vectors, generator, 1200);
    testing::build_all(index);
    testing::fill(index, vectors, generator, 1000);
    for (std::uint32_t row = 0; row < 2200; row += 9) index.erase(row), vectors.erase(row);
    ASSERT_TRUE(index.save(file_, {.revision = 1}).has_value());

    auto loaded = load(kLongDim, options);

    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ((*loaded)->check_invariants().broken, "");
    EXPECT_EQ((*loaded)->counts().in_graph, 1200U);
    for (const auto& [row, vector] : vectors) ASSERT_TRUE((*loaded)->holds(row, vector)) << row;
    const Vector query = generator.vector();
    for (const bool exact : {false, true}) {
      EXPECT_EQ(testing::search(**loaded, query, 10, nullptr, exact).rows,
                testing::search(index, query, 10, nullptr, exact).rows);
    }
    for (const std::uint32_t other : {0U, 4U, 8U}) {
      if (other == bits) continue;
      auto refused = load(kLongDim, {.m = 6, .residual_bits = other});
      ASSERT_FALSE(refused.has_value());
      EXPECT_EQ(refused.error().code, ErrorCode::kCorruption);
    }
  }
}

}  // namespace
}  // namespace tulving::index
