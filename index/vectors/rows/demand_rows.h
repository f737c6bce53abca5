#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/base/checkpoint/checkpoint_file.h"

namespace tulving::index {

/// Rows of a checkpoint that come into RAM when they are first needed, each verified as it comes:
/// by a checksum of its own, and by what its owner knows of it. So opening reads none of them, and
/// a walk reads the thousand that it touches. Read, not mapped: an error of the disk, or a file
/// that somebody cut, is a row that is damaged, and no signal that ends the host's process.
///
/// A row that cannot be read, or is not what was written, is made anew by its owner, and counted.
///
/// Thread safety: all members beside each other. A row is written before is_here() says that it is,
/// and never afterwards: then it is the owner's.
class DemandRows {
 public:
  /// Where rows belong, and what is known of them. Called for one row by one thread at a time.
  class Owner {
   public:
    virtual ~Owner() = default;
    [[nodiscard]] virtual std::byte* place_of(std::uint32_t row) = 0;
    /// Whether bytes whose checksum is right can do no harm.
    [[nodiscard]] virtual bool is_sound(std::uint32_t row) = 0;
    /// Makes a damaged row anew in its place.
    virtual void mend(std::uint32_t row) = 0;
    /// Rows from `first` on are about to be written, in order, but for those that are here.
    virtual void expect(std::uint32_t first, std::uint32_t count) = 0;
  };

  /// Where the rows lie: `rows_per_section` in each of the sections from `section` on.
  struct Source {
    std::shared_ptr<const CheckpointReader> reader;
    std::size_t section = 0;
    std::uint32_t rows_per_section = 0;
    std::size_t row_bytes = 0;
  };

  /// A row for each of `checksums`.
  DemandRows(Source source, std::vector<std::uint64_t> checksums, std::unique_ptr<Owner> owner);

  /// Also true of rows that were never the checkpoint's.
  [[nodiscard]] bool is_here(std::uint32_t row) const {
    return row >= checksums_.size() ||
           (here_[row / 64].load(std::memory_order_acquire) >> (row % 64) & 1U) != 0;
  }
  /// Brings a row in, unless it is here.
  void fetch(std::uint32_t row);
  /// The row is its owner's as it is: nothing is read any more.
  void leave(std::uint32_t row);
  /// Brings in the next megabyte of what is not here, in the file's order. False: other threads
  /// have the rest in hand.
  bool fetch_next();
  void fetch_all();

  [[nodiscard]] bool is_complete() const { return left_.load(std::memory_order_acquire) == 0; }
  [[nodiscard]] std::uint32_t damaged() const { return damaged_.load(std::memory_order_acquire); }

 private:
  void settle(std::uint32_t row, bool is_sound);
  void mark(std::uint32_t row);
  [[nodiscard]] bool is_intact(std::uint32_t row) const;
  std::mutex& lock_of(std::uint32_t row) { return locks_[row % locks_.size()]; }

  const Source source_;
  const std::vector<std::uint64_t> checksums_;
  const std::unique_ptr<Owner> owner_;
  std::vector<std::atomic<std::uint64_t>> here_;  ///< A bit a row.
  std::atomic<std::uint32_t> left_;
  std::atomic<std::uint32_t> damaged_{0};
  std::atomic<std::uint64_t> next_{0};  ///< The first row that fetch_next() has not taken.
  std::array<std::mutex, 64> locks_;    ///< Each of the rows that leave its number as the rest.
};

}  // namespace tulving::index
