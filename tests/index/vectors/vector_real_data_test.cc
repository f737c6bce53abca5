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
#include <tuple>

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

struct Set {
  const char* base;
  const char* queries;
};

// The largest error of a cosine, measured; f16's was 7e-5.
float largest_error(std::uint32_t bits) { return bits == 0 ? 2e-3F : bits == 4 ? 1.3e-4F : 1e-5F; }

class RealData : public ::testing::TestWithParam<std::tuple<Set, std::uint32_t>> {};

TEST_P(RealData, NearestNeighboursEqualExactSearch) {
  const char* root = std::getenv("TULVING_DATA");
  if (root == nullptr) GTEST_SKIP() << "TULVING_DATA is not set";
  const auto folder = std::filesystem::path(root);
  const auto [set, bits] = GetParam();
  const auto base = read_fvecs(folder / set.base);
  const auto queries = read_fvecs(folder / set.queries);
  if (base.empty() || queries.empty()) GTEST_SKIP() << "no " << set.base;
  VectorIndex index(static_cast<std::uint32_t>(base.front().size()), {.residual_bits = bits});
  for (std::uint32_t row = 0; row < base.size(); ++row) index.set(row, base[row]);
  const Matrix cosines = to_matrix(queries) * to_matrix(base).transpose();

  constexpr std::size_t kNeighbours = 10;
  const float error = largest_error(bits);
  std::size_t found = 0;
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
      // Two may be swapped that lie closer than their form can tell.
      EXPECT_GE(truth[row.row], sorted[kNeighbours - 1] - 2 * error) << "query " << q;
      EXPECT_NEAR(row.score, truth[row.row], error);
      // f32 sums of Eigen's differ by their order.
      found += truth[row.row] >= sorted[kNeighbours - 1] - 1e-6F ? 1U : 0U;
    }
  }
  const double recall =
      static_cast<double>(found) / static_cast<double>(kNeighbours * queries.size());
  RecordProperty("recall", std::to_string(recall));
  EXPECT_GE(recall, bits == 0 ? 0.99 : bits == 4 ? 0.999 : 0.9995);
}

INSTANTIATE_TEST_SUITE_P(
    SetAndBits, RealData,
    ::testing::Combine(
        ::testing::Values(Set{"openai1536/records.fvecs", "openai1536/records.fvecs"},
                          Set{"locomo-dev/records.fvecs", "locomo-dev/queries.fvecs"},
                          Set{"clinc-dev/records.fvecs", "clinc-dev/records.fvecs"}),
        ::testing::Values(0U, 4U, 8U)));

}  // namespace
}  // namespace tulving::index
