#include "bench/year/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "bench/year/process.h"

namespace tulving::bench {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr double kMemorySeconds = 10;  // How long a rate counts.

std::string time_left(std::uint64_t rows, double rows_per_second) {
  if (rows == 0) return "0:00";
  if (rows_per_second <= 0) return "?";
  const auto seconds = static_cast<std::uint64_t>(static_cast<double>(rows) / rows_per_second);
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string progress_line(std::string_view what, std::uint64_t done, std::uint64_t total,
                          double rows_per_second) {
  const double part =
      total == 0 ? 1 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto full = static_cast<std::size_t>(part * kBarWidth);
  return fmt::format("{}  [{}{}]  {} of {}  {:.0f} %  {} rows/s  {} left", what,
                     std::string(full, '#'), std::string(kBarWidth - full, '.'), with_commas(done),
                     with_commas(total), std::floor(part * 100),
                     with_commas(static_cast<std::uint64_t>(rows_per_second)),
                     time_left(total - std::min(done, total), rows_per_second));
}

Progress::Progress(std::string_view what, std::uint64_t done, std::uint64_t total)
    : what_(what),
      total_(total),
      begin_done_(done),
      drawn_done_(done),
      is_terminal_(isatty(STDERR_FILENO) != 0),
      begin_(Clock::now()),
      drawn_at_(begin_) {}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - begin_).count();
}

void Progress::update(std::uint64_t done) {
  const auto now = Clock::now();
  if (now - drawn_at_ < std::chrono::milliseconds(is_terminal_ ? 500 : 10'000)) return;
  const double passed = std::chrono::duration<double>(now - drawn_at_).count();
  const double rate = static_cast<double>(done - std::min(done, drawn_done_)) / passed;
  const double weight = rows_per_second_ == 0 ? 1 : 1 - std::exp(-passed / kMemorySeconds);
  rows_per_second_ += weight * (rate - rows_per_second_);
  drawn_at_ = now;
  drawn_done_ = done;
  draw(done);
}

void Progress::finish(std::uint64_t done) {
  rows_per_second_ = static_cast<double>(done - std::min(done, begin_done_)) / seconds();
  draw(done);
  if (is_terminal_) fmt::print(stderr, "\n");
}

void Progress::draw(std::uint64_t done) {
  const double gigabytes = static_cast<double>(process_memory().resident) * 1e-9;
  fmt::print(stderr, "{}{}  RSS {:.2f} GB{}", is_terminal_ ? "\r" : "",
             progress_line(what_, done, total_, rows_per_second_), gigabytes,
             is_terminal_ ? "\033[K" : "\n");
}

}  // namespace tulving::bench
