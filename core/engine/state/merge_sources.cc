#include "core/engine/state/merge_sources.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/flat_hash.h"
#include "core/engine/record/record_border.h"
#include "core/engine/state/tenant_state.h"

namespace tulving::engine {
namespace {

class Reader {
 public:
  explicit Reader(const TenantState& tenant) : tenant_(tenant) {}

  MergeSources run() && {
    const Roaring* merges = tenant_.attributes.find(kLevelField, "1");
    if (merges == nullptr) return {};
    for (const std::uint32_t row : *merges) read(row);
    for (const std::uint32_t row : *merges) {
      if (children_.contains(row)) finish(row);
    }
    return std::move(found_);
  }

 private:
  // The sources that a merge names and that name it.
  void read(std::uint32_t row) {
    const storage::MemoryRecord& merge = *tenant_.memories.record(row);
    const std::vector<Uuid> ids = merge.source_memory_ids();
    std::vector<std::uint32_t> sources;
    for (const Uuid& id : ids) {
      const auto source_row = tenant_.memories.find(id);
      if (!source_row || *source_row == row) continue;
      const storage::MemoryRecord& source = *tenant_.memories.record(*source_row);
      const MemoryStatus status = source.status();
      const bool is_put_away =
          status == MemoryStatus::kArchived || status == MemoryStatus::kDeleted;
      if (is_put_away && source.consolidated_into_id() == merge.id() && same_scope(source, merge)) {
        sources.push_back(*source_row);
      }
    }
    if (sources.empty()) return;
    std::ranges::sort(sources);
    if (sources.size() == ids.size()) found_.merges.add(row);
    children_.emplace(row, std::move(sources));
  }

  // Appends the pairs of `top` after those of the merges it holds. A memory is archived into one
  // merge, so this meets each merge once, and a ring, which imports can make, never from outside.
  void finish(std::uint32_t top) {
    struct Step {
      std::uint32_t merge;
      std::size_t next = 0;
    };
    std::vector<Step> path;
    const auto enter = [&](std::uint32_t merge) {
      if (raw_.try_emplace(merge).second) path.push_back({merge});
    };
    enter(top);
    while (!path.empty()) {
      Step& step = path.back();
      const auto& children = children_.at(step.merge);
      if (step.next < children.size()) {
        const std::uint32_t child = children[step.next++];
        if (children_.contains(child)) enter(child);  // May move `step`.
        continue;
      }
      close(step.merge, children);
      path.pop_back();
    }
  }

  void close(std::uint32_t merge, const std::vector<std::uint32_t>& children) {
    std::vector<std::uint32_t> raw;
    for (const std::uint32_t child : children) {
      if (const auto below = raw_.find(child); below != raw_.end()) {
        raw.insert(raw.end(), below->second.begin(), below->second.end());
      }
      // A merge of which some sources are gone speaks for those.
      if (!found_.merges.contains(child)) raw.push_back(child);
    }
    // Once: the pairs of a merge stand together.
    TULVING_DCHECK(found_.pairs.empty() || found_.pairs.back().merge != merge);
    found_.rows.add(merge);
    for (const std::uint32_t source : raw) {
      found_.pairs.push_back({merge, source});
      found_.rows.add(source);
    }
    raw_[merge] = std::move(raw);
  }

  const TenantState& tenant_;
  FlatMap<std::uint32_t, std::vector<std::uint32_t>> children_, raw_;
  MergeSources found_;
};

}  // namespace

MergeSources MergeSources::of(const TenantState& tenant) { return Reader(tenant).run(); }

// The sources for which a condition holds that holds for `rows`.
Roaring SourceRows::sources_of(const Roaring& rows, bool or_all) const {
  const auto& pairs = lineage_->pairs;
  Roaring sources = rows & lineage_->rows;
  if (!or_all) return sources;
  for (auto begin = pairs.begin(); begin != pairs.end();) {
    const auto end = std::find_if(begin, pairs.end(), [&](const MergeSources::Pair& pair) {
      return pair.merge != begin->merge;
    });
    if (rows.contains(begin->merge) &&
        std::none_of(begin, end, [&](const auto& pair) { return sources.contains(pair.source); })) {
      for (auto pair = begin; pair != end; ++pair) sources.add(pair->source);
    }
    begin = end;
  }
  return sources;
}

Roaring SourceRows::with_pairs(Roaring rows, Of of) const {
  TULVING_DCHECK(rows.isEmpty() || rows.maximum() < first_);  // Memories; pairs come behind them.
  if (!rows.intersect(lineage_->rows)) return rows;
  const Roaring sources = of == Of::kMerge ? Roaring() : sources_of(rows, of == Of::kSourceOrAll);
  std::vector<std::uint32_t> matches;
  for (std::size_t i = 0; i < lineage_->pairs.size(); ++i) {
    const auto& [merge, source] = lineage_->pairs[i];
    const bool holds = of == Of::kMerge ? rows.contains(merge) : sources.contains(source);
    if (holds) matches.push_back(first_ + static_cast<std::uint32_t>(i));
  }
  rows.addMany(matches.size(), matches.data());
  return rows;
}

Roaring SourceRows::with_all_pairs(Roaring rows) const {
  TULVING_DCHECK(end() <= std::uint64_t{1} << 32U);  // Pairs are rows of 32 bits.
  rows.addRange(first_, end());
  return rows;
}

Roaring SourceRows::lifted(Roaring rows) const {
  const Roaring pairs = rows & with_all_pairs({});
  rows -= pairs;
  rows -= lineage_->merges;
  for (const std::uint32_t pair : pairs) rows.add(lineage_->pairs[pair - first_].merge);
  TULVING_DCHECK(rows.isEmpty() || rows.maximum() < first_);
  return rows;
}

}  // namespace tulving::engine
