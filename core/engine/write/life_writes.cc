#include "core/engine/write/life_writes.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "core/base/check.h"
#include "core/engine/write/memory_writes.h"
#include "tulving/json.h"

namespace tulving::engine {
namespace {

using model::LifeEvent;

// The name of the version that a memory's history keeps.
std::string_view history_name(LifeEvent event) {
  switch (event) {
    case LifeEvent::kCollect:
    case LifeEvent::kExpire:
      return "gc";
    default:
      return model::to_string(event);
  }
}

void set_status(Memory& memory, MemoryStatus status, Timestamp now) {
  TULVING_DCHECK(memory.status != status);  // Or its time would say when it was asked again.
  if (status == MemoryStatus::kArchived) memory.archived_at = now;
  if (status == MemoryStatus::kDeleted) memory.deleted_at = now;
  if (status == MemoryStatus::kPromoted && !memory.promoted_at) memory.promoted_at = now;
  if (memory.status == MemoryStatus::kArchived && status != MemoryStatus::kDeleted) {
    memory.archived_at.reset();
    memory.consolidated_into_id = {};  // It stands for itself again.
  }
  memory.status = status;
  memory.updated_at = now;
}

// What gc asks of a memory and no more: maintenance looks at each archived one at each tick.
Memory life_of(const storage::MemoryRecord& record) {
  Memory memory;
  memory.id = record.id();
  memory.revision = record.revision();
  memory.status = record.status();
  memory.updated_at = record.updated_at();
  memory.archived_at = record.archived_at();
  memory.expires_at = record.expires_at();
  memory.is_critical = record.is_critical();
  return memory;
}

// What would become of one archived or expired memory.
GcItem item_of(const Memory& memory, Timestamp now) {
  const model::LifeContext context = model::life_context(memory, now);
  const bool is_expired = memory.expires_at && *memory.expires_at <= now;
  const LifeEvent event = is_expired ? LifeEvent::kExpire : LifeEvent::kCollect;
  GcItem item{memory.id, GcReason::kArchived, context.archived_at, memory.revision};
  if (is_expired) {
    item.reason = GcReason::kExpired;
    item.since = *memory.expires_at;
  }
  if (!model::next_status(memory.status, event, context)) {
    item.reason = memory.is_critical ? GcReason::kCritical : GcReason::kRecoverable;
  }
  return item;
}

bool earlier(const GcItem& a, const GcItem& b) {
  return std::tie(a.since, a.id) < std::tie(b.since, b.id);
}

Roaring gc_candidates(const TenantState& tenant, Timestamp now) {
  const auto with_status = [&](MemoryStatus status) {
    const Roaring* rows = tenant.attributes.find(number_of(Field::kStatus), to_string(status));
    return rows == nullptr ? Roaring() : *rows;
  };
  Roaring rows = tenant.expired_rows(now);
  rows -= with_status(MemoryStatus::kDeleted);
  rows |= with_status(MemoryStatus::kArchived);
  TULVING_DCHECK(rows.isSubset(tenant.memories.rows()));
  return rows;
}

}  // namespace

Status check_life_event(const Memory& memory, LifeEvent event, Timestamp now) {
  auto next = model::next_status(memory.status, event, model::life_context(memory, now));
  if (next) return {};
  Error error = next.error();
  error.message = fmt::format("memory {}: {}", memory.id.to_string(), error.message);
  return error;
}

Status stage_life_event(Transaction& transaction, Memory memory, LifeEvent event) {
  const Timestamp now = transaction.now();
  if (auto status = check_life_event(memory, event, now); !status) return status;
  const MemoryStatus next =
      *model::next_status(memory.status, event, model::life_context(memory, now));
  if (next == memory.status) return {};
  set_status(memory, next, now);
  return transaction.put_memory(std::move(memory), history_name(event));
}

Status stage_life_event(Transaction& transaction, const Uuid& id, LifeEvent event) {
  const RecordPtr present = transaction.memory(id);
  if (!present) return no_such_memory(transaction, id);
  return stage_life_event(transaction, present->to_memory(), event);
}

Status stage_touch(Transaction& transaction, const Uuid& id, const TouchOptions& options) {
  const Timestamp now = transaction.now();
  const RecordPtr present = transaction.memory(id);
  if (!present) return no_such_memory(transaction, id);
  Memory memory = present->to_memory();
  if (auto status = check_life_event(memory, LifeEvent::kReinforce, now); !status) return status;
  if (memory.use_count < std::numeric_limits<std::int32_t>::max()) ++memory.use_count;
  memory.last_used = now;
  const bool may_live_on = memory.expires_at && *memory.expires_at > now;
  if (options.expires_after && may_live_on) {
    memory.expires_at = std::max(*memory.expires_at, now + *options.expires_after);
  }
  return transaction.put_memory(std::move(memory), {});
}

GcReport plan_gc(const TenantState& tenant, const GcRequest& request, Timestamp now) {
  GcReport report;
  report.now = now;
  report.dry_run = request.dry_run;
  for (const std::uint32_t row : gc_candidates(tenant, now)) {
    const GcItem item = item_of(life_of(*tenant.memories.record(row)), now);
    const bool goes = item.reason == GcReason::kArchived || item.reason == GcReason::kExpired;
    (goes ? report.deleted : report.kept).push_back(item);
  }
  std::sort(report.deleted.begin(), report.deleted.end(), earlier);
  for (std::size_t i = request.limit; i < report.deleted.size(); ++i) {
    report.kept.push_back(report.deleted[i]);
    report.kept.back().reason = GcReason::kOverLimit;
  }
  report.deleted.resize(std::min<std::size_t>(report.deleted.size(), request.limit));
  TULVING_DCHECK(std::ranges::none_of(
      report.deleted, [](const GcItem& item) { return item.reason == GcReason::kCritical; }));
  std::sort(report.kept.begin(), report.kept.end(), earlier);
  return report;
}

Status stage_gc(Transaction& transaction, const GcReport& report) {
  for (const GcItem& item : report.deleted) {
    transaction.note_collected(item.id);
    // Judged by plan_gc() at the request's time, under the same lock.
    TULVING_DCHECK(transaction.memory(item.id) &&
                   transaction.memory(item.id)->revision() == item.revision);
    Memory memory = transaction.memory(item.id)->to_memory();
    set_status(memory, MemoryStatus::kDeleted, transaction.now());
    const LifeEvent event =
        item.reason == GcReason::kExpired ? LifeEvent::kExpire : LifeEvent::kCollect;
    if (auto status = transaction.put_memory(std::move(memory), history_name(event)); !status) {
      return status;
    }
  }
  return {};
}

RecordPtr heir_of(const Transaction& transaction, const RecordPtr& archived) {
  std::set<Uuid> seen;  // Imports can make a ring of what no merge would.
  RecordPtr heir = archived;
  while (heir && heir->status() == MemoryStatus::kArchived && seen.insert(heir->id()).second) {
    const Uuid into = heir->consolidated_into_id();
    heir = into.is_nil() ? nullptr : transaction.memory(into);
  }
  const bool is_visible = heir && (heir->status() == MemoryStatus::kActive ||
                                   heir->status() == MemoryStatus::kPromoted);
  return is_visible ? heir : nullptr;
}

}  // namespace tulving::engine

namespace tulving {

std::string_view to_string(GcReason reason) noexcept {
  static constexpr std::array<std::string_view, 5> kNames = {"archived", "expired", "recoverable",
                                                             "critical", "over limit"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace tulving
