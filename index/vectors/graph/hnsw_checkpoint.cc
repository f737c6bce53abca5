// The graph on disk and the checks that make a hostile file harmless.
//
// Sections: (0) GraphCounts, (1) rows as they lie in memory, (2) a byte a node: its level, (3)
// upper links, node by node, level by level, (4) a NodeHeader a node, as in its row, (5) a checksum
// a row, (6) sketches, (7) their headers. Rows alone are not read by load(): each is held against
// (4) and (5) when it comes in.

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>

#include "core/base/hash.h"
#include "index/vectors/graph/hnswlib_graph.h"

namespace tulving::index {
namespace {

// On disk: never reorder.
struct GraphCounts {
  std::uint32_t m = 0;
  std::uint32_t code_bytes = 0;
  std::uint32_t nodes = 0;
  std::uint32_t entry_point = 0;
  std::uint32_t level_max = 0;
};

// Room for a quarter more nodes, so that the next insertions find some.
std::uint32_t capacity_for(std::uint32_t nodes) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(
      std::max<std::uint64_t>(1024, std::uint64_t{nodes} * 5 / 4), kNothing));
}

std::uint32_t count_unreachable(HnswGraph::Impl& graph, std::uint32_t nodes) {
  std::vector<bool> seen(nodes, false);
  std::deque<std::uint32_t> frontier{graph.enterpoint_node_};
  seen[graph.enterpoint_node_] = true;
  std::uint32_t reached = 1;
  std::vector<std::uint32_t> links(graph.maxM0_);
  while (!frontier.empty()) {
    const std::uint32_t count = graph.copy_links(frontier.front(), 0, links.data());
    frontier.pop_front();
    for (std::uint32_t i = 0; i < count; ++i) {
      if (seen[links[i]]) continue;
      seen[links[i]] = true;
      ++reached;
      frontier.push_back(links[i]);
    }
  }
  return nodes - reached;
}

}  // namespace

// What is wrong with one list of links; empty when nothing is.
std::string HnswGraph::Impl::wrong_list(std::uint32_t id, int level, std::uint32_t nodes) const {
  const auto* list = get_linklist_at_level(id, level);
  const std::size_t most = level == 0 ? maxM0_ : maxM_;
  std::uint32_t head = 0;
  std::memcpy(&head, list, sizeof(head));
  if (head > most) return "a node has more links than m allows";
  for (std::uint32_t i = 0; i < head; ++i) {
    const std::uint32_t link = list[1 + i];
    if (link >= nodes || link == id) return "a link leads nowhere or to its own node";
    if (element_levels_[link] < level) return "a link leads to a node of a lower level";
  }
  return {};
}

// Of the lists from `lowest` on.
std::string HnswGraph::Impl::wrong_graph(int lowest) const {
  const auto nodes = static_cast<std::uint32_t>(cur_element_count);
  if (nodes == 0) return {};
  if (enterpoint_node_ >= nodes || element_levels_[enterpoint_node_] != maxlevel_) {
    return "the entry point is not of the highest level";
  }
  for (std::uint32_t id = 0; id < nodes; ++id) {
    if (element_levels_[id] > maxlevel_) return "a node is above the highest level";
    for (int level = lowest; level <= element_levels_[id]; ++level) {
      if (auto wrong = wrong_list(id, level, nodes); !wrong.empty()) return wrong;
    }
  }
  return {};
}

GraphHealth HnswGraph::Impl::check_invariants() {
  if (demand != nullptr) demand->fetch_all();
  GraphHealth health;
  const auto nodes = static_cast<std::uint32_t>(cur_element_count);
  health.broken = wrong_graph(0);
  if (!health.broken.empty() || nodes == 0) return health;
  std::vector<std::uint32_t> references(nodes, 0);
  std::vector<std::uint32_t> links(maxM0_);
  for (std::uint32_t id = 0; id < nodes; ++id) {
    const std::uint32_t count = copy_links(id, 0, links.data());
    std::sort(links.begin(), links.begin() + count);
    if (std::adjacent_find(links.begin(), links.begin() + count) != links.begin() + count) {
      health.broken = "a node links twice to the same";
    }
    for (std::uint32_t i = 0; i < count; ++i) ++references[links[i]];
  }
  if (nodes > 1) {
    health.unreferenced =
        static_cast<std::uint32_t>(std::count(references.begin(), references.end(), 0U));
  }
  health.unreachable = count_unreachable(*this, nodes);
  return health;
}

