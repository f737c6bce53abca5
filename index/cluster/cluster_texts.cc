#include <algorithm>
#include <atomic>
#include <limits>

#include "core/base/flat_hash.h"
#include "index/cluster/cluster.h"
#include "index/cluster/cluster_checks.h"
#include "index/cluster/linkage/cluster_components.h"
#include "index/cluster/pairs/pair_collector.h"
#include "index/cluster/pairs/shingles.h"
#include "index/cluster/workers.h"

namespace tulving::index {
namespace {

// The texts of each phrase, ascending.
using PhraseTexts = FlatMap<std::uint64_t, std::vector<std::uint32_t>>;

PhraseTexts texts_by_phrase(const Shingles& shingles) {
  PhraseTexts texts;
  for (std::uint32_t row = 0; row < shingles.size(); ++row) {
    for (const std::uint64_t phrase : shingles.of(row)) texts[phrase].push_back(row);
  }
  return texts;
}

// Later texts that share a phrase with `row`. True if some were passed over.
bool append_later(const PhraseTexts& texts, const Shingles& shingles, std::uint32_t row,
                  const ClusterTextsOptions& options, std::vector<std::uint32_t>& later) {
  bool passed_over = false;
  for (const std::uint64_t phrase : shingles.of(row)) {
    const std::vector<std::uint32_t>& sharing = texts.find(phrase)->second;
    auto first = std::upper_bound(sharing.begin(), sharing.end(), row);
    auto last = sharing.end();
    if (sharing.size() > options.common_texts &&
        last - first > static_cast<std::ptrdiff_t>(options.clusters.neighbors_max)) {
      last = first + options.clusters.neighbors_max;
      passed_over = true;
    }
    later.insert(later.end(), first, last);
  }
  std::sort(later.begin(), later.end());
  later.erase(std::unique(later.begin(), later.end()), later.end());
  return passed_over;
}

}  // namespace

Result<Clustering> cluster_texts(std::span<const std::string_view> texts,
                                 const ClusterTextsOptions& options) {
  const ClusterOptions& clusters = options.clusters;
  const Result<FixedCosine> threshold = checked_threshold(clusters);
  if (!threshold) return threshold.error();
  if (texts.size() >= std::numeric_limits<std::uint32_t>::max()) {
    return Error{ErrorCode::kInvalidArgument, "clustering: texts are counted in 32 bits", "texts"};
  }
  const Workers workers(clusters.threads);
  ClusterControl control(clusters);
  const Shingles shingles(texts, workers);
  const PhraseTexts by_phrase = texts_by_phrase(shingles);

  PairCollector found(shingles, {.rows = shingles.size(),
                                 .workers = workers.size(),
                                 .threshold = *threshold,
                                 .pairs_max = clusters.pairs_max,
                                 .neighbors_max = clusters.neighbors_max});
  constexpr std::uint32_t kRowsAStep = 256;
  std::atomic<std::uint64_t> next{0};
  std::atomic<bool> passed_over{false};
  control.begin(ClusterPhase::kPairs, shingles.size());
  workers.run([&](unsigned worker) {
    std::vector<std::uint32_t> later;
    for (std::uint64_t first; (first = next.fetch_add(kRowsAStep)) < shingles.size();) {
      const auto end = std::min<std::uint64_t>(shingles.size(), first + kRowsAStep);
      for (auto row = static_cast<std::uint32_t>(first); row < end; ++row) {
        later.clear();
        if (append_later(by_phrase, shingles, row, options, later)) passed_over = true;
        for (const std::uint32_t other : later) found.check(worker, row, other);
      }
      found.settle(worker);
      if (!control.advance(worker, end - first)) return;
    }
  });
  const ClosePairs close = found.collect();
  if (control.stopped()) return stopped_clustering();
  Result<Clustering> result =
      cluster_pairs(shingles.size(), close.pairs, shingles, *threshold, clusters, workers, control);
  if (!result || result->stopped) return result;
  result->approximate = close.limited || passed_over;
  return result;
}

}  // namespace tulving::index
