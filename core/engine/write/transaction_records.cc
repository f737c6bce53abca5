// Staging of the records that are looked up but not searched.

#include "core/engine/write/transaction.h"

namespace tulving::engine {

using storage::RecordKind;
using storage::Table;

void Transaction::put_session(Session session) {
  session.revision = context_.revision;
  const Uuid row_id = session_row_id(tenant_->id, session.session_id);
  batch_.erase(Table::kRecords, storage::record_key(number_, RecordKind::kTombstone, row_id));
  batch_.put(Table::kRecords, storage::record_key(number_, RecordKind::kSession, row_id),
             storage::encode_session(session));
  std::string session_id = session.session_id;
  sessions_[std::move(session_id)] = std::move(session);
}

Status Transaction::erase_session(const std::string& session_id) {
  auto ids = memories_where(number_of(Field::kSessionId), session_id);
  for (const auto& change : memories_) {
    if (change.after && !change.before && change.after->session_id() == session_id) {
      ids.push_back(change.after->id());
    }
  }
  for (const Uuid& id : ids) {
    const RecordPtr current = memory(id);
    if (!current || current->session_id() != session_id) continue;
    if (auto status = erase_memory(id); !status) return status;
  }
  const Uuid row_id = session_row_id(tenant_->id, session_id);
  batch_.erase(Table::kRecords, storage::record_key(number_, RecordKind::kSession, row_id));
  put_tombstone(RecordKind::kSession, row_id, {context_.revision, 0, session_id, 0});
  sessions_[session_id] = std::nullopt;
  return {};
}

void Transaction::put_relation(Relation relation) {
  relation.id = relation_id(tenant_->id, relation);
  relation.revision = context_.revision;
  batch_.erase(Table::kRecords, storage::record_key(number_, RecordKind::kTombstone, relation.id));
  batch_.put(Table::kRecords, storage::record_key(number_, RecordKind::kRelation, relation.id),
             storage::encode_relation(relation));
  const Uuid id = relation.id;
  relations_[id] = {std::move(relation), true};
}

void Transaction::erase_relation(const Relation& relation) {
  batch_.erase(Table::kRecords, storage::record_key(number_, RecordKind::kRelation, relation.id));
  put_tombstone(RecordKind::kRelation, relation.id, {context_.revision, 0, {}, 0});
  relations_[relation.id] = {relation, false};
}

void Transaction::put_task(ConsolidationTask task) {
  task.revision = context_.revision;
  const Uuid row_id = task_row_id(tenant_->id, task.task_id);
  batch_.erase(Table::kRecords, storage::record_key(number_, RecordKind::kTombstone, row_id));
  batch_.put(Table::kRecords, storage::record_key(number_, RecordKind::kConsolidationTask, row_id),
             storage::encode_task(task));
  std::string task_id = task.task_id;
  tasks_[std::move(task_id)] = std::move(task);
}

void Transaction::erase_task(const ConsolidationTask& task) {
  const Uuid row_id = task_row_id(tenant_->id, task.task_id);
  batch_.erase(Table::kRecords,
               storage::record_key(number_, RecordKind::kConsolidationTask, row_id));
  put_tombstone(RecordKind::kConsolidationTask, row_id, {context_.revision, 0, task.task_id, 0});
  tasks_[task.task_id] = std::nullopt;
}

void Transaction::put_plan(Plan plan) {
  plan.revision = context_.revision;
  batch_.put(Table::kRecords, storage::record_key(number_, RecordKind::kPlan, plan.id),
             storage::encode_plan(plan));
  const Uuid id = plan.id;
  plans_[id] = std::move(plan);
}

void Transaction::put_job(ConsolidationJob job) {
  job.revision = context_.revision;
  batch_.put(Table::kRecords, storage::record_key(number_, RecordKind::kConsolidationJob, job.id),
             storage::encode_job(job));
  const Uuid id = job.id;
  jobs_[id] = std::move(job);
}

void Transaction::put_idempotency(std::string_view key, const storage::IdempotencyRecord& record) {
  batch_.put(
      Table::kRecords,
      storage::record_key(number_, RecordKind::kIdempotency,
                          Uuid::derive(tenant_->id, std::string("idempotency/").append(key))),
      storage::encode_idempotency(record));
}

void Transaction::put_vaults(std::vector<std::string> vaults) {
  batch_.put(Table::kMeta, storage::tenant_key(number_),
             storage::encode_tenant({number_, context_.revision, tenant_->id, vaults}));
  vaults_ = std::move(vaults);
}

}  // namespace tulving::engine
