#include "core/engine/select/decay_pass.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/check.h"

namespace tulving::engine {
namespace {

// The model's constants by microseconds and powers of two.
index::DecayShape shape_of(DecayModel model) {
  constexpr double kPerMicrosecond = 1e-6;
  const model::DecayCurve& curve = model::decay_curve(model);
  index::DecayShape shape;
  shape.use_exponent = static_cast<float>(curve.use_exponent);
  shape.power_rate = static_cast<float>(curve.power_rate * kPerMicrosecond);
  shape.power_alpha = static_cast<float>(curve.power_alpha);
  shape.component_count = curve.component_count;
  for (std::size_t i = 0; i < curve.component_count; ++i) {
    shape.components[i] = {std::log2(curve.components[i].share),
                           curve.components[i].rate * std::numbers::log2e * kPerMicrosecond};
  }
  return shape;
}

DecayInput input_of(const MemoryTable& table, std::uint32_t row, Timestamp at) {
  const std::int64_t age_us = at.time_since_epoch().count() - table.last_used_us(row);
  return {table.use_count(row), table.strength(row), static_cast<double>(age_us) * 1e-6};
}

}  // namespace

void score_rows(const MemoryTable& table, DecayModel model, Timestamp at, std::uint32_t first,
                std::uint32_t count, float* scores) {
  TULVING_DCHECK(first + std::uint64_t{count} <= table.row_limit());  // As far as columns reach.
  static const index::DecayKernel kernel = index::decay_kernel();
  if (kernel == nullptr) {
    for (std::uint32_t i = 0; i < count; ++i) {
      scores[i] = static_cast<float>(decay_score(model, input_of(table, first + i, at)));
    }
    return;
  }
  static const std::array<index::DecayShape, 3> shapes = {shape_of(DecayModel::kPowerLaw),
                                                          shape_of(DecayModel::kExponential),
                                                          shape_of(DecayModel::kTwoComponent)};
  const MemoryTable::DecayColumns columns = table.decay_columns();
  kernel({columns.last_used_us + first, columns.use_count + first, columns.strength + first}, count,
         at.time_since_epoch().count(), shapes[static_cast<std::size_t>(model)], scores);
}

double DecayScores::exact(std::uint32_t row) const {
  TULVING_DCHECK(table_.rows().contains(row));
  return decay_score(model_, input_of(table_, row, at_));
}

float DecayScores::approximate(std::uint32_t row) {
  TULVING_DCHECK(row < table_.row_limit());
  const std::uint32_t block = row / kBlock;
  if (block != block_) {
    const std::uint32_t first = block * kBlock;
    score_rows(table_, model_, at_, first, std::min(kBlock, table_.row_limit() - first),
               scores_.data());
    block_ = block;
  }
  return scores_[row % kBlock];
}

bool DecayScores::is_below(std::uint32_t row, double bound) { return decisive(row, bound) < bound; }

bool DecayScores::is_above(std::uint32_t row, double bound) { return decisive(row, bound) > bound; }

double DecayScores::decisive(std::uint32_t row, double bound) {
  const double score = double{approximate(row)};
  const double margin = 2 * decay_error(std::max(score, bound));
  return std::fabs(score - bound) > margin ? score : exact(row);
}

}  // namespace tulving::engine
