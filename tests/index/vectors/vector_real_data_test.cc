// What is promised: on real embeddings, every vector's nearest neighbours are those of exact
// search.
//
// The test can tell because it computes all cosines with Eigen in f32. It needs the data sets that
// TULVING_DATA points to.

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/index/vectors/vector_testing.h"

namespace tulving::index {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::vector<testing::Vector> read_fvecs(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::vector<testing::Vector> vectors;
  std::int32_t dim = 0;
  while (stream.read(static_cast<char*>(static_cast<void*>(&dim)), sizeof(dim))) {
    testing::Vector vector(static_cast<std::size_t>(dim));
    stream.read(static_cast<char*>(static_cast<void*>(vector.data())),
                static_cast<std::streamsize>(vector.size() * sizeof(float)));
    vectors.push_back(std::move(vector));
  }
  return vectors;
}

Matrix to_matrix(const std::vector<testing::Vector>& vectors) {
  Matrix matrix(static_cast<Eigen::Index>(vectors.size()),
                static_cast<Eigen::Index>(vectors.front().size()));
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    for (Eigen::Index j = 0; j < matrix.cols(); ++j) {
      matrix(i, j) = vectors[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
    }
    if (matrix.row(i).norm() > 0) matrix.row(i).normalize();
  }
  return matrix;
}

class RealData : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(RealData, NearestNeighboursEqualExactSearch) {
  const char* root = std::getenv("TULVING_DATA");
  if (root == nullptr) GTEST_SKIP() << "TULVING_DATA is not set";
  const auto folder = std::filesystem::path(root);
  const auto base = read_fvecs(folder / GetParam().first);
  const auto queries = read_fvecs(folder / GetParam().second);
  if (base.empty() || queries.empty()) GTEST_SKIP() << "no " << GetParam().first;
  VectorIndex index(static_cast<std::uint32_t>(base.front().size()), {});
  for (std::uint32_t row = 0; row < base.size(); ++row) index.set(row, base[row]);
  const Matrix cosines = to_matrix(queries) * to_matrix(base).transpose();

  constexpr std::size_t kNeighbours = 10;
  for (std::size_t q = 0; q < queries.size(); ++q) {
    const auto matches = testing::search(index, queries[q], kNeighbours);
    ASSERT_EQ(matches.rows.size(), kNeighbours);
    std::vector<float> truth(base.size());
    for (std::size_t i = 0; i < truth.size(); ++i) {
      truth[i] = cosines(static_cast<Eigen::Index>(q), static_cast<Eigen::Index>(i));
    }
    std::vector<float> sorted = truth;
    std::nth_element(sorted.begin(), sorted.begin() + (kNeighbours - 1), sorted.end(),
                     std::greater<>());
    for (const ScoredRow& row : matches.rows) {
      // f16 may swap two that lie closer than it can tell.
      EXPECT_GE(truth[row.row], sorted[kNeighbours - 1] - 5e-5F) << "query " << q;
      EXPECT_NEAR(row.score, truth[row.row], 5e-5F);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Set, RealData,
    ::testing::Values(std::pair{"openai1536/records.fvecs", "openai1536/records.fvecs"},
                      std::pair{"locomo-dev/records.fvecs", "locomo-dev/queries.fvecs"},
                      std::pair{"clinc-dev/records.fvecs", "clinc-dev/records.fvecs"}));

}  // namespace
}  // namespace tulving::index
