#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/torture/facts.h"
#include "tests/torture/player.h"
#include "tests/torture/report.h"
#include "tests/torture/script.h"

namespace tulving::torture {

/// Of a script's operations the first `least` must be there after a fault, and no more than `most`:
/// those that were acknowledged, by their mode's promise, and those that were begun.
struct Window {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

/// How many operations the store holds: exactly what the script says of the first so many. Empty:
/// of no number in the window; the report is told how it differs, as a fault of `kind`.
std::optional<std::uint64_t> find_position(Script& script, const Store& store, const Window& window,
                                           Report& report, Kind kind, std::uint64_t seed);

/// Whether the store's answers agree with what it holds, which is `model`: verify(), every live
/// memory by its text, its vector and its tag, names, the change feed, retry keys, snapshots. The
/// first that does not, as a sentence; empty: all do.
std::string wrong_answer(Player& player, const Model& model);

/// Which operations a power cut may take: told by the store's revisions as they go.
class Acknowledgements {
 public:
  /// The first `count` operations are acknowledged.
  void see(std::uint64_t count, const Store& store);
  void start(std::uint64_t count) {
    safe_ = acknowledged_ = count;
    revisions_.clear();
  }
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  /// Of these the store said that they survive a power loss.
  [[nodiscard]] std::uint64_t safe() const { return safe_; }

 private:
  std::uint64_t acknowledged_ = 0, safe_ = 0;
  std::deque<std::pair<std::uint64_t, std::uint64_t>> revisions_;  ///< After how many operations.
};

}  // namespace tulving::torture
