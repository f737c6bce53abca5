// On real input, where it is at hand (TULVING_DATA names its folder): of the pairs of utterances
// that one cluster holds at a cohesion of 0.75, more than 85 % have the same intent.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/index/cluster/cluster_testing.h"

namespace tulving::index::testing {
namespace {

namespace fs = std::filesystem;

VectorSet read_fvecs(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  VectorSet set;
  for (std::int32_t dim = 0; in.read(reinterpret_cast<char*>(&dim), sizeof dim);) {
    std::vector<float> row(static_cast<std::size_t>(dim));
    in.read(reinterpret_cast<char*>(row.data()),
            static_cast<std::streamsize>(row.size() * sizeof(float)));
    set.dim = static_cast<std::uint32_t>(dim);
    set.add(row);
  }
  return set;
}

class ClusterRealData : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("TULVING_DATA");
    if (folder == nullptr || !fs::exists(folder)) {
      GTEST_SKIP() << "TULVING_DATA names no folder with the data sets";
    }
    data_ = folder;
  }
  fs::path data_;
};

struct PairCounts {
  double together = 0, right = 0, same_label = 0;

  [[nodiscard]] double precision() const { return right / together; }
  [[nodiscard]] double recall() const { return right / same_label; }
};

PairCounts count_pairs(const std::vector<std::string>& labels, const Clustering& clustering) {
  PairCounts counts;
  for (std::size_t a = 0; a < labels.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) counts.same_label += labels[a] == labels[b] ? 1 : 0;
  }
  for (const Cluster& one : clustering.clusters) {
    for (std::size_t a = 0; a < one.rows.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        counts.together += 1;
        counts.right += labels[one.rows[a]] == labels[one.rows[b]] ? 1 : 0;
      }
    }
  }
  return counts;
}

TEST_F(ClusterRealData, UtterancesOfOneClusterMeanTheSame) {
  const VectorSet set = read_fvecs(data_ / "clinc-dev" / "records.fvecs");
  std::vector<std::string> labels;
  std::ifstream in(data_ / "clinc-dev" / "records.jsonl");
  for (std::string line; std::getline(in, line);) {
    labels.push_back(nlohmann::json::parse(line)["metadata"]["label"].get<std::string>());
  }
  ASSERT_EQ(labels.size(), set.size());
  for (const double threshold : {0.65, 0.75, 0.85}) {
    for (const std::uint32_t size_max : {12U, 1000U}) {
      ClusterOptions options;
      options.threshold = threshold;
      options.size_max = size_max;
      const Clustering found = cluster(set, options);
      const PairCounts counts = count_pairs(labels, found);
      std::cout << "threshold " << threshold << ", size_max " << size_max << ": "
                << found.clusters.size() << " clusters, precision " << counts.precision()
                << ", recall " << counts.recall() << '\n';
      if (threshold == 0.75) {
        EXPECT_GT(counts.precision(), 0.85);
      }
    }
  }
}

// ada-002's vectors have one component of 0.6, which makes int8 codes coarse: kAuto must see it.
TEST_F(ClusterRealData, AllMethodsAgreeOnVectorsWithOneLargeComponent) {
  const VectorSet set = read_fvecs(data_ / "openai1536" / "records.fvecs");
  for (const double threshold : {0.75, 0.8, 0.9}) {
    ClusterOptions options;
    options.threshold = threshold;
    options.method = PairMethod::kF32;
    const Clustering f32 = cluster(set, options);
    for (const PairMethod method : {PairMethod::kInt8, PairMethod::kAuto}) {
      options.method = method;
      const Clustering other = cluster(set, options);
      EXPECT_EQ(other.pairs, f32.pairs);
      EXPECT_EQ(rows_of(other), rows_of(f32));
      std::cout << "threshold " << threshold << ": " << other.pairs << " pairs, method "
                << static_cast<int>(other.method) << '\n';
    }
  }
}

}  // namespace
}  // namespace tulving::index::testing
