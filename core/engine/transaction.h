#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/engine/catalog.h"
#include "core/engine/tenant_state.h"
#include "storage/journal.h"
#include "storage/keys.h"
#include "tulving/records.h"
#include "tulving/result.h"

namespace tulving::engine {

/// The changes of one write operation to one tenant, staged so that later parts see earlier ones,
/// then put into one log batch and, once that is appended, applied to RAM. A transaction that is
/// dropped has changed nothing.
///
/// Used by the store's one writer, which holds the write mutex: so it reads the tenant's state
/// without the tenant's own mutex, and takes that only in apply().
class Transaction {
 public:
  struct Context {
    Catalog& catalog;
    const storage::Journal& journal;
    const StoreOptions& options;
    Timestamp now;
    std::uint64_t revision;  ///< What this write will be, if it commits.
  };
  Transaction(const Context& context, std::shared_ptr<TenantState> tenant);

  [[nodiscard]] Timestamp now() const { return context_.now; }
  [[nodiscard]] std::uint64_t revision() const { return context_.revision; }
  [[nodiscard]] const std::string& tenant_id() const { return tenant_->id; }
  [[nodiscard]] const storage::Journal& journal() const { return context_.journal; }
  [[nodiscard]] std::uint32_t tenant_number() const { return number_; }
  [[nodiscard]] std::size_t memory_count() const;

  // The tenant as this transaction leaves it.
  [[nodiscard]] RecordPtr memory(const Uuid& id) const;  ///< Null: none.
  [[nodiscard]] RecordPtr duplicate(std::string_view agent_id, std::string_view content_hash) const;
  [[nodiscard]] std::optional<Session> session(std::string_view session_id) const;
  [[nodiscard]] std::optional<Relation> relation(const Uuid& id) const;
  [[nodiscard]] std::vector<Relation> relations_of(const Uuid& memory_id) const;
  [[nodiscard]] std::vector<Uuid> memories_where(std::uint16_t field, std::string_view value) const;
  [[nodiscard]] bool is_erased(const Uuid& id) const;
  [[nodiscard]] bool is_text_erased(std::string_view agent_id, std::string_view content_hash) const;
  /// The stored vectors of a memory, read from the log, staged ones on top.
  Result<std::vector<Embedding>> embeddings(const Uuid& id) const;

  [[nodiscard]] std::optional<ConsolidationTask> task(std::string_view task_id) const;
  /// Every task, by id.
  [[nodiscard]] std::vector<ConsolidationTask> tasks() const;
  /// Read from the log. kNotFound.
  Result<Plan> plan(const Uuid& id) const;
  [[nodiscard]] std::optional<ConsolidationJob> job(const Uuid& id) const;

  // Staging.
  /// Puts `memory` as it is, with this revision; its embeddings replace those of their models.
  /// `history_operation` not empty: the version before is kept, ended by that operation.
  /// kInvalidArgument: an embedding's dimension is not its model's.
  Status put_memory(Memory memory, std::string_view history_operation);
  /// Erases a memory for good: its vectors, relations, history, and its content in plans. What was
  /// made from it (merges, patterns) goes too, and the other memories that went into a merge come
  /// back: nothing of them is lost. Leaves a tombstone that keeps id and text from coming back.
  Status erase_memory(const Uuid& id);
  /// Takes back a memory that a plan made. Its tombstone tells syncs, and bans nothing.
  Status retract_memory(const Uuid& id);
  void put_session(Session session);
  Status erase_session(const std::string& session_id);
  void put_relation(Relation relation);
  void erase_relation(const Relation& relation);
  void put_task(ConsolidationTask task);
  void erase_task(const ConsolidationTask& task);
  void put_plan(Plan plan);
  void put_job(ConsolidationJob job);
  void put_idempotency(std::string_view key, const storage::IdempotencyRecord& record);

  [[nodiscard]] bool empty() const;
  /// The log batch of everything staged.
  [[nodiscard]] const storage::JournalBatch& batch() const { return batch_; }
  /// Applies everything staged to RAM; call once, after the batch was appended.
  void apply();

 private:
  Result<std::uint16_t> model_number(const Embedding& embedding);
  Status remove_memory(const Uuid& id, std::uint64_t text_digest);
  Status erase_derived(const Uuid& id);
  Status restore_source(const Uuid& id, const Uuid& merge);
  Status scrub_plans(const Uuid& id);
  void close_tasks_of(const Uuid& id);
  void put_tombstone(storage::RecordKind kind, const Uuid& id, storage::Tombstone tombstone);
  void drop_tombstone(const Uuid& id, std::string_view agent_id, std::string_view content_hash);
  MemoryChange& change_of(const Uuid& id);

  Context context_;
  std::shared_ptr<TenantState> tenant_;
  std::uint32_t number_;
  bool is_new_tenant_;
  storage::JournalBatch batch_;

  std::vector<MemoryChange> memories_;
  absl::flat_hash_map<Uuid, std::size_t, UuidHash> memory_index_;
  absl::flat_hash_map<std::uint64_t, Uuid> staged_texts_;  ///< By content_digest().
  std::map<std::string, std::optional<Session>, std::less<>> sessions_;
  std::map<Uuid, std::pair<Relation, bool>> relations_;  ///< Second: it is put, not erased.
  std::map<std::string, std::optional<ConsolidationTask>, std::less<>> tasks_;
  std::map<Uuid, Plan> plans_;
  std::map<Uuid, ConsolidationJob> jobs_;
  std::vector<storage::ModelRow> models_;
  std::vector<std::pair<Uuid, std::uint64_t>> tombstones_;  ///< Of memories: id, content digest.
  std::vector<std::pair<Uuid, std::uint64_t>> revivals_;    ///< Tombstones dropped.
};

/// Ids of records that have no UUID of their own.
[[nodiscard]] Uuid task_row_id(std::string_view tenant_id, std::string_view task_id);
[[nodiscard]] Uuid session_row_id(std::string_view tenant_id, std::string_view session_id);
[[nodiscard]] Uuid relation_id(std::string_view tenant_id, const Relation& relation);

}  // namespace tulving::engine
