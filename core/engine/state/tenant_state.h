#pragma once

#include <absl/container/inlined_vector.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/flat_hash.h"
#include "core/base/mutex.h"
#include "core/engine/record/identity.h"
#include "core/engine/state/erased_texts.h"
#include "core/engine/state/memory_table.h"
#include "core/engine/state/merge_sources.h"
#include "core/engine/state/record_table.h"
#include "core/engine/state/relation_types.h"
#include "core/engine/state/turn_order.h"
#include "index/attributes/attribute_index.h"
#include "index/attributes/sorted_column.h"
#include "index/graph/relation_graph.h"
#include "index/text/text_index.h"
#include "index/vectors/vector_index.h"
#include "tulving/filter.h"
#include "tulving/plans.h"
#include "tulving/records.h"
#include "tulving/stats.h"

namespace tulving::engine {

class SearchedWords;

/// Beyond any time in microseconds.
inline constexpr std::int64_t kEndOfTime = std::numeric_limits<std::int64_t>::max();

/// What one write does to one memory, with what it takes to apply it to RAM.
struct MemoryChange {
  RecordPtr before;  ///< Null: the memory is new.
  RecordPtr after;   ///< Null: the memory goes.
  struct VectorChange {
    std::uint16_t model = 0;
    /// As given by the caller, which keeps it where `owner` is null. Empty: the vector goes.
    std::span<const float> vector;
    std::shared_ptr<const void> owner;
    std::uint32_t passages = 1;  ///< As in Embedding.
  };
  std::vector<VectorChange> vectors;
};

/// What RAM keeps of a plan: the rest, its records before and after, is in the log alone.
struct PlanHead {
  PlanSummary summary;
  std::vector<Uuid> memories;  ///< Whose content lies in it: ascending.

  friend bool operator==(const PlanHead&, const PlanHead&) = default;
};
[[nodiscard]] PlanHead head_of(const Plan& plan);

/// Everything of one tenant that is in RAM: its records and the indexes over them. One instance a
/// tenant and nothing shared between instances, which is what keeps tenants apart.
///
/// Thread safety: none of its own; reached through SharedTenant (shared_tenant.h).
class TenantState {
 public:
  TenantState(std::string tenant_id, const VectorIndexOptions& vector_options)
      : id(std::move(tenant_id)), vector_options_(vector_options) {}

  const std::string id;

  /// Key prefix in the log; empty until the first write.
  std::optional<std::uint32_t> number;

  MemoryTable memories;
  std::map<std::uint16_t, std::shared_ptr<index::VectorIndex>> vectors;  ///< By model number.
  index::AttributeIndex attributes;
  index::SortedColumn created, updated, last_used, expires;
  index::RelationGraph graph;
  RelationTypes relation_types;  ///< Of the graph's links.
  /// Of conversations and interactions.
  TurnOrder turns{[this](std::uint32_t a, std::uint32_t b) { return is_told_before(a, b); }};
  RecordTables<kinds::PlainKinds> records;
  std::map<Uuid, PlanHead> plans;
  /// Of memories, with the text that each tombstone bans, or kBansNoText.
  FlatMap<Uuid, ContentBan, UuidHash> erased_ids;
  FlatSet<Uuid, UuidHash> retracted_ids;  ///< Taken back by an undo: they may return.
  ErasedTexts erased_texts;
  std::vector<std::string> vaults;  ///< See Tenant::vaults().

  /// The text index. Waits for it where opening left it to come in: with a lock of the tenant, or
  /// as its one writer, so that the records stay what they are meanwhile.
  [[nodiscard]] const index::TextIndex& text() const { return *arrived_text(); }
  [[nodiscard]] index::TextIndex& text() { return *arrived_text(); }
  /// What a late text index has come to, and for how many texts work was done that no file saved.
  struct LateText {
    std::unique_ptr<index::TextIndex> index;
    std::uint64_t made_anew = 0;
  };
  /// For recovery: text() calls `arrive` once, and again if that threw.
  void expect_text(std::function<LateText()> arrive);
  /// For recovery: takes the place of what is there.
  void put_text(std::unique_ptr<index::TextIndex> index) { text_ = std::move(index); }
  /// LateText::made_anew, once text() was called.
  [[nodiscard]] std::uint64_t texts_made_anew() const { return texts_made_anew_; }

  // Applying changes.
  void apply(const MemoryChange& change);
  /// For recovery, of a row that a checkpoint may have: brings a text index up to what the record
  /// is found by; false when it was, or there is nothing.
  static bool index_words(index::TextIndex& text, std::uint32_t row,
                          const storage::MemoryRecord& record);
  /// For recovery: makes attributes, columns and turns of all of `memories`, which has been filled
  /// and was never indexed. In the rows' order, which is that of their times but for a few: a
  /// column and a bitmap then grow at their ends, where records come in the order of their random
  /// ids.
  /// Calls `also` of each.
  void index_records(
      const std::function<void(std::uint32_t row, const storage::MemoryRecord&)>& also =
          [](std::uint32_t, const storage::MemoryRecord&) {});
  template <class Record>
  void put(Record record) {
    records.of<Record>().put(std::move(record));
  }
  void put(Relation relation);  ///< Also a link of the graph.
  template <class Record>
  void erase(kinds::KeyView<Record> key) {
    if constexpr (std::is_same_v<Record, Relation>) unlink(key);
    records.of<Record>().erase(key);
  }
  /// Of a memory. A digest of 0: it was taken back, not erased.
  void see_tombstone(const Uuid& memory, const ContentBan& ban);
  /// The tombstone is gone, and with it its ban.
  void forget_tombstone(const Uuid& memory);
  index::VectorIndex& vector_index(std::uint16_t model, std::uint32_t dim);

