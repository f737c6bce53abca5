#pragma once

#include <atomic>
#include <cstdint>
#include <random>
#include <string>

namespace tulving::torture {

/// The kill points that were passed, by all processes that share it, and where the next one ends.
class KillPoints {
 public:
  static constexpr int kPointsMax = 256;
  struct Point {
    char name[40];
    std::atomic<std::uint64_t> hits;  ///< Of the present process.
    std::atomic<std::uint64_t> most;  ///< Hits of any process so far.
    std::atomic<std::uint64_t> kills;
  };

  static KillPoints* make();  ///< Never given back.
  /// In a process that is to pass them. From here on the `nth` hit of `point` ends it; -1: none.
  void arm(int point, std::uint64_t nth);
  /// In the parent, once the process is gone.
  void settle();

  [[nodiscard]] int count() const { return count_.load(); }
  [[nodiscard]] const Point& point(int i) const { return points_[i]; }
  /// One that was seldom the end, and how often it is to be passed.
  struct Target {
    int point = -1;
    std::uint64_t nth = 0;
  };
  [[nodiscard]] Target choose(std::mt19937_64& random) const;
  void print() const;

 private:
  static void visit(const char* name);
  int find(const char* name);

  std::atomic<int> count_;
  std::atomic<bool> is_adding_;
  int target_;
  std::uint64_t nth_;
  Point points_[kPointsMax];
};

}  // namespace tulving::torture
