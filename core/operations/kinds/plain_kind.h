#pragma once

#include <array>
#include <string>

#include "core/kinds/kinds.h"
#include "core/operations/answer.h"
#include "core/operations/remarks.h"
#include "core/operations/table/words.h"
#include "tulving/operations.h"

namespace tulving::operations {

/// What the operations of a kind cannot take from its declaration; most kinds need none of it.
///   plural      the member of a list's answer
///   with_it     help of erase: what goes with it
///   filters     parameters of a list, which `filter` reads
///   append      how one is shown
///   remark      what a person is told beside a list that is empty
template <class Record>
struct PlainKindDefaults {
  static constexpr std::string_view plural = kinds::Kind<Record>::plural;
  static constexpr std::string_view with_it = "";
  static constexpr std::array<Param, 0> filters = {};

  static Result<typename FilterOf<Record>::Type> filter(const Tenant&, const Arguments&) {
    return typename FilterOf<Record>::Type{};
  }
  static void append(std::string& out, std::string_view tenant_id, const Record& record) {
    append_record(out, tenant_id, record);
  }
  static void remark(const Tenant&, const Running&) {}
};

template <class Record>
struct PlainKind : PlainKindDefaults<Record> {};

template <>
struct PlainKind<Session> : PlainKindDefaults<Session> {
  static constexpr std::string_view with_it = ", and all its memories";
};

template <>
struct PlainKind<ConsolidationTask> : PlainKindDefaults<ConsolidationTask> {
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
