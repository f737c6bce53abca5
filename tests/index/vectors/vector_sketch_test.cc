// What is promised: a sketch's estimate is as near to the cosine as its deviation says; a search
// that goes by sketches finds what a scan finds, wherever a filter's rows lie; and a walk that
// looks at sketches before rows finds as much as one that does not.
//
// The test can tell because all is compared with exact cosines, on vectors long enough to have
// sketches.

#include "index/vectors/rows/vector_sketch.h"

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <numeric>
#include <string>

#include "index/vectors/exact_scan.h"
#include "index/vectors/sketch_scan.h"
#include "tests/index/vectors/vect_sections.h"
#include "tests/index/vectors/vector_testing.h"

namespace tulving::index {
namespace {

using testing::Generator;
using testing::Vector;
using testing::Vectors;

constexpr std::uint32_t kDim = 300;  // Padded to 320.

struct Compared {
  float estimate = 0, deviation = 0, cosine = 0;
};

Compared compare(const VectorCoder& coder, const Vector& row, const Vector& query) {
  std::vector<std::uint8_t> codes(coder.code_stride());
  const CodeHeader header = coder.encode(row, codes.data(), nullptr);
  std::vector<std::uint64_t> bits(sketch_words(coder.code_stride()));
  const SketchHeader sketched =
      make_sketch(codes.data(), coder.code_stride(), header.scale, bits.data());
  const PreparedQuery prepared(coder, query);
  QuerySketch sketch;
  sketch.set(prepared.coded(), prepared.high_scale(), coder.code_stride());
  const std::uint64_t* pointer = bits.data();
  std::int32_t weight = 0;
  sketch.weigh(&pointer, 1, &weight);
  return {sketch.estimate(weight, sketched), sketch.deviation(sketched),
          static_cast<float>(testing::cosine(row, query))};
}

TEST(VectorSketch, EstimatesAreOffAsMuchAsTheySay) {
  const VectorCoder coder(kDim, 0);
  Generator generator(kDim, 31, 5, 0.6F);
  double squares = 0, signed_sum = 0;
  int far = 0;
  constexpr int kPairs = 4000;
  for (int i = 0; i < kPairs; ++i) {
    const Compared one = compare(coder, generator.vector(), generator.vector());
    ASSERT_GT(one.deviation, 0.02F);
    ASSERT_LT(one.deviation, 0.08F);
    const double off = (one.estimate - one.cosine) / one.deviation;
    squares += off * off;
    signed_sum += off;
    far += std::abs(off) > 3.0 ? 1 : 0;
  }
  // Near rows are estimated better than the deviation says, which is that of perpendicular ones.
  EXPECT_LT(std::sqrt(squares / kPairs), 1.1);
  EXPECT_GT(std::sqrt(squares / kPairs), 0.5);
  EXPECT_LT(std::abs(signed_sum / kPairs), 0.1);
  EXPECT_LT(far, kPairs / 150);
}

TEST(VectorSketch, KnowsAVectorItself) {
  const VectorCoder coder(kDim, 0);
  Generator generator(kDim, 32);
  for (int i = 0; i < 100; ++i) {
    const Vector vector = generator.noise(kDim);
    EXPECT_NEAR(compare(coder, vector, vector).estimate, 1.0F, 0.05F);
  }
  const Vector zero(kDim, 0.0F);
  EXPECT_EQ(compare(coder, zero, generator.noise(kDim)).estimate, 0.0F);
}

class SketchedSearch : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kRows = 6000;

  static void SetUpTestSuite() {
    generator_ = new Generator(kDim, 33, 60, 0.7F);
    vectors_ = new Vectors;
    index_ = new VectorIndex(kDim, {.m = 16, .ef_construction = 80, .exact_rows_max = 1000});
    testing::fill(*index_, *vectors_, *generator_, kRows);
    testing::build_all(*index_);
    testing::fill(*index_, *vectors_, *generator_, 200);  // Waiting rows, which have no sketch.
    for (std::uint32_t row = 0; row < kRows; row += 11) {
      index_->erase(row);
      vectors_->erase(row);
    }
  }
  static void TearDownTestSuite() {
    delete index_;
    delete vectors_;
    delete generator_;
  }
  static Generator* generator_;
  static Vectors* vectors_;
  static VectorIndex* index_;

