#include "index/vectors/graph/hnsw_walk.h"

namespace tulving::index {
namespace {

// Hops between two looks at the clock: 16 hops score some 200 rows.
constexpr std::uint32_t kHopsPerLook = 16;

// A row is passed by when its sketch says that its score is below what the pool takes by more than
// so many standard deviations: one in forty of those that would enter, at the very end of the pool.
constexpr float kGateDeviations = 2.0F;

// The pool of a descent. With one node, as the paper has it, a walk ends at the first hill that it
// meets: of a year's 36,500 clusters two queries of 40 then searched another's, at ef 64 and 192.
constexpr std::size_t kDescentPool = 8;

bool better_hit(const WalkHit& a, const WalkHit& b) {
  return a.score != b.score ? a.score > b.score : a.slot < b.slot;
}

// The `wanted` best hits of those that may be found.
class Hits {
 public:
  Hits(const HnswGraph::Impl& graph, const WalkRequest& request)
      : graph_(graph),
        wanted_(request.wanted),
        covered_(request.covered),
        allowed_(request.allowed) {
    heap_.reserve(wanted_ + 1);
  }
  void offer(WalkHit hit, std::uint32_t id) {
    if (heap_.size() == wanted_ && !better_hit(hit, heap_.front())) return;
    if (hit.slot >= covered_ || !graph_.may_be_found(id, allowed_)) return;
    heap_.push_back(hit);
    std::push_heap(heap_.begin(), heap_.end(), better_hit);
    if (heap_.size() > wanted_) {
      std::pop_heap(heap_.begin(), heap_.end(), better_hit);
      heap_.pop_back();
    }
  }
  std::vector<WalkHit> take() {
    std::sort_heap(heap_.begin(), heap_.end(), better_hit);
    return std::move(heap_);
  }

 private:
  const HnswGraph::Impl& graph_;
  const std::size_t wanted_;
  const Slot covered_;
  const Roaring* const allowed_;
  std::vector<WalkHit> heap_;
};

}  // namespace

// The header's line and the first three of the codes; the processor's own prefetcher sees the
// stream from there.
void Walk::prefetch_row(std::uint32_t id) const {
  const std::uint8_t* codes = graph_.address(id);
  __builtin_prefetch(codes - kCacheLine);
  __builtin_prefetch(codes);
  __builtin_prefetch(codes + kCacheLine);
  __builtin_prefetch(codes + 2 * kCacheLine);
}

void Walk::prefetch_next() const {
  const WalkPool::Entry* next = pool().next();
  if (next == nullptr) return;
  __builtin_prefetch(graph_.row(next->id));
  __builtin_prefetch(graph_.row(next->id) + kCacheLine);
  __builtin_prefetch(graph_.row(next->id) + 2 * kCacheLine);
}

// Copies the ids under the node's lock, then drops those that the walk may not touch. On the way to
// the pool the sketch is looked at before the row.
void Walk::gather(std::uint32_t node, int level, bool mark) {
  const std::uint32_t links = graph_.copy_links(node, level, links_.data());
  count_ = 0;
  for (std::uint32_t i = 0; i < links; ++i) {
    const std::uint32_t id = links_[i];
    if (id >= end_ || (mark && !visited().mark(id))) continue;
    if (mark && sketches_.words != 0) {
      sketches_.prefetch(id);
    } else {
      prefetch_row(id);
    }
    ids_[count_++] = id;
  }
}

// Of the neighbours at hand keeps those that may enter the pool by their sketches, which are an
// eighth of the bytes of a row. Half of all rows, or more, need not be touched.
void Walk::drop_hopeless() {
  if (sketches_.words == 0) return;
  std::size_t kept = 0;
  if (!pool().full()) {
    kept = count_;
  } else {
    const float bar = pool().entries().back().score;
    for (std::size_t i = 0; i < count_; ++i) sketch_rows_[i] = sketches_.row(ids_[i]);
    sketch_.weigh(sketch_rows_.data(), count_, dots_.data());
    for (std::size_t i = 0; i < count_; ++i) {
      const SketchHeader& header = sketches_.headers[ids_[i]];
      const float upper =
          sketch_.estimate(dots_[i], header) + kGateDeviations * sketch_.deviation(header);
      if (upper > bar) ids_[kept++] = ids_[i];
    }
    dropped_ += count_ - kept;
    count_ = kept;
  }
  for (std::size_t i = 0; i < kept; ++i) prefetch_row(ids_[i]);
}

void Walk::score_gathered() {
  for (std::size_t i = 0; i < count_; ++i) pointers_[i] = graph_.codes(ids_[i]);
  kernels().dot_rows(pointers_.data(), count_, query_, graph_.layout.code_bytes, dots_.data());
  for (std::size_t i = 0; i < count_; ++i) {
    const NodeHeader header = graph_.header(ids_[i]);
    scores_[i] = static_cast<float>(dots_[i]) * (header.code.scale * query_scale_);
    slots_[i] = header.slot;
  }
  scored_ += count_;
}

const std::vector<std::uint32_t>& Walk::descend(std::uint32_t node, int level, int floor) {
  const auto ignore = [](float, std::uint32_t, Slot) {};
  auto& nodes = starts();
  nodes.assign(1, node);
  for (; level > floor; --level) {
    reset(kDescentPool);
    for (const std::uint32_t start : nodes) start_at(start, ignore);
    while (step(level, ignore)) {
    }
    nodes.clear();
    for (const auto& found : pool().entries()) nodes.push_back(found.id);
  }
  return nodes;
}

WalkAnswer HnswGraph::Impl::search(const WalkRequest& request, Deadline& deadline) {
  WalkAnswer answer;
  // The entry point first: `published` is stored before it, so it covers it.
  const std::uint64_t packed = entry.load(std::memory_order_acquire);
  if (packed == kNoEntry) return answer;
  Walk walk(*this, request.query->coded(), request.query->high_scale(),
            published.load(std::memory_order_acquire), *request.sketch);
  Hits hits(*this, request);
  const auto seen = [&](float score, std::uint32_t id, Slot slot) {
    hits.offer({score, slot}, id);
  };
  const auto& starts =
      walk.descend(static_cast<std::uint32_t>(packed), static_cast<int>(packed >> 32), 0);
  walk.reset(request.ef);
  for (const std::uint32_t start : starts) walk.start_at(start, seen);
  for (const std::uint32_t seed : request.seeds) walk.start_at(seed, seen);
  for (std::uint32_t hops = 1; walk.step(0, seen); ++hops) {
    if (walk.scored() >= request.scored_max) {
      answer.over_budget = true;
      break;
    }
    if (hops % kHopsPerLook == 0 && deadline.passed()) break;
  }
  if (request.allowed != nullptr) {
    const auto& pool = Walk::pool().entries();
    answer.allowed_in_pool = static_cast<std::uint32_t>(std::ranges::count_if(
        pool, [&](const auto& found) { return may_be_found(found.id, request.allowed); }));
  }
  answer.hits = hits.take();
  answer.scored = walk.scored();
  answer.met = walk.met();
  return answer;
}

}  // namespace tulving::index
