#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "storage/codec/codec.h"
#include "storage/keys.h"
#include "storage/snapshot/snapshot_files.h"
#include "tulving/postgres.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// What a table's rows are made of, and what takes them away.
enum class SourceKind : std::uint8_t {
  kNone,
  kSession,
  kMemory,
  kRelation,
  kEmbedding,
  kTombstone
};
/// "session", "memory", ... as in SkippedRow::kind. Empty for kNone and kTombstone.
[[nodiscard]] std::string_view kind_name(SourceKind kind);

/// A set of them.
class SourceKinds {
 public:
  constexpr SourceKinds(std::initializer_list<SourceKind> kinds) {
    for (const auto kind : kinds) bits_ |= bit(kind);
  }
  constexpr void insert(SourceKind kind) { bits_ |= bit(kind); }
  [[nodiscard]] constexpr bool contains(SourceKind kind) const { return (bits_ & bit(kind)) != 0; }

 private:
  static constexpr std::uint32_t bit(SourceKind kind) { return 1U << static_cast<unsigned>(kind); }
  std::uint32_t bits_ = 0;
};

struct SourceEmbedding {
  Uuid memory;
  std::string_view model;
  std::span<const float> vector;
  /// Of its memory; empty where an incremental snapshot brings the vector without the memory.
  std::optional<Timestamp> memory_created_at;
};

/// A record that is gone for good. A session's `id` is its session_id, a vector's "MEMORY/MODEL",
/// the others' their UUID.
struct SourceTombstone {
  SourceKind kind = SourceKind::kNone;
  std::string id;
};

/// One record of the snapshot; views and pointers are valid during the visit.
struct SourceRecord {
  std::uint32_t tenant = 0;
  std::string_view tenant_id;
  SourceKind kind = SourceKind::kNone;
  std::variant<const Session*, const MemoryRecord*, const Relation*, const SourceEmbedding*,
               const SourceTombstone*>
      value;
};

/// The part of a snapshot that a sync sends: the chosen tenants' records. Opened once for all
/// projections; keeps 32 bytes a memory in RAM.
class Source {
 public:
  /// Opens the snapshot, reads it through once, and settles which tenants are sent.
  /// kInvalidArgument: the options name none where there are several, or one that is not there.
  static Result<Source> open(const std::filesystem::path& directory,
                             const PostgresSyncOptions& options);

  [[nodiscard]] const SnapshotInfo& info() const { return reader_->info(); }
  /// What the store had come to.
  [[nodiscard]] Position position() const { return {info().revision, incarnations_.newest()}; }
  /// Whether it was at `position` once, as far as the snapshot tells.
  [[nodiscard]] bool contains(const Position& position) const {
    return incarnations_.contains(position, info().revision);
  }
  /// The tenant sent; empty: all.
  [[nodiscard]] const std::string& scope() const { return scope_; }
  [[nodiscard]] const std::string& tenant_id(std::uint32_t tenant) const {
    return tenants_.at(tenant);
  }
  [[nodiscard]] std::vector<std::string> model_names() const;
  /// Of the vectors sent, the dimension that most have; 0: there is none.
  [[nodiscard]] std::uint32_t usual_dim() const;

  using Visit = std::function<Status(const SourceRecord&)>;
  /// Visits the records of some kinds in one pass, embeddings last. What has a revision of at most
  /// `floor`, since the database has it, is left out and not decoded; parts of the files that hold
  /// no such kind are not read. A visit to memories notes their times, for embeddings.
  Status visit(SourceKinds kinds, std::uint64_t floor, const Visit& visit);

 private:
  struct KnownMemory {
    std::uint32_t tenant;
    Uuid id;
    Timestamp created_at;
  };
  Source() = default;
  Status see(Table table, std::string_view key, std::string_view value);
  Status choose_tenant(const PostgresSyncOptions& options);
  Status visit_record(SourceKind kind, SourceRecord record, const RecordKey& key,
                      std::string_view value, const Visit& visit);
  Status visit_records(SourceKinds kinds, std::uint64_t floor, const Visit& visit);
  Status visit_embeddings(std::uint64_t floor, const Visit& visit) const;
  [[nodiscard]] bool may_hold(SourceKinds kinds, std::string_view first_key,
                              std::string_view last_key) const;
  [[nodiscard]] bool is_sent(std::uint32_t tenant) const { return !chosen_ || *chosen_ == tenant; }
  [[nodiscard]] std::optional<Timestamp> created_at(std::uint32_t tenant, const Uuid& memory) const;

  std::optional<SnapshotReader> reader_;
  Incarnations incarnations_;
  std::map<std::uint32_t, std::string> tenants_;
  std::map<std::uint16_t, ModelRow> models_;
  std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint64_t> vectors_;  // By tenant, model.
  std::optional<std::uint32_t> chosen_;
  std::string scope_;
  std::vector<KnownMemory> memories_;  // In key order, so sorted by tenant and id.
};

}  // namespace tulving::storage::postgres
