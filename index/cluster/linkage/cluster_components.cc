#include "index/cluster/linkage/cluster_components.h"

#include <algorithm>
#include <atomic>
#include <numeric>

#include "index/cluster/cluster_checks.h"
#include "index/cluster/linkage/linkage.h"
#include "index/cluster/workers.h"

namespace tulving::index {
namespace {

// The pairs whose rows are both in `rows`.
std::vector<RowPair> pairs_within(const std::vector<RowPair>& pairs,
                                  const std::vector<std::uint32_t>& rows) {
  std::vector<RowPair> within;
  for (const std::uint32_t row : rows) {
    auto pair = std::lower_bound(pairs.begin(), pairs.end(), row,
                                 [](const RowPair& p, std::uint32_t a) { return p.a < a; });
    for (; pair != pairs.end() && pair->a == row; ++pair) {
      if (std::binary_search(rows.begin(), rows.end(), pair->b)) within.push_back(*pair);
    }
  }
  return within;
}

void append(const RowGroup& group, ComponentClusters& result) {
  result.clusters.push_back({group.rows, group.cohesion()});
}

}  // namespace

ComponentClusters cluster_component(const Component& component, const CosineSource& cosines,
                                    FixedCosine threshold, std::uint32_t size_max,
                                    const ClusterControl& control) {
  ComponentClusters result;
  const std::function<bool()> stop = [&] { return control.stopped(); };
  const auto link = [&](const LinkageInput& input) {
    LinkageResult linked = link_rows(input, cosines, stop);
    result.stopped |= linked.stopped;
    result.too_large |= linked.too_large;
    return std::move(linked.groups);
  };
  for (const RowGroup& group : link({component.rows, component.pairs, threshold})) {
    result.groups.push_back(group.rows);
    if (group.rows.size() < 2) continue;
    if (group.rows.size() <= size_max) {
      append(group, result);
      continue;
    }
    ++result.split;
    const std::vector<RowPair> pairs = pairs_within(component.pairs, group.rows);
    for (const RowGroup& piece : link({group.rows, pairs, threshold, size_max})) {
      if (piece.rows.size() >= 2) append(piece, result);
      if (piece.rows.size() == 1) ++result.left_over;
    }
  }
  return result;
}

std::vector<ComponentClusters> link_components(const std::vector<Component>& components,
                                               const CosineSource& cosines, FixedCosine threshold,
                                               std::uint32_t size_max, const Workers& workers,
                                               ClusterControl& control) {
  // The largest first, so that none is begun when all others are done.
  std::vector<std::size_t> order(components.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) {
    return components[x].pairs.size() > components[y].pairs.size();
  });
  const std::uint64_t rows = std::accumulate(
      components.begin(), components.end(), std::uint64_t{0},
      [](std::uint64_t sum, const Component& component) { return sum + component.rows.size(); });

  std::vector<ComponentClusters> parts(components.size());
  std::atomic<std::size_t> next{0};
  control.begin(ClusterPhase::kLinkage, rows);
  workers.run([&](unsigned worker) {
    for (std::size_t i; (i = next.fetch_add(1)) < order.size();) {
      const Component& component = components[order[i]];
      parts[order[i]] = cluster_component(component, cosines, threshold, size_max, control);
      if (!control.advance(worker, component.rows.size())) return;
    }
  });
  return parts;
}

ComponentClusters cluster_components(const std::vector<Component>& components,
                                     const CosineSource& cosines, FixedCosine threshold,
                                     std::uint32_t size_max, const Workers& workers,
                                     ClusterControl& control) {
  ComponentClusters all;
  for (ComponentClusters& part :
       link_components(components, cosines, threshold, size_max, workers, control)) {
    std::move(part.clusters.begin(), part.clusters.end(), std::back_inserter(all.clusters));
    std::move(part.groups.begin(), part.groups.end(), std::back_inserter(all.groups));
    all.split += part.split;
    all.left_over += part.left_over;
    all.too_large |= part.too_large;
  }
  all.stopped = control.stopped();
  std::sort(all.clusters.begin(), all.clusters.end(),
            [](const Cluster& x, const Cluster& y) { return x.rows[0] < y.rows[0]; });
  return all;
}

Clustering to_clustering(const std::vector<Component>& components, ComponentClusters linked) {
  Clustering result;
  result.clusters = std::move(linked.clusters);
  result.split = linked.split;
  result.left_over = linked.left_over;
  result.components = components.size();
  result.end_checked = true;
  for (const Component& component : components) {
    result.largest_component =
        std::max<std::uint64_t>(result.largest_component, component.rows.size());
    result.pairs += component.pairs.size();
  }
  return result;
}

Result<Clustering> cluster_pairs(std::uint32_t rows, std::span<const RowPair> pairs,
                                 const CosineSource& cosines, FixedCosine threshold,
                                 const ClusterOptions& options, const Workers& workers,
                                 ClusterControl& control) {
  const std::vector<Component> components = components_of(rows, pairs);
  ComponentClusters linked =
      cluster_components(components, cosines, threshold, options.size_max, workers, control);
  if (linked.stopped) return stopped_clustering();
  if (linked.too_large) return too_large_error();
  return to_clustering(components, std::move(linked));
}

}  // namespace tulving::index
