#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "tulving/options.h"
#include "tulving/records.h"
#include "tulving/time.h"

namespace tulving {

// How a memory fades: score = (use_count + 1)^0.6 * f(age) * strength, age since its last use.
//
//   power law      (1 + age / t0)^-1.1, t0 = 3 d / (2^(1 / 1.1) - 1) = 3.42 d: half after 3 days,
//                  then ever slower, as forgetting is measured (Wixted and Ebbesen 1991)
//   exponential    2^(-age / 3 d): a constant share each day
//   two_component  0.7 e^(-1.603e-5 s) + 0.3 e^(-1.147e-6 s): a part with a half-life of half a day
//                  and one with a week's
//
// Scores are unclamped unless they say otherwise: 0 or more, above 1 for what is used a lot. What
// decides clamps to 0..1, which matters to no comparison with a threshold in 0..1.

/// What a decay score depends on.
struct DecayInput {
  std::int32_t use_count = 0;  ///< >= 0.
  float strength = 1.0F;       ///< 0..2.
  double age_seconds = 0;      ///< Since last_used; negative (used in the future) counts as 0.
};

/// The input of `memory` at `at`. A memory that was never stored, so has no last_used, is new.
[[nodiscard]] DecayInput decay_input(const Memory& memory, Timestamp at);

/// The score, unclamped.
[[nodiscard]] double decay_score(DecayModel model, const DecayInput& input);
/// The score, clamped to 0..1.
[[nodiscard]] double decay_score_clamped(DecayModel model, const DecayInput& input);
/// The score `later` after the moment of `input`, if the memory is not used until then. Unclamped.
[[nodiscard]] double projected_decay_score(DecayModel model, const DecayInput& input,
                                           std::chrono::duration<double> later);

/// When a score falls to a threshold.
struct AlreadyThere {  ///< It is at or below the threshold now.
  friend bool operator==(const AlreadyThere&, const AlreadyThere&) = default;
};
struct NeverThere {  ///< A score above 0 comes near 0 and not to it.
  friend bool operator==(const NeverThere&, const NeverThere&) = default;
};
using TimeUntil = std::variant<AlreadyThere, std::chrono::duration<double>, NeverThere>;

/// How long from the moment of `input` until the unclamped score is `threshold`, if the memory is
/// not used until then. In closed form but for two_component, a root found to 1e-12 of itself.
/// NeverThere for a threshold of 0 or less, or NaN, and a score above it.
[[nodiscard]] TimeUntil time_until(DecayModel model, const DecayInput& input, double threshold);

/// Which memories to score, and when. Both bounds are 0..1 and compared exactly.
struct DecayRequest {
  std::optional<Timestamp> now = {};    ///< The clock that scores; empty: the store's.
  std::optional<double> at_least = {};  ///< Scores from here on...
  std::optional<double> below = {};     ///< ...and less than this.
  std::uint64_t limit = 100;            ///< Memories returned at most, 1 or more; 40 bytes each.
  std::vector<MemoryStatus> statuses = {MemoryStatus::kActive};
  bool include_expired = false;
};

struct DecayedMemory {
  Uuid id;
  double score = 0;  ///< Unclamped.
  std::uint64_t revision = 0;
  float strength = 0;
  std::int32_t use_count = 0;
};

struct DecayResponse {
  std::vector<DecayedMemory> memories;  ///< Lowest score first, which is most urgent; then by id.
  std::uint64_t matching = 0;           ///< All memories within the bounds, exact.
  Timestamp now;                        ///< The clock used.
};

/// One memory's fading.
struct MemoryDecay {
  double score = 0;  ///< Clamped to 0..1.
  double unclamped = 0;
  TimeUntil until_danger;       ///< Until the score is Thresholds::danger_zone_max.
  TimeUntil until_near_forget;  ///< Until it is Thresholds::danger_zone_min.
  TimeUntil until_forget;       ///< Until it is Thresholds::forget.
  Timestamp now;                ///< The clock used.
};

/// How many memories stand where, by the store's thresholds: active and promoted ones that are not
/// expired. The five bands are apart and together `memories`.
struct DecayCounts {
  std::uint64_t memories = 0;
  std::uint64_t urgent = 0;       ///< Score < forget.
  std::uint64_t near_forget = 0;  ///< forget <= score < danger_zone_min.
  std::uint64_t in_danger = 0;    ///< danger_zone_min <= score < danger_zone_max.
  std::uint64_t steady = 0;       ///< danger_zone_max <= score <= promote.
  std::uint64_t lasting = 0;      ///< Score > promote.
  Timestamp now;                  ///< The clock used.

  friend bool operator==(const DecayCounts&, const DecayCounts&) = default;
};

}  // namespace tulving
