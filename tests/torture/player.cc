#include "tests/torture/player.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/files/directories.h"
#include "tests/torture/facts.h"

namespace tulving::torture {
namespace {

constexpr std::int64_t kStartMicros = 1'770'000'000'000'000;  // 2026-02-02

Timestamp time_of(std::int64_t second) {
  return Timestamp(std::chrono::microseconds(kStartMicros + second * 1'000'000));
}

Memory memory_of(const NewMemory& made) {
  Memory memory;
  memory.external_id = made.name;
  memory.text = made.text;
  memory.session_id = made.session;
  if (!made.tag.empty()) memory.tags = {made.tag};
  if (made.vector != 0) memory.embeddings = {{"default", vector_of(made.vector)}};
  return memory;
}

std::vector<Memory> memories_of(const std::vector<NewMemory>& made) {
  std::vector<Memory> memories;
  for (const NewMemory& one : made) memories.push_back(memory_of(one));
  return memories;
}

template <class T>
Status status_of(const Result<T>& result) {
  return result ? Status() : Status(result.error());
}

}  // namespace

Ground Ground::machine() {
  return {StoreFiles(),
          [](const std::filesystem::path& log, const storage::RocksdbJournalOptions& options) {
            return storage::open_rocksdb_journal(log, options);
          },
          FileSystem::machine()};
}

Player::Player(Ground ground, std::filesystem::path directory, const PlayerOptions& options)
    : ground_(std::move(ground)), directory_(std::move(directory)), options_(options) {}
Player::~Player() = default;

void Player::expect(bool holds, std::string what) {
  if (!holds && wrong_.empty()) wrong_ = std::move(what);
}

Tenant Player::tenant(int number) {
  return store_->tenant(kTenantNames[static_cast<std::size_t>(number)]).value();
}

std::filesystem::path Player::snapshot_path(std::uint64_t number) const {
  return directory_ / fmt::format("snapshot{}", number);
}

Status Player::open() {
  StoreOptions options;
  options.durability = options_.durability;
  options.sync_interval_ms = 5;
  options.vectors.exact_rows_max = 16;  // So that there is a graph.
  options.vectors.m = 8;
  options.vectors.ef_construction = 32;
  options.clock = [this] { return time_of(clock_.load()); };
  auto store = ground_.files.open(directory_ / "db", options);
  if (!store) return store.error();
  store_.emplace(*std::move(store));
  return {};
}

Status Player::start_maintenance() {
  if (!options_.has_maintenance) return {};
  MaintenanceOptions maintenance;
  maintenance.tick = std::chrono::milliseconds(1);
  maintenance.interval = std::chrono::seconds(0);
  maintenance.new_memories = 0;
  maintenance.urgent = maintenance.notes = maintenance.jobs = false;
  return store_->start_maintenance(maintenance);
}

Status Player::close() {
  const Status status = store_->close();
  store_.reset();
  return status;
}

Status Player::play(const Operation& operation, const Model& model) {
  set_clock(operation.number);
  Tenant tenant = this->tenant(operation.tenant);
  switch (operation.step) {
    case Step::kAdd:
    case Step::kAddErased:
    case Step::kRevive:
    case Step::kExpiring:
      return add(operation);
    case Step::kRetry:
      return retry(operation.tenant, operation.key, operation.memories);
    case Step::kImport:
      return import(operation);
    case Step::kRelate:
    case Step::kUnrelate:
    case Step::kPutSession:
    case Step::kEraseSession:
    case Step::kPutTask:
    case Step::kEraseTask:
      return put_record(operation);
    case Step::kApplyPlan:
      return apply_plan(operation);
    case Step::kUndoPlan:
      return status_of(tenant.undo_plan(Uuid::derive(tenant.id(), operation.key)));
    case Step::kSnapshot:
      return take_snapshot(operation.number);
    case Step::kRestore:
      return restore(operation, model);
    case Step::kReopen:
      return reopen(false);
    case Step::kCheckpoint:
      return reopen(true);
    case Step::kMakeDurable:
      return store_->make_durable();
    case Step::kAge:
      return age();
    default:
      return change(operation);
  }
}

Status Player::add(const Operation& operation) {
  Tenant tenant = this->tenant(operation.tenant);
  std::vector<Memory> memories = memories_of(operation.memories);
  if (operation.step == Step::kExpiring) memories[0].expires_at = time_of(clock_ - 1);
  AddOptions options;
  options.idempotency_key = operation.key;
  options.allow_erased = operation.step == Step::kRevive;
  return status_of(tenant.add(memories, options));
}

Status Player::retry(int tenant, const std::string& key, const std::vector<NewMemory>& memories) {
  AddOptions options;
  options.idempotency_key = key;
  const std::uint64_t before = store_->revision();
  const auto again = this->tenant(tenant).add(memories_of(memories), options);
  if (!again) return again.error();
  expect(store_->revision() == before || options_.has_maintenance,
         fmt::format("a retry with \"{}\" wrote something", key));
  for (std::size_t i = 0; i < memories.size(); ++i) {
    const Uuid id = Uuid::derive(kTenantNames[static_cast<std::size_t>(tenant)], memories[i].name);
    expect(i < again->size() && (*again)[i].id == id,
           fmt::format("a retry with \"{}\" answers with another memory", key));
  }
  return {};
}

Status Player::import(const Operation& operation) {
  Tenant tenant = this->tenant(operation.tenant);
  const NewMemory& made = operation.memories[0];
  Session session;
  session.session_id = made.session;
  session.summary = operation.text;
  std::vector<Record> records = {session, memory_of(made)};
  if (!operation.names.empty()) {
    Relation relation;
    relation.source_id = Uuid::derive(tenant.id(), made.name);
    relation.target_id = Uuid::derive(tenant.id(), operation.names[0]);
    relation.strength = 0.5;
    records.emplace_back(relation);
  }
  return status_of(tenant.write(records));
}

Status Player::change(const Operation& operation) {
  Tenant tenant = this->tenant(operation.tenant);
  std::vector<Uuid> ids;
  for (const auto& name : operation.names) ids.push_back(Uuid::derive(tenant.id(), name));
  MemoryPatch patch;
  switch (operation.step) {
    case Step::kUpdate:
      if (!operation.text.empty()) {
        patch.text = operation.text;
        if (operation.vector != 0) patch.embedding = {"default", vector_of(operation.vector)};
      } else {
        patch.tags = {operation.key};
        patch.priority = 1 + static_cast<std::int32_t>(operation.vector % 10);
      }
      return status_of(tenant.update(ids[0], patch));
    case Step::kTouch:
      return tenant.touch(ids);
    case Step::kForget:
      return tenant.forget(ids[0]);
    case Step::kErase:
      return tenant.erase(ids[0]);
    case Step::kArchive:
      return tenant.archive(ids[0]);
    default:
      return tenant.recover(ids[0]);
  }
}

Status Player::put_record(const Operation& operation) {
  Tenant tenant = this->tenant(operation.tenant);
  Relation relation;
  Session session;
  ConsolidationTask task;
  switch (operation.step) {
    case Step::kRelate:
      relation.source_id = Uuid::derive(tenant.id(), operation.names[0]);
      relation.target_id = Uuid::derive(tenant.id(), operation.names[1]);
      relation.strength = 0.25;
      return status_of(tenant.put(relation));
    case Step::kUnrelate:
      return unrelate(tenant, operation.names[0], operation.names[1]);
    case Step::kPutSession:
      session.session_id = operation.names[0];
      session.summary = operation.text;
      return status_of(tenant.put(session));
    case Step::kEraseSession:
      return tenant.erase<Session>(operation.names[0]);
    case Step::kPutTask:
      task.task_id = operation.key;
      task.title = operation.text;
      task.action = "link";
      task.memory_ids = {Uuid::derive(tenant.id(), operation.names[0])};
      return status_of(tenant.put(task));
    default:
      return tenant.erase<ConsolidationTask>(operation.key);
  }
}

Status Player::apply_plan(const Operation& operation) {
  Tenant tenant = this->tenant(operation.tenant);
  auto before = tenant.get(Uuid::derive(tenant.id(), operation.names[0]));
  if (!before) return before.error();
  Memory after = *before;
  after.text = operation.text;
  Memory made = memory_of(operation.memories[0]);
  made.id = Uuid::derive(tenant.id(), made.external_id);
  Relation relation;
  relation.source_id = made.id;
  relation.target_id = before->id;
  Plan plan;
  plan.id = Uuid::derive(tenant.id(), operation.key);
  plan.origin = "torture";
  plan.changes = {{{}, made}, {*before, after}, {{}, relation}};
  return status_of(tenant.apply_plan(std::move(plan)));
}

}  // namespace tulving::torture
