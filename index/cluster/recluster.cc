// Why the answer is that of a run from scratch:
// (1) A pair's cosine depends on its two vectors alone. So the pairs of rows that both stayed are
//     those known, and all others have a new row.
// (2) What linkage makes of a component depends on its pairs, its rows' vectors and, among equals,
//     their order. A component is known when it has the rows of a known one and none is new.

#include "index/cluster/recluster.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "index/cluster/cluster_checks.h"
#include "index/cluster/cluster_incomplete.h"
#include "index/cluster/linkage/cluster_components.h"
#include "index/cluster/pairs/close_pairs.h"
#include "index/cluster/tiles/unit_rows.h"
#include "index/cluster/workers.h"

namespace tulving::index {
namespace {

constexpr std::uint32_t kNone = kNewRow;

// A row against all others, product by product, costs some ten times its share of the tiles: of
// 10,000 rows of 384 floats 0.34 ms, against 170 ms for all pairs.
constexpr std::uint64_t kNewShareMax = 32;

template <class T>
std::uint64_t bytes_of(const std::vector<T>& values) {
  return values.capacity() * sizeof(T);
}

bool is_ascending(std::span<const std::uint32_t> was, std::uint32_t rows) {
  std::uint32_t next = 0;
  for (const std::uint32_t row : was) {
    if (row == kNewRow) continue;
    if (row < next || row >= rows) return false;
    next = row + 1;
  }
  return true;
}

}  // namespace

std::uint64_t KnownClusters::bytes() const {
  std::uint64_t bytes = bytes_of(pairs_) + bytes_of(parts_);
  for (const Part& part : parts_) {
    bytes += bytes_of(part.rows) + bytes_of(part.clusters);
    for (const Cluster& cluster : part.clusters) bytes += bytes_of(cluster.rows);
  }
  return bytes;
}

// One call of recluster_vectors().
class Reclusterer {
 public:
  Reclusterer(const PairSearch& search, std::uint32_t dim, const ClusterOptions& options,
              std::span<const std::uint32_t> was, KnownClusters& known)
      : search_(search), dim_(dim), options_(options), known_(known), was_(was.begin(), was.end()) {
    const bool is_known = known.dim_ == dim && known.threshold_ == search.threshold &&
                          known.size_max_ == options.size_max;
    if (!is_known) std::fill(was_.begin(), was_.end(), kNewRow);
    TULVING_CHECK(was_.size() == search.rows.size());
    TULVING_DCHECK(is_ascending(was_, known.rows_));
  }

  Result<Reclustering> run() {
    ClosePairs close = find_pairs();
    if (search_.control.stopped()) return Reclustering{stopped_clustering()};
    if (close.limited) return approximate(std::move(close));
    auto parts = link(components_of(search_.rows.size(), close.pairs));
    if (!parts) return parts.error();
    if (search_.control.stopped()) return Reclustering{stopped_clustering()};
    Reclustering result{clustering_of(*parts, close), compared_, linked_};
    known_.dim_ = dim_;
    known_.threshold_ = search_.threshold;
    known_.size_max_ = options_.size_max;
    known_.rows_ = search_.rows.size();
    known_.pairs_ = std::move(close.pairs);
    known_.parts_ = *std::move(parts);
    return result;
  }

 private:
  using Part = KnownClusters::Part;

  ClosePairs find_pairs() {
    std::vector<std::uint32_t> added;
    for (std::uint32_t row = 0; row < was_.size(); ++row) {
      if (was_[row] == kNewRow) added.push_back(row);
    }
    if (added.size() * kNewShareMax < was_.size()) {
      compared_ = added.size();
      ClosePairs close = find_pairs_of(search_, added);
      if (search_.control.stopped()) return close;
      append_known(close.pairs);
      if (!close.limited && close.pairs.size() <= search_.pairs_max) return close;
    }
    compared_ = was_.size();
    return find_close_pairs(search_);
  }

  // (1)
  void append_known(std::vector<RowPair>& pairs) const {
    std::vector<std::uint32_t> now(known_.rows_, kNone);
    for (std::uint32_t row = 0; row < was_.size(); ++row) {
      if (was_[row] != kNewRow) now[was_[row]] = row;
    }
    for (const RowPair& pair : known_.pairs_) {
      if (now[pair.a] == kNone || now[pair.b] == kNone) continue;
      pairs.push_back({now[pair.a], now[pair.b], pair.cosine});
    }
    sort_by_rows(pairs);
  }

