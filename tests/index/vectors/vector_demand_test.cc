// What is promised of an index whose vectors come in when they are first needed: it answers from
// the first search on as the index that was saved; no byte of the file that is damaged gets into an
// answer, whether it was read before the damage was seen or is met by a walk; what was made anew
// is what the log has, and the graph that lost links is built anew; what was erased meanwhile does
// not come back from the file.
//
// The test can tell because the index that was saved is there beside it: a walk must answer what
// its walk does, a scan what its scan does, to the bit.

#include "tests/index/vectors/vector_demand.h"

#include <algorithm>
#include <cstring>

namespace tulving::index {
namespace {

using testing::kDemandDim;
using testing::kDemandOptions;
using testing::kNarrowEf;
using testing::Vector;
using testing::VectorDemand;
using testing::Vectors;

TEST_F(VectorDemand, AnswersBeforeAndAfterTheRestCameIn) {
  auto loaded = load();
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  VectorIndex& index = **loaded;

  EXPECT_TRUE(index.wants_building());
  EXPECT_EQ(testing::search(index, queries_[0], 10, nullptr, false, kNarrowEf).plan,
            VectorPlan::kGraph);
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
    ASSERT_EQ(testing::search(index, queries_[0], 10, nullptr, false, kNarrowEf).plan,
              VectorPlan::kScan);
    testing::build_all(index);
    ASSERT_FALSE(index.is_damaged());
    ASSERT_GE(index.counts().damaged, 1U);
    ASSERT_EQ(index.check_invariants().broken, "");
    ASSERT_EQ(index.counts().in_graph, vectors_.size());
    ASSERT_EQ(testing::search(index, queries_[0], 10, nullptr, false, kNarrowEf).plan,
              VectorPlan::kGraph);
    for (const auto& [row, vector] : vectors_) ASSERT_TRUE(index.holds(row, vector)) << row;
  }
  EXPECT_GT(late, 60U);
  EXPECT_GT(rebuilt, 2U);
}

// A tenth of the nodes that loading does not touch: each walk meets some, the first one too.
TEST_F(VectorDemand, AWalkThatMeetsALostNodeIsNotBelieved) {
  auto bytes = file_bytes();
  const std::size_t nodes = offset_of(kNodes);
  const std::size_t row_bytes = (offset_of(kNodes + 1) - nodes) / 2500;
  for (std::size_t id = 3; id < 2000; id += 10) bytes[nodes + id * row_bytes + 4] ^= 1;
  write_bytes(bytes);
  for (std::size_t i = 0; i < queries_.size(); ++i) {
    auto loaded = load();
    ASSERT_TRUE(loaded.has_value());
    const auto found = testing::search(**loaded, queries_[i], 10, nullptr, false, kNarrowEf);
    EXPECT_EQ(found.plan, VectorPlan::kScan);
    EXPECT_EQ(found.rows, scanned_[i]);
    EXPECT_FALSE(found.approximate);
  }
}

TEST_F(VectorDemand, AFileThatIsCutUnderAnOpenIndexIsDamage) {
  auto loaded = load();
  ASSERT_TRUE(loaded.has_value());
  static_cast<void>(testing::search(**loaded, queries_[0], 10, nullptr, false, kNarrowEf));
  std::filesystem::resize_file(file_, 5000);

  expect_right_answers(**loaded);
  EXPECT_GT((*loaded)->counts().damaged, 0U);
  testing::build_all(**loaded);
  for (const auto& [row, vector] : vectors_) ASSERT_TRUE((*loaded)->holds(row, vector)) << row;
}

TEST_F(VectorDemand, AFileThatIsReplacedOrRemovedStaysWhatItWas) {
  auto loaded = load();
  ASSERT_TRUE(loaded.has_value());
  VectorIndex other(kDemandDim, kDemandOptions);
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

}  // namespace
}  // namespace tulving::index