Status HnswGraph::Impl::save(CheckpointWriter& writer) {
  if (demand != nullptr) demand->fetch_all();
  const auto nodes = static_cast<std::uint32_t>(cur_element_count);
  const GraphCounts counts{
      static_cast<std::uint32_t>(M_), static_cast<std::uint32_t>(layout.code_bytes), nodes,
      nodes == 0 ? 0 : enterpoint_node_, nodes == 0 ? 0 : static_cast<std::uint32_t>(maxlevel_)};
  if (auto status = writer.write_array(std::span(&counts, 1)); !status) return status;
  const auto rows = std::as_bytes(std::span(row(0), nodes * layout.row_bytes));
  if (auto status = writer.write_array(rows); !status) return status;
  std::vector<std::uint8_t> levels(nodes);
  std::vector<std::byte> upper;
  for (std::uint32_t id = 0; id < nodes; ++id) {
    const auto level = static_cast<std::size_t>(element_levels_[id]);
    levels[id] = static_cast<std::uint8_t>(level);
    if (level == 0) continue;
    const std::span links(linkLists_[id], level * size_links_per_element_);
    const auto bytes = std::as_bytes(links);
    upper.insert(upper.end(), bytes.begin(), bytes.end());
  }
  if (auto status = writer.write_array(std::span<const std::uint8_t>(levels)); !status) {
    return status;
  }
  if (auto status = writer.write_array(std::span<const std::byte>(upper)); !status) return status;
  std::vector<NodeHeader> headers(nodes);
  std::vector<std::uint64_t> checksums(nodes);
  for (std::uint32_t id = 0; id < nodes; ++id) {
    headers[id] = header(id);
    checksums[id] = xxh3(std::as_bytes(std::span(row(id), layout.row_bytes)));
  }
  if (auto status = writer.write_array(std::as_bytes(std::span(headers))); !status) {
    return status;
  }
  if (auto status = writer.write_array(std::span<const std::uint64_t>(checksums)); !status) {
    return status;
  }
  const std::size_t sketched = layout.sketch_bytes == 0 ? 0 : nodes;
  if (auto status = writer.write_array(std::span<const std::uint64_t>(
          sketch(0), sketched * layout.sketch_bytes / sizeof(std::uint64_t)));
      !status) {
    return status;
  }
  return writer.write_array(std::as_bytes(std::span(sketch_headers.data(), sketched)));
}

// They are looked at before rows, so all of them are there before the first search.
Status HnswGraph::Impl::restore_sketches(const CheckpointReader& reader, std::size_t section,
                                         std::uint32_t nodes) {
  const std::size_t bytes = nodes * layout.sketch_bytes;
  const std::size_t header_bytes = bytes == 0 ? 0 : nodes * sizeof(SketchHeader);
  if (reader.section_bytes(section) != bytes || reader.section_bytes(section + 1) != header_bytes) {
    return reader.corruption("the graph's sketches are not as many as its rows");
  }
  if (bytes == 0) return {};
  const std::span headers(sketch_headers.data(), nodes);
  if (auto status =
          reader.read(section, 0, std::as_writable_bytes(std::span(sketch(0), bytes / 8)));
      !status) {
    return status;
  }
  if (auto status = reader.read(section + 1, 0, std::as_writable_bytes(headers)); !status) {
    return status;
  }
  for (const SketchHeader& header : headers) {
    if (!(header.inverse >= 0.0F && header.inverse <= 2.0F) ||
        header.ones > 8 * layout.sketch_bytes) {
      return reader.corruption("a sketch has an impossible header");
    }
  }
  return {};
}

