#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/codec/codec.h"
#include "storage/keys.h"
#include "storage/postgres/source_record.h"
#include "storage/snapshot/snapshot_files.h"
#include "tulving/postgres.h"
#include "tulving/result.h"

namespace tulving::storage::postgres {

/// A set of kinds.
class SourceKinds {
 public:
  constexpr SourceKinds() = default;
  constexpr SourceKinds(std::initializer_list<RecordKind> kinds) {
    for (const auto kind : kinds) insert(kind);
  }
  constexpr void insert(RecordKind kind) {
    bits_[static_cast<std::size_t>(kind) / 64] |= bit(kind);
  }
  [[nodiscard]] constexpr bool contains(RecordKind kind) const {
    return (bits_[static_cast<std::size_t>(kind) / 64] & bit(kind)) != 0;
  }

 private:
  static constexpr std::uint64_t bit(RecordKind kind) {
    return std::uint64_t{1} << (static_cast<unsigned>(kind) % 64U);
  }
  std::array<std::uint64_t, 4> bits_ = {};
};

/// A record that the store was asked for, since the snapshot has not brought it.
struct FetchedRecord {
  std::uint32_t tenant = 0;
  Record record;  ///< A memory's embeddings come as records of their own.
};

/// The part of a snapshot that a sync sends: the chosen tenants' records. Opened once for all
/// projections; keeps 32 bytes a memory in RAM, and the ends of relations where they are asked for.
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
  /// A tenant that the store had once.
  struct Dropped {
    std::string tenant_id;
    std::uint32_t number = 0;
    std::uint64_t revision = 0;  ///< Of the write that took it out.
  };
  /// By id. One may be there again, as a new tenant.
  [[nodiscard]] const std::vector<Dropped>& dropped() const { return dropped_; }
  [[nodiscard]] std::vector<std::string> model_names() const;
  /// Of the vectors sent, the dimension that most have; 0: there is none.
  [[nodiscard]] std::uint32_t usual_dim() const;
  [[nodiscard]] std::uint64_t vector_count() const;

  using Visit = std::function<Status(const SourceRecord&)>;
  using VisitGone = std::function<Status(std::uint32_t tenant, const SourceTombstone&)>;
  struct Choice {
    SourceKinds kinds;
    /// What has a revision of at most this one, since the database has it, is left out and not
    /// decoded.
    std::uint64_t floor = 0;
    /// The model whose vectors come with their memories. Empty: with none.
    std::string_view model = {};
  };
  /// Visits the records of some kinds in one pass, embeddings last, then what was fetched; parts
  /// of the files that hold no such kind are not read. The results of plans count as agent results.
  /// A visit to memories notes their times, for embeddings.
  Status visit(const Choice& choice, const Visit& visit);
  /// What is gone, of an incremental snapshot.
  Status visit_gone(std::uint64_t floor, const VisitGone& visit);

  /// Adds a record that visit() brings too, a memory's embeddings included where `only_embeddings`
  /// or the whole is wanted.
  void add(FetchedRecord fetched, bool only_embeddings);
  /// Forgets them: what one schema waited for is no other's matter.
  void drop_added() { added_.clear(); }
  [[nodiscard]] bool has_added(std::string_view memory_id) const;
  [[nodiscard]] std::optional<std::uint32_t> tenant_number(std::string_view tenant_id) const;
  /// The model whose vectors a column of `dim` dimensions holds: of those, the store's first.
  [[nodiscard]] std::string model_of(std::uint32_t dim) const;
  /// The memories that relations join with each, ascending. Of a full snapshot; kept in RAM.
  Status read_related();

 private:
  struct KnownMemory {
    std::uint32_t tenant;
    Uuid id;
    Timestamp created_at;
  };
  struct Added {
    FetchedRecord fetched;
    bool only_embeddings;
  };
  struct Waiting {  // A memory that waits for its vector.
    std::uint32_t tenant;
    Record record;
    std::string key;
    std::vector<float> vector;
  };
  Source() = default;
  Status see(Table table, std::string_view key, std::string_view value);
  Status choose_tenant(const PostgresSyncOptions& options);
  Status scan_records(SourceKinds kinds, std::uint64_t floor,
                      const std::function<Status(const RecordKey&, std::string_view)>& visit) const;
  Status visit_record(const RecordKey& key, std::string_view value, const Choice& choice,
                      const Visit& visit);
  Status send_record(std::uint32_t tenant, const Record& record, std::span<const float> vector,
                     const Visit& visit) const;
  Status send_waiting(const Choice& choice, const Visit& visit);
  Status visit_embeddings(std::uint64_t floor, const Visit& visit) const;
  Status visit_added(const Choice& choice, const Visit& visit) const;
  using VisitVector =
      std::function<Status(const VectorKey&, std::string_view model, std::span<const float>)>;
  Status scan_vectors(const BlockChoice& is_wanted, std::uint64_t floor,
                      const VisitVector& visit) const;
  [[nodiscard]] bool may_hold(SourceKinds kinds, std::string_view first_key,
                              std::string_view last_key) const;
  [[nodiscard]] bool is_sent(std::uint32_t tenant) const { return !chosen_ || *chosen_ == tenant; }
  [[nodiscard]] std::optional<Timestamp> created_at(std::uint32_t tenant, const Uuid& memory) const;

  std::optional<SnapshotReader> reader_;
  Incarnations incarnations_;
  std::map<std::uint32_t, std::string> tenants_;
  std::vector<Dropped> dropped_;
  std::map<std::uint16_t, ModelRow> models_;
  std::map<std::pair<std::uint32_t, std::uint16_t>, std::uint64_t> vectors_;  // By tenant, model.
  std::optional<std::uint32_t> chosen_;
  std::string scope_;
  std::vector<KnownMemory> memories_;  // In key order, so sorted by tenant and id.
  std::vector<Added> added_;
  std::vector<Waiting> waiting_;
  bool knows_related_ = false;
  std::map<std::pair<std::uint32_t, Uuid>, std::vector<Uuid>> related_;
};

}  // namespace tulving::storage::postgres
