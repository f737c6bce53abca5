#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>

#include "core/base/check.h"
#include "core/base/errors.h"
#include "core/engine/select/decay_pass.h"
#include "core/engine/select/filter_rows.h"
#include "core/engine/store/store_impl.h"
#include "core/model/rules/filter_rules.h"

// Tenant::list(). A page's cursor is the place of its last memory in the order asked for.

namespace tulving {
namespace {

constexpr std::uint32_t kListMax = 10'000;
// The years 1 to 9999, which no clock leaves.
constexpr std::int64_t kMicrosMin = -62'135'596'800'000'000;
constexpr std::int64_t kMicrosMax = 253'402'300'799'999'999;

// What a memory is ordered by; times and decay scores have one exact form, a 64-bit integer.
struct Place {
  std::int64_t key = 0;
  Uuid id;
};

class Ordering {
 public:
  explicit Ordering(const ListRequest& request) : sort_(request.sort), order_(request.order) {}

  // Scores are those of the first page's moment on every page, or memories would change places
  // between two pages.
  [[nodiscard]] Timestamp scored_at() const { return scored_at_; }
  void set_scored_at(Timestamp time) { scored_at_ = time; }

  [[nodiscard]] bool before(const Place& a, const Place& b) const {
    if (a.key != b.key) return (a.key < b.key) == (order_ == ListOrder::kAscending);
    return a.id < b.id;
  }

  // "created.asc_1770000000000000_ID"; the moment of the scores follows "decay.asc".
  [[nodiscard]] std::string to_cursor(const Place& place) const {
    return fmt::format("{}_{}_{}", name(), place.key, place.id.to_string());
  }

  // Empty: no page of this order gave it.
  std::optional<Place> take_cursor(std::string_view cursor) {
    if (sort_ == ListSort::kDecay) {
      std::int64_t micros = 0;
      const std::string prefix = fmt::format("decay.{}.", to_string(order_));
      if (!cursor.starts_with(prefix) || !read(cursor.substr(prefix.size()), micros)) return {};
      if (micros < kMicrosMin || micros > kMicrosMax) return {};
      scored_at_ = Timestamp(std::chrono::microseconds(micros));
    }
    const std::string prefix = name() + '_';
    if (!cursor.starts_with(prefix)) return {};
    cursor.remove_prefix(prefix.size());
    Place place;
    const auto key_bytes = read(cursor, place.key);
    const auto id = Uuid::parse(key_bytes ? cursor.substr(*key_bytes + 1) : std::string_view());
    if (!id) return {};
    place.id = *id;
    return place;
  }

 private:
  [[nodiscard]] std::string name() const {
    std::string name = fmt::format("{}.{}", to_string(sort_), to_string(order_));
    if (sort_ == ListSort::kDecay) {
      name += fmt::format(".{}", scored_at_.time_since_epoch().count());
    }
    return name;
  }

  // Reads the number that stands before the next "_"; its length.
  static std::optional<std::size_t> read(std::string_view text, std::int64_t& number) {
    const std::size_t bytes = text.find('_');
    if (bytes == std::string_view::npos) return std::nullopt;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + bytes, number);
    if (error != std::errc() || stop != text.data() + bytes) return std::nullopt;
    return bytes;
  }

  ListSort sort_;
  ListOrder order_;
  Timestamp scored_at_;
};

// The keys of one tenant's rows. The column of updated_at has every row.
class Keys {
 public:
  Keys(const engine::TenantState& state, ListSort sort, DecayModel model, Timestamp scored_at)
      : state_(state), sort_(sort), scores_(state.memories, model, scored_at) {}

  [[nodiscard]] Place place_of(std::uint32_t row) const {
    return {key_of(row), state_.memories.record(row)->id()};
  }

 private:
  [[nodiscard]] std::int64_t key_of(std::uint32_t row) const {
    switch (sort_) {
      case ListSort::kCreated:
        return state_.memories.created_us(row);
      case ListSort::kUpdated:
        TULVING_DCHECK(state_.updated.get(row).has_value());
        return state_.updated.get(row).value_or(0);
      case ListSort::kLastUsed:
        return state_.memories.last_used_us(row);
      case ListSort::kPriority:
        return state_.memories.priority(row);
      case ListSort::kDecay:
        break;
    }
    TULVING_DCHECK(scores_.exact(row) >= 0);
    // In the scores' order, as none is below 0; the sum makes 0 of -0.
    return std::bit_cast<std::int64_t>(scores_.exact(row) + 0.0);
  }

  const engine::TenantState& state_;
  ListSort sort_;
  engine::DecayScores scores_;
};

Status check_list(const ListRequest& request) {
  if (request.limit < 1 || request.limit > kListMax) {
    return invalid(fmt::format("limit is {}; must be 1..{}", request.limit, kListMax), "limit");
  }
  if (request.sort > ListSort::kDecay) return invalid("sort is no order that a list has", "sort");
  if (request.order > ListOrder::kDescending) {
    return invalid("order is neither ascending nor descending", "order");
  }
  return model::check_filter(request.filter);
}

}  // namespace

Result<MemoryPage> Tenant::list(const ListRequest& request) const {
  if (auto status = check_list(request); !status) return status.error();
  const Store::Impl& store = *impl_->store;
  const Timestamp now = store.now();
  Ordering ordering(request);
  ordering.set_scored_at(now);
  std::optional<Place> after;
  if (!request.cursor.empty()) {
    after = ordering.take_cursor(request.cursor);
    if (!after) return invalid("cursor is not one that a page of this order gave", "cursor");
  }
  auto reading = impl_->read();
  if (!reading) return reading.error();
  const engine::TenantState& state = **reading;
  Roaring rows = state.visible_rows(
      {request.include_archived, request.include_deleted, request.include_expired, now});
  if (!engine::matches_everything(request.filter)) {
    rows &= engine::filter_rows(request.filter, {state, now, store.options.decay_model});
  }
  const Keys keys(state, request.sort, store.options.decay_model, ordering.scored_at());
  std::vector<std::pair<Place, std::uint32_t>> places;
  for (const std::uint32_t row : rows) {
    const Place place = keys.place_of(row);
    if (!after || ordering.before(*after, place)) places.emplace_back(place, row);
  }
  MemoryPage page;
  page.matching = rows.cardinality();
  TULVING_DCHECK(places.size() <= page.matching);
  const std::size_t count = std::min<std::size_t>(request.limit, places.size());
  std::partial_sort(
      places.begin(), places.begin() + static_cast<std::ptrdiff_t>(count), places.end(),
      [&](const auto& a, const auto& b) { return ordering.before(a.first, b.first); });
  for (std::size_t i = 0; i < count; ++i) {
    page.memories.emplace_back(state.memories.record(places[i].second));
  }
  // The next page goes on behind this one.
  TULVING_DCHECK(count == 0 || !after || ordering.before(*after, places[count - 1].first));
  if (count < places.size()) page.next_cursor = ordering.to_cursor(places[count - 1].first);
  return page;
}

}  // namespace tulving
