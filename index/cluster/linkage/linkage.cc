#include "index/cluster/linkage/linkage.h"

#include <algorithm>
#include <optional>

namespace tulving::index {
namespace {

__extension__ using Int128 = __int128;

// Groups are known by their smallest row's place in `rows`, their label. Invariants:
// (1) edges_[g] is sorted by label and holds each other group once; entries of dead groups are left
//     in place and skipped.
// (2) An entry's sum is the exact sum over all pairs of rows of both groups, or kUnknown.
// (3) Two living groups whose mean reaches the threshold have an entry with a sum, in both lists:
//     between single rows by the input, later because one of the joined halves had reached it.
constexpr std::int64_t kUnknown = std::numeric_limits<std::int64_t>::min();

struct Edge {
  std::uint32_t label = 0;
  std::int64_t sum = kUnknown;
};

class Linkage {
 public:
  Linkage(const LinkageInput& input, const CosineSource& cosines,
          const std::function<bool()>& stop);
  LinkageResult run();

 private:
  struct Neighbor {
    std::uint32_t label = 0;
    MeanCosine mean;
  };

  [[nodiscard]] std::int64_t size_of(std::uint32_t label) const { return sizes_[label]; }
  [[nodiscard]] bool alive(std::uint32_t label) const { return sizes_[label] != 0; }
  [[nodiscard]] std::optional<Neighbor> nearest(std::uint32_t label) const;
  void follow_chain(std::uint32_t first);
  void join(std::uint32_t a, std::uint32_t b);
  // Enters the joined group a into c's list, from what was known of c's sums with both halves, and
  // returns the sum.
  std::int64_t reconnect(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::int64_t a_sum,
                         std::int64_t b_sum);
  [[nodiscard]] std::vector<Edge>::iterator place_of(std::vector<Edge>& edges,
                                                     std::uint32_t label) const;
  [[nodiscard]] std::int64_t sum_between(std::uint32_t a, std::uint32_t b) const;
  void set_edge(std::vector<Edge>& edges, std::uint32_t label, std::int64_t sum) const;

