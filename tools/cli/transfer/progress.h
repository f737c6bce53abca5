#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tulving::tools {

/// A progress bar on stderr, drawn only where stderr is a terminal, at most ten times a second.
class Progress {
 public:
  /// `total` 0: unknown, a plain count is shown.
  Progress(std::string label, std::uint64_t total);
  ~Progress();  ///< Clears the bar.
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void set(std::uint64_t done);
  void set(std::uint64_t done, std::uint64_t total);
  void clear();  ///< Makes room for a line of text; the next set() draws again.

 private:
  void draw() const;

  std::string label_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  bool on_terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace tulving::tools
