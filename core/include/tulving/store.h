#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tulving/changes.h"
#include "tulving/clusters.h"
#include "tulving/decay.h"
#include "tulving/gc.h"
#include "tulving/lineage.h"
#include "tulving/options.h"
#include "tulving/plain_records.h"
#include "tulving/plans.h"
#include "tulving/position.h"
#include "tulving/reads.h"
#include "tulving/records.h"
#include "tulving/reembed.h"
#include "tulving/result.h"
#include "tulving/search.h"
#include "tulving/snapshot.h"
#include "tulving/stats.h"
#include "tulving/thresholds.h"
#include "tulving/writes.h"

namespace tulving {

class ConsolidationQueue;   // consolidation_queue.h
struct MaintenanceOptions;  // maintenance.h
struct MaintenanceStatus;

/// The only way to a tenant's data: every call below sees, counts and changes this tenant's records
/// and no other's, whatever ids it is given. Cheap to copy; keep the Store alive while one is used.
///
/// Thread safety: any member from any thread. Writes take effect one at a time, in one order; a
///   write that has returned is seen by every search that starts afterwards, on any thread.
/// Durability: a write that has returned success is kept as StoreOptions::durability says. Before
///   that it may be visible to others. After a failed write the log's state is unknown, so every
///   later write is refused (kIo) until the store is opened again; reads go on.
/// Errors: returned, never thrown; std::bad_alloc alone leaves a member as an exception. Every
///   write may return kIo (disk), kResourceExhausted (disk full, a limit, or too little memory)
///   and, read-only or closed, kInvalidArgument.
/// Memory: a write is refused (kResourceExhausted) before the log has any of it where it would pass
///   StoreOptions::memory_max, or where the system gives the process too little for RocksDB to go
///   on. Should an allocation fail all the same, a call before the log was written leaves the store
///   as it was; one after it leaves a store that refuses reads and writes until it is opened again,
///   and then has all of the write.
class Tenant {
 public:
  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] bool is_dropped() const;  ///< See Store::drop_tenant().

  // Memories.

  /// Adds one memory. O(d + words). kInvalidArgument: a rule of records.h. kConflict: its id or
  /// external id is there, or was erased; or the text is there and on_duplicate says reject; or the
  /// idempotency key was used for another memory.
  Result<AddResult> add(const Memory& memory, const AddOptions& options = {});
  /// Likewise, copying nothing of it. On an error `memory` is what it was; else it has some value.
  Result<AddResult> add(Memory&& memory, const AddOptions& options = {});

  /// Adds all or none, in one log batch; the error's message names the position.
  Result<std::vector<AddResult>> add(std::span<const Memory> memories,
                                     const AddOptions& options = {});

  /// Writes records as import does, all or none: new ones are added, equal ones left, others
  /// replaced (with history). Records may refer to any of the same call, earlier or later. A memory
  /// is the one that has its id, else its external_id, else the id that its fields make
  /// (WriteOptions::equal_before). kConflict: its external_id is another memory's; it was erased.
  /// Error::position says which record was at fault.
  Result<std::vector<AddResult>> write(std::span<const Record> records,
                                       const WriteOptions& options = {});

  /// The memory, deleted ones included, expired ones too. O(fields); with embeddings a log read.
  /// kNotFound: not this tenant's.
  Result<Memory> get(Uuid id, bool with_embeddings = false) const;

  /// The id that `name` stands for: a UUID of a memory here, or an external id. kNotFound: neither.
  Result<Uuid> resolve(std::string_view name) const;
  /// Memories by filter alone, in pages; stable while nothing is written. O(matches).
  Result<MemoryPage> list(const ListRequest& request = {}) const;
  /// The values of a field or a path in what list() would show, and how many have each. O(matches).
  Result<DistinctPage> distinct_values(const DistinctRequest& request) const;

  /// Patches a memory and keeps the version before in its history. kConflict: `expected_revision`
  /// is given and is not the memory's. kNotFound: no such memory. A new text without an embedding
  /// drops the memory's vectors; see MemoryPatch::keep_vectors. The result names what followed.
  Result<AddResult> update(Uuid id, const MemoryPatch& patch,
                           std::optional<std::uint64_t> expected_revision = {});

