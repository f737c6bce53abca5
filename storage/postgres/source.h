#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/codec/codec.h"
#include "storage/keys.h"
#include "storage/snapshot/snapshot_files.h"
#include "tulving/postgres.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// What a table's rows are made of.
enum class SourceKind : std::uint8_t { kNone, kSession, kMemory, kRelation, kEmbedding };
/// "session", "memory", ... as in SkippedRow::kind. Empty for kNone.
[[nodiscard]] std::string_view kind_name(SourceKind kind);

struct SourceEmbedding {
  Uuid memory;
  std::string_view model;
  std::span<const float> vector;
  /// Of its memory; empty where an incremental snapshot brings the vector without the memory.
  std::optional<Timestamp> memory_created_at;
};

/// One record of the snapshot; views and pointers are valid during the visit.
struct SourceRecord {
  std::uint32_t tenant = 0;
  std::string_view tenant_id;
  std::variant<const Session*, const MemoryRecord*, const Relation*, const SourceEmbedding*> value;
};

/// A record that is gone for good. A session's `id` is its session_id, a vector's "MEMORY/MODEL",
/// the others' their UUID.
struct SourceTombstone {
  std::uint32_t tenant = 0;
  std::string_view tenant_id;
  SourceKind kind = SourceKind::kNone;
  std::string id;
};

/// The part of a snapshot that a sync sends: the chosen tenants' records of a revision above the
/// floor. Reads the files again at each visit; keeps 32 bytes a memory in RAM.
class Source {
 public:
  /// Opens the snapshot and settles which tenants are sent. kInvalidArgument: the options name none
  /// where there are several, or one that is not there.
  static Result<Source> open(const std::filesystem::path& directory,
                             const PostgresSyncOptions& options);

  [[nodiscard]] const SnapshotInfo& info() const { return reader_.info(); }
  /// The tenant sent; empty: all.
  [[nodiscard]] const std::string& scope() const { return scope_; }
  [[nodiscard]] const std::string& tenant_id(std::uint32_t tenant) const {
    return tenants_.at(tenant);
  }
  [[nodiscard]] std::vector<std::string> model_names() const;

  /// Leaves out what has a revision of at most `revision`, since the database has it.
  void set_floor(std::uint64_t revision) { floor_ = revision; }

  /// What survey() finds.
  struct Survey {
    std::map<SourceKind, std::uint64_t> records;
    std::uint64_t tags = 0;
    std::uint32_t dim = 0;  ///< Of the model with most vectors; 0: there is no vector.
  };
  /// Counts what will be visited and notes the memories' times. Once, after set_floor().
  Result<Survey> survey();

  Status visit(SourceKind kind, const std::function<Status(const SourceRecord&)>& visit) const;
  Status visit_tombstones(const std::function<Status(const SourceTombstone&)>& visit) const;

 private:
  struct KnownMemory {
    std::uint32_t tenant;
    Uuid id;
    Timestamp created_at;
  };
  explicit Source(SnapshotReader reader) : reader_(std::move(reader)) {}
  Status read_names();
  Status choose_tenant(const PostgresSyncOptions& options);
  Status visit_records(SourceKind kind,
                       const std::function<Status(const SourceRecord&)>& visit) const;
  Status visit_embeddings(const std::function<Status(const SourceRecord&)>& visit) const;
  [[nodiscard]] bool is_sent(std::uint32_t tenant) const { return !chosen_ || *chosen_ == tenant; }
  [[nodiscard]] std::optional<Timestamp> created_at(std::uint32_t tenant, const Uuid& memory) const;

  SnapshotReader reader_;
  std::map<std::uint32_t, std::string> tenants_;
  std::map<std::uint16_t, ModelRow> models_;
  std::optional<std::uint32_t> chosen_;
  std::string scope_;
  std::uint64_t floor_ = 0;
  std::vector<KnownMemory> memories_;  // In key order, so sorted by tenant and id.
};

}  // namespace tulving::storage::postgres
