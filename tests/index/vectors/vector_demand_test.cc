// What is promised of an index whose vectors come in when they are first needed: it answers from
// the first search on as the index that was saved; no byte of the file that is damaged gets into an
// answer, whether it was read before the damage was seen or is met by a walk; what was made anew
// is what the log has, and the graph that lost links is built anew; what was erased meanwhile does
// not come back from the file.
//
// The test can tell because the index that was saved is there beside it: a walk must answer what
// its walk does, a scan what its scan does, to the bit.

#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <shared_mutex>
#include <thread>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/mutex.h"
#include "tests/index/vectors/vector_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Vector;
using testing::Vectors;

constexpr std::uint32_t kDim = 20;
constexpr std::uint32_t kEf = 16;  // Narrow, so that walking is cheaper than scanning.
constexpr VectorIndexOptions kOptions{.m = 6, .ef_construction = 30, .exact_rows_max = 200};

class VectorDemand : public ::testing::Test {
 protected:
  VectorDemand() {
    std::filesystem::create_directories(folder_);
    // In a graph of which some nodes are dead, and some that wait.
    testing::fill(index_, vectors_, generator_, 2500);
    testing::build_all(index_);
    for (std::uint32_t row = 0; row < 2500; row += 15) index_.erase(row), vectors_.erase(row);
    testing::fill(index_, vectors_, generator_, 40);
    index_.erase(2510), vectors_.erase(2510);
    EXPECT_TRUE(index_.save(file_, {.revision = 7}).has_value());
    for (int i = 0; i < 8; ++i) queries_.push_back(generator_.vector());
    for (const Vector& query : queries_) {
      walked_.push_back(testing::search(index_, query, 10, nullptr, false, kEf).rows);
      scanned_.push_back(testing::search(index_, query, 10, nullptr, true).rows);
    }
    logged_ = vectors_;
  }
  ~VectorDemand() override { std::filesystem::remove_all(folder_); }

  // With the vectors as the log would have them.
  Result<std::unique_ptr<VectorIndex>> load() {
    return VectorIndex::load(file_, kDim, kOptions, origin_, FileSystem::machine(),
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
      const auto found = testing::search(loaded, queries_[i], 10, nullptr, false, kEf);
      ASSERT_EQ(found.rows, found.plan == VectorPlan::kGraph ? walked_[i] : scanned_[i]);
      ASSERT_EQ(testing::search(loaded, queries_[i], 10, nullptr, true).rows, scanned_[i]);
    }
  }

