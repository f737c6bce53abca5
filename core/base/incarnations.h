#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tulving/position.h"
#include "tulving/uuid.h"

namespace tulving {

/// A session of writing: what an opening wrote that wrote at all.
struct Incarnation {
  Uuid id;
  std::uint64_t began = 0;  ///< The revision after which it began to write.

  friend bool operator==(const Incarnation&, const Incarnation&) = default;
};

/// The incarnations that a store's history is made of, oldest first. Each wrote what came after its
/// own beginning, up to that of the next one; the newest up to the store's present revision.
///
/// Whoever keeps a position of a store (a checkpoint, a database that it is synced to, a reader of
/// its changes) asks contains() whether what lies before that position is still what lies before it
/// in the store. It is the one place that says so.
class Incarnations {
 public:
  /// More drop out at the old end: who knows only those is taken for a stranger.
  static constexpr std::size_t kMost = 1024;

  Incarnations() = default;
  /// Of a row that was read; find_fault() has looked at it.
  explicit Incarnations(std::vector<Incarnation> oldest_first) : all_(std::move(oldest_first)) {}

  /// Why `oldest_first` is no store's that is at `revision`, as a clause; empty: it may be one's.
  static std::string find_fault(std::span<const Incarnation> oldest_first, std::uint64_t revision);

  /// A new one writes what comes after `revision`.
  void begin(const Uuid& id, std::uint64_t revision);

  /// Whether the store, now at `revision`, was at `position` once. One without an incarnation was
  /// its own if the store has none either, so that there is nothing to tell by.
  [[nodiscard]] bool contains(const Position& position, std::uint64_t revision) const;

  [[nodiscard]] const std::vector<Incarnation>& all() const { return all_; }
  [[nodiscard]] bool empty() const { return all_.empty(); }
  /// Nil: there is none.
  [[nodiscard]] Uuid newest() const { return all_.empty() ? Uuid() : all_.back().id; }

 private:
  std::vector<Incarnation> all_;
};

}  // namespace tulving
