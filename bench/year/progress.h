#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace tulving::bench {

/// A bar on stderr: how far, how fast, how long still, and the RAM that it takes. On a terminal a
/// line that is drawn anew twice a second; else a line every ten seconds.
class Progress {
 public:
  /// Begins at `done` of `total`, which is more than 0 where an earlier run did the rest.
  Progress(std::string_view what, std::uint64_t done, std::uint64_t total);

  /// Draws, if it is time to.
  void update(std::uint64_t done);
  /// Draws the last state with the rate of the whole, and ends the line.
  void finish(std::uint64_t done);

  /// Since it began.
  [[nodiscard]] double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  void draw(std::uint64_t done);

  std::string what_;
  std::uint64_t total_ = 0;
  std::uint64_t begin_done_ = 0;
  std::uint64_t drawn_done_ = 0;
  double rows_per_second_ = 0;  // Of late: the graph slows down as it grows.
  bool is_terminal_ = false;
  Clock::time_point begin_, drawn_at_;
};

/// One line of it: "fill  [####......]  1,234 of 3,000  41 %  567 rows/s  0:03 left".
std::string progress_line(std::string_view what, std::uint64_t done, std::uint64_t total,
                          double rows_per_second);

/// "1,234,567".
std::string with_commas(std::uint64_t number);

}  // namespace tulving::bench