  /// Reinforces memories: use_count + 1, last_used = now. All or none. kNotFound: one is not here.
  /// kConflict: one is archived or deleted.
  Status touch(std::span<const Uuid> ids, const TouchOptions& options = {});

  /// Soft-deletes: hidden from searches and lists unless asked for, kept in the log. What was made
  /// of it says it no longer. Forgetting twice is no error.
  Status forget(Uuid id);

  /// Removes a memory for good: record, vectors, index entries, relations, history. A tombstone
  /// without its text keeps imports from bringing it back, and tells the next sync. Merges and
  /// patterns made of it are derived anew from the rest, a person's edit of their text included,
  /// and lose their history; their images in plans are replaced. See Store::purge() for the bytes
  /// left in the log's files.
  Status erase(Uuid id);

  /// forget() and erase() of every memory that the filter lets through, archived and expired ones
  /// too, in one write. The ids, ascending. Filter() means all of the tenant's. O(matches).
  Result<std::vector<Uuid>> forget_where(const Filter& filter);
  Result<std::vector<Uuid>> erase_where(const Filter& filter);

  /// The versions of a memory, oldest first, the present one last. kNotFound: no such memory.
  Result<std::vector<HistoryEntry>> history(Uuid id) const;

  // Records of every kind but Memory: they are looked up. O(log(records)) each, but for list().

  /// Adds the record, or replaces the one with its key: a session's session_id, a task's task_id, a
  /// job's id, a relation's triple. Empty ids and times are filled in; a record without an id, but
  /// with what is unique of another (a source's name), replaces that. kNotFound: a record that it
  /// must name is not here. kConflict: `expected_revision` is given and is not the record's (0 is
  /// that of a record that is not there); or what must be unique is another record's.
  template <PlainRecord T>
  Result<PutResult<T>> put(const T& record, std::optional<std::uint64_t> expected_revision = {});
  /// Changes a record: `change` makes of its copy what it is to be, within the write, so that
  /// nothing comes between. It must be quick and call nothing of the store; an error that it
  /// returns is the answer. `updated_at`, if left alone, becomes now. kNotFound: no such record.
  /// kInvalidArgument: it changes what the record is found by. kConflict: as put().
  template <PlainRecord T>
  Result<PutResult<T>> update(KeyOf<T> key, const std::function<Status(T&)>& change,
                              std::optional<std::uint64_t> expected_revision = {});
  /// kNotFound: no such record.
  template <PlainRecord T>
  Result<T> get(KeyOf<T> key) const;
  /// The records that the options' filter lets through, in pages; see Page for their order.
  /// O(records of the kind).
  template <PlainRecord T>
  Result<Page<T>> list(const ListOptions<T>& options = {}) const;
  /// Removes a record and what goes with it (core/kinds/README.md: a session's memories, a task's
  /// stages, ...), as erase() does each. Fields that name it become empty. kNotFound: none such.
  template <PlainRecord T>
  Status erase(KeyOf<T> key);

  /// Memories within `hops_max` links, nearest first, then by strength. Each once.
  Result<std::vector<RelatedHit>> related(Uuid memory_id, const RelatedRequest& request = {}) const;

  // Search.

  /// The best `k` memories; see SearchRequest. Writes nothing.
  Result<SearchResponse> search(const SearchRequest& request) const;
  /// search(), and then touch() of what it returns, in one write after the search: a memory that
  /// has gone meanwhile, or that is archived or forgotten, stays as it is. Fails as a search or as
  /// a write does; without hits nothing is written. The hits show the memories as they were found.
  Result<SearchResponse> search_and_touch(const SearchRequest& request);

  // Consolidation: the task queue, plans and jobs. consolidation.h has the agents that use them.

  /// The queue that workers take consolidation tasks from; see consolidation_queue.h.
  [[nodiscard]] ConsolidationQueue queue() const;

