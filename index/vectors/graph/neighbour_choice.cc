#include "index/vectors/graph/neighbour_choice.h"

#include <algorithm>
#include <array>

#include "core/base/check.h"

namespace tulving::index {

void NodeQuery::set(const HnswGraph::Impl& graph, std::uint32_t id) {
  const CodeHeader header = graph.header(id).code;
  const std::uint8_t* codes = graph.codes(id);
  const std::size_t bytes = graph.layout.code_bytes;
  codes_.resize(bytes);
  std::int8_t* __restrict const to = codes_.data();  // Else bytes might be anything, one at a time.
  for (std::size_t i = 0; i < bytes; ++i) to[i] = static_cast<std::int8_t>(codes[i] ^ 0x80U);
  coded_ = {codes_.data(), codes_.data(), header.sum, header.sum, true};
  scale_ = header.scale;
}

void NeighbourChoice::measure(std::uint32_t from, std::span<const std::uint32_t> ids,
                              std::vector<Candidate>& candidates) {
  NodeQuery& query = scratch_.query;
  auto& rows = scratch_.rows;
  auto& dots = scratch_.dots;
  query.set(graph_, from);
  rows.clear();
  for (const std::uint32_t id : ids) rows.push_back(graph_.codes(id));
  dots.resize(ids.size());
  kernels().dot_rows(rows.data(), rows.size(), query.coded(), graph_.layout.code_bytes,
                     dots.data());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const float scale = graph_.header(ids[i]).code.scale * query.scale();
    candidates.push_back({1.0F - scale * static_cast<float>(dots[i]), ids[i]});
  }
}

// Whether it is nearer to the node than to each of `from`, whose codes `rows` are.
bool NeighbourChoice::is_apart(const Candidate& candidate, std::span<const Candidate> from,
                               std::span<const std::uint8_t* const> rows) {
  if (from.empty()) return true;
  NodeQuery& query = scratch_.query;
  query.set(graph_, candidate.id);
  std::array<std::int32_t, kGroup> group;
  for (std::size_t at = 0; at < from.size(); at += kGroup) {
    const std::size_t count = std::min(kGroup, from.size() - at);
    kernels().dot_rows(rows.data() + at, count, query.coded(), graph_.layout.code_bytes,
                       group.data());
    for (std::size_t i = 0; i < count; ++i) {
      const float scale = graph_.header(from[at + i].id).code.scale * query.scale();
      if (1.0F - scale * static_cast<float>(group[i]) < candidate.distance) return false;
    }
  }
  return true;
}

// What an earlier choice kept was apart from all that it kept before it: of those that still are,
// nothing is asked again. What it passed over lies nearer to one that it kept: as long as all of
// them are kept, so it does now.
void NeighbourChoice::keep_apart(std::span<const Candidate> candidates, std::size_t most) {
  auto& [query, kept, passed_over, newly_kept, rows, newly_kept_rows, dots] = scratch_;
  kept.clear();
  passed_over.clear();
  newly_kept.clear();
  rows.clear();
  newly_kept_rows.clear();
  bool has_lost_one = false;
  for (const Candidate& candidate : candidates) {
    if (kept.size() == most) break;
    const bool was_kept = candidate.verdict == Verdict::kKept;
    const bool is_known_near = candidate.verdict == Verdict::kPassedOver && !has_lost_one;
    const bool apart =
        !is_known_near && (was_kept ? is_apart(candidate, newly_kept, newly_kept_rows)
                                    : is_apart(candidate, kept, rows));
    if (!apart) {
      passed_over.push_back({candidate.distance, candidate.id, Verdict::kPassedOver});
      has_lost_one = has_lost_one || was_kept;
      continue;
    }
    kept.push_back({candidate.distance, candidate.id, Verdict::kKept});
    rows.push_back(graph_.codes(candidate.id));
    if (was_kept) continue;
    newly_kept.push_back(kept.back());
    newly_kept_rows.push_back(rows.back());
  }
}

bool NeighbourChoice::are_right(std::span<const Candidate> candidates, std::size_t most) {
  if (candidates.front().id % 8 != 0) return true;
  std::vector<Candidate> without(candidates.begin(), candidates.end());
  for (Candidate& candidate : without) candidate.verdict = Verdict::kUnknown;
  keep_apart(without, most);
  const std::vector<Candidate> expected = scratch_.kept;
  keep_apart(candidates, most);
  return std::ranges::equal(scratch_.kept, expected, {}, &Candidate::id, &Candidate::id);
}

void NeighbourChoice::choose(std::vector<Candidate>& candidates, std::size_t most) {
  const auto is_nearer = [](const Candidate& a, const Candidate& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.id > b.id;
  };
  std::sort(candidates.begin(), candidates.end(), is_nearer);
  if (candidates.size() > most) {
    TULVING_DCHECK(are_right(candidates, most));
    keep_apart(candidates, most);
    auto& kept = scratch_.kept;
    auto& passed_over = scratch_.passed_over;
    const std::size_t room = std::min(most - kept.size(), passed_over.size());
    kept.insert(kept.end(), passed_over.begin(),
                passed_over.begin() + static_cast<std::ptrdiff_t>(room));
    std::sort(kept.begin(), kept.end(), is_nearer);
    candidates.assign(kept.begin(), kept.end());
  }
  std::reverse(candidates.begin(), candidates.end());
}

}  // namespace tulving::index
