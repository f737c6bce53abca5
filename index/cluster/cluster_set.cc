// Invariants, between calls:
// (1) Two rows are each other's neighbors if and only if their cosine reaches the threshold (as far
//     as candidates names them), with that cosine.
// (2) Every row is either dirty or in exactly one part, parts_[row.component].
// (3) A part is a whole connected component, so that no row of one has a neighbor outside it: a
//     change dissolves the parts of all rows it connects or disconnects.

#include "index/cluster/cluster_set.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/check.h"
#include "index/cluster/cluster_checks.h"
#include "index/cluster/workers.h"
#include "index/kernels/kernels.h"
#include "index/kernels/pair_kernels.h"

namespace tulving::index {

Result<std::unique_ptr<ClusterSet>> ClusterSet::make(std::uint32_t dim, ClusterOptions options) {
  const Result<FixedCosine> threshold = checked_threshold(options);
  if (!threshold) return threshold.error();
  if (auto status = check_shape({}, dim); !status) return status.error();
  return std::unique_ptr<ClusterSet>(new ClusterSet(dim, *threshold, std::move(options)));
}

ClusterSet::ClusterSet(std::uint32_t dim, FixedCosine threshold, ClusterOptions options)
    : dim_(dim),
      stride_(round_up(dim, kWideLanes)),
      threshold_(threshold),
      options_(std::move(options)) {}

FixedCosine ClusterSet::cosine(std::uint32_t a, std::uint32_t b) const {
  const Row& x = rows_.at(a);
  const Row& y = rows_.at(b);
  return unit_cosine(x.unit.get(), x.inverse_length, y.unit.get(), y.inverse_length, stride_);
}

void ClusterSet::dissolve(std::uint32_t component) {
  const auto part = parts_.find(component);
  if (part == parts_.end()) return;
  dirty_.insert(part->second.rows.begin(), part->second.rows.end());
  parts_.erase(part);
}

void ClusterSet::connect(std::uint32_t row) {
  Row& added = rows_.at(row);
  const auto check = [&](std::uint32_t other) {
    if (other == row || !rows_.contains(other)) return;
    const FixedCosine found = cosine(row, other);
    if (found < threshold_ || !added.neighbors.emplace(other, found).second) return;
    Row& neighbor = rows_.at(other);
    neighbor.neighbors.emplace(row, found);
    ++pairs_;
    if (!dirty_.contains(other)) dissolve(neighbor.component);
  };
  if (options_.candidates) {
    std::vector<std::uint32_t> named;
    options_.candidates(row, named);
    for (const std::uint32_t other : named) check(other);
    return;
  }
  const float limit = static_cast<float>(threshold_ / kFixedOne) - f32_rounding(stride_);
  for (const auto& [other, there] : rows_) {
    if (kernels().dot_f32(added.unit.get(), there.unit.get(), stride_) >= limit) check(other);
  }
}

Status ClusterSet::set(std::uint32_t row, std::span<const float> vector) {
  AlignedArray<float> unit = make_aligned<float>(stride_);
  const double inverse_length =
      vector.size() == dim_ ? make_unit(vector, stride_, unit.get()) : 0.0;
  if (inverse_length <= 0.0) {
    return Error{ErrorCode::kInvalidArgument,
                 "clustering: the vector of row " + std::to_string(row) +
                     " is zero, not finite or not of dimension " + std::to_string(dim_),
                 "vector"};
  }
  erase(row);
  Row& added = rows_[row];
  added.unit = std::move(unit);
  added.inverse_length = inverse_length;
  dirty_.insert(row);
  connect(row);
  return {};
}

void ClusterSet::erase(std::uint32_t row) {
  const auto found = rows_.find(row);
  if (found == rows_.end()) return;
  if (!dirty_.contains(row)) dissolve(found->second.component);
  for (const auto& [other, cosine_with] : found->second.neighbors) {
    rows_.at(other).neighbors.erase(row);
  }
  pairs_ -= found->second.neighbors.size();
  rows_.erase(found);
  dirty_.erase(row);
}

Component ClusterSet::component_around(std::uint32_t row) const {
  Component component;
  std::set<std::uint32_t> reached{row};
  component.rows = {row};
  for (std::size_t i = 0; i < component.rows.size(); ++i) {
    for (const auto& [other, found] : rows_.at(component.rows[i]).neighbors) {
      if (reached.insert(other).second) component.rows.push_back(other);
    }
  }
  std::sort(component.rows.begin(), component.rows.end());
  for (const std::uint32_t a : component.rows) {
    for (const auto& [b, found] : rows_.at(a).neighbors) {
      if (a < b) component.pairs.push_back({a, b, found});
    }
  }
  return component;
}

Result<ClusterSet::Update> ClusterSet::update() {
  Update update;
  ClusterControl control(options_);
  control.begin(ClusterPhase::kLinkage, dirty_.size());
  while (!dirty_.empty() && !control.stopped()) {
    Component component = component_around(*dirty_.begin());
    ComponentClusters linked =
        cluster_component(component, *this, threshold_, options_.size_max, control);
    if (linked.too_large) return too_large_error();
    if (linked.stopped) break;
    const std::uint32_t first = component.rows.front();
    for (const std::uint32_t row : component.rows) {
      rows_.at(row).component = first;
      TULVING_CHECK(dirty_.erase(row) == 1);  // (3)
    }
    update.rows_relinked += component.rows.size();
    control.advance(0, component.rows.size());
    parts_[first] = {std::move(component.rows), std::move(linked.clusters)};
  }
  update.stopped = control.stopped();
  return update;
}

std::vector<Cluster> ClusterSet::clusters() const {
  std::vector<Cluster> all;
  for (const auto& [component, part] : parts_) {
    all.insert(all.end(), part.clusters.begin(), part.clusters.end());
  }
  std::sort(all.begin(), all.end(),
            [](const Cluster& x, const Cluster& y) { return x.rows[0] < y.rows[0]; });
  return all;
}

}  // namespace tulving::index
