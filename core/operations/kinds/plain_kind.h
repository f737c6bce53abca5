#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "core/kinds/enumerators.h"
#include "core/kinds/kinds.h"
#include "core/operations/answer.h"
#include "core/operations/remarks.h"
#include "core/operations/table/words.h"
#include "tulving/operations.h"

namespace tulving::operations {

namespace internal {

template <class T>
struct HeldBy {
  using Type = T;
};
template <class T>
struct HeldBy<std::optional<T>> {
  using Type = T;
};

/// Whether a list can be asked for one value of the field: an enumerator, a boolean, a name.
template <class Record, std::size_t kPlace>
consteval bool is_listed() {
  constexpr auto& field = kinds::kFieldAt<Record, kPlace>;
  using Field = std::remove_cvref_t<decltype(field)>;
  using Value = typename HeldBy<typename Field::Value>::Type;
  if constexpr (kinds::is_key<Field>()) return false;
  if constexpr (std::is_enum_v<Value> || std::is_same_v<Value, bool>) return true;
  if constexpr (std::is_same_v<Value, Uuid>) return field.use != kinds::Use::kOwnId;
  if constexpr (std::is_same_v<Value, std::string>) {
    return field.bounds.form == kinds::Form::kText &&
           field.bounds.length_most != kinds::Bounds::kRecord;
  }
  return false;
}

template <class Record, std::size_t kPlace>
constexpr Param listed_param() {
  constexpr auto& field = kinds::kFieldAt<Record, kPlace>;
  using Value = typename HeldBy<typename std::remove_cvref_t<decltype(field)>::Value>::Type;
  if constexpr (std::is_enum_v<Value>) {
    return params::word(field.name, kinds::kNames<Value>, field.help);
  } else if constexpr (std::is_same_v<Value, bool>) {
    return params::boolean(field.name, field.help);
  } else {
    return params::text(field.name, field.help);
  }
}

/// Parameters of a list, one for each such field.
template <class Record>
inline constexpr auto kListed = []<std::size_t... kPlaces>(std::index_sequence<kPlaces...>) {
  std::array<Param, (std::size_t{is_listed<Record, kPlaces>()} + ... + 0)> listed;
  std::size_t count = 0;
  const auto add = [&]<std::size_t kPlace>() {
    if constexpr (is_listed<Record, kPlace>()) listed[count++] = listed_param<Record, kPlace>();
  };
  (add.template operator()<kPlaces>(), ...);
  return listed;
}
(kinds::internal::Places<Record>());

/// Whether the field of that name holds a memory's id.
template <class Record>
bool is_id(std::string_view name) {
  bool found = false;
  kinds::each_field<Record>([&]<class Field>(const Field& field) {
    found = found || (std::is_same_v<typename Field::Value, Uuid> && field.name == name);
  });
  return found;
}

/// What was given of `params`. A memory may be named by a name of its own.
Result<RecordFilter> listed_by(std::span<const Param> params, bool (*is_id)(std::string_view),
                               const Tenant& tenant, const Arguments& given);

}  // namespace internal

/// What the operations of a kind cannot take from its declaration; most kinds need none of it.
///   parameter   what put calls the record
///   plural      the member of a list's answer
///   with_it     help of erase: what goes with it
///   filters     parameters of a list, which `filter` reads
///   append      how one is shown
///   remark      what a person is told beside a list that is empty
template <class Record>
struct PlainKindDefaults {
  static constexpr std::string_view parameter =
      kinds::Kind<Record>::noun.find(' ') == std::string_view::npos ? kinds::Kind<Record>::noun
                                                                    : kinds::Kind<Record>::name;
  static constexpr std::string_view plural = kinds::Kind<Record>::plural;
  static constexpr std::string_view with_it = "";
  static constexpr auto filters = internal::kListed<Record>;

  static Result<typename FilterOf<Record>::Type> filter(const Tenant& tenant,
                                                        const Arguments& given) {
    return internal::listed_by(filters, &internal::is_id<Record>, tenant, given);
  }
  static void append(std::string& out, std::string_view tenant_id, const Record& record) {
    append_record(out, tenant_id, record);
  }
  static void remark(const Tenant&, const Running&) {}
};

template <class Record>
struct PlainKind : PlainKindDefaults<Record> {};

template <>
struct PlainKind<Project> : PlainKindDefaults<Project> {
  static constexpr std::string_view with_it =
      ", and its jobs, its tasks with all that is theirs, and its merges, patterns and principles";
};

template <>
struct PlainKind<Task> : PlainKindDefaults<Task> {
  static constexpr std::string_view with_it = ", and its stages, error records and memories";
};

template <>
struct PlainKind<Session> : PlainKindDefaults<Session> {
  static constexpr std::string_view with_it = ", and all its memories";
};

template <>
struct PlainKind<ConsolidationTask> : PlainKindDefaults<ConsolidationTask> {
  static constexpr std::string_view parameter = "task";
  static constexpr std::string_view plural = "tasks";
  static constexpr std::array filters = {
      params::word("agent", kAgents, "Only those of this agent"),
      params::word("status", kTaskStatuses, "Only those that stand so"),
      params::word("approval", kApprovals, "Only those that wait so for a person"),
      params::text("label", "One that the task must have, as urgency:high"),
      params::text("memory", "Of this memory: id or external id"),
  };
  static Result<ConsolidationTaskFilter> filter(const Tenant& tenant, const Arguments& given);
  static void append(std::string& out, std::string_view, const ConsolidationTask& task) {
    out += to_json(task);
  }
};

template <>
struct PlainKind<ConsolidationJob> : PlainKindDefaults<ConsolidationJob> {
  static constexpr std::string_view plural = "jobs";
  static constexpr std::array filters = {params::text("project_id", "Of this project alone")};
  static Result<ConsolidationJobFilter> filter(const Tenant&, const Arguments& given) {
    return ConsolidationJobFilter{given.text("project_id")};
  }
  static void append(std::string& out, std::string_view, const ConsolidationJob& job) {
    out += to_json(job);
  }
  static void remark(const Tenant& tenant, const Running& running) {
    remark_missing_project(tenant, running.arguments.text("project_id"), running.answer.remarks);
  }
};

template <>
struct PlainKind<Relation> : PlainKindDefaults<Relation> {
  static constexpr std::array filters = {
      params::text("id", "Only those of this memory: id or external id")};
  static Result<RelationFilter> filter(const Tenant& tenant, const Arguments& given);
};

}  // namespace tulving::operations
