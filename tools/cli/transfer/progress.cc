#include "tools/cli/transfer/progress.h"

#include <fmt/core.h>

#include <algorithm>

#include "tools/cli/print/terminal.h"

namespace tulving::tools {

Progress::Progress(std::string label, std::uint64_t total)
    : label_(std::move(label)), total_(total), on_terminal_(stderr_is_terminal()) {}

Progress::~Progress() { clear(); }

void Progress::set(std::uint64_t done, std::uint64_t total) {
  total_ = total;
  set(done);
}

void Progress::set(std::uint64_t done) {
  done_ = done;
  if (!on_terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  draw();
}

void Progress::draw() const {
  static constexpr std::uint64_t kCells = 30;
  if (total_ == 0) {
    write_controls(fmt::format("\r{} {}", label_, done_));
  } else {
    const double part = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
    const auto filled = static_cast<std::size_t>(part * kCells);
    write_controls(fmt::format("\r{} [{}{}] {:3.0f} %", label_, std::string(filled, '#'),
                               std::string(kCells - filled, '.'), part * 100));
  }
}

void Progress::clear() {
  if (!drawn_) return;
  drawn_ = false;
  write_controls("\r\033[K");  // To the line's beginning; erase to its end.
}

}  // namespace tulving::tools
