// What is promised: every instruction set scores what decay_score(), the specification, scores,
// within 1e-5 of it or 4.8e-38, over everything a memory can hold: ages from the future to 9,999
// years, use counts to 2^31 - 1, strengths 0..2, every model; at every length around the vector
// width and any alignment, touching nothing beyond the end; and equal rows score equally wherever
// they lie.
//
// The test can tell because each score is compared with the specification in double, on all
// combinations of edge values and on random rows from a printed seed.

#include "index/kernels/decay_kernels.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "core/model/decay.h"
#include "index/kernels/kernels.h"

namespace tulving::index {
namespace {

constexpr std::int64_t kNow = 1'770'000'000'000'000;
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kYear = 31'556'952 * kSecond;
constexpr DecayModel kModels[] = {DecayModel::kPowerLaw, DecayModel::kExponential,
                                  DecayModel::kTwoComponent};

// As the engine fills it in; see core/engine/select/decay_pass.cc.
DecayShape shape_of(DecayModel model) {
  const model::DecayCurve& curve = model::decay_curve(model);
  DecayShape shape;
  shape.use_exponent = static_cast<float>(curve.use_exponent);
  shape.power_rate = static_cast<float>(curve.power_rate * 1e-6);
  shape.power_alpha = static_cast<float>(curve.power_alpha);
  shape.component_count = curve.component_count;
  for (std::size_t i = 0; i < curve.component_count; ++i) {
    shape.components[i] = {std::log2(curve.components[i].share),
                           curve.components[i].rate / std::log(2.0) * 1e-6};
  }
  return shape;
}

struct Rows {
  std::vector<std::int64_t> last_used_us;
  std::vector<std::int32_t> use_count;
  std::vector<float> strength;

