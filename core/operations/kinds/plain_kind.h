#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/operations/answer.h"
#include "core/operations/table/words.h"
#include "tulving/operations.h"

namespace tulving::operations {

/// What the operations of a kind need to know of it: names, and the calls that they stand for.
///   name, plural   of its operations ("session.put") and of the member of a list's answer
///   what           in help: "a session"
///   key            the parameter that says which; its value is what `get` and `erase` take
///   list_params    beside the tenant; `list` reads them
///   is_written     whether there are put and erase
template <class Record>
struct PlainKind;

template <>
struct PlainKind<Session> {
  static constexpr std::string_view name = "session", plural = "sessions", what = "a session";
  static constexpr Param key = params::text("session_id", "Its id");
  static constexpr std::array<Param, 0> list_params = {};
  static constexpr bool is_written = true;
  static constexpr std::string_view with_it = ", and all its memories";

  static const std::string& key_of(const Session& session) { return session.session_id; }
  static void append(std::string& out, std::string_view tenant_id, const Session& session) {
    append_record(out, tenant_id, session);
  }
  static Result<AddResult> put(Tenant& tenant, const Session& session) {
    return tenant.put_session(session);
  }
  static Result<Session> get(const Tenant& tenant, const std::string& id) {
    return tenant.get_session(id);
  }
  static Result<std::vector<Session>> list(const Tenant& tenant, const Running&) {
    return tenant.sessions();
  }
  static Status erase(Tenant& tenant, const std::string& id) { return tenant.erase_session(id); }
};

template <>
struct PlainKind<ConsolidationTask> {
  static constexpr std::string_view name = "consolidation_task", plural = "tasks",
                                    what = "a task of consolidation";
  static constexpr Param key = params::text("task_id", "Its id");
  static constexpr std::array list_params = {
      params::word("agent", kAgents, "Only those of this agent"),
      params::word("status", kTaskStatuses, "Only those that stand so"),
      params::word("approval", kApprovals, "Only those that wait so for a person"),
      params::text("label", "One that the task must have, as urgency:high"),
      params::text("memory", "Of this memory: id or external id"),
      params::integer("limit", "Tasks at most").range(1, 1'000'000).by_default("1000"),
  };
  static constexpr bool is_written = false;

  static void append(std::string& out, std::string_view, const ConsolidationTask& task) {
    out += to_json(task);
  }
  static Result<ConsolidationTask> get(const Tenant& tenant, const std::string& id) {
    return tenant.get_task(id);
  }
  static Result<std::vector<ConsolidationTask>> list(const Tenant& tenant, const Running& running);
};

template <>
struct PlainKind<ConsolidationJob> {
  static constexpr std::string_view name = "consolidation_job", plural = "jobs",
                                    what = "a consolidation job";
  static constexpr Param key = params::uuid("job_id", "Its id");
  static constexpr std::array list_params = {params::text("project_id", "Of this project alone")};
  static constexpr bool is_written = false;

  static void append(std::string& out, std::string_view, const ConsolidationJob& job) {
    out += to_json(job);
  }
  static Result<ConsolidationJob> get(const Tenant& tenant, const Uuid& id) {
    return tenant.get_job(id);
  }
  static Result<std::vector<ConsolidationJob>> list(const Tenant& tenant, const Running& running);
};

}  // namespace tulving::operations
