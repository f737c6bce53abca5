// What is promised: an index of rows with several vectors is saved and read back as it was; a file
// in which a row's vectors lie apart, or are too many, is refused; and a vector that is damaged is
// made anew of the right one among its row's.
//
// The test can tell because the index that was saved is there beside it, and because each damaged
// vector is held against what was set.

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "tests/index/vectors/passages_testing.h"
#include "tests/index/vectors/vect_sections.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Passages;
using testing::Vector;

constexpr std::uint32_t kDim = 20;
constexpr std::uint32_t kEf = 16;
constexpr VectorIndexOptions kOptions{.m = 6, .ef_construction = 30, .exact_rows_max = 200};

class PassagesCheckpoint : public ::testing::Test {
 protected:
  PassagesCheckpoint() {
    std::filesystem::create_directories(folder_);
    for (std::uint32_t row = 0; row < 500; ++row) {
      passages_.set(row, testing::text_of(generator_, kDim, 1 + row % 5, 0.5F));
    }
    testing::build_all(passages_.index);
    for (std::uint32_t row = 0; row < 500; row += 15) passages_.erase(row);
    for (std::uint32_t row = 500; row < 520; ++row) {
      passages_.set(row, testing::text_of(generator_, kDim, 3, 0.5F));
    }
    passages_.index.build_step(2);  // One of the rows that came last has one foot in the graph.
    passages_.erase(510);
    EXPECT_TRUE(passages_.index.save(file_, {.revision = 7}).has_value());
  }
  ~PassagesCheckpoint() override { std::filesystem::remove_all(folder_); }

