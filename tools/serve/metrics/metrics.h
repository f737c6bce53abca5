#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/operations.h"
#include "tulving/result.h"
#include "tulving/stats.h"

namespace tulving::serve {

/// What has been asked and how long it took, and its form for Prometheus (text format 0.0.4).
///
/// Thread safety: any member on any thread; count() takes no lock.
class Metrics {
 public:
  explicit Metrics(std::span<const Operation> more = {});

  /// An operation that was called. `code` null: it did what it was asked to.
  void count(const Operation& operation, const ErrorCode* code, std::chrono::nanoseconds took);
  /// A request that led to no operation, by its status.
  void count_refused(int status);

  struct Gauges {
    StoreStats stats = {};
    bool is_ready = true;
    bool by_tenant = false;  ///< A row a tenant: as many as there are, so only where asked for.
    std::string_view version = {};
  };
  [[nodiscard]] std::string exposition(const Gauges& gauges) const;

 private:
  static constexpr std::array<double, 15> kBounds = {
      50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1, 5};
  static constexpr std::size_t kResults = 9;  // ok, and each ErrorCode.
  struct Histogram {
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets = {};
    std::atomic<std::uint64_t> nanoseconds = 0;
  };
  struct Row {
    std::string_view operation;
    std::array<Histogram, kResults> results;
  };

  [[nodiscard]] Row* find(std::string_view operation);
  static void append(std::string& out, const Row& row);

  std::vector<Row> rows_;                                     // By name.
  std::array<std::atomic<std::uint64_t>, 600> refused_ = {};  // By status.
};

}  // namespace tulving::serve