// Levels and upper links, before there are nodes.
Status HnswGraph::Impl::restore_levels(const CheckpointReader& reader,
                                       std::span<const std::uint8_t> levels,
                                       std::span<const std::byte> upper) {
  std::size_t upper_at = 0;
  // Counted up as levels are taken over: the destructor frees the links of exactly those.
  for (std::uint32_t id = 0; id < levels.size(); ++id) {
    const std::size_t level = levels[id];
    const std::size_t bytes = level * size_links_per_element_;
    if (level > std::size_t{kLevelMax} || bytes > upper.size() - upper_at) {
      return reader.corruption("the graph's upper links are too few");
    }
    element_levels_[id] = static_cast<int>(level);
    if (level != 0) {
      linkLists_[id] = static_cast<char*>(std::malloc(bytes));
      if (linkLists_[id] == nullptr) throw std::bad_alloc();
      std::memcpy(linkLists_[id], upper.data() + upper_at, bytes);
    }
    cur_element_count = id + 1;
    upper_at += bytes;
  }
  if (upper_at != upper.size()) return reader.corruption("the graph has too many upper links");
  upper_bytes = upper_at;
  return {};
}

Result<std::unique_ptr<HnswGraph>> HnswGraph::load(std::shared_ptr<const CheckpointReader> reader,
                                                   std::size_t first, const VectorCoder& coder,
                                                   const VectorIndexOptions& options, Slot slots,
                                                   std::shared_ptr<const VectorMender> mender,
                                                   std::vector<NodeHeader>& headers) {
  auto counts_read = reader->read_array<GraphCounts>(first);
  if (!counts_read) return counts_read.error();
  if (counts_read->size() != 1) return reader->corruption("the graph's counts are missing");
  const GraphCounts counts = counts_read->front();
  if (counts.m != options.m || counts.code_bytes != coder.code_stride()) {
    return reader->corruption("the graph is of another m or dimension");
  }
  const NodeLayout layout(counts.m, counts.code_bytes);
  // Before anything is allocated by it: the count is only as large as the file.
  if (reader->section_bytes(first + 1) != std::uint64_t{counts.nodes} * layout.row_bytes ||
      counts.nodes > slots) {
    return reader->corruption("the graph's rows are not as many as it says");
  }
  auto levels = reader->read_array<std::uint8_t>(first + 2);
  if (!levels) return levels.error();
  auto upper = reader->read_array<std::byte>(first + 3);
  if (!upper) return upper.error();
  auto header_bytes = reader->read_array<std::byte>(first + 4);
  if (!header_bytes) return header_bytes.error();
  auto checksums = reader->read_array<std::uint64_t>(first + 5);
  if (!checksums) return checksums.error();
  if (levels->size() != counts.nodes || header_bytes->size() != counts.nodes * sizeof(NodeHeader) ||
      checksums->size() != counts.nodes) {
    return reader->corruption("the graph's levels, headers or checksums are too few");
  }

  auto impl = std::make_unique<Impl>(coder, options, capacity_for(counts.nodes), false);
  if (auto status = impl->restore_levels(*reader, *levels, *upper); !status) return status.error();
  if (auto status = impl->restore_sketches(*reader, first + 6, counts.nodes); !status) {
    return status.error();
  }
  headers.resize(counts.nodes);
  std::memcpy(headers.data(), header_bytes->data(), header_bytes->size());
  std::vector<Slot> slots_of_nodes;
  slots_of_nodes.reserve(counts.nodes);
  for (const NodeHeader& header : headers) {
    if (header.slot >= slots || !is_sane(header.code, layout.code_bytes)) {
      return reader->corruption("a node of the graph has an impossible header");
    }
    slots_of_nodes.push_back(header.slot);
  }
  if (counts.nodes != 0) {
    if (counts.entry_point >= counts.nodes || counts.level_max > std::uint32_t{Impl::kLevelMax}) {
      return reader->corruption("the graph's entry point is out of range");
    }
    impl->enterpoint_node_ = counts.entry_point;
    impl->maxlevel_ = static_cast<int>(counts.level_max);
  }
  if (auto wrong = impl->wrong_graph(1); !wrong.empty()) return reader->corruption(wrong);
  impl->demand_rows({reader, first + 1, std::max(1U, counts.nodes), layout.row_bytes},
                    *std::move(checksums), std::move(slots_of_nodes), std::move(mender));
  impl->publish(counts.nodes);
  impl->expect_probe();
  return std::unique_ptr<HnswGraph>(new HnswGraph(std::move(impl)));
}

}  // namespace tulving::index