  // The share of the k best that is found, over rows at the given places of the ranking.
  static double found(double from, double to, double share, int queries) {
    double sum = 0;
    for (int i = 0; i < queries; ++i) {
      const Vector query = generator_->vector();
      const auto ranked = testing::ranked_by_form(*index_, *vectors_, query, vectors_->size());
      Roaring allowed;
      const auto all = static_cast<double>(ranked.size());
      for (auto at = static_cast<std::size_t>(from * all); at < static_cast<std::size_t>(to * all);
           ++at) {
        if (generator_->chance(share)) allowed.add(ranked[at].row);
      }
      const auto matches = testing::search(*index_, query, 10, &allowed, false, 64);
      EXPECT_EQ(matches.rows.size(), 10U);
      for (const ScoredRow& row : matches.rows) EXPECT_TRUE(allowed.contains(row.row));
      sum += testing::recall(matches, *vectors_, query, 10, &allowed);
    }
    return sum / queries;
  }
};
Generator* SketchedSearch::generator_ = nullptr;
Vectors* SketchedSearch::vectors_ = nullptr;
VectorIndex* SketchedSearch::index_ = nullptr;

TEST_F(SketchedSearch, FindsWhatAFilterLeavesWhereverItIs) {
  for (const double share : {0.8, 0.3, 0.1}) {
    EXPECT_GE(found(0.0, 1.0, share, 8), 0.97) << "anywhere, " << share;
    EXPECT_GE(found(0.0, 0.4, share, 8), 0.97) << "near, " << share;
    EXPECT_GE(found(0.5, 1.0, share, 8), 0.97) << "far, " << share;
  }
}

TEST_F(SketchedSearch, AWalkFindsAsMuchAsItsWidthPromises) {
  double sum = 0;
  constexpr int kQueries = 60;
  for (int i = 0; i < kQueries; ++i) {
    const Vector query = generator_->vector();
    const auto matches = testing::search(*index_, query, 10, nullptr, false, 100);
    EXPECT_EQ(matches.plan, VectorPlan::kGraph);
    sum += testing::recall(matches, *vectors_, query, 10) / kQueries;
  }
  EXPECT_GE(sum, 0.97);
}

// Vectors and the sketches of most of them, without an index, whose costs would decide what a
// search goes by.
class SketchedRows : public ::testing::Test {
 protected:
  static constexpr Slot kSlots = 2500, kCovered = 2400;

  SketchedRows() : slab_(coder_), graph_(coder_, {.m = 4, .ef_construction = 16}, kSlots) {
    std::vector<std::uint8_t> codes(coder_.code_stride()), residuals(coder_.residual_stride());
    for (Slot slot = 0; slot < kSlots; ++slot) {
      const Vector vector = slot % 10 == 0 ? centre_ : generator_.vector();
      const CodeHeader header = coder_.encode(vector, codes.data(), residuals.data());
      slab_.append(slot);
      slab_.put(slot, header, codes.data(), residuals.data());
      if (slot < kCovered) {
        slab_.set_graph_id(slot, graph_.add(slot, slot, header, codes.data()));
      }
    }
  }
  // The k best of the slots, by sketches and by the final forms of all.
  std::vector<ScoredRow> by_sketches(const Vector& query, std::span<const Slot> slots,
                                     std::size_t k) {
    const PreparedQuery prepared(coder_, query);
    QuerySketch sketch;
    sketch.set(prepared.coded(), prepared.high_scale(), coder_.code_stride());
    Deadline none{std::nullopt};
    TopRows top(k);
    SketchScan sketches(view_, prepared, sketch, none);
    const auto promising = sketches.promising(slots, k, top);
    passed_by_ += slots.size() - promising.size();
    ExactScan scan(view_, prepared, top, k, none);
    scan.add_slots(promising);
    scan.finish();
    return top.take();
  }
  std::vector<ScoredRow> by_forms(const Vector& query, std::span<const Slot> slots, std::size_t k) {
    const PreparedQuery prepared(coder_, query);
    TopRows top(k);
    for (const Slot slot : slots) top.offer({slot, view_.exact(prepared, slot)});
    return top.take();
  }

