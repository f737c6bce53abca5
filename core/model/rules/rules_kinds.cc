// The rules of plain kinds: of each field by its declaration, then those that fields have together.

#include <fmt/format.h>

#include "core/kinds/kinds.h"
#include "core/model/rules/field_rules.h"
#include "core/model/rules/rules.h"

namespace tulving::model {
namespace {

template <class Record>
bool check_whole(Checker&, const Record&) {
  return true;
}

bool check_whole(Checker& check, const Relation& relation) {
  if (relation.source_id != relation.target_id) return true;
  return check.fail("target_id",
                    fmt::format("target_id is {}, the same as source_id; a memory cannot be "
                                "related to itself",
                                relation.target_id.to_string()));
}

// What a status asks of the other members, as the tracker and Postgres' readers expect it.
bool check_whole(Checker& check, const ConsolidationTask& task) {
  const bool is_closed = task.status == ConsolidationTaskStatus::kClosed;
  if (is_closed != task.closed_at.has_value()) {
    return check.fail("closed_at",
                      fmt::format("closed_at is {} and status is {}; closed tasks have one, others "
                                  "have none",
                                  is_closed ? "missing" : "set", to_string(task.status)));
  }
  if (task.status == ConsolidationTaskStatus::kBlocked && task.error.empty()) {
    return check.fail("error", "error is missing; a blocked task says what blocks it");
  }
  if (task.claimed_by.empty() == (task.status == ConsolidationTaskStatus::kInProgress)) {
    return check.fail("claimed_by", fmt::format("claimed_by is \"{}\" and status is {}; a task in "
                                                "progress has a worker, others have none",
                                                task.claimed_by, to_string(task.status)));
  }
  return true;
}

bool check_whole(Checker& check, const ConsolidationJob& job) {
  const JobScope& scope = job.scope;
  if (!check.in_range("retry_count", std::int64_t{job.retry_count}, 0, job.retries_max)) {
    return false;
  }
  if (!scope.created_from || !scope.created_until || *scope.created_from < *scope.created_until) {
    return true;
  }
  return check.fail(
      "scope.created_until",
      fmt::format("scope.created_until is {}; must be after created_from, {}",
                  format_time(*scope.created_until), format_time(*scope.created_from)));
}

}  // namespace

template <class Record>
Status check_record(const Record& record, const Limits& limits) {
  Checker check(limits.record_bytes_max);
  if (check_fields(check, record) && check_whole(check, record) && check.total()) return {};
  return std::move(check).take_error();
}

// Makes the check of every plain kind here.
template <class Kinds>
struct ChecksOf;
template <class... Records>
struct ChecksOf<kinds::KindList<Records...>> {
  static constexpr std::tuple all{&check_record<Records>...};
};
template struct ChecksOf<kinds::PlainKinds>;

}  // namespace tulving::model
