#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/kinds/record_kind.h"
#include "storage/journal.h"
#include "tulving/records.h"
#include "tulving/uuid.h"

namespace tulving::testing {

/// What a tenant holds, as plain values: the model that a database is compared with.
struct TenantModel {
  std::map<std::string, Session> sessions;
  std::map<Uuid, Memory> memories;
  std::map<Uuid, Relation> relations;
};

/// A store without an engine: writes rows into a memory journal as the engine does, and beside them
/// the model. Each call is one revision.
class StoreWriter {
 public:
  StoreWriter();

  void put_session(const std::string& tenant, Session session);
  /// Its embeddings, too. Times that are empty are set.
  void put_memory(const std::string& tenant, Memory memory);
  void put_relation(const std::string& tenant, Relation relation);
  void forget(const std::string& tenant, const Uuid& id);
  /// Leaves a tombstone; relations go with it, a session's memories likewise.
  void erase_memory(const std::string& tenant, const Uuid& id);
  void erase_session(const std::string& tenant, const std::string& session_id);
  void erase_relation(const std::string& tenant, const Uuid& id);
  /// Replaces a vector without touching its memory.
  void put_embedding(const std::string& tenant, const Uuid& memory, const Embedding& embedding);

  /// Writes a snapshot into a new directory; `since` makes it incremental.
  std::filesystem::path snapshot(std::optional<std::uint64_t> since = {});

  [[nodiscard]] const TenantModel& model(const std::string& tenant) { return models_[tenant]; }
  [[nodiscard]] const std::map<std::string, TenantModel>& models() const { return models_; }
  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  [[nodiscard]] std::string store_id() const { return store_id_.to_string(); }

 private:
  std::uint32_t tenant_number(const std::string& tenant);
  std::uint16_t model_number(const Embedding& embedding);
  void append(storage::JournalBatch batch);
  void bury(storage::JournalBatch& batch, const std::string& tenant, kinds::RecordKind kind,
            const Uuid& id, const std::string& name);
  void erase_into(storage::JournalBatch& batch, const std::string& tenant, const Uuid& id);

  Uuid store_id_;
  std::uint64_t revision_ = 0;
  std::unique_ptr<storage::Journal> journal_;
  std::map<std::string, std::uint32_t> tenants_;
  std::map<std::string, std::uint16_t> model_numbers_;
  std::map<std::string, TenantModel> models_;
  std::filesystem::path directory_;
  int snapshots_ = 0;

 public:
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;
  ~StoreWriter();
};

/// A memory of a text, whose id is derived from the text unless `name` is given.
[[nodiscard]] Memory memory_of(const std::string& text, const std::string& session_id = {},
                               const std::string& name = {});
[[nodiscard]] Session session_of(const std::string& session_id);
[[nodiscard]] Relation relation_of(const Uuid& source, const Uuid& target,
                                   const std::string& type = "related");

}  // namespace tulving::testing