  VectorCoder coder_{kDim, 8};
  Generator generator_{kDim, 35, 40, 0.8F};
  const Vector centre_ = generator_.vector();
  VectorSlab slab_;
  HnswGraph graph_;
  const VectorView view_{&slab_, &graph_, kCovered};
  std::size_t passed_by_ = 0;
};

TEST_F(SketchedRows, HoldTheBestAndAFewOthers) {
  std::size_t looked_at = 0, hits = 0, wanted = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<Slot> slots;
    const double share = 0.02 + 0.98 * generator_.below(1000) / 1000.0;
    for (Slot slot = 0; slot < kSlots; ++slot) {
      if (generator_.chance(share)) slots.push_back(slot);
    }
    const Vector query = generator_.chance(0.5) ? generator_.vector() : generator_.noise(kDim);
    const std::size_t k = 1 + generator_.below(20);
    const auto found = by_sketches(query, slots, k);
    const auto expected = by_forms(query, slots, k);
    ASSERT_EQ(found.size(), expected.size());
    for (const ScoredRow& row : expected) {
      hits += std::ranges::count(found, row) != 0 ? 1 : 0;
    }
    wanted += expected.size();
    looked_at += slots.size();
  }
  RecordProperty("passed by", std::to_string(passed_by_) + " of " + std::to_string(looked_at));
  EXPECT_GE(hits, wanted - wanted / 300);
  EXPECT_GT(passed_by_, looked_at / 4) << "everything was looked at";
}

// Of rows that are equal all are among the promising, and the first of them are found.
TEST_F(SketchedRows, EqualRowsAreNeverPartedByTheirSketches) {
  std::vector<Slot> slots(kSlots);
  std::iota(slots.begin(), slots.end(), 0U);
  for (const std::size_t k : {1U, 50U, 249U}) {
    EXPECT_EQ(by_sketches(centre_, slots, k), by_forms(centre_, slots, k)) << k;
  }
}

// Long vectors have sketches, which searches go by: a lie about one is refused, or found by
// holds().
TEST(VectorSketch, IsNotBelievedOfAFileThatLies) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("tulving_sketches_" + std::to_string(::getpid()));
  const auto load = [&] {
    CheckpointOrigin origin;
    return VectorIndex::load(file, kDim, {.m = 6, .ef_construction = 30, .exact_rows_max = 200},
                             origin);
  };
  VectorIndex index(kDim, {.m = 6, .ef_construction = 30, .exact_rows_max = 200});
  Vectors vectors;
  Generator generator(kDim, 6);
  testing::fill(index, vectors, generator, 400);
  testing::build_all(index);
  ASSERT_TRUE(index.save(file, {.revision = 1}).has_value());
  const auto honest = testing::read_sections(file);
  constexpr std::size_t kSketches = 8, kHeaders = 9;
  ASSERT_EQ(honest[kSketches].size(), 400U * 40);
  const auto with = [&](std::size_t section, std::size_t at, std::uint32_t word) {
    auto lying = honest;
    std::memcpy(lying[section].data() + at, &word, sizeof(word));
    testing::write_sections(file, lying);
    return load();
  };
  for (const std::uint32_t inverse : {0x7FC0'0000U, 0xBF80'0000U, 0x7F80'0000U}) {
    const auto refused = with(kHeaders, 8 * 7, inverse);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kCorruption);
  }
  EXPECT_FALSE(with(kHeaders, 8 * 7 + 4, 321).has_value());
  auto cut = honest;
  cut[kSketches].resize(cut[kSketches].size() - 8);
  testing::write_sections(file, cut);
  EXPECT_FALSE(load().has_value());

  const auto wrong = with(kSketches, 40 * 7, 0x1234'5678U);
  ASSERT_TRUE(wrong.has_value());
  EXPECT_FALSE((*wrong)->holds(7, vectors[7]));
  EXPECT_TRUE((*wrong)->holds(8, vectors[8]));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace tulving::index
