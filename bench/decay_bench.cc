// Decay scores of n memories a second, on one core, beside reading the same three columns: their
// sum, vectorised and unrolled, which is what the memory lets through. n is 10,000 (in cache) and
// TULVING_BENCH_N (1,000,000 in ctest, 10,000,000 for figures). Timed are the kernel that writes
// all scores, the blocks in cache that the engine's counts are made of, and decay_score() row by
// row; before that the kernel's scores are compared with it.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <random>
#include <vector>

#include "bench/corpus.h"
#include "core/model/decay.h"
#include "index/kernels/decay_kernels.h"
#include "index/kernels/kernels.h"

namespace tulving::bench {
namespace {

constexpr std::int64_t kNow = 1'770'000'000'000'000;
constexpr std::int64_t kInCache = 10'000;

std::int64_t largest() {
  const char* text = std::getenv("TULVING_BENCH_N");
  return text == nullptr ? 1'000'000 : std::strtoll(text, nullptr, 10);
}

struct Columns {
  std::vector<std::int64_t> last_used_us;
  std::vector<std::int32_t> use_count;
  std::vector<float> strength;

  // Ages up to two years, seed 42.
  explicit Columns(std::size_t n) : last_used_us(n), use_count(n), strength(n) {
    std::mt19937_64 random(42);
    for (std::size_t i = 0; i < n; ++i) {
      last_used_us[i] = kNow - static_cast<std::int64_t>(random() % 63'000'000) * 1'000'000;
      use_count[i] = static_cast<std::int32_t>(random() % 50);
      strength[i] = static_cast<float>(random() % 2000) / 1000.0F;
    }
  }
  [[nodiscard]] index::DecayColumns view() const {
    return {last_used_us.data(), use_count.data(), strength.data()};
  }
  [[nodiscard]] double exact(std::size_t row, DecayModel model) const {
    const auto age = static_cast<double>(kNow - last_used_us[row]) * 1e-6;
    return decay_score(model, {use_count[row], strength[row], age});
  }
  static constexpr std::int64_t kBytes = 8 + 4 + 4;
};

const Columns& columns(std::int64_t n) {
  static const Columns small(kInCache);
  static const Columns large(static_cast<std::size_t>(largest()));
  return n == kInCache ? small : large;
}

index::DecayShape shape_of(DecayModel model) {
  const model::DecayCurve& curve = model::decay_curve(model);
  index::DecayShape shape;
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

index::DecayKernel kernel_of(std::int64_t set) {
  return set == 2 ? index::avx2_decay_kernel() : index::avx512_decay_kernel();
}

bool is_supported(std::int64_t set) {
  for (const auto* kernels : index::supported_kernels()) {
    if (kernels->name == (set == 2 ? "avx2" : "avx512")) return true;
  }
  return false;
}

void report(benchmark::State& state, std::int64_t n) {
  state.SetItemsProcessed(state.iterations() * n);
  state.SetBytesProcessed(state.iterations() * n * Columns::kBytes);
}

// Arguments: n, model, set (2: AVX2, 5: AVX-512).
void BM_DecayKernel(benchmark::State& state) {
  const std::int64_t n = state.range(0);
  const auto model = static_cast<DecayModel>(state.range(1));
  if (!is_supported(state.range(2))) {
    state.SkipWithError("this processor does not run the set");
    return;
  }
  const index::DecayKernel kernel = kernel_of(state.range(2));
  const index::DecayShape shape = shape_of(model);
  const Columns& data = columns(n);
  const auto count = static_cast<std::size_t>(n);
  std::vector<float> scores(count);
  kernel(data.view(), count, kNow, shape, scores.data());
  for (std::size_t i = 0; i < count; i += 97) {
    const double exact = data.exact(i, model);
    if (std::fabs(double{scores[i]} - exact) > exact * index::kDecayErrorMax + index::kDecayFloor) {
      state.SkipWithError("a score is not the specification's");
      return;
    }
  }
  for (auto _ : state) {
    kernel(data.view(), count, kNow, shape, scores.data());
    benchmark::DoNotOptimize(scores.data());
    benchmark::ClobberMemory();
  }
  report(state, n);
}

// As the store counts: blocks that stay in cache, so that scores are never written to memory.
void BM_DecayBlocks(benchmark::State& state) {
  const std::int64_t n = state.range(0);
  const index::DecayKernel kernel = index::decay_kernel();
  if (kernel == nullptr) {
    state.SkipWithError("no vector set");
    return;
  }
  const index::DecayShape shape = shape_of(static_cast<DecayModel>(state.range(1)));
  const index::DecayColumns data = columns(n).view();
  constexpr std::size_t kBlock = 256;
  float scores[kBlock];
  for (auto _ : state) {
    std::size_t below = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); i += kBlock) {
      const std::size_t count = std::min(kBlock, static_cast<std::size_t>(n) - i);
      kernel({data.last_used_us + i, data.use_count + i, data.strength + i}, count, kNow, shape,
             scores);
      for (std::size_t k = 0; k < count; ++k) below += scores[k] < 0.35F ? 1U : 0U;
    }
    benchmark::DoNotOptimize(below);
  }
  report(state, n);
}

void BM_DecayRowByRow(benchmark::State& state) {
  const Columns& data = columns(kInCache);
  const auto model = static_cast<DecayModel>(state.range(0));
  for (auto _ : state) {
    for (std::size_t i = 0; i < kInCache; ++i) {
      benchmark::DoNotOptimize(static_cast<float>(data.exact(i, model)));
    }
  }
  report(state, kInCache);
}

// The peer: the same bytes, read and added, eight sums side by side so that no addition waits.
template <class T>
T sum_of(const std::vector<T>& column) {
  T sums[64] = {};
  std::size_t i = 0;
  for (; i + 64 <= column.size(); i += 64) {
    for (std::size_t lane = 0; lane < 64; ++lane) sums[lane] += column[i + lane];
  }
  return std::accumulate(column.begin() + static_cast<std::ptrdiff_t>(i), column.end(),
                         std::accumulate(std::begin(sums), std::end(sums), T{}));
}

void BM_ReadColumns(benchmark::State& state) {
  const std::int64_t n = state.range(0);
  const Columns& data = columns(n);
  for (auto _ : state) {
    benchmark::DoNotOptimize(sum_of(data.last_used_us));
    benchmark::DoNotOptimize(sum_of(data.use_count));
    benchmark::DoNotOptimize(sum_of(data.strength));
  }
  report(state, n);
}

// Through the public API: one tenant of 20,000 memories, every tenth archived.
void BM_StoreDecayCounts(benchmark::State& state) {
  constexpr std::size_t kMemories = 20'000;
  const Store store = value_of(Store::open_in_memory());
  Tenant tenant = value_of(store.tenant("bench"));
  const Columns& data = columns(kInCache);
  std::vector<Memory> memories(kMemories);
  for (std::size_t i = 0; i < kMemories; ++i) {
    const std::size_t row = i % kInCache;
    memories[i].text = "memory " + std::to_string(i);
    memories[i].last_used = Timestamp(std::chrono::microseconds(data.last_used_us[row]));
    memories[i].use_count = data.use_count[row];
    memories[i].strength = data.strength[row];
    if (i % 10 == 0) memories[i].status = MemoryStatus::kArchived;
  }
  value_of(tenant.add(memories));
  const Timestamp at{std::chrono::microseconds(kNow)};
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kMemories; ++i) {
    below += i % 10 != 0 && data.exact(i % kInCache, DecayModel::kPowerLaw) < 0.10 ? 1U : 0U;
  }
  if (value_of(store.decay_counts(at)).urgent != below) {
    state.SkipWithError("the count is not the specification's");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(store.decay_counts(at));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kMemories * 9 / 10));
}

BENCHMARK(BM_StoreDecayCounts)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ReadColumns)
    ->ArgName("n")
    ->Arg(kInCache)
    ->Arg(largest())
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_DecayKernel)
    ->ArgNames({"n", "model", "set"})
    ->ArgsProduct({{kInCache, largest()}, {0, 1, 2}, {2, 5}})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_DecayBlocks)
    ->ArgNames({"n", "model"})
    ->ArgsProduct({{kInCache, largest()}, {0, 1, 2}})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_DecayRowByRow)->ArgName("model")->DenseRange(0, 2)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tulving::bench
