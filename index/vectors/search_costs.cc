#include "index/vectors/search_costs.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <span>
#include <vector>

#include "index/vectors/exact_scan.h"
#include "index/vectors/sketch_scan.h"

namespace tulving::index {
namespace {

// The shortest of a few: the others were disturbed, or found their code and tables cold.
constexpr int kTries = 3;
// What a row takes is what more of them take: each way has a part that is the same for few and
// many.
constexpr std::size_t kRowsTried = 2048;
constexpr std::size_t kFewer = kRowsTried / 4;
constexpr std::size_t kTop = 10;
constexpr std::uint32_t kNarrow = 64, kWide = 192;

template <class Work>
double nanoseconds(Work work) {
  using Clock = std::chrono::steady_clock;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kTries; ++i) {
    const auto begin = Clock::now();
    work(static_cast<std::size_t>(i));
    least = std::min(least, std::chrono::duration<double, std::nano>(Clock::now() - begin).count());
  }
  return least;
}

// Live slots of the graph, from all over it and others in each try: those of the last are in the
// cache, as the rows of a search are not.
std::vector<Slot> spread_slots(const VectorView& view, std::size_t turn) {
  std::vector<Slot> slots;
  const std::size_t apart = std::max<std::size_t>(1, view.covered / kRowsTried);
  for (std::size_t slot = turn * apart / kTries; slot < view.covered; slot += apart) {
    if (view.slab->live(static_cast<Slot>(slot))) slots.push_back(static_cast<Slot>(slot));
    if (slots.size() == kRowsTried) break;
  }
  return slots;
}

}  // namespace

SearchCosts SearchCosts::measure(const VectorView& view, const PreparedQuery& query,
                                 const QuerySketch& sketch) {
  SearchCosts costs;
  Deadline none{std::nullopt};
  std::vector<Slot> slots[kTries];
  for (std::size_t turn = 0; turn < kTries; ++turn) slots[turn] = spread_slots(view, turn);
  const std::size_t rows = slots[0].size();
  const std::size_t fewer = std::min(rows, kFewer);
  const auto a_row = [&](auto scan_of) {
    const double few = nanoseconds(
        [&](std::size_t turn) { scan_of(std::span<const Slot>(slots[turn]).first(fewer)); });
    const double all = nanoseconds([&](std::size_t turn) { scan_of(slots[turn]); });
    return std::max(1.0, all - few) / static_cast<double>(std::max<std::size_t>(1, rows - fewer));
  };
  costs.code_row = a_row([&](std::span<const Slot> some) {
    TopRows top(kTop);
    ExactScan scan(view, query, top, kTop, none);
    scan.add_slots(some);
    scan.finish();
  });
  if (sketch.words() != 0) {
    costs.sketch_row = a_row([&](std::span<const Slot> some) {
      TopRows top(kTop);
      SketchScan scan(view, query, sketch, none);
      static_cast<void>(scan.promising(some, kTop, top));
    });
  }
  WalkRequest request;
  request.query = &query;
  request.sketch = &sketch;
  std::uint64_t scored = 1;
  const auto walk = [&](std::uint32_t ef) {
    request.ef = ef;
    return nanoseconds([&](std::size_t) { scored = view.graph->search(request, none).scored; });
  };
  const double narrow = walk(kNarrow);
  const double wide = walk(kWide);
  costs.walk_entry = std::max(0.0, wide - narrow) / (kWide - kNarrow);
  costs.walk = std::max(0.0, narrow - kNarrow * costs.walk_entry);
  costs.walk_row = wide / static_cast<double>(std::max<std::uint64_t>(1, scored));
  return costs;
}

SearchCosts SearchCosts::assumed(std::size_t code_stride) {
  const auto bytes = static_cast<double>(code_stride);
  return {5 + bytes / 20, sketch_words(code_stride) == 0 ? 0 : 5 + bytes / 80, 0, 50 + bytes / 2,
          10 + bytes / 15};
}

SearchCosts SearchCosts::near_assumed(std::size_t code_stride) const {
  const SearchCosts known = assumed(code_stride);
  const auto near = [](double cost, double to) { return std::clamp(cost, to / 4, to * 4); };
  return {near(code_row, known.code_row), near(sketch_row, known.sketch_row), walk,
          near(walk_entry, known.walk_entry), near(walk_row, known.walk_row)};
}

SearchCosts MeasuredCosts::of(const VectorView& view, const PreparedQuery& query,
                              const QuerySketch& sketch) {
  if (view.graph->is_loading()) return SearchCosts::assumed(view.slab->coder().code_stride());
  const Slot measured_at = measured_at_.load(std::memory_order_acquire);
  if (measured_at == 0 || view.covered / 4 >= measured_at) {
    const SearchCosts costs =
        SearchCosts::measure(view, query, sketch).near_assumed(view.slab->coder().code_stride());
    code_row_ = static_cast<float>(costs.code_row);
    sketch_row_ = static_cast<float>(costs.sketch_row);
    walk_ = static_cast<float>(costs.walk);
    walk_entry_ = static_cast<float>(costs.walk_entry);
    walk_row_ = static_cast<float>(costs.walk_row);
    measured_at_.store(view.covered, std::memory_order_release);
    return costs;
  }
  return {code_row_, sketch_row_, walk_, walk_entry_, walk_row_};
}

}  // namespace tulving::index