  Result<Reclustering> approximate(ClosePairs close) {
    auto clustering = cluster_incomplete(search_, std::move(close.pairs), options_);
    if (!clustering) return clustering.error();
    clustering->method = close.method;
    if (!clustering->stopped) known_.clear();
    return Reclustering{*std::move(clustering), was_.size(), was_.size()};
  }

  // (2)
  [[nodiscard]] const Part* known_part(const Component& component,
                                       const std::vector<std::uint32_t>& part_of) const {
    std::uint32_t part = kNone;
    for (const std::uint32_t row : component.rows) {
      if (was_[row] == kNewRow) return nullptr;
      const std::uint32_t its = part_of[was_[row]];
      if (its == kNone || (part != kNone && its != part)) return nullptr;
      part = its;
    }
    const Part& known = known_.parts_[part];
    return known.rows.size() == component.rows.size() ? &known : nullptr;
  }

  // The component's clusters under the numbers that its rows have now.
  static Part renumbered(const Part& known, const std::vector<std::uint32_t>& rows) {
    Part part = known;
    part.rows = rows;
    for (Cluster& cluster : part.clusters) {
      for (std::uint32_t& row : cluster.rows) {
        const auto place = std::lower_bound(known.rows.begin(), known.rows.end(), row);
        row = rows[static_cast<std::size_t>(place - known.rows.begin())];
      }
    }
    return part;
  }

  Result<std::vector<Part>> link(std::vector<Component> components) {
    std::vector<std::uint32_t> part_of(known_.rows_, kNone);
    for (std::uint32_t part = 0; part < known_.parts_.size(); ++part) {
      for (const std::uint32_t row : known_.parts_[part].rows) part_of[row] = part;
    }
    std::vector<Part> parts(components.size());
    std::vector<Component> unknown;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < components.size(); ++i) {
      if (const Part* known = known_part(components[i], part_of)) {
        parts[i] = renumbered(*known, components[i].rows);
        continue;
      }
      linked_ += components[i].rows.size();
      unknown.push_back(std::move(components[i]));
      places.push_back(i);
    }
    std::vector<ComponentClusters> linked =
        link_components(unknown, search_.rows, search_.threshold, options_.size_max,
                        search_.workers, search_.control);
    for (std::size_t i = 0; i < linked.size(); ++i) {
      if (linked[i].too_large) return too_large_error();
      parts[places[i]] = {std::move(unknown[i].rows), std::move(linked[i].clusters),
                          linked[i].split, linked[i].left_over};
    }
    return parts;
  }

  static Clustering clustering_of(const std::vector<Part>& parts, const ClosePairs& close) {
    Clustering clustering;
    clustering.pairs = close.pairs.size();
    clustering.components = parts.size();
    clustering.method = close.method;
    clustering.end_checked = true;
    for (const Part& part : parts) {
      clustering.largest_component =
          std::max<std::uint64_t>(clustering.largest_component, part.rows.size());
      clustering.split += part.split;
      clustering.left_over += part.left_over;
      clustering.clusters.insert(clustering.clusters.end(), part.clusters.begin(),
                                 part.clusters.end());
    }
    std::sort(clustering.clusters.begin(), clustering.clusters.end(),
              [](const Cluster& x, const Cluster& y) { return x.rows[0] < y.rows[0]; });
    return clustering;
  }

  const PairSearch& search_;
  std::uint32_t dim_;
  const ClusterOptions& options_;
  KnownClusters& known_;
  std::vector<std::uint32_t> was_;
  std::uint64_t compared_ = 0;
  std::uint64_t linked_ = 0;
};

Result<Reclustering> recluster_vectors(std::span<const float> vectors, std::uint32_t dim,
                                       const ClusterOptions& options,
                                       std::span<const std::uint32_t> was, KnownClusters& known) {
  const Result<FixedCosine> threshold = checked_threshold(options);
  if (!threshold) return threshold.error();
  if (auto status = check_shape(vectors, dim); !status) return status.error();
  const std::size_t count = vectors.size() / dim;
  if (count > options.exact_rows_max) {
    auto clustering = cluster_vectors(vectors, dim, options);
    if (!clustering) return clustering.error();
    if (!clustering->stopped) known.clear();
    return Reclustering{*std::move(clustering), count, count};
  }
  const Workers workers(options.threads);
  ClusterControl control(options);
  const Result<UnitRows> rows = UnitRows::make(vectors, dim, workers);
  if (!rows) return rows.error();
  const PairSearch search{*rows,
                          workers,
                          control,
                          *threshold,
                          options.method,
                          options.pairs_max,
                          options.neighbors_max};
  return Reclusterer(search, dim, options, was, known).run();
}

}  // namespace tulving::index
