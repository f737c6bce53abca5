#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fair_shared_mutex.h"
#include "core/engine/memory_table.h"
#include "core/engine/turn_order.h"
#include "index/attributes/attribute_index.h"
#include "index/attributes/sorted_column.h"
#include "index/graph/relation_graph.h"
#include "index/hnsw/vector_index.h"
#include "index/text/text_index.h"
#include "tulving/filter.h"
#include "tulving/jobs.h"
#include "tulving/plans.h"
#include "tulving/records.h"
#include "tulving/stats.h"

namespace tulving::engine {

/// What one write does to one memory, with what it takes to apply it to RAM.
struct MemoryChange {
  RecordPtr before;  ///< Null: the memory is new.
  RecordPtr after;   ///< Null: the memory goes.
  struct VectorChange {
    std::uint16_t model = 0;
    std::vector<float> vector;  ///< As given by the caller; empty: the vector goes.
  };
  std::vector<VectorChange> vectors;
};

/// What RAM keeps of a plan: the rest, its records before and after, is in the log alone.
struct PlanHead {
  PlanSummary summary;
  std::vector<Uuid> memories;  ///< Whose content lies in it: ascending.
};
[[nodiscard]] PlanHead head_of(const Plan& plan);

/// Everything of one tenant that is in RAM: its records and the indexes over them. One instance a
/// tenant and nothing shared between instances, which is what keeps tenants apart.
///
/// Thread safety: readers hold `mutex` shared, the store's one writer holds it exclusively while it
///   applies a change. The background indexer calls VectorIndex::build_step without it.
class TenantState {
 public:
  TenantState(std::string tenant_id, const VectorIndexOptions& vector_options)
      : id(std::move(tenant_id)), vector_options_(vector_options) {}

  const std::string id;
  mutable FairSharedMutex mutex;

  // Guarded by the store's write mutex: read and written by writers only.
  std::optional<std::uint32_t> number;  ///< Key prefix in the log; empty until the first write.

  // Guarded by `mutex`.
  MemoryTable memories;
  std::unique_ptr<index::TextIndex> text = std::make_unique<index::TextIndex>();
  std::map<std::uint16_t, std::shared_ptr<index::VectorIndex>> vectors;  ///< By model number.
  index::AttributeIndex attributes;
  index::SortedColumn created, updated, last_used, expires;
  index::RelationGraph graph;
  TurnOrder turns;  ///< Of conversations and interactions.
  std::map<std::string, Session, std::less<>> sessions;
  std::map<Uuid, Relation> relations;
  std::map<std::string, ConsolidationTask, std::less<>> tasks;
  std::map<Uuid, PlanHead> plans;
  std::map<Uuid, ConsolidationJob> jobs;
  absl::flat_hash_set<Uuid, UuidHash> erased_ids;     ///< Of memories.
  absl::flat_hash_set<Uuid, UuidHash> retracted_ids;  ///< Taken back by an undo: they may return.
  absl::flat_hash_set<std::uint64_t> erased_texts;    ///< Tombstones' content digests.

  // Applying changes; `mutex` held exclusively.
  void apply(const MemoryChange& change);
  /// For recovery: makes attributes, columns and turns of all of `memories`, which has been filled
  /// and was never indexed. In the rows' order, which is that of their times but for a few: a
  /// column and a bitmap then grow at their ends, where records come in the order of their random
  /// ids.
  void index_records();
  void put_relation(const Relation& relation);
  void erase_relation(const Uuid& relation_id);
  /// Of a memory. A digest of 0: it was taken back, not erased.
  void see_tombstone(const Uuid& memory, std::uint64_t content_digest);
  index::VectorIndex& vector_index(std::uint16_t model, std::uint32_t dim);

  // Reading; `mutex` held shared.
  /// A shown memory here with this agent and text; empty when there is none.
  [[nodiscard]] std::optional<std::uint32_t> find_duplicate(std::string_view agent_id,
                                                            std::string_view content_hash,
                                                            Timestamp now) const;
  /// Rows a reader sees: by status and expiry.
  struct Visibility {
    bool archived = false, deleted = false, expired = false;
    Timestamp now;
  };
  [[nodiscard]] Roaring visible_rows(const Visibility& visibility) const;
  /// True when every row is active and none is hidden by expiry.
  [[nodiscard]] bool all_active(const Visibility& visibility) const;
  [[nodiscard]] bool is_visible(std::uint32_t row, const Visibility& visibility) const;
  /// Cosine of two rows' vectors of the first model that has both; empty: none has.
  [[nodiscard]] std::optional<double> cosine(std::uint32_t a, std::uint32_t b) const;
  [[nodiscard]] std::uint16_t relation_type_number(std::string_view type);
  [[nodiscard]] std::optional<std::uint16_t> find_relation_type(std::string_view type) const;
  [[nodiscard]] const std::string& relation_type_name(std::uint16_t type) const;

 private:
  /// Table, columns, attributes; no text, no vectors.
  void apply_record(const RecordPtr& before, const RecordPtr& after);
  void index_columns(std::uint32_t row, const storage::MemoryRecord& record);
  void index_attributes(std::uint32_t row, const storage::MemoryRecord& record, bool add);
  void index_turn(std::uint32_t row, const storage::MemoryRecord& record, bool add);

  const VectorIndexOptions vector_options_;
  // Rows by content_digest(): mostly one each.
  absl::flat_hash_map<std::uint64_t, absl::InlinedVector<std::uint32_t, 2>> rows_by_text_;
  std::vector<std::string> relation_types_;
};

/// Field numbers of the attribute index beyond those of Field.
inline constexpr std::uint16_t kMetadataField = 100;  ///< Value: path, NUL, canonical scalar.
inline constexpr std::uint16_t kPriorityField = 101;
inline constexpr std::uint16_t kLevelField = 102;
inline constexpr std::uint16_t kConsolidatedIntoField = 103;

/// A forgotten or expired memory is no duplicate: reinforcing it would lose what was just told.
[[nodiscard]] bool may_be_said_anew(const storage::MemoryRecord& record, Timestamp now);

/// Names agent and text as one number: the salt keeps a tombstone from telling the text.
[[nodiscard]] std::uint64_t content_digest(std::string_view tenant_id, std::string_view agent_id,
                                           std::string_view content_hash);

}  // namespace tulving::engine
