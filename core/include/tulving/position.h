#pragma once

#include <cstdint>
#include <string>

#include "tulving/uuid.h"

namespace tulving {

/// A moment in the life of a store: the write that it had come to, and in which incarnation.
///
/// A revision alone does not say what was written: after a power loss, or in a store that was put
/// back to an older state, revisions are given out again. So each opening that writes is an
/// incarnation of its own, with an id drawn at random, and no two histories that part share both.
struct Position {
  Position() = default;
  /// Implicit, so that a bare revision stands where a position is asked for: of the store's own
  /// history, whichever that is.
  Position(std::uint64_t at, const Uuid& in = {}) : revision(at), incarnation(in) {}

  /// "revision 12 of incarnation 6f1c...", or "revision 12" alone.
  [[nodiscard]] std::string to_string() const;

  std::uint64_t revision = 0;
  Uuid incarnation;  ///< Nil: not known.

  friend bool operator==(const Position&, const Position&) = default;
};

}  // namespace tulving
