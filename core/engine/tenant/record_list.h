#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/engine/state/tenant_state.h"
#include "tulving/plain_records.h"

// How records of plain kinds are listed: which, in what order, and from where on.

namespace tulving::engine {

/// A record's place in the order of its kind's list; also what a page's cursor says.
struct ListPlace {
  std::int32_t priority = 0;
  std::optional<std::int64_t> created_us;  ///< Those without a time come first.
  std::string key;

  friend auto operator<=>(const ListPlace&, const ListPlace&) = default;

  [[nodiscard]] std::string text() const;
  static std::optional<ListPlace> parse(std::string_view cursor);
};

/// By creation, then key.
[[nodiscard]] ListPlace created_at(const std::optional<Timestamp>& time, std::string key);
template <class Record>
[[nodiscard]] ListPlace place_of(const Record& record) {
  std::optional<Timestamp> created;
  kinds::each_field<Record>([&]<class Field>(const Field& field) {
    if constexpr (std::is_same_v<typename Field::Value, std::optional<Timestamp>>) {
      if (field.use == kinds::Use::kCreated) created = field.of(record);
    }
  });
  const auto& key = kinds::key_of(record);
  if constexpr (std::is_same_v<kinds::Key<Record>, Uuid>) {
    return created_at(created, key.to_string());
  } else {
    return created_at(created, key);
  }
}
/// By id: they come by what they link, not by when.
[[nodiscard]] ListPlace place_of(const Relation& relation);
/// By priority first.
[[nodiscard]] ListPlace place_of(const ConsolidationTask& task);

[[nodiscard]] bool matches(const ConsolidationTask& task, const ConsolidationTaskFilter& filter);
[[nodiscard]] bool matches(const ConsolidationJob& job, const ConsolidationJobFilter& filter);
/// kInvalidArgument: the kind has no such field, or not one that can be compared.
template <class Record>
[[nodiscard]] Status check_filter(const RecordFilter& filter);
template <class Record>
[[nodiscard]] bool matches(const Record& record, const RecordFilter& filter);

/// The records that the filter lets through; they are the tenant's, whose mutex is held.
template <class Record, class Filter>
Result<std::vector<const Record*>> matching(const TenantState& tenant, const Filter& filter) {
  std::vector<const Record*> found;
  if constexpr (std::is_same_v<Filter, RecordFilter>) {
    if (auto status = check_filter<Record>(filter); !status) return status.error();
  }
  for (const auto& [key, record] : tenant.records.of<Record>()) {
    if (matches(record, filter)) found.push_back(&record);
  }
  return found;
}
template <>
Result<std::vector<const Relation*>> matching<Relation>(const TenantState& tenant,
                                                        const RelationFilter& filter);

/// The first `limit` records behind `after`.
template <class Record>
Page<Record> page_of(const std::vector<const Record*>& records,
                     const std::optional<ListPlace>& after, std::size_t limit) {
  std::vector<std::pair<ListPlace, const Record*>> places;
  for (const Record* record : records) {
    ListPlace place = place_of(*record);
    if (!after || *after < place) places.emplace_back(std::move(place), record);
  }
  std::sort(places.begin(), places.end());
  Page<Record> page;
  page.matching = records.size();
  for (const auto& [place, record] : places) {
    if (page.records.size() == limit) {
      page.next_cursor = place_of(page.records.back()).text();
      break;
    }
    page.records.push_back(*record);
  }
  return page;
}

}  // namespace tulving::engine