  Result<std::unique_ptr<VectorIndex>> load(VectorSource source = {}) {
    CheckpointOrigin origin;
    return VectorIndex::load(file_, kDim, kOptions, origin, FileSystem::machine(),
                             std::move(source));
  }
  VectorSource log() {
    return [this](std::uint32_t row, Vector& vectors) {
      if (!passages_.counts().contains(row)) return false;
      vectors = passages_.vectors_of(row);
      return true;
    };
  }
  void expect_what_was_saved(const VectorIndex& loaded) {
    EXPECT_EQ(loaded.check_invariants().broken, "");
    EXPECT_EQ(loaded.rows(), passages_.index.rows());
    EXPECT_EQ(loaded.counts().vectors, passages_.vectors());
    EXPECT_EQ(loaded.counts().rows, passages_.counts().size());
    for (const auto& [row, count] : passages_.counts()) {
      ASSERT_TRUE(loaded.holds(row, passages_.vectors_of(row))) << row;
    }
    for (int i = 0; i < 10; ++i) {
      const Vector query = generator_.vector();
      const auto found = testing::search(loaded, query, 5, nullptr, false, kEf);
      EXPECT_EQ(found.rows, testing::search(passages_.index, query, 5, nullptr, false, kEf).rows);
      EXPECT_EQ(testing::search(loaded, query, 10, nullptr, true).rows,
                passages_.ranked(query, 10));
    }
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("tulving_passages_" + std::to_string(::getpid()));
  std::filesystem::path file_ = folder_ / "vectors";
  Generator generator_{kDim, 41};
  Passages passages_{kDim, kOptions};
};

TEST_F(PassagesCheckpoint, IsReadBackAsItWas) {
  auto loaded = load();
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  expect_what_was_saved(**loaded);
  auto on_demand = load(log());
  ASSERT_TRUE(on_demand.has_value());
  expect_what_was_saved(**on_demand);
}

TEST_F(PassagesCheckpoint, GoesOnAfterLoading) {
  auto loaded = load(log());
  ASSERT_TRUE(loaded.has_value());
  VectorIndex& index = **loaded;
  for (std::uint32_t row = 0; row < 500; row += 3) {
    index.erase(row);
    passages_.erase(row);
  }
  for (std::uint32_t row = 0; row < 300; row += 2) {
    const auto vectors = testing::text_of(generator_, kDim, 1 + row % 4);
    index.set(row, vectors);
    passages_.set(row, vectors);
  }
  testing::build_all(index);
  EXPECT_EQ(index.check_invariants().broken, "");
  EXPECT_EQ(index.counts().vectors, passages_.vectors());
  for (int i = 0; i < 10; ++i) {
    const Vector query = generator_.vector();
    EXPECT_EQ(testing::search(index, query, 10, nullptr, true).rows, passages_.ranked(query, 10));
  }
}

TEST_F(PassagesCheckpoint, IsRefusedWhereARowsVectorsAreImpossible) {
  const auto honest = testing::read_sections(file_);
  const auto with_rows = [&](auto change) {
    auto lying = honest;
    std::vector<std::uint32_t> rows(lying[1].size() / 4);
    std::memcpy(rows.data(), lying[1].data(), lying[1].size());
    change(rows);
    std::memcpy(lying[1].data(), rows.data(), lying[1].size());
    testing::write_sections(file_, lying);
    return load();
  };
  const auto apart = with_rows([](auto& rows) {
    rows[1000] = *std::find_if(rows.begin(), rows.end(), [](auto row) { return row != kNothing; });
  });
  ASSERT_FALSE(apart.has_value());
  EXPECT_NE(apart.error().message.find("lie apart"), std::string::npos) << apart.error().message;
  const auto many = with_rows([](auto& rows) { std::fill_n(rows.begin() + 100, 65, 1U << 20); });
  ASSERT_FALSE(many.has_value());
  EXPECT_NE(many.error().message.find("too many"), std::string::npos) << many.error().message;
  // Two rows as one: each vector is that row's, and the other's memory is missed by verify() alone.
  const auto joined = with_rows([](auto& rows) { rows[1001] = rows[1000] = rows[999]; });
  ASSERT_TRUE(joined.has_value());
  EXPECT_EQ((*joined)->check_invariants().broken, "");
}

TEST_F(PassagesCheckpoint, IsMendedByTheRightOneOfARowsVectors) {
  auto bytes = testing::read_bytes(file_);
  const auto sections = testing::read_sections(file_);
  std::size_t nodes = 96;  // The header.
  for (std::size_t i = 0; i < 3; ++i) nodes += sections[i].size();
  const std::size_t row_bytes = sections[3].size() / (sections[7].size() / 8);
  for (std::size_t id = 3; id < 1000; id += 7) bytes[nodes + id * row_bytes + 90] ^= 1;  // Codes.
  std::size_t residuals = nodes;
  for (std::size_t i = 3; i + 2 < sections.size(); ++i) residuals += sections[i].size();
  for (std::size_t slot = 5; slot < 200; slot += 3) bytes[residuals + slot * 64 + 9] ^= 1;
  testing::write_bytes(file_, bytes);
  auto loaded = load(log());
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  (*loaded)->finish_loading();
  EXPECT_GT((*loaded)->counts().damaged, 150U);
  for (const auto& [row, count] : passages_.counts()) {
    EXPECT_TRUE((*loaded)->holds(row, passages_.vectors_of(row))) << row;
  }
  const Vector query = generator_.vector();
  EXPECT_EQ(testing::search(**loaded, query, 10, nullptr, true).rows, passages_.ranked(query, 10));
}

// What the log has meanwhile is another number of vectors: nothing is made of a part of it.
TEST_F(PassagesCheckpoint, IsMendedByNoVectorsThatDoNotFit) {
  auto bytes = testing::read_bytes(file_);
  const auto sections = testing::read_sections(file_);
  std::size_t nodes = 96;
  for (std::size_t i = 0; i < 3; ++i) nodes += sections[i].size();
  const std::size_t row_bytes = sections[3].size() / (sections[7].size() / 8);
  for (std::size_t id = 3; id < 1000; id += 7) bytes[nodes + id * row_bytes + 90] ^= 1;
  testing::write_bytes(file_, bytes);
  for (const std::size_t floats :
       {std::size_t{0}, std::size_t{7}, std::size_t{kDim}, std::size_t{kDim + 1}}) {
    auto loaded = load([floats](std::uint32_t, Vector& vectors) {
      vectors.assign(floats, 1.0F);
      return true;
    });
    ASSERT_TRUE(loaded.has_value());
    (*loaded)->finish_loading();
    EXPECT_EQ(testing::search(**loaded, generator_.vector(), 10, nullptr, true).rows.size(), 10U);
  }
}

}  // namespace
}  // namespace tulving::index