  // Reading.
  /// The bans that tombstones have on what was said; mostly none.
  [[nodiscard]] std::vector<ContentBan> bans_on(const Said& said) const;
  /// A shown memory here that says the same; of several the active one with the smallest id. Empty
  /// when there is none.
  [[nodiscard]] std::optional<std::uint32_t> find_duplicate(const Said& said, Timestamp now) const;
  using Rows = absl::InlinedVector<std::uint32_t, 2>;
  /// The memories with this external_id, the one that resolve() means first. More than one only in
  /// stores that were filled before names had to be unique.
  [[nodiscard]] Rows rows_named(std::string_view external_id) const;
  /// Of these the memories that have an id of another origin than their name; `derived` is what
  /// the name alone would give.
  [[nodiscard]] Rows rows_renamed(const Uuid& derived) const;
  /// Rows a reader sees: by status and expiry.
  struct Visibility {
    bool archived = false, deleted = false, expired = false;
    Timestamp now;
  };
  [[nodiscard]] Roaring visible_rows(const Visibility& visibility) const;
  /// Those that have expired by `time`, whatever their status. O(log rows) where there are none.
  [[nodiscard]] Roaring expired_rows(Timestamp time) const;
  /// True when every row is active and none is hidden by expiry.
  [[nodiscard]] bool all_active(const Visibility& visibility) const;
  [[nodiscard]] bool is_visible(std::uint32_t row, const Visibility& visibility) const;
  /// Which of two turns of one moment came first. Names tell, where a conversation has them: the
  /// shorter first, so that turn 9 comes before turn 10, then by bytes; then ids.
  [[nodiscard]] bool is_told_before(std::uint32_t a, std::uint32_t b) const;
  /// What its merges stand for; null when there are none. Read anew after a change of lineage.
  [[nodiscard]] std::shared_ptr<const MergeSources> merge_sources() const;
  /// Cosine of two rows' vectors of the first model that has both; empty: none has.
  [[nodiscard]] std::optional<double> cosine(std::uint32_t a, std::uint32_t b) const;

  // For verify().
  /// The first index or column that does not say of a row what its record says; empty: all do.
  [[nodiscard]] std::string_view difference(std::uint32_t row,
                                            const storage::MemoryRecord& record) const;
  /// How many of something a row puts into an index, and how many the indexes hold.
  struct IndexCounts {
    std::uint64_t attributes = 0, texts_by_hash = 0, turns = 0, created = 0, updated = 0,
                  last_used = 0, expires = 0;
  };
  void count(const storage::MemoryRecord& record, IndexCounts& counts) const;
  [[nodiscard]] IndexCounts indexed() const;

 private:
  /// Table, columns, attributes; no text, no vectors.
  void apply_record(const RecordPtr& before, const RecordPtr& after);
  static void set_words(index::TextIndex& text, std::uint32_t row, const SearchedWords& words);
  void index_columns(std::uint32_t row, const storage::MemoryRecord& record);
  void index_attributes(std::uint32_t row, const storage::MemoryRecord& record, bool add);
  /// By what it says, and its name.
  void index_identity(std::uint32_t row, const storage::MemoryRecord& record, bool add);
  template <class Visit>
  void each_record(const Visit& visit) const;
  index::TextIndex* arrived_text() const {
    if (text_is_late_.load(std::memory_order_acquire)) await_text();
    return text_.get();
  }
  void await_text() const;
  void index_turn(std::uint32_t row, const storage::MemoryRecord& record, bool add);
  /// Takes a relation out of the graph.
  void unlink(const Uuid& relation_id);

  const VectorIndexOptions vector_options_;
  // Rows by content_digest(): mostly one each.
  FlatMap<std::uint64_t, Rows> rows_by_content_;
  // Rows by what their names derive, where that is not their id: an id that follows from its name
  // is found by it anyway.
  FlatMap<Uuid, Rows, UuidHash> rows_by_name_;
  // Written under the mutex while text_is_late_, by writers otherwise.
  mutable std::unique_ptr<index::TextIndex> text_ = std::make_unique<index::TextIndex>();
  mutable Mutex late_text_mutex_;  // Among readers.
  mutable std::function<LateText()> late_text_ ABSL_GUARDED_BY(late_text_mutex_);
  mutable std::atomic<bool> text_is_late_{false};
  mutable std::atomic<std::uint64_t> texts_made_anew_{0};
  mutable Mutex merge_sources_mutex_;  // Among readers.
  mutable std::shared_ptr<const MergeSources> merge_sources_
      ABSL_GUARDED_BY(merge_sources_mutex_);  // Null: not read since a change.
};

/// A field's number in the attribute index; beyond those of Field there are these.
inline std::uint16_t number_of(Field field) { return static_cast<std::uint16_t>(field); }
inline constexpr std::uint16_t kMetadataField = 100;  ///< Value: path, NUL, canonical scalar.
inline constexpr std::uint16_t kPriorityField = 101;
inline constexpr std::uint16_t kLevelField = 102;
inline constexpr std::uint16_t kConsolidatedIntoField = 103;
inline constexpr std::uint16_t kSourceMemoryField = 104;  ///< What names it as a source.

/// A forgotten or expired memory is no duplicate: reinforcing it would lose what was just told.
[[nodiscard]] bool may_be_said_anew(const storage::MemoryRecord& record, Timestamp now);

}  // namespace tulving::engine
