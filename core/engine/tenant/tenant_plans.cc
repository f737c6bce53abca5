#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/engine/plans/plan_writes.h"
#include "core/engine/record/not_found.h"
#include "core/engine/store/store_impl.h"
#include "core/model/rules/rules.h"

// Tenant's plans. Their rows' contents are in plan_writes.

namespace tulving {
namespace {

Error not_found(std::string_view what, const std::string& tenant, const Uuid& id) {
  return {ErrorCode::kNotFound,
          fmt::format("tenant \"{}\" has no {} {}", tenant, what, id.to_string()), "id"};
}

Status must_be_proposed(const Plan& plan, std::string_view what) {
  if (plan.status == PlanStatus::kProposed) return {};
  return Error{ErrorCode::kConflict,
               fmt::format("plan {} cannot be {}: it is {}", plan.id.to_string(), what,
                           to_string(plan.status))};
}

// Checks a caller's plan and takes out what is the store's to say.
Status begin(Plan& plan) {
  if (plan.id.is_nil()) plan.id = Uuid::random();
  plan.applied_at.reset();
  plan.undone_at.reset();
  plan.erased.clear();
  return model::check_plan(plan);
}

// Runs `stage` as one write and returns what RAM then says of the plan.
Result<PlanSummary> write_plan(const auto& tenant, const Uuid& id,
                               const std::function<Status(engine::Transaction&)>& stage) {
  if (auto status = tenant.write(stage); !status) return status.error();
  const auto reading = tenant.tenant->read();
  if (tenant.tenant->is_dropped()) return engine::dropped(tenant.tenant->id());
  return reading->plans.at(id).summary;  // Plans are never erased, but with their tenant.
}

}  // namespace

Result<PlanSummary> Tenant::propose_plan(Plan plan) {
  if (auto status = begin(plan); !status) return status.error();
  const Uuid id = plan.id;
  return write_plan(*impl_, id, [&](engine::Transaction& transaction) -> Status {
    if (const auto present = transaction.plan(id);
        !present && present.error().code != ErrorCode::kNotFound) {
      return present.error();
    } else if (present) {
      return Error{ErrorCode::kConflict, fmt::format("plan {} is there already", id.to_string()),
                   "id"};
    }
    return engine::stage_propose(transaction, std::move(plan),
                                 impl_->store->options.text_bytes_max);
  });
}

Result<PlanSummary> Tenant::apply_plan(Plan plan) {
  if (auto status = begin(plan); !status) return status.error();
  const Uuid id = plan.id;
  return write_plan(*impl_, id, [&](engine::Transaction& transaction) -> Status {
    if (const auto present = transaction.plan(id)) {
      if (auto status = must_be_proposed(*present, "applied"); !status) return status;
      plan.created_at = present->created_at;
    } else if (present.error().code != ErrorCode::kNotFound) {
      return present.error();
    } else {
      plan.created_at = transaction.now();
    }
    return engine::stage_apply(transaction, std::move(plan), impl_->store->options.text_bytes_max);
  });
}

Result<PlanSummary> Tenant::apply_plan(Uuid id) {
  return write_plan(*impl_, id, [&](engine::Transaction& transaction) -> Status {
    auto plan = transaction.plan(id);
    if (!plan) return plan.error();
    if (auto status = must_be_proposed(*plan, "applied"); !status) return status;
    return engine::stage_apply(transaction, *std::move(plan), impl_->store->options.text_bytes_max);
  });
}

Result<PlanSummary> Tenant::undo_plan(Uuid id) {
  return write_plan(*impl_, id, [&](engine::Transaction& transaction) -> Status {
    auto plan = transaction.plan(id);
    if (!plan) return plan.error();
    return engine::stage_undo(transaction, *std::move(plan));
  });
}

Result<PlanSummary> Tenant::drop_plan(Uuid id) {
  return write_plan(*impl_, id, [&](engine::Transaction& transaction) -> Status {
    auto plan = transaction.plan(id);
    if (!plan) return plan.error();
    if (auto status = must_be_proposed(*plan, "dropped"); !status) return status;
    plan->status = PlanStatus::kDropped;
    plan->changes.clear();  // Nobody will ask for them, and they hold memories' texts.
    transaction.put_plan(*std::move(plan));
    return {};
  });
}

Result<Plan> Tenant::get_plan(Uuid id) const {
  std::string key;
  {
    auto reading = impl_->read();
    if (!reading) return reading.error();
    const engine::TenantState& tenant = **reading;
    if (!tenant.plans.contains(id)) return not_found("plan", this->id(), id);
    key = storage::record_key(*tenant.number, storage::RecordKind::kPlan, id);
  }
  auto bytes = impl_->store->journal->get(storage::Table::kRecords, key);
  if (!bytes) return bytes.error();
  if (!*bytes) return not_found("plan", this->id(), id);
  return storage::decode_plan(**bytes);
}

Result<std::vector<PlanSummary>> Tenant::plans() const {
  std::vector<PlanSummary> found;
  {
    auto reading = impl_->read();
    if (!reading) return reading.error();
    for (const auto& [id, head] : (*reading)->plans) found.push_back(head.summary);
  }
  std::sort(found.begin(), found.end(), [](const PlanSummary& a, const PlanSummary& b) {
    return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
  });
  return found;
}

}  // namespace tulving