  void add(std::int64_t used, std::int32_t count, float value) {
    last_used_us.push_back(used);
    use_count.push_back(count);
    strength.push_back(value);
  }
  [[nodiscard]] std::size_t size() const { return strength.size(); }
  [[nodiscard]] DecayColumns from(std::size_t first) const {
    return {last_used_us.data() + first, use_count.data() + first, strength.data() + first};
  }
  [[nodiscard]] double exact(std::size_t row, DecayModel model) const {
    const auto age = static_cast<double>(kNow - last_used_us[row]) * 1e-6;
    return decay_score(model, {use_count[row], strength[row], age});
  }
};

Rows edge_rows() {
  Rows rows;
  std::vector<std::int64_t> ages = {-kYear * 50, -1, 0, 1, 999, kSecond};
  for (std::int64_t age = kSecond; age < 10'000 * kYear; age += age / 3 + 1) ages.push_back(age);
  for (const int bits : {31, 32, 33, 51, 52, 53}) {  // Where int64 -> double is put together.
    for (const std::int64_t off : {-1, 0, 1}) ages.push_back((std::int64_t{1} << bits) + off);
  }
  for (const std::int64_t age : ages) {
    for (const std::int32_t uses :
         {0, 1, 2, 3, 7, 100, 65'535, 16'777'217, std::numeric_limits<std::int32_t>::max()}) {
      for (const float strength : {0.0F, 1e-30F, 0.3F, 1.0F, 2.0F}) {
        rows.add(kNow - age, uses, strength);
      }
    }
  }
  return rows;
}

Rows random_rows(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> age_bits(0.0, 51.5);  // To 100 years.
  std::uniform_real_distribution<double> use_bits(0.0, 31.0);
  std::uniform_real_distribution<float> strength(0.0F, 2.0F);
  Rows rows;
  for (std::size_t i = 0; i < n; ++i) {
    rows.add(kNow - static_cast<std::int64_t>(std::exp2(age_bits(random))),
             static_cast<std::int32_t>(std::exp2(use_bits(random)) - 1), strength(random));
  }
  return rows;
}

struct Set {
  const char* name;
  DecayKernel kernel;
};

std::vector<Set> supported_sets() {
  std::vector<Set> sets;
  for (const DistanceKernels* kernels : supported_kernels()) {
    if (kernels->name == "avx2") sets.push_back({"avx2", avx2_decay_kernel()});
    if (kernels->name == "avx512") sets.push_back({"avx512", avx512_decay_kernel()});
  }
  return sets;
}

class DecayKernelSet : public testing::TestWithParam<Set> {
 protected:
  static std::vector<float> score(const Rows& rows, DecayModel model) {
    std::vector<float> scores(rows.size());
    GetParam().kernel(rows.from(0), rows.size(), kNow, shape_of(model), scores.data());
    return scores;
  }

  static void expect_as_specified(const Rows& rows) {
    for (const DecayModel model : kModels) {
      const std::vector<float> scores = score(rows, model);
      double worst = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const double exact = rows.exact(i, model);
        const double error = std::fabs(double{scores[i]} - exact);
        ASSERT_LE(error, exact * kDecayErrorMax + kDecayFloor)
            << "model " << static_cast<int>(model) << " age us " << kNow - rows.last_used_us[i]
            << " uses " << rows.use_count[i] << " strength " << rows.strength[i];
        if (exact > 1e-30) worst = std::max(worst, error / exact);
      }
      RecordProperty("worst_" + std::to_string(static_cast<int>(model)), std::to_string(worst));
      EXPECT_LT(worst, kDecayErrorMax);
    }
  }
};

TEST_P(DecayKernelSet, ScoresAsSpecifiedAtEveryEdge) { expect_as_specified(edge_rows()); }

TEST_P(DecayKernelSet, ScoresRandomMemoriesAsSpecified) {
  constexpr std::uint64_t kSeed = 7;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  expect_as_specified(random_rows(300'000, kSeed));
}

TEST_P(DecayKernelSet, ScoresEachLengthAtEachOffsetAndNothingBeyond) {
  constexpr float kCanary = -42.0F;
  const Rows rows = random_rows(80, 11);
  for (const DecayModel model : kModels) {
    const std::vector<float> whole = score(rows, model);
    for (std::size_t offset = 0; offset < 17; ++offset) {
      for (std::size_t n = 0; n <= 40; ++n) {
        SCOPED_TRACE(testing::Message() << "n " << n << " offset " << offset);
        std::vector<float> scores(offset + n + 1, kCanary);
        GetParam().kernel(rows.from(offset), n, kNow, shape_of(model), scores.data() + offset);
        for (std::size_t i = 0; i < offset; ++i) ASSERT_EQ(scores[i], kCanary);
        for (std::size_t i = offset; i < offset + n; ++i) ASSERT_EQ(scores[i], whole[i]);
        ASSERT_EQ(scores.back(), kCanary);
      }
    }
  }
}

TEST_P(DecayKernelSet, FallsWithAge) {
  Rows rows;
  for (std::int64_t age = kSecond; age < 100 * kYear; age += age / 50) rows.add(kNow - age, 3, 1);
  for (const DecayModel model : kModels) {
    const std::vector<float> scores = score(rows, model);
    for (std::size_t i = 1; i < scores.size(); ++i) ASSERT_LE(scores[i], scores[i - 1]);
  }
}

INSTANTIATE_TEST_SUITE_P(Supported, DecayKernelSet, testing::ValuesIn(supported_sets()),
                         [](const auto& param) { return std::string(param.param.name); });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(DecayKernelSet);

TEST(DecayKernelChoice, FollowsTheSetThatWasChosen) {
  const std::string_view set = kernels().name;
  if (set == "scalar") {
    EXPECT_EQ(decay_kernel(), nullptr);
  } else {
    EXPECT_EQ(decay_kernel(), set == "avx2" ? avx2_decay_kernel() : avx512_decay_kernel());
  }
}

}  // namespace
}  // namespace tulving::index
