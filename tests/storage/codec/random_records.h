#pragma once

#include <random>
#include <string>

#include "storage/codec/codec.h"
#include "tests/kinds/random_record.h"
#include "tulving/records.h"

namespace tulving::storage {

// The records of the public API compare by themselves; these, for tests.
inline bool operator==(const StoredEmbedding& a, const StoredEmbedding& b) {
  return a.revision == b.revision && a.vector == b.vector && a.passages == b.passages;
}
inline bool operator==(const Tombstone& a, const Tombstone& b) {
  return a.revision == b.revision && a.kind == b.kind && a.name == b.name &&
         a.content_digest == b.content_digest && a.content_id == b.content_id;
}
inline bool operator==(const HistoryRecord& a, const HistoryRecord& b) {
  return a.operation == b.operation && a.revision == b.revision && a.at == b.at &&
         a.memory == b.memory;
}
inline bool operator==(const IdempotencyRecord& a, const IdempotencyRecord& b) {
  return a.revision == b.revision && a.ids == b.ids && a.effects == b.effects &&
         a.payload == b.payload;
}
inline bool operator==(const TenantRow& a, const TenantRow& b) {
  return a.number == b.number && a.revision == b.revision && a.tenant_id == b.tenant_id &&
         a.vaults == b.vaults;
}
inline bool operator==(const ModelRow& a, const ModelRow& b) {
  return a.number == b.number && a.revision == b.revision && a.name == b.name && a.dim == b.dim &&
         a.tenant == b.tenant;
}
inline bool operator==(const StoreRow& a, const StoreRow& b) {
  return a.format == b.format && a.store_id == b.store_id && a.revision == b.revision &&
         a.incarnations.all() == b.incarnations.all();
}

/// Valid records of random content, every field now set, now not. The same seed, the same records.
class RandomRecords {
 public:
  explicit RandomRecords(std::uint32_t seed) : random_(seed), values_(seed) {}

  Memory memory();
  Session session() { return plain<Session>(); }
  Relation relation() {
    Relation relation = plain<Relation>();
    relation.id = id();
    return relation;
  }
  std::vector<float> vector(std::size_t dim_max = 64);
  Tombstone tombstone();
  HistoryRecord history();
  IdempotencyRecord idempotency();
  ConsolidationTask task() {
    ConsolidationTask task = plain<ConsolidationTask>();
    if (task.task_id.empty()) task.task_id = "t";
    return task;
  }
  /// Changes of every kind: made, changed, taken away, with nothing left of them.
  Plan plan();
  ConsolidationJob job() { return plain<ConsolidationJob>(); }

  Uuid id();
  std::string text(std::size_t characters_max = 40);
  std::size_t below(std::size_t limit) { return random_() % limit; }

  Timestamp time();

 private:
  template <class Record>
  Record plain() {
    Record record = testing_support::random_record<Record>(values_);
    record.revision = random_();
    return record;
  }
  PlanItem item();
  PlannedRecord planned(std::size_t kind);
  PlanChange change();
  bool maybe() { return below(2) == 0; }
  std::string maybe_text() { return maybe() ? text() : std::string(); }
  std::vector<std::string> texts();
  std::vector<Uuid> ids();
  std::optional<Timestamp> maybe_time();
  template <class Enum>
  Enum enumerator(Enum last) {
    return static_cast<Enum>(below(static_cast<std::size_t>(last) + 1));
  }
  template <class Enum>
  std::vector<Enum> enumerators(Enum last) {
    std::vector<Enum> values(below(4));
    for (Enum& value : values) value = enumerator(last);
    return values;
  }
  std::optional<double> maybe_share() {
    return maybe() ? std::optional<double>(share()) : std::nullopt;
  }
  float share() { return std::uniform_real_distribution<float>(0.0F, 1.0F)(random_); }
  std::int32_t count() { return maybe() ? 0 : static_cast<std::int32_t>(below(1U << 31U)); }

  std::mt19937 random_;
  testing_support::RandomValues values_;
};

}  // namespace tulving::storage
