#include "index/cluster/cluster_incomplete.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "index/cluster/cluster_checks.h"
#include "index/cluster/linkage/cluster_components.h"
#include "index/cluster/pairs/miss_rate.h"
#include "index/cluster/pairs/missed_joins.h"
#include "index/cluster/tiles/unit_rows.h"
#include "index/cluster/workers.h"

namespace tulving::index {
namespace {

// Rows of the largest component whose pairs are all looked at: two million cosines, which take a
// tenth of a second at 1,536 dimensions.
constexpr std::size_t kCompleteRowsMax = 2048;

// The components to complete: the smaller first, as long as all their pairs are no more than may be
// kept.
std::vector<Component*> small_components(std::vector<Component>& components,
                                         std::uint64_t pairs_max) {
  std::vector<Component*> small;
  for (Component& component : components) {
    if (component.rows.size() <= kCompleteRowsMax) small.push_back(&component);
  }
  std::stable_sort(small.begin(), small.end(), [](const Component* x, const Component* y) {
    return x->rows.size() < y->rows.size();
  });
  std::uint64_t pairs = 0;
  const auto end = std::find_if(small.begin(), small.end(), [&](const Component* component) {
    pairs += component->rows.size() * (component->rows.size() - 1) / 2;
    return pairs > pairs_max;
  });
  small.erase(end, small.end());
  return small;
}

// Linkage needs all close pairs of a component, and candidates name a few of each row: in a crowd
// of more rows than that, the rest would be missing.
void complete_components(const PairSearch& search, std::vector<Component>& components) {
  const std::vector<Component*> small = small_components(components, search.pairs_max);
  search.control.begin(ClusterPhase::kPairs, small.size());
  std::atomic<std::size_t> next{0};
  search.workers.run([&](unsigned worker) {
    for (std::size_t i; (i = next.fetch_add(1)) < small.size();) {
      Component& component = *small[i];
      component.pairs.clear();
      for (auto a = component.rows.begin(); a != component.rows.end(); ++a) {
        for (auto b = a + 1; b != component.rows.end(); ++b) {
          const FixedCosine cosine = search.rows.cosine(*a, *b);
          if (cosine >= search.threshold) component.pairs.push_back({*a, *b, cosine});
        }
      }
      if (!search.control.advance(worker, 1)) return;
    }
  });
}

std::vector<RowPair> pairs_of(const std::vector<Component>& components) {
  std::vector<RowPair> pairs;
  for (const Component& component : components) {
    pairs.insert(pairs.end(), component.pairs.begin(), component.pairs.end());
  }
  sort_by_rows(pairs);
  return pairs;
}

// Every row's group, those of no component included.
std::vector<std::vector<std::uint32_t>> all_groups(std::uint32_t rows, ComponentClusters& linked) {
  std::vector<std::vector<std::uint32_t>> groups = std::move(linked.groups);
  std::vector<bool> in_one(rows, false);
  for (const auto& group : groups) {
    for (const std::uint32_t row : group) in_one[row] = true;
  }
  for (std::uint32_t row = 0; row < rows; ++row) {
    if (!in_one[row]) groups.push_back({row});
  }
  return groups;
}

}  // namespace

Result<Clustering> cluster_incomplete(const PairSearch& search, std::vector<RowPair> pairs,
                                      const ClusterOptions& options) {
  // Every round adds pairs, so it would end by itself; a bound keeps a bad set of candidates from
  // costing more than an exact run.
  constexpr int kRoundsMax = 5;
  std::uint64_t late_joins = 0;
  for (int round = 1;; ++round) {
    std::vector<Component> components = components_of(search.rows.size(), pairs);
    complete_components(search, components);
    ComponentClusters linked = cluster_components(components, search.rows, search.threshold,
                                                  options.size_max, search.workers, search.control);
    if (linked.stopped) return stopped_clustering();
    if (linked.too_large) return too_large_error();
    const auto groups = all_groups(search.rows.size(), linked);
    MissedJoins missed;
    const bool check = groups.size() <= options.check_groups_max;
    if (check) missed = find_missed_joins(search, groups);
    if (search.control.stopped()) return stopped_clustering();
    late_joins += missed.joins;
    if (missed.joins == 0 || round == kRoundsMax) {
      Clustering result = to_clustering(components, std::move(linked));
      result.approximate = true;
      result.end_checked = check && missed.joins == 0;
      result.late_joins = late_joins;
      const MissRate rate = miss_rate(search, pairs_of(components), options.sample_rows);
      if (search.control.stopped()) return stopped_clustering();
      result.miss_rate = rate.share();
      result.sampled_pairs = rate.pairs;
      return result;
    }
    pairs.insert(pairs.end(), missed.pairs.begin(), missed.pairs.end());
    sort_by_rows(pairs);
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  }
}

}  // namespace tulving::index
