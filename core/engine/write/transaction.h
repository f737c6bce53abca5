#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/flat_hash.h"
#include "core/engine/state/catalog.h"
#include "core/engine/state/shared_tenant.h"
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
  Transaction(const Context& context, std::shared_ptr<SharedTenant> tenant);

  [[nodiscard]] Timestamp now() const { return context_.now; }
  [[nodiscard]] std::uint64_t revision() const { return context_.revision; }
  [[nodiscard]] const std::string& tenant_id() const { return tenant_->id; }
  [[nodiscard]] const StoreOptions& options() const { return context_.options; }
  [[nodiscard]] const storage::Journal& journal() const { return context_.journal; }
  [[nodiscard]] std::uint32_t tenant_number() const { return number_; }
  [[nodiscard]] const TenantState& tenant_before() const { return *tenant_; }
  [[nodiscard]] std::size_t memory_count() const;

  // The tenant as this transaction leaves it.
  [[nodiscard]] RecordPtr memory(const Uuid& id) const;  ///< Null: none.
  /// A shown memory that says the same; null: none.
  [[nodiscard]] RecordPtr duplicate(const Said& said) const;
  /// The memory with this external_id.
  [[nodiscard]] std::optional<Uuid> named(std::string_view external_id) const;
  /// The memory that a reference means: `id` itself where it is a memory's, else that of the memory
  /// whose name derives it, else still `id`.
  [[nodiscard]] Uuid referred(const Uuid& id) const;
  /// As the store has it before this write. Null: none.
  [[nodiscard]] RecordPtr memory_before(const Uuid& id) const;
  /// Every memory that this write puts or erases, in the order of staging. Valid until the next.
  [[nodiscard]] const std::vector<MemoryChange>& memory_changes() const { return memories_; }
  /// The merges, patterns and principles that name `id` as a source, ascending.
  [[nodiscard]] std::vector<Uuid> derived_of(const Uuid& id) const;
  /// A record of a plain kind. Empty: none.
  template <class Record>
  [[nodiscard]] std::optional<Record> get(kinds::KeyView<Record> key) const;
  /// All of a plain kind, by key.
  template <class Record>
  [[nodiscard]] std::vector<Record> all() const;
  [[nodiscard]] std::vector<Relation> relations_of(const Uuid& memory_id) const;
  [[nodiscard]] std::vector<Uuid> memories_where(std::uint16_t field, std::string_view value) const;
  [[nodiscard]] bool is_erased(const Uuid& id) const;
  /// By a release before format 3, whose tombstones name texts less surely than ids.
  [[nodiscard]] bool was_erased_before_format_3(const Uuid& id) const;
  [[nodiscard]] bool is_content_erased(const Said& said) const;
  /// It was taken back: by an undo, or as a merge that has no two sources left.
  [[nodiscard]] bool is_retracted(const Uuid& id) const;
  /// The stored vectors of a memory, read from the log, staged ones on top; by model.
  Result<std::vector<Embedding>> embeddings(const Uuid& id) const;
  /// The models of which the memory had a vector before this write, without reading any.
  [[nodiscard]] std::vector<std::string> models_before(const Uuid& id) const;
  /// Without the staged ones.
  Result<std::vector<Embedding>> embeddings_before(const Uuid& id) const;

  /// The tasks about a memory that are not closed, as they are once they are: without a worker, and
  /// with `why` as their error.
  [[nodiscard]] std::vector<ConsolidationTask> closed_tasks_of(const Uuid& memory_id,
                                                               std::string_view why) const;
  /// Read from the log. kNotFound.
  Result<Plan> plan(const Uuid& id) const;

  // What references.h asks of a record of any kind.
  template <class Record>
  [[nodiscard]] bool has(kinds::KeyView<Record> key) const;
  template <class Record>
  [[nodiscard]] Error no_such(kinds::KeyView<Record> key) const;
  template <class Record, auto kMember>
  [[nodiscard]] std::vector<kinds::Key<Record>> naming(const auto& key, kinds::Among among) const;
  template <class Record>
  [[nodiscard]] std::optional<kinds::Key<Record>> holder(std::size_t place,
                                                         const std::string& value) const;
  /// kConflict: the row that the record would have is another record's, whose key derives the same
  /// id.
  template <class Record>
  [[nodiscard]] Status check_place(const Record& record) const;

  // Staging.
  /// Tells of a memory that is to be put, so that references by its name may come before it.
  void announce(const Uuid& id, std::string_view external_id);
  /// Puts `memory` as it is, with this revision; its embeddings replace those of their models.
  /// `history_operation` not empty: the version before is kept, ended by that operation.
  /// kInvalidArgument: an embedding's dimension is not its model's. kConflict: it takes a name that
  /// another memory has.
  Status put_memory(Memory memory, std::string_view history_operation);
  /// The same of a memory whose embeddings lie elsewhere, as long as this transaction lives: its
  /// own are not looked at. It gets this revision, and is otherwise left as it is.
  Status put_memory(Memory& memory, std::span<const Embedding> embeddings,
                    std::string_view history_operation);
  /// Puts vectors of a memory that is otherwise as it was: who read it before may still say so. It
  /// gets this revision.
  Status put_embeddings(const RecordPtr& present, std::vector<Embedding> embeddings);
  /// The memory's vectors go, but for those of the models of `kept`.
  void drop_vectors(const Uuid& id, std::span<const Embedding> kept);
  /// The versions of a memory that were before this write go.
  Status erase_history(const Uuid& id);
  /// Erases a memory for good: its vectors, relations and history. Leaves a tombstone that keeps id
  /// and text from coming back. What was made of it, and its content in plans, is follow()'s.
  Status erase_memory(const Uuid& id);
  /// Takes back a memory that a plan made. Its tombstone tells syncs, and bans nothing.
  Status retract_memory(const Uuid& id);
  /// Removes what plans hold of an erased memory: its images and its relations'. Images of `made`,
  /// which was made of it, are replaced by what that is now, or go too. Once all else is staged.
  Status scrub_plans(const Uuid& id, std::span<const Uuid> made);

  // What follow() cannot tell from the records: see follow.h.
  /// A person lets it go: what was made of it may say it no longer.
  void note_forgotten(const Uuid& id) { forgotten_.insert(id); }
  /// It is deleted by gc, which takes nothing out of what was made of it.
  void note_collected(const Uuid& id) { collected_.insert(id); }
  /// It is as it must be: put by a plan, or followed already.
  void note_settled(const Uuid& id) { settled_.insert(id); }
  [[nodiscard]] bool is_forgotten(const Uuid& id) const;
  [[nodiscard]] const FlatSet<Uuid, UuidHash>& forgotten() const { return forgotten_; }
  [[nodiscard]] bool is_settled(const Uuid& id) const { return settled_.contains(id); }

  /// Puts a record of a plain kind as it is, with this revision. It has its id.
  template <class Record>
  void put(Record record);
  /// Its row goes, and leaves a tombstone.
  template <class Record>
  void erase(const Record& record);
  /// Likewise for any kind, with what its going does to those that name it: see core/kinds.
  template <class Record>
  Status erase_whole(kinds::KeyView<Record> key);
  /// Empties the field of a record that names one that is going.
  template <class Record, auto kMember>
  Status clear(kinds::KeyView<Record> key, const auto& gone);
  void put_plan(Plan plan);
  void put_idempotency(std::string_view key, const storage::IdempotencyRecord& record);
  void put_vaults(std::vector<std::string> vaults);

  [[nodiscard]] bool empty() const;
  /// Whether the tenant and the store have room for it, and no row of another tenant or model would
  /// be overwritten. kResourceExhausted, with the number; kCorruption. Once all is staged.
  [[nodiscard]] Status check_room() const;
  /// What it adds to RAM at least: bytes of records and vectors that are new or have grown. 0 of a
  /// write that erases, forgets, archives or touches.
  [[nodiscard]] std::uint64_t growth() const;
  /// The log batch of everything staged, which the change feed adds to.
  [[nodiscard]] storage::JournalBatch& batch() { return batch_; }
  /// Applies everything staged to RAM; call once, after the batch was appended. Should memory run
  /// out meanwhile, `is_torn` is set before any reader can see what is there.
  void apply(std::atomic<bool>& is_torn);
  /// Whether a vector index of the tenant waits for the indexer. To wake it for each write, most of
  /// which leave it nothing to do, would take more than the rest of a small write.
  [[nodiscard]] bool wants_building() const;

 private:
  /// `owner` keeps the embeddings; null: the caller does.
  Status put_memory(Memory& memory, std::span<const Embedding> embeddings,
                    const std::shared_ptr<const void>& owner, std::string_view history_operation,
                    std::uint64_t edited_revision);
  Result<std::vector<MemoryChange::VectorChange>> put_vectors(
      const Uuid& id, std::span<const Embedding> embeddings,
      const std::shared_ptr<const void>& owner);
  Result<std::uint16_t> model_number(const Embedding& embedding);
  Result<std::uint16_t> new_model(const std::string& name, std::uint32_t dim);
  [[nodiscard]] std::size_t relation_type_count() const;
  [[nodiscard]] Status check_free(const std::string& key, std::string_view what) const;
  Status remove_memory(const Uuid& id, const ContentBan& ban);
  Status follow_memory(const Uuid& id);
  /// The models of which the store has a vector of the memory at this row.
  [[nodiscard]] std::vector<std::uint16_t> models_of(std::uint32_t row) const;
  [[nodiscard]] std::string model_name(std::uint16_t number) const;
  Result<std::vector<Embedding>> stored_embeddings(
      const Uuid& id, const std::function<bool(std::uint16_t)>& is_staged) const;
  void ban_name(const storage::MemoryRecord& record, const ContentBan& ban);
  void bury_memory(const Uuid& id, const ContentBan& ban);
  void put_tombstone(storage::RecordKind kind, const Uuid& id, storage::Tombstone tombstone);
  void drop_tombstone(const Uuid& id, const Said& said);
  void put_vector_tombstone(const Uuid& memory, const std::string& model);
  void tell_lost_vectors(const Uuid& id, const MemoryChange& change);
  [[nodiscard]] Status check_name(const Memory& memory) const;
  MemoryChange& change_of(const Uuid& id);

  Context context_;
  std::shared_ptr<SharedTenant> shared_;
  const TenantState* tenant_;  ///< As the store's one writer sees it.
  std::uint32_t number_;
  bool is_new_tenant_;
  storage::JournalBatch batch_;

  std::vector<MemoryChange> memories_;
  FlatMap<Uuid, std::size_t, UuidHash> memory_index_;
  /// By source, the places in memories_ of what names it, or did in an earlier part of this write.
  FlatMap<Uuid, std::vector<std::size_t>, UuidHash> staged_derived_;
  /// By content_digest(), which several may have.
  FlatMap<std::uint64_t, absl::InlinedVector<Uuid, 1>> staged_contents_;
  FlatMap<Uuid, Uuid, UuidHash> staged_names_;  ///< By what the name derives.
  RecordChanges<kinds::PlainKinds> records_;
  /// By the id of the row, the names of records put that are found by one.
  FlatMap<Uuid, std::string, UuidHash> staged_places_;
  std::map<Uuid, Plan> plans_;
  FlatSet<Uuid, UuidHash> forgotten_, collected_, settled_;
  std::vector<storage::ModelRow> models_;
  std::optional<std::vector<std::string>> vaults_;
  std::vector<std::pair<Uuid, ContentBan>> tombstones_;  ///< Of memories.
  std::vector<Uuid> revivals_;                           ///< Tombstones dropped.
};

/// Whether an agent's reasons are in its metadata: words that both ends have.
[[nodiscard]] bool names_shared_words(const Relation& relation);

}  // namespace tulving::engine