  /// Keeps a plan for a later apply; changes nothing else. kInvalidArgument: a rule of plans.h.
  Result<PlanSummary> propose_plan(Plan plan);
  /// Applies a plan in one log batch, all or nothing: every record in it must be as `before` and
  /// the items' inputs say (revisions compared), and is then as `after` says. A proposed plan is
  /// applied by its id. kConflict: something changed since, named in the message; plan anew.
  Result<PlanSummary> apply_plan(Plan plan);
  Result<PlanSummary> apply_plan(Uuid id);
  /// Puts every record back as it was before the plan, in all but its revision (which must advance,
  /// for syncs to see it). The sources of a merge come back as they are now: what was changed of
  /// them since stays changed, and one that left the merge since stays where it is. kConflict: a
  /// record was changed or erased since; the message says which, and nothing is undone.
  Result<PlanSummary> undo_plan(Uuid id);
  /// Marks a proposed plan as not to be applied.
  Result<PlanSummary> drop_plan(Uuid id);
  /// With items and changes, from the log. kNotFound: no such plan.
  Result<Plan> get_plan(Uuid id) const;
  /// Ordered by created_at, then id.
  Result<std::vector<PlanSummary>> plans() const;

  /// Groups of memories that say much the same, by average linkage: see ClusterRequest. The same
  /// memories give the same clusters, whatever order they came in. Reads the vectors from the log;
  /// holds no lock while it compares. O(n^2 d) up to 100,000 memories, then by the vector graph.
  /// kInvalidArgument: an option is out of range.
  Result<ClusterReport> clusters(const ClusterRequest& request = {}) const;

  /// What a memory was made from and what was made from it, to any depth. kNotFound: no such one.
  Result<Lineage> lineage(Uuid id, std::uint32_t depth_max = 64) const;
  // Decay and life cycle.

  /// Memories by decay score, the most urgent first. A pass over three columns; O(memories).
  Result<DecayResponse> decay_scores(const DecayRequest& request = {}) const;
  /// One memory's score at `now` (empty: the store's clock), how long it has. kNotFound: none such.
  Result<MemoryDecay> decay(Uuid id, std::optional<Timestamp> now = {}) const;
  /// How many memories stand where at `now` (empty: the store's clock), as decay_scores() has it.
  Result<DecayCounts> decay_counts(std::optional<Timestamp> now = {}) const;

  /// Puts a memory aside: hidden from searches and lists unless asked for, and deleted by gc()
  /// after 30 days. Archiving twice is no error. kNotFound: none such. kConflict: it is deleted.
  Status archive(Uuid id);
  /// Takes an archived memory back as what it was, active or promoted. kNotFound: no such memory.
  /// kConflict: it is not archived, or has been for 30 days.
  Status recover(Uuid id);
  /// Deletes, as forget() does, what was archived 30 days ago and what has expired, critical
  /// memories never; all or nothing. What it leaves, erase() removes for good, the user's choice.
  /// A source of a merge that it deletes stays a source: its words stay in the merge.
  Result<GcReport> gc(const GcRequest& request = {});

  // The vaults, folders with the notes of promoted memories. The engine keeps their names alone;
  // what reads and writes files is in notes.h.

  /// Absolute paths, in the order in which they were given.
  [[nodiscard]] std::vector<std::string> vaults() const;
  /// Adds one; no write when it is known. kInvalidArgument: not an absolute path of at most 4,096
  /// bytes without NUL. kResourceExhausted: 16 are known.
  Status remember_vault(std::string_view path);
  /// Takes one out; its notes stay as they are. kNotFound: it is not known.
  Status forget_vault(std::string_view path);
  /// Whether a memory with this id was here and is gone for good: erased, or taken back by an undo.
  [[nodiscard]] bool was_erased(Uuid id) const;

  /// Empty where memory ran out in the middle of a write; see above.
  [[nodiscard]] TenantStats stats() const;
  /// The embedding model that a request naming none means here: StoreOptions::default_model where
  /// the tenant has vectors of it, else the only one that it has vectors of. Empty: it has vectors
  /// of none, or of several others.
  [[nodiscard]] std::string usual_model() const;