  const LinkageInput& input_;
  const CosineSource& cosines_;
  const std::function<bool()>& stop_;
  std::vector<RowGroup> groups_;      // By label; a dead one has no rows.
  std::vector<std::uint32_t> sizes_;  // Of the groups: walks over edges read little else.
  std::vector<std::vector<Edge>> edges_;
  bool stopped_ = false;
  bool too_large_ = false;
};

Linkage::Linkage(const LinkageInput& input, const CosineSource& cosines,
                 const std::function<bool()>& stop)
    : input_(input),
      cosines_(cosines),
      stop_(stop),
      groups_(input.rows.size()),
      sizes_(input.rows.size(), 1),
      edges_(input.rows.size()) {
  for (std::size_t i = 0; i < input.rows.size(); ++i) groups_[i].rows = {input.rows[i]};
  const auto label_of = [&](std::uint32_t row) {
    const auto place = std::lower_bound(input.rows.begin(), input.rows.end(), row);
    return static_cast<std::uint32_t>(place - input.rows.begin());
  };
  // By (a, b): every group meets its smaller neighbours first, in order, then the greater ones.
  for (const RowPair& pair : input.pairs) {
    const std::uint32_t a = label_of(pair.a);
    const std::uint32_t b = label_of(pair.b);
    edges_[a].push_back({b, pair.cosine});
    edges_[b].push_back({a, pair.cosine});
  }
  for (auto& edges : edges_) {
    std::sort(edges.begin(), edges.end(),
              [](const Edge& x, const Edge& y) { return x.label < y.label; });
  }
}

std::optional<Linkage::Neighbor> Linkage::nearest(std::uint32_t label) const {
  // Among equal means the pair {label, c} with the smallest first, then second label is the one
  // with the smallest c: the list's order, so only a greater mean replaces what was found.
  std::optional<Neighbor> best;
  for (const Edge& edge : edges_[label]) {
    if (edge.sum == kUnknown || !alive(edge.label)) continue;
    if (size_of(label) + size_of(edge.label) > std::int64_t{input_.size_max}) continue;
    const MeanCosine mean{edge.sum, size_of(label) * size_of(edge.label)};
    if (!reaches(mean, input_.threshold)) continue;
    if (!best || Int128{mean.sum} * best->mean.pairs > Int128{best->mean.sum} * mean.pairs) {
      best = Neighbor{edge.label, mean};
    }
  }
  return best;
}

// From a group to its nearest, to that one's nearest, and so on: means grow on the way, so it ends
// at two that are each other's nearest. A group without a neighbour in reach is finished.
void Linkage::follow_chain(std::uint32_t first) {
  std::vector<std::uint32_t> chain{first};
  while (!chain.empty() && !stopped_ && !too_large_) {
    const std::uint32_t last = chain.back();
    const std::optional<Neighbor> next = nearest(last);
    if (!next) {
      chain.pop_back();
    } else if (chain.size() < 2 || chain[chain.size() - 2] != next->label) {
      chain.push_back(next->label);
    } else {
      chain.resize(chain.size() - 2);
      join(std::min(last, next->label), std::max(last, next->label));
      if (chain.empty()) chain.push_back(std::min(last, next->label));
      stopped_ = stop_();
    }
  }
}

std::int64_t Linkage::sum_between(std::uint32_t a, std::uint32_t b) const {
  std::int64_t sum = 0;
  for (const std::uint32_t row : groups_[a].rows) {
    for (const std::uint32_t other : groups_[b].rows) sum += cosines_.cosine(row, other);
  }
  return sum;
}

// Where lists are long they hold most labels, so the place is near the label's share of the list:
// searching outwards from there touches one cache line or two, halving the list some ten.
std::vector<Edge>::iterator Linkage::place_of(std::vector<Edge>& edges, std::uint32_t label) const {
  const std::size_t guess = edges.size() * label / groups_.size();
  std::size_t low = guess;
  std::size_t high = guess;
  for (std::size_t step = 1; low > 0 && edges[low - 1].label >= label; step *= 2) {
    low -= std::min(low, step);
  }
  for (std::size_t step = 1; high < edges.size() && edges[high].label < label; step *= 2) {
    high += std::min(edges.size() - high, step);
  }
  const auto at = [&](std::size_t i) { return edges.begin() + static_cast<std::ptrdiff_t>(i); };
  return std::lower_bound(at(low), at(high), label, [](const Edge& edge, std::uint32_t wanted) {
    return edge.label < wanted;
  });
}

void Linkage::set_edge(std::vector<Edge>& edges, std::uint32_t label, std::int64_t sum) const {
  const auto place = place_of(edges, label);
  if (place != edges.end() && place->label == label) {
    place->sum = sum;
  } else if (sum != kUnknown) {
    edges.insert(place, {label, sum});
  }
}

std::int64_t Linkage::reconnect(std::uint32_t a, std::uint32_t b, std::uint32_t c,
                                std::int64_t a_sum, std::int64_t b_sum) {
  const auto near = [&](std::uint32_t label, std::int64_t sum) {
    return sum != kUnknown && reaches({sum, size_of(label) * size_of(c)}, input_.threshold);
  };
  // A mean of two that are both below the threshold is below it too, and stays so until a third
  // half that reaches it comes in, which computes the sum anew.
  const bool needed = near(a, a_sum) || near(b, b_sum);
  if (needed && a_sum == kUnknown) a_sum = sum_between(a, c);
  if (needed && b_sum == kUnknown) b_sum = sum_between(b, c);
  const bool known = a_sum != kUnknown && b_sum != kUnknown;
  const std::int64_t sum = known ? a_sum + b_sum : kUnknown;
  if ((size_of(a) + size_of(b)) * size_of(c) > kPairsOfGroupsMax) too_large_ = true;
  set_edge(edges_[c], a, sum);
  return sum;
}

void Linkage::join(std::uint32_t a, std::uint32_t b) {
  if (size_of(a) + size_of(b) > kGroupRowsMax) too_large_ = true;
  const std::vector<Edge> of_a = std::move(edges_[a]);
  const std::vector<Edge> of_b = std::move(edges_[b]);
  std::vector<Edge> joined;
  std::int64_t between = kUnknown;
  auto x = of_a.begin();
  auto y = of_b.begin();
  while (x != of_a.end() || y != of_b.end()) {
    const bool from_a = y == of_b.end() || (x != of_a.end() && x->label <= y->label);
    const bool from_b = x == of_a.end() || (y != of_b.end() && y->label <= x->label);
    const std::uint32_t c = from_a ? x->label : y->label;
    const std::int64_t a_sum = from_a ? (x++)->sum : kUnknown;
    const std::int64_t b_sum = from_b ? (y++)->sum : kUnknown;
    if (c == b) between = a_sum;
    if (c == a || c == b || !alive(c)) continue;
    const std::int64_t sum = reconnect(a, b, c, a_sum, b_sum);
    if (sum != kUnknown) joined.push_back({c, sum});
  }
  edges_[a] = std::move(joined);

  RowGroup& into = groups_[a];
  RowGroup from = std::move(groups_[b]);
  groups_[b] = {};
  sizes_[a] += sizes_[b];
  sizes_[b] = 0;
  into.sum += from.sum + between;
  into.rows.insert(into.rows.end(), from.rows.begin(), from.rows.end());
}

LinkageResult Linkage::run() {
  for (std::uint32_t label = 0; label < groups_.size() && !stopped_ && !too_large_; ++label) {
    if (alive(label)) follow_chain(label);
  }
  LinkageResult result;
  result.stopped = stopped_;
  result.too_large = too_large_;
  for (RowGroup& group : groups_) {
    if (group.rows.empty()) continue;
    std::sort(group.rows.begin(), group.rows.end());
    result.groups.push_back(std::move(group));
  }
  return result;
}

}  // namespace

double RowGroup::cohesion() const {
  const auto n = static_cast<double>(rows.size());
  return static_cast<double>(sum) / kFixedOne / (n * (n - 1.0) / 2.0);
}

LinkageResult link_rows(const LinkageInput& input, const CosineSource& cosines,
                        const std::function<bool()>& stop) {
  return Linkage(input, cosines, stop).run();
}

}  // namespace tulving::index