  std::vector<char> file_bytes() {
    std::ifstream stream(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void write_bytes(const std::vector<char>& bytes) {
    std::ofstream stream(file_, std::ios::binary | std::ios::trunc);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  // Where a section's bytes lie in the file.
  std::size_t offset_of(std::size_t section) {
    auto reader = CheckpointReader::open(file_, "VECT", 3);
    EXPECT_TRUE(reader.has_value());
    std::size_t offset = 96;  // The header.
    for (std::size_t i = 0; i < section; ++i) offset += reader->section_bytes(i);
    return offset;
  }
  static constexpr std::size_t kNodes = 3, kWaitingCodes = 10, kChunks = 3;
  // Of 2,540 slots in three chunks, of which the last one waits in part.
  static constexpr std::size_t kResiduals = kWaitingCodes + 1;

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("tulving_demand_" + std::to_string(::getpid()));
  std::filesystem::path file_ = folder_ / "vectors";
  Generator generator_{kDim, 77};
  VectorIndex index_{kDim, kOptions};
  Vectors vectors_, logged_;
  std::vector<Vector> queries_;
  std::vector<std::vector<ScoredRow>> walked_, scanned_;
  CheckpointOrigin origin_;
  std::atomic<int> asked_{0};
};

TEST_F(VectorDemand, AnswersBeforeAndAfterTheRestCameIn) {
  auto loaded = load();
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  VectorIndex& index = **loaded;

  EXPECT_TRUE(index.wants_building());
  EXPECT_EQ(testing::search(index, queries_[0], 10, nullptr, false, kEf).plan, VectorPlan::kGraph);
  expect_right_answers(index);
  while (index.load_step()) {
  }
  EXPECT_TRUE(index.wants_reclaim());
  index.reclaim();
  EXPECT_FALSE(index.wants_reclaim());
  expect_right_answers(index);

  EXPECT_EQ(asked_, 0);
  EXPECT_EQ(index.counts().damaged, 0U);
  EXPECT_EQ(index.check_invariants().broken, "");
}

// Each part of a row, and of the file what a stride and chance find.
TEST_F(VectorDemand, NoDamagedByteGetsIntoAnAnswer) {
  const auto whole = file_bytes();
  const std::size_t nodes = offset_of(kNodes);
  const std::size_t nodes_end = offset_of(kNodes + 1);
  const std::size_t row_bytes = (nodes_end - nodes) / 2500;
  const std::size_t residuals = offset_of(kResiduals);
  std::vector<std::size_t> places;
  const std::size_t first_node = nodes + 1234 * row_bytes;
  for (std::size_t i = 0; i < row_bytes; i += 7) places.push_back(first_node + i);
  places.push_back(first_node + row_bytes - 1);
  for (std::size_t i = 0; i < 64; i += 5) places.push_back(residuals + 777 * 64 + i);
  for (std::size_t at = 11; at < whole.size(); at += whole.size() / 60) places.push_back(at);
  for (int i = 0; i < 60; ++i) {
    places.push_back(generator_.below(static_cast<std::uint32_t>(whole.size())));
  }
  std::size_t late = 0, rebuilt = 0;
  for (const std::size_t place : places) {
    SCOPED_TRACE("byte " + std::to_string(place));
    auto bytes = whole;
    bytes[place] = static_cast<char>(bytes[place] ^ (1 << generator_.below(8)));
    write_bytes(bytes);
    auto loaded = load();
    if (!loaded) {
      ASSERT_EQ(loaded.error().code, ErrorCode::kCorruption);
      continue;
    }
    VectorIndex& index = **loaded;
    ASSERT_NO_FATAL_FAILURE(expect_right_answers(index));
    index.finish_loading();
    ASSERT_GE(index.counts().damaged, 1U);  // A file with a wrong byte is never taken for sound.
    ASSERT_NO_FATAL_FAILURE(expect_right_answers(index));
    ++late;
    // A graph that lost a node's links is not walked, and made anew: seldom here, it takes its
    // time.
    ASSERT_EQ(index.is_damaged(), place >= nodes && place < nodes_end);
    if (!index.is_damaged() || ++rebuilt > 2) continue;
    ASSERT_EQ(testing::search(index, queries_[0], 10, nullptr, false, kEf).plan, VectorPlan::kScan);
    testing::build_all(index);
    ASSERT_FALSE(index.is_damaged());
    ASSERT_GE(index.counts().damaged, 1U);
    ASSERT_EQ(index.check_invariants().broken, "");
    ASSERT_EQ(index.counts().in_graph, vectors_.size());
    ASSERT_EQ(testing::search(index, queries_[0], 10, nullptr, false, kEf).plan,
              VectorPlan::kGraph);
    for (const auto& [row, vector] : vectors_) ASSERT_TRUE(index.holds(row, vector)) << row;
  }
  EXPECT_GT(late, 60U);
  EXPECT_GT(rebuilt, 2U);
}

TEST_F(VectorDemand, AFileThatIsCutUnderAnOpenIndexIsDamage) {
  auto loaded = load();
  ASSERT_TRUE(loaded.has_value());
  static_cast<void>(testing::search(**loaded, queries_[0], 10, nullptr, false, kEf));
  std::filesystem::resize_file(file_, 5000);

  expect_right_answers(**loaded);
  EXPECT_GT((*loaded)->counts().damaged, 0U);
  testing::build_all(**loaded);
  for (const auto& [row, vector] : vectors_) ASSERT_TRUE((*loaded)->holds(row, vector)) << row;
}

TEST_F(VectorDemand, AFileThatIsReplacedOrRemovedStaysWhatItWas) {
  auto loaded = load();
  ASSERT_TRUE(loaded.has_value());
  VectorIndex other(kDim, kOptions);
  Vectors others;
  testing::fill(other, others, generator_, 300);
  ASSERT_TRUE(other.save(file_, {.revision = 8}).has_value());
  std::filesystem::remove(file_);

  expect_right_answers(**loaded);
  testing::build_all(**loaded);
  EXPECT_EQ((*loaded)->counts().damaged, 0U);
}

// Rows are erased, given anew and put into dead slots before the file's have come in.
TEST_F(VectorDemand, WhatIsWrittenMeanwhileStays) {
  auto loaded = load();
  ASSERT_TRUE(loaded.has_value());
  VectorIndex& index = **loaded;
  for (std::uint32_t row = 1; row < 2540; row += 2) {
    if (!vectors_.contains(row)) continue;
    index.erase(row);
    vectors_.erase(row);
    if (row % 3 != 0) continue;
    vectors_[row] = generator_.vector();
    index.set(row, vectors_[row]);
  }
  index.finish_loading();

  for (const auto& [row, vector] : vectors_) ASSERT_TRUE(index.holds(row, vector)) << row;
  EXPECT_EQ(index.counts().damaged, 0U);
  // Of an erased vector no residual is there, nor in a file that is written now.
  ASSERT_TRUE(index.save(file_, {.revision = 9}).has_value());
  auto reader = CheckpointReader::open(file_, "VECT", 3);
  ASSERT_TRUE(reader.has_value());
  const auto rows = reader->read_array<std::uint32_t>(1);
  ASSERT_TRUE(rows.has_value());
  const std::size_t chunks = (rows->size() + 1023) / 1024;
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    const auto bytes = reader->read_array<std::byte>(reader->sections() - chunks + chunk);
    ASSERT_TRUE(bytes.has_value());
    for (std::size_t i = 0; i < bytes->size() / 64; ++i) {
      const std::size_t slot = chunk * 1024 + i;
      if ((*rows)[slot] != kNothing) continue;
      const auto vector = std::span(*bytes).subspan(i * 64, 64);
      ASSERT_EQ(std::ranges::count(vector, std::byte{0}), 64) << slot;
    }
  }
}

// Searches, writes, loading and building at once, on a file of which parts are damaged.
TEST_F(VectorDemand, ServesSearchesAndWritesWhileTheRestComesIn) {
  auto bytes = file_bytes();
  const std::size_t nodes = offset_of(kNodes);
  for (int i = 0; i < 4; ++i) bytes[nodes + generator_.below(100'000)] ^= 0x10;
  bytes[offset_of(kResiduals) + 99] ^= 1;
  write_bytes(bytes);
  auto loaded = load();
  ASSERT_TRUE(loaded.has_value());
  VectorIndex& index = **loaded;
  FairSharedMutex tenant;
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::uint32_t n = 0; n < 2; ++n) {
    threads.emplace_back([&, n] {
      for (std::size_t i = n; !stop; ++i) {
        const std::shared_lock lock(tenant);
        const auto found =
            testing::search(index, queries_[i % queries_.size()], 10, nullptr, i % 5 == 0, kEf);
        if (found.rows.size() != 10) ++wrong;
      }
    });
  }
  for (int n = 0; n < 2; ++n) {
    threads.emplace_back([&, n] {
      while (!stop) {
        if (index.build_step(8)) continue;
        if (n == 0) {
          const std::unique_lock lock(tenant);
          index.reclaim();
        }
        std::this_thread::yield();
      }
    });
  }
  for (std::uint32_t row = 0; row < 400; ++row) {
    const Vector vector = generator_.vector();
    const std::unique_lock lock(tenant);
    if (row % 4 == 0) {
      index.erase(row);
      vectors_.erase(row);
    } else {
      vectors_[row] = vector;
      index.set(row, vector);
    }
  }
  while (index.is_damaged() || index.wants_building()) std::this_thread::yield();
  stop = true;
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(wrong, 0);
  testing::build_all(index);
  EXPECT_EQ(index.check_invariants().broken, "");
  EXPECT_GE(index.counts().damaged, 1U);
  for (const auto& [row, vector] : vectors_) ASSERT_TRUE(index.holds(row, vector)) << row;
  EXPECT_EQ(index.rows().cardinality(), vectors_.size());
}

}  // namespace
}  // namespace tulving::index
