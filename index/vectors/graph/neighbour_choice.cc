#include "index/vectors/graph/neighbour_choice.h"

#include <algorithm>
#include <array>

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
  auto& [query, kept, passed_over, rows, dots] = scratch_;
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

// Whether it is nearer to the node than to each that was kept.
bool NeighbourChoice::is_apart(const Candidate& candidate) {
  auto& [query, kept, passed_over, rows, dots] = scratch_;
  if (kept.empty()) return true;
  query.set(graph_, candidate.id);
  std::array<std::int32_t, kGroup> group;
  for (std::size_t at = 0; at < kept.size(); at += kGroup) {
    const std::size_t count = std::min(kGroup, kept.size() - at);
    kernels().dot_rows(rows.data() + at, count, query.coded(), graph_.layout.code_bytes,
                       group.data());
    for (std::size_t i = 0; i < count; ++i) {
      const float scale = graph_.header(kept[at + i].id).code.scale * query.scale();
      if (1.0F - scale * static_cast<float>(group[i]) < candidate.distance) return false;
    }
  }
  return true;
}

void NeighbourChoice::choose(std::vector<Candidate>& candidates, std::size_t most) {
  const auto is_nearer = [](const Candidate& a, const Candidate& b) {
    return a.distance != b.distance ? a.distance < b.distance : a.id > b.id;
  };
  std::sort(candidates.begin(), candidates.end(), is_nearer);
  if (candidates.size() > most) {
    auto& [query, kept, passed_over, rows, dots] = scratch_;
    kept.clear();
    passed_over.clear();
    rows.clear();
    for (const Candidate& candidate : candidates) {
      if (kept.size() == most) break;
      if (!is_apart(candidate)) {
        passed_over.push_back(candidate);
        continue;
      }
      kept.push_back(candidate);
      rows.push_back(graph_.codes(candidate.id));
    }
    const std::size_t room = std::min(most - kept.size(), passed_over.size());
    kept.insert(kept.end(), passed_over.begin(),
                passed_over.begin() + static_cast<std::ptrdiff_t>(room));
    std::sort(kept.begin(), kept.end(), is_nearer);
    candidates.assign(kept.begin(), kept.end());
  }
  std::reverse(candidates.begin(), candidates.end());
}

}  // namespace tulving::index