  /// Calls `visit` with every record of the tenant as of now, in an order that can be imported.
  /// Stops when `visit` returns an error and returns it.
  Status export_records(const std::function<Status(const Record&)>& visit,
                        bool with_embeddings = false) const;

 private:
  friend class Store;
  friend class ConsolidationQueue;
  friend class StoreFiles;
  class Impl;
  explicit Tenant(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

/// All records that the filter lets through, in their pages' order, whatever limit and cursor are.
template <PlainRecord T>
Result<std::vector<T>> list_all(const Tenant& tenant, ListOptions<T> options = {}) {
  std::vector<T> all;
  options.limit = 1'000'000;
  options.cursor.clear();
  do {
    Result<Page<T>> page = tenant.list<T>(options);
    if (!page) return page.error();
    for (T& record : page->records) all.push_back(std::move(record));
    options.cursor = std::move(page->next_cursor);
  } while (!options.cursor.empty());
  return all;
}

/// A durable collection of memories in one directory, held in RAM and searchable in microseconds.
/// Thread safety, durability and errors: as for Tenant. No call may be running when the store is
/// moved from or destroyed.
class Store {
 public:
  /// Opens the store in `directory`, recovering what the last process left. O(records), reading
  /// index checkpoints where they are current and rebuilding what is missing, stale or damaged.
  ///
  /// kNotFound: no store there and `create_if_missing` is false. kInvalidArgument: an option or
  /// threshold is out of range or contradicts another or the store, or the directory holds
  /// something else. kBusy: another process has it open. kCorruption: a checksum failed, or the
  /// format is newer than this library.
  static Result<Store> open(const std::filesystem::path& directory,
                            const StoreOptions& options = {});

  /// A store in memory alone, for tests and scratch work: the same in every way but durability.
  static Result<Store> open_in_memory(const StoreOptions& options = {});

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();  ///< As close(), with errors unreported.

  /// The handle of tenant `id`, 1..255 characters. The tenant comes into being with its first
  /// write. kInvalidArgument: not a valid id.
  Result<Tenant> tenant(std::string_view id) const;

  /// The tenants that have been written to, ordered by id.
  [[nodiscard]] std::vector<std::string> tenants() const;
  /// Takes a tenant out for good, in one write: all that it had, its tombstones too, is gone, and
  /// goes from databases with their next sync. Its id may be used again at once, for a new tenant;
  /// handles from before answer kNotFound to every call. See purge() for bytes in the log's files;
  /// notes in vaults stay. The memories it had. O(records). kNotFound: it was never written to.
  Result<std::uint64_t> drop_tenant(std::string_view id);

  [[nodiscard]] StoreStats stats() const;

  /// Decay of all tenants' memories together; see Tenant::decay_counts().
  Result<DecayCounts> decay_counts(std::optional<Timestamp> now = {}) const;
  /// The thresholds in force, settled when the store was opened.
  [[nodiscard]] const Thresholds& thresholds() const;
  /// The options it was opened with.
  [[nodiscard]] const StoreOptions& options() const;

  /// Drawn at random when the store was made; its snapshots, and what is restored of them, bear it.
  [[nodiscard]] Uuid id() const;
  /// The number of the last write applied; one more for every write operation.
  [[nodiscard]] std::uint64_t revision() const;
  /// Every write up to this revision survives a power loss.
  [[nodiscard]] std::uint64_t durable_revision() const;
  /// revision() and the incarnation that it is of.
  [[nodiscard]] Position position() const;
  /// Whether the store was at `position` once: then what lies before it lies before it here too,
  /// and what changed since is what changes() and an incremental snapshot say. False of a position
  /// that a power loss or an older copy of the directory took away, of another store's, and of one
  /// that more than 1,024 openings have written after.
  [[nodiscard]] bool contains(const Position& position) const;
  /// Fsyncs the log: afterwards durable_revision() is at least what revision() was before.
  Status make_durable();

  /// What was written or erased after revision `since`, oldest first: `limit` of it and the rest of
  /// the last one's write, so that a page ends between two writes. The store keeps a feed of its
  /// writes, at least as many changes as it has records, so this takes time by the changes; for a
  /// `since` before the feed, each page is a pass over the store. What is told is durable first.
  /// kInvalidArgument: the revision `since` is greater than revision(), or `limit` is 0. kConflict:
  /// the store was never at the position `since`: read all of it anew, from 0.
  Result<ChangePage> changes(const Position& since, std::size_t limit = 1000) const;

  /// Checks every checksum on disk, decodes every record, and compares RAM tables and indexes with
  /// the log. Reads all data. Problems are listed in the report; an Error means it could not look.
  Result<VerifyReport> verify() const;

  /// Writes a consistent snapshot of the store as of now into the new directory `to`, beside
  /// running reads and writes; what is in it is durable in the store first. With `since`, only what
  /// changed after that, deletions included: in time by the changes, as changes() is. kConflict:
  /// `to` exists and is not empty; or the store was never at the position `since`.
  Result<SnapshotInfo> snapshot(const std::filesystem::path& to,
                                std::optional<Position> since = {}) const;

  /// Makes the new store `directory` from a full snapshot, whose id and incarnations it keeps: what
  /// is written to it is a new one's. Every checksum is verified before anything is written. One
  /// that fails leaves nothing; one that was cut short leaves no store, and another restore into it
  /// starts over. kConflict: `directory` exists and is not empty. kCorruption: the snapshot is
  /// damaged, or its rows make no sound store.
  static Result<SnapshotInfo> restore(const std::filesystem::path& from,
                                      const std::filesystem::path& directory);

  /// Rewrites the log's files, so that no byte of an erased record remains there. O(store).
  Status purge();

  /// Waits until background indexing has caught up with every write so far.
  void wait_for_indexing() const;

  /// Waits until every memory that can have a vector of StoreOptions::embedders has one, or was
  /// refused. The embedder's error, if it fails. With EmbedWrites::kOff: at once.
  Status wait_for_embedding() const;
  /// Gives every memory that is not forgotten a vector of the first of StoreOptions::embedders,
  /// beside those that it has, a write a batch; cut short, the next call goes on. Searches use the
  /// model that most vectors are of meanwhile. O(memories). kInvalidArgument: no embedder, or
  /// `drop_model` is its own. Else the embedder's error, or a write's.
  Result<ReembedReport> reembed(const ReembedOptions& options = {});

  /// Lets a thread of its own look after the store: gc, the task queue's priorities, consolidation
  /// on a schedule, at a number of new memories, and for urgent ones as they appear. Off until this
  /// is called. close() stops it first. kInvalidArgument: an option is out of range, or the store
  /// is read-only. kConflict: it runs already. kIo: the vault cannot be written to.
  Status start_maintenance(const MaintenanceOptions& options);
  /// Ends a run under way between two steps, waits for the thread. No error when there is none.
  Status stop_maintenance();
  [[nodiscard]] MaintenanceStatus maintenance_status() const;

  /// Stops background work, checkpoints the indexes, fsyncs. Later calls are refused. Idempotent.
  Status close();

 private:
  class Impl;
  /// What runs beside the store, by its public API, and must have stopped before it closes.
  class Companion {
   public:
    virtual ~Companion() = default;
    virtual void stop() = 0;  ///< Returns when it has stopped. Idempotent.
  };
  friend class Maintenance;
  friend class StoreFiles;

  explicit Store(std::shared_ptr<Impl> impl);
  /// Another handle, which does not close the store when it goes.
  [[nodiscard]] Store share() const;
  Status attach(std::shared_ptr<Companion> companion);
  void detach();  ///< Stops it.
  [[nodiscard]] std::shared_ptr<Companion> companion() const;

  std::shared_ptr<Impl> impl_;
  bool closes_ = true;
  friend class Tenant;
};

}  // namespace tulving
