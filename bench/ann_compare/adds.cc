#include "bench/ann_compare/adds.h"

#include <fmt/core.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

namespace tulving::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kSecondsARound = 2;

/// Vectors like the base's, without end: unit sums of one row and a part of another.
class MixedRows {
 public:
  explicit MixedRows(const Dataset& data) : data_(data), vector_(data.dim) {}
  std::span<const float> at(std::size_t i) {
    const auto a = data_.row(i * 7919 % data_.rows());
    const auto b = data_.row((i * 104'729 + 1) % data_.rows());
    float squares = 0;
    for (std::size_t j = 0; j < vector_.size(); ++j) {
      vector_[j] = a[j] + 0.3F * b[j];
      squares += vector_[j] * vector_[j];
    }
    const float length = std::sqrt(squares);
    for (float& x : vector_) x /= length;
    return vector_;
  }

 private:
  const Dataset& data_;
  std::vector<float> vector_;
};

/// Adds until told to stop, or the room is used up.
class Adder {
 public:
  Adder(Engine& engine, const Dataset& data) : engine_(engine), data_(data), rows_(data) {}

  void run(const std::atomic<bool>& stop) {
    const auto begin = Clock::now();
    while (!stop && added_ < spare_rows(data_)) {
      engine_.add(static_cast<std::uint32_t>(data_.rows() + added_), rows_.at(added_));
      ++added_;
      running = true;
    }
    running = false;
    seconds_ += std::chrono::duration<double>(Clock::now() - begin).count();
  }
  [[nodiscard]] double per_second() const { return static_cast<double>(added_) / seconds_; }
  [[nodiscard]] bool is_full() const { return added_ >= spare_rows(data_); }

  std::atomic<bool> running = false;

 private:
  Engine& engine_;
  const Dataset& data_;
  MixedRows rows_;
  std::size_t added_ = 0;
  double seconds_ = 0;
};

/// All queries, again and again for the length of a round, while `wanted` is true.
template <class Wanted>
std::vector<double> search_while(Engine& engine, const Dataset& data, std::uint32_t effort,
                                 Wanted wanted) {
  std::vector<double> times;
  RowList found;
  const auto end = Clock::now() + std::chrono::seconds(kSecondsARound);
  for (std::size_t q = 0; wanted() && Clock::now() < end; ++q) {
    times.push_back(
        timed_search(engine, data.queries[q % data.queries.size()], data.k, effort, found));
  }
  return times;
}

AddsResult measure_engine(Engine& engine, const Dataset& data, const MeasureOptions& options,
                          std::uint32_t effort) {
  AddsResult result{.engine = engine.name(), .effort = effort, .idle = {}, .busy = {}};
  std::vector<tools::Percentiles> idle, busy;
  Adder adder(engine, data);
  for (std::size_t round = 0; round < options.rounds && !adder.is_full(); ++round) {
    on_cpu(options.cpu, [&] {
      idle.push_back(tools::percentiles(search_while(engine, data, effort, [] { return true; })));
    });
    std::atomic<bool> stop = false;
    std::jthread thread([&] { adder.run(stop); });
    while (!adder.running && !adder.is_full()) std::this_thread::yield();
    std::vector<double> times;
    on_cpu(options.cpu, [&] {
      times = search_while(engine, data, effort, [&] { return adder.running.load(); });
    });
    stop = true;
    thread.join();
    engine.settle();
    result.searches += times.size();
    busy.push_back(tools::percentiles(std::move(times)));
  }
  result.idle = median_of_rounds(idle);
  result.busy = median_of_rounds(busy);
  result.adds_per_second = adder.per_second();
  return result;
}

}  // namespace

std::size_t spare_rows(const Dataset& data) { return data.rows(); }

std::vector<AddsResult> measure_adds(const std::vector<EngineKind>& kinds, const Dataset& data,
                                     const MeasureOptions& options, std::uint32_t effort) {
  std::vector<AddsResult> results;
  const int cpu = options.cpu >= 0 ? options.cpu : default_cpu();
  MeasureOptions bound = options;
  bound.cpu = cpu;
  // A thread of its own, whose children inherit where they may run: the store's indexer does.
  std::jthread apart([&] {
    keep_off(cpu);
    for (const EngineKind& kind : kinds) {
      if (!kind.adds) continue;
      const Built built = build_engine(kind, data, spare_rows(data), 1);
      results.push_back(measure_engine(*built.engine, data, bound, effort));
    }
  });
  apart.join();
  return results;
}

}  // namespace tulving::bench
