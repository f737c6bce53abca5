// The same seed makes the same vectors; queries are never rows of the base; and what counts as
// found is told by cosine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "bench/ann_compare/dataset.h"
#include "bench/ann_compare/generators.h"
#include "tools/cli/transfer/fvecs.h"

namespace tulving::bench {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

class Generator : public ::testing::TestWithParam<const char*> {};

TEST_P(Generator, TheSameSeedMakesTheSameVectors) {
  const auto one = make_source(GetParam(), 48, 1000, 42);
  const auto two = make_source(GetParam(), 48, 1000, 42);
  const auto other = make_source(GetParam(), 48, 1000, 43);
  for (int i = 0; i < 20; ++i) {
    const auto vector = one->next();
    EXPECT_EQ(vector, two->next());
    EXPECT_NE(vector, other->next());
  }
}

TEST_P(Generator, VectorsHaveLengthOneAndDiffer) {
  const auto source = make_source(GetParam(), 48, 1000, 42);
  std::set<std::vector<float>> seen;
  for (int i = 0; i < 100; ++i) {
    const auto vector = source->next();
    double squares = 0;
    for (const float x : vector) squares += double{x} * x;
    EXPECT_NEAR(squares, 1, 1e-5);
    EXPECT_TRUE(seen.insert(vector).second);
  }
}

TEST_P(Generator, DatasetsAreTheSameAndTheirQueriesNew) {
  const DataOptions options{.generator = GetParam(), .n = 300, .dim = 24, .query_count = 20};
  const auto one = make_dataset(options);
  const auto two = make_dataset(options);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->base, two->base);
  EXPECT_EQ(one->queries, two->queries);
  EXPECT_EQ(one->kth_cosine, two->kth_cosine);
  EXPECT_EQ(one->queries_dropped, 0U);
  for (std::size_t row = 0; row < one->rows(); ++row) {
    for (const auto& query : one->queries) {
      EXPECT_FALSE(std::ranges::equal(one->row(row), query));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Generator, ::testing::Values("clustered", "low", "uniform"));

TEST(Dataset, KnowsNoOtherGenerator) {
  EXPECT_EQ(make_source("fractal", 8, 10, 1), nullptr);
  EXPECT_FALSE(make_dataset({.generator = "fractal"}));
}

TEST(Dataset, HitsAreThoseNearEnoughEachOnce) {
  const auto data = make_dataset({.n = 200, .dim = 24, .query_count = 5, .k = 3});
  ASSERT_TRUE(data);
  std::vector<std::uint32_t> rows(data->rows());
  for (std::uint32_t row = 0; row < rows.size(); ++row) rows[row] = row;
  std::ranges::sort(rows, std::greater<>(), [&](auto row) { return data->cosine(row, 2); });

  const float least = data->kth_cosine[2];

  EXPECT_EQ(data->hits(rows, 2, least), 3U) << "of all rows the three nearest are";
  EXPECT_EQ(data->hits(std::vector{rows[0], rows[0], rows[0]}, 2, least), 1U);
  EXPECT_EQ(data->hits(std::vector{rows[3], rows[4], rows[1]}, 2, least), 1U);
  EXPECT_EQ(data->hits({}, 2, least), 0U);
}

class DatasetFiles : public ::testing::Test {
 protected:
  DatasetFiles() { std::filesystem::create_directories(folder_); }
  ~DatasetFiles() override { std::filesystem::remove_all(folder_); }

  std::string fvecs(const std::string& name, const std::vector<std::vector<float>>& rows) {
    const auto path = folder_ / name;
    auto file = tools::VectorFileWriter::create(path);
    EXPECT_TRUE(file);
    for (const auto& row : rows) EXPECT_TRUE(file->write(row));
    EXPECT_TRUE(file->commit());
    return path.string();
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("ann_dataset_test." +
       std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(DatasetFiles, AQueryThatIsARowIsDropped) {
  const std::vector<std::vector<float>> base = {{3, 4}, {0, 2}, {1, 0}};

  const auto data = make_dataset(
      {.base = fvecs("base", base), .queries = fvecs("queries", {{0, 1}, {1, 1}}), .k = 1});

  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->queries_dropped, 1U) << "(0, 1) has the direction of a row";
  ASSERT_EQ(data->queries.size(), 1U);
  EXPECT_NEAR(data->kth_cosine[0], 1.4 / std::sqrt(2), 1e-6);
}

TEST_F(DatasetFiles, WithoutQueriesTheLastRowsAreHeldOut) {
  const auto data = make_dataset(
      {.base = fvecs("base", {{1, 0}, {0, 1}, {-1, 0}, {0, -1}}), .query_count = 1, .k = 1});

  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->rows(), 3U);
  ASSERT_EQ(data->queries.size(), 1U);
  EXPECT_THAT(data->queries[0], ElementsAre(0, -1));
}

TEST_F(DatasetFiles, RefusesWhatDoesNotFit) {
  const std::string base = fvecs("base", {{1, 0}, {0, 1}});
  EXPECT_FALSE(make_dataset({.base = base, .queries = fvecs("q", {{1, 2, 3}}), .k = 1}));
  EXPECT_FALSE(make_dataset({.base = base, .queries = fvecs("q", {{1, 2}}), .k = 10}));
  EXPECT_FALSE(make_dataset({.base = (folder_ / "nowhere").string()}));
}

}  // namespace
}  // namespace tulving::bench
