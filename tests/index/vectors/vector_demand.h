#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "core/base/checkpoint/checkpoint_file.h"
#include "tests/index/vectors/vect_sections.h"
#include "tests/index/vectors/vector_testing.h"

namespace tulving::index::testing {

inline constexpr std::uint32_t kDemandDim = 20;
inline constexpr std::uint32_t kNarrowEf = 16;  // Narrow, so that walking is cheaper than scanning.
inline constexpr VectorIndexOptions kDemandOptions{
    .m = 6, .ef_construction = 30, .exact_rows_max = 200};

/// An index that was saved, beside which loaded ones are held: a graph of which some nodes are
/// dead, and rows that wait.
class VectorDemand : public ::testing::Test {
 protected:
  VectorDemand() {
    std::filesystem::create_directories(folder_);
    // In a graph of which some nodes are dead, and some that wait.
    fill(index_, vectors_, generator_, 2500);
    build_all(index_);
    for (std::uint32_t row = 0; row < 2500; row += 15) index_.erase(row), vectors_.erase(row);
    fill(index_, vectors_, generator_, 40);
    index_.erase(2510), vectors_.erase(2510);
    EXPECT_TRUE(index_.save(file_, {.revision = 7}).has_value());
    for (int i = 0; i < 8; ++i) queries_.push_back(generator_.vector());
    for (const Vector& query : queries_) {
      walked_.push_back(search(index_, query, 10, nullptr, false, kNarrowEf).rows);
      scanned_.push_back(search(index_, query, 10, nullptr, true).rows);
    }
    logged_ = vectors_;
  }
  ~VectorDemand() override { std::filesystem::remove_all(folder_); }

  // With the vectors as the log would have them.
  Result<std::unique_ptr<VectorIndex>> load() {
    return VectorIndex::load(file_, kDemandDim, kDemandOptions, origin_, FileSystem::machine(),
                             [this](std::uint32_t row, Vector& vector) {
                               ++asked_;
                               const auto found = logged_.find(row);
                               if (found == logged_.end()) return false;
                               vector = found->second;
                               return true;
                             });
  }

  void expect_right_answers(const VectorIndex& loaded) {
    for (std::size_t i = 0; i < queries_.size(); ++i) {
      const auto found = search(loaded, queries_[i], 10, nullptr, false, kNarrowEf);
      ASSERT_EQ(found.rows, found.plan == VectorPlan::kGraph ? walked_[i] : scanned_[i]);
      ASSERT_EQ(search(loaded, queries_[i], 10, nullptr, true).rows, scanned_[i]);
    }
  }

  std::vector<char> file_bytes() { return testing::read_bytes(file_); }
  void write_bytes(const std::vector<char>& bytes) { testing::write_bytes(file_, bytes); }

  // Where a section's bytes lie in the file.
  std::size_t offset_of(std::size_t section) {
    auto reader = CheckpointReader::open(file_, "VECT", 3);
    EXPECT_TRUE(reader.has_value());
    std::size_t offset = 96;  // The header.
    for (std::size_t i = 0; i < section; ++i) offset += reader->section_bytes(i);
    return offset;
  }
  static constexpr std::size_t kNodes = 3, kWaitingCodes = 12, kChunks = 3;
  // Of 2,540 slots in three chunks, of which the last one waits in part.
  static constexpr std::size_t kResiduals = kWaitingCodes + 1;

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("tulving_demand_" + std::to_string(::getpid()));
  std::filesystem::path file_ = folder_ / "vectors";
  Generator generator_{kDemandDim, 77};
  VectorIndex index_{kDemandDim, kDemandOptions};
  Vectors vectors_, logged_;
  std::vector<Vector> queries_;
  std::vector<std::vector<ScoredRow>> walked_, scanned_;
  CheckpointOrigin origin_;
  std::atomic<int> asked_{0};
};

}  // namespace tulving::index::testing
