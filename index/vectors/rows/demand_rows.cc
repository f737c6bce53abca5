#include "index/vectors/rows/demand_rows.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "core/base/fault_points.h"
#include "core/base/hash.h"

namespace tulving::index {
namespace {

// Few enough bytes to stay in the second cache between the copy from the system and ours.
constexpr std::size_t kStepBytes = std::size_t{1} << 20;

}  // namespace

DemandRows::DemandRows(Source source, std::vector<std::uint64_t> checksums,
                       std::unique_ptr<Owner> owner)
    : source_(std::move(source)),
      checksums_(std::move(checksums)),
      owner_(std::move(owner)),
      here_(checksums_.size() / 64 + 1),
      left_(static_cast<std::uint32_t>(checksums_.size())) {}

bool DemandRows::is_intact(std::uint32_t row) const {
  const std::span<const std::byte> bytes(owner_->place_of(row), source_.row_bytes);
  return TULVING_SABOTAGE(kChecksumNotRead) || xxh3(bytes) == checksums_[row];
}

// Under the row's lock, its bytes being in their place if they could be read.
void DemandRows::settle(std::uint32_t row, bool is_sound) {
  if (!is_sound) {
    owner_->mend(row);
    damaged_.fetch_add(1, std::memory_order_acq_rel);  // Before the row can be seen.
  }
  mark(row);
}

void DemandRows::mark(std::uint32_t row) {
  here_[row / 64].fetch_or(std::uint64_t{1} << (row % 64), std::memory_order_acq_rel);
  left_.fetch_sub(1, std::memory_order_acq_rel);
}

void DemandRows::fetch(std::uint32_t row) {
  const std::lock_guard lock(lock_of(row));
  if (is_here(row)) return;
  const std::uint64_t at = std::uint64_t{row % source_.rows_per_section} * source_.row_bytes;
  const auto read =
      source_.reader->read_unverified(source_.section + row / source_.rows_per_section, at,
                                      {owner_->place_of(row), source_.row_bytes});
  settle(row, read && is_intact(row) && owner_->is_sound(row));
}

void DemandRows::leave(std::uint32_t row) {
  const std::lock_guard lock(lock_of(row));
  if (!is_here(row)) mark(row);
}

bool DemandRows::fetch_next() {
  const auto rows = static_cast<std::uint32_t>(checksums_.size());
  const auto step =
      static_cast<std::uint32_t>(std::max<std::size_t>(1, kStepBytes / source_.row_bytes));
  const std::uint64_t taken = next_.fetch_add(step);
  if (taken >= rows) return false;
  auto first = static_cast<std::uint32_t>(taken);
  const std::uint32_t end = first + std::min(step, rows - first);
  thread_local std::vector<std::byte> bytes;
  while (first < end) {
    const std::uint32_t within = first % source_.rows_per_section;
    const std::uint32_t count = std::min(end - first, source_.rows_per_section - within);
    bytes.resize(count * source_.row_bytes);
    const auto read =
        source_.reader->read_unverified(source_.section + first / source_.rows_per_section,
                                        std::uint64_t{within} * source_.row_bytes, bytes);
    owner_->expect(first, count);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t row = first + i;
      if (is_here(row)) continue;
      if (!read) {  // Which of them cannot be read is for each to find.
        fetch(row);
        continue;
      }
      const std::lock_guard lock(lock_of(row));
      if (is_here(row)) continue;
      std::memcpy(owner_->place_of(row), bytes.data() + i * source_.row_bytes, source_.row_bytes);
      settle(row, is_intact(row) && owner_->is_sound(row));
    }
    first += count;
  }
  return true;
}

void DemandRows::fetch_all() {
  while (fetch_next()) {
  }
  // What other threads took and are not done with.
  for (std::uint32_t row = 0; row < checksums_.size() && !is_complete(); ++row) {
    if (!is_here(row)) fetch(row);
  }
}

}  // namespace tulving::index
