#include "core/engine/store/store_format.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/check.h"
#include "core/base/fault_points.h"
#include "storage/keys.h"

namespace tulving::engine {
namespace {

using storage::RecordKind;
using storage::Table;

// Changes of the log in pieces that fit into any memory.
class Pieces {
 public:
  explicit Pieces(storage::Journal& journal) : journal_(journal) {}

  Status put(Table table, std::string key, std::string value) {
    bytes_ += key.size() + value.size();
    batch_.put(table, std::move(key), std::move(value));
    return bytes_ < kPieceBytes ? Status() : flush();
  }
  Status erase(Table table, std::string key) {
    bytes_ += key.size();
    batch_.erase(table, std::move(key));
    return bytes_ < kPieceBytes ? Status() : flush();
  }
  Status flush() {
    if (batch_.empty()) return {};
    TULVING_KILL_POINT("raise.piece");
    auto status = journal_.append(batch_);
    TULVING_KILL_POINT("raise.appended");
    batch_.clear();
    bytes_ = 0;
    return status;
  }

 private:
  static constexpr std::size_t kPieceBytes = std::size_t{4} << 20U;
  storage::Journal& journal_;
  storage::JournalBatch batch_;
  std::size_t bytes_ = 0;
};

using Moved = std::pair<std::string, std::string>;  // Key and value.

// The tombstones that lie under the key that once was the same for all kinds.
Result<std::vector<Moved>> former_tombstones(const storage::JournalReader& reader) {
  std::vector<Moved> found;
  const auto of_tenant = [&](std::string_view, std::string_view row) -> Status {
    const auto tenant = storage::decode_tenant(row);
    if (!tenant) return tenant.error();
    return reader.scan(Table::kRecords,
                       storage::record_prefix(tenant->number, RecordKind::kTombstone),
                       [&](std::string_view key, std::string_view value) -> Status {
                         found.emplace_back(key, value);
                         return {};
                       });
  };
  if (auto status = reader.scan(Table::kMeta, "t", of_tenant); !status) return status.error();
  return found;
}

Result<std::string> key_of_its_kind(const Moved& row) {
  const auto key = storage::parse_record_key(row.first);
  if (!key) return Error{ErrorCode::kCorruption, "a tombstone's key is malformed"};
  const auto tombstone = storage::decode_tombstone(row.second);
  if (!tombstone) return tombstone.error();
  storage::RecordKey moved = *key;
  moved.gone = tombstone->kind;
  if (tombstone->kind == 0 || !storage::kind_of_byte(storage::kind_byte(moved))) {
    return Error{ErrorCode::kCorruption, fmt::format("tombstone {} is of kind {}, which is none",
                                                     key->id.to_string(), tombstone->kind)};
  }
  return storage::tombstone_key(key->tenant, tombstone->kind, key->id);
}

// Each tombstone to the place of its kind. The change feed names them where they were, so it goes
// first, the oldest rows before the others: what is asked of it then is found in the records.
Status move_tombstones(Pieces& pieces, const storage::JournalReader& reader,
                       const std::vector<Moved>& tombstones) {
  auto status = reader.scan(Table::kMeta, storage::kChangePrefix,
                            [&](std::string_view key, std::string_view) {
                              return pieces.erase(Table::kMeta, std::string(key));
                            });
  if (!status) return status;
  for (const Moved& row : tombstones) {
    auto key = key_of_its_kind(row);
    if (!key) return key.error();
    TULVING_DCHECK(*key != row.first);
    if (status = pieces.put(Table::kRecords, *std::move(key), row.second); !status) return status;
    if (status = pieces.erase(Table::kRecords, row.first); !status) return status;
  }
  return {};
}

}  // namespace

Status raise_format(storage::Journal& journal, const storage::StoreRow& store) {
  TULVING_DCHECK(store.format < kFormat);
  const auto reader = journal.snapshot();
  Pieces pieces(journal);
  const auto tombstones = former_tombstones(*reader);
  if (!tombstones) return tombstones.error();
  if (!tombstones->empty()) {
    if (auto status = move_tombstones(pieces, *reader, *tombstones); !status) return status;
  }
  // The number last: until it is there, the next opening does all of this again.
  storage::StoreRow raised = store;
  raised.format = kFormat;
  auto status = pieces.put(Table::kMeta, storage::store_key(), storage::encode_store(raised));
  return status ? pieces.flush() : status;
}

}  // namespace tulving::engine
