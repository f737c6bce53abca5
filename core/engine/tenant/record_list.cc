#include "core/engine/tenant/record_list.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <concepts>
#include <tuple>

#include "core/engine/record/not_found.h"
#include "core/kinds/enumerators.h"
#include "core/model/names/task_labels.h"

namespace tulving::engine {
namespace {

std::optional<std::int64_t> micros(const std::optional<Timestamp>& time) {
  if (!time) return std::nullopt;
  return time->time_since_epoch().count();
}

bool has_label(const ConsolidationTask& task, std::string_view label) {
  const auto labels = model::labels_of(task);
  return std::ranges::find(labels, label) != labels.end();
}

// A field's value as JSON has it, without quotes; empty: of a type that is not compared, or none.
std::optional<std::string_view> shown(const std::string& value) { return value; }
std::optional<std::string> shown(const Uuid& value) { return value.to_string(); }
template <std::same_as<bool> Bool>
std::optional<std::string_view> shown(Bool value) {
  return value ? "true" : "false";
}
template <class Enum>
requires std::is_enum_v<Enum> std::optional<std::string_view> shown(Enum value) {
  return kinds::kNames<Enum>[static_cast<std::size_t>(value)];
}
template <class Value>
auto shown(const std::optional<Value>& value) -> decltype(shown(*value)) {
  return value ? shown(*value) : std::nullopt;
}

// Calls `visit` with the field of that name, if it has a value that is compared.
template <class Record, class Visit>
bool with_field(std::string_view name, const Visit& visit) {
  bool found = false;
  kinds::each_field<Record>([&]<class Field>(const Field& field) {
    if constexpr (requires(const Record& record) { shown(field.of(record)); }) {
      if (field.name == name) {
        found = true;
        visit(field);
      }
    }
  });
  return found;
}

// Takes a number and the '/' behind it.
template <class Number>
bool take(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto taken = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || taken == text.size() || text[taken] != '/') return false;
  text.remove_prefix(taken + 1);
  return true;
}

}  // namespace

std::string ListPlace::text() const {
  return created_us ? fmt::format("{}/{}/{}", priority, *created_us, key)
                    : fmt::format("{}//{}", priority, key);
}

std::optional<ListPlace> ListPlace::parse(std::string_view cursor) {
  ListPlace place;
  if (!take(cursor, place.priority)) return std::nullopt;
  if (cursor.starts_with('/')) {
    cursor.remove_prefix(1);
  } else if (!take(cursor, place.created_us.emplace())) {
    return std::nullopt;
  }
  place.key = cursor;
  return place;
}

ListPlace created_at(const std::optional<Timestamp>& time, std::string key) {
  return {0, micros(time), std::move(key)};
}
ListPlace place_of(const Relation& relation) { return {0, {}, relation.id.to_string()}; }
ListPlace place_of(const ConsolidationTask& task) {
  return {task.priority, micros(task.created_at), task.task_id};
}

bool matches(const ConsolidationTask& task, const ConsolidationTaskFilter& filter) {
  const auto& ids = task.memory_ids;
  return (!filter.agent || task.agent == *filter.agent) &&
         (!filter.status || task.status == *filter.status) &&
         (!filter.approval || task.approval == *filter.approval) &&
         (!filter.memory_id || std::binary_search(ids.begin(), ids.end(), *filter.memory_id)) &&
         (filter.label.empty() || has_label(task, filter.label));
}

bool matches(const ConsolidationJob& job, const ConsolidationJobFilter& filter) {
  return filter.project_id.empty() || job.project_id == filter.project_id;
}

template <>
Result<std::vector<const Relation*>> matching<Relation>(const TenantState& tenant,
                                                        const RelationFilter& filter) {
  std::vector<const Relation*> found;
  const auto& relations = tenant.records.of<Relation>();
  if (!filter.memory_id) {
    for (const auto& [id, relation] : relations) found.push_back(&relation);
    return found;
  }
  const auto row = tenant.memories.find(*filter.memory_id);
  if (!row) return no_such<Memory>(tenant.id, *filter.memory_id);
  for (const index::Edge& edge : tenant.graph.edges_of(*row)) {
    Relation key;
    key.source_id = tenant.memories.record(edge.source)->id();
    key.target_id = tenant.memories.record(edge.target)->id();
    key.relation_type = tenant.relation_types.name(edge.type);
    kinds::give_id(tenant.id, key);
    if (const Relation* relation = relations.find(key.id)) found.push_back(relation);
  }
  return found;
}

template <class Record>
Status check_filter(const RecordFilter& filter) {
  for (const FieldEquals& one : filter.equals) {
    if (with_field<Record>(one.field, [](const auto&) {})) continue;
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("a {} has no field \"{}\" to be listed by", kinds::Kind<Record>::noun,
                             one.field),
                 one.field};
  }
  return {};
}

template <class Record>
bool matches(const Record& record, const RecordFilter& filter) {
  return std::ranges::all_of(filter.equals, [&](const FieldEquals& one) {
    bool is_equal = false;
    with_field<Record>(one.field,
                       [&](const auto& field) { is_equal = shown(field.of(record)) == one.value; });
    return is_equal;
  });
}

// Makes both of every kind that has no filter of its own.
template <class Kinds>
struct FiltersOf;
template <class... Records>
struct FiltersOf<kinds::KindList<Records...>> {
  template <class Record>
  using Matches = bool (*)(const Record&, const RecordFilter&);
  static constexpr std::tuple<Matches<Records>...> all{&matches<Records>...};
  static constexpr std::tuple checks{&check_filter<Records>...};
};
template struct FiltersOf<kinds::PlainKinds>;

}  // namespace tulving::engine
