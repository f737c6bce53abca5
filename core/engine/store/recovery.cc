#include "core/engine/store/recovery.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <list>
#include <mutex>
#include <set>

#include "core/base/beside.h"
#include "core/base/check.h"
#include "core/base/fault_points.h"
#include "core/engine/store/index_checkpoint.h"
#include "core/engine/store/scan_beside.h"
#include "core/engine/store/vectors_in_log.h"
#include "storage/codec/codec.h"
#include "storage/keys.h"

namespace tulving::engine {
namespace {

using storage::RecordKind;
using storage::Table;

// Below this a text index is read in some ten milliseconds, and is worth no thread that outlives
// opening: there may be ten thousand tenants.
constexpr std::size_t kRowsOfLateText = 10'000;

constexpr std::array<char, 32> kNoHash{};  // Of a row without a text, in a checkpoint.

Error bad_row(std::string_view what, const Uuid& id, const Error& cause) {
  return {ErrorCode::kCorruption, fmt::format("{} {}: {}", what, id.to_string(), cause.message)};
}

// Recovers one tenant, in two steps: the records, and then the indexes, since only when the records
// of all tenants are there is it known how far the log goes, and so whether it goes as far as what
// the checkpoint was made of. Rows whose texts or vectors no checkpoint holds are listed, and
// indexed in the second step.
class TenantRecovery {
 public:
  TenantRecovery(TenantState& tenant, const storage::Journal& journal,
                 const storage::JournalReader& reader, Catalog& catalog, FileSystem& files)
      : tenant_(tenant), journal_(journal), reader_(reader), catalog_(catalog), files_(files) {}

  Status read_records(const std::filesystem::path& directory, const StoreOptions& options) {
    TULVING_DCHECK(tenant_.memories.row_limit() == 0);  // From nothing: RAM is what the log says.
    const auto checkpoint = checkpoint_directory(directory, *tenant_.number);
    if (!directory.empty()) reserve_rows(checkpoint);
    // The records and the indexes are read beside each other: they meet in the rows alone.
    std::future<CheckpointIndexes> indexes;
    if (!checkpoint_.rows.empty()) {
      indexes = beside([this, checkpoint, dims = dims(), &options] {
        return load_checkpoint_indexes(files_, checkpoint, checkpoint_.origin, dims,
                                       options.vectors,
                                       vectors_in_log(journal_, *tenant_.number, checkpoint_.rows));
      });
    }
    auto status = scan_beside(reader_, Table::kRecords, storage::record_prefix(*tenant_.number),
                              [this](std::span<ScannedRow> rows) { return record_rows(rows); });
    if (!status) return status;
    tenant_.index_records([this](std::uint32_t row, const storage::MemoryRecord& record) {
      list_if_stale(row, record);
    });
    if (indexes.valid()) indexes_ = indexes.get();
    checkpoint_.rows = {};  // Each has been compared.
    return {};
  }

  [[nodiscard]] std::uint64_t revision() const { return recovered_.revision; }

  /// The log goes up to `revision`.
  Result<Recovered> index_records(const LogHead& head, std::uint64_t revision) {
    TULVING_DCHECK(recovered_.revision <= revision);
    const CheckpointOrigin& origin = checkpoint_.origin;
    const bool is_of_this_log =
        TULVING_SABOTAGE(kCheckpointUnbound) ||
        (origin.store_id == head.store_id && origin.tenant == *tenant_.number &&
         head.incarnations.contains(origin.position(), revision));
    (void)tenant_.memories.release_reserved();  // Of memories that were erased since.
    take_indexes(is_of_this_log ? std::move(indexes_) : CheckpointIndexes());
    for (Relation& relation : relations_) tenant_.put(std::move(relation));
    auto texts = beside([this] {
      if (!is_text_expected_) index_texts();
    });
    Status vectors = index_vectors();
    texts.get();
    TULVING_DCHECK(tenant_.updated.size() == tenant_.memories.size());  // Each record is indexed.
    if (!vectors) return vectors.error();
    return recovered_;
  }

 private:
  void reserve_rows(const std::filesystem::path& checkpoint) {
    checkpoint_ = load_checkpoint_rows(files_, checkpoint);
    row_count_ = checkpoint_.rows.size();
    tenant_.memories.make_room(row_count_);
    for (std::uint32_t row = 0; row < checkpoint_.rows.size(); ++row) {
      const Uuid& id = checkpoint_.rows[row].id;
      if (!id.is_nil()) tenant_.memories.reserve(row, id);
    }
  }

  // A large one is read behind the records: a search for words waits for it, others need not.
  [[nodiscard]] bool text_is_late() const { return row_count_ >= kRowsOfLateText; }

  [[nodiscard]] std::map<std::uint16_t, std::uint32_t> dims() const {
    std::map<std::uint16_t, std::uint32_t> dims;
    for (const storage::ModelRow& model : catalog_.models()) dims[model.number] = model.dim;
    return dims;
  }

  // What they have of rows that no memory has goes: of memories that were erased since, or whatever
  // a file claims that somebody made.
  void take_indexes(CheckpointIndexes loaded) {
    const Roaring& rows = tenant_.memories.rows();
    if (loaded.text.valid() && text_is_late()) {
      using Text = std::future<std::unique_ptr<index::TextIndex>>;
      tenant_.expect_text([&tenant = tenant_, stale = std::move(stale_texts_),
                           text = std::make_shared<Text>(std::move(loaded.text))] {
        // A second time there is none: what the first threw was for want of memory.
        return text_of(tenant, text->valid() ? text->get() : nullptr, stale);
      });
      stale_texts_.clear();
      is_text_expected_ = true;
    } else if (loaded.text.valid()) {
      text_ = loaded.text.get();
    }
    for (auto& [model, index] : loaded.vectors) {
      loaded_models_.insert(model);
      for (const std::uint32_t row : index->rows() - rows) index->erase(row);
      tenant_.vectors[model] = std::move(index);
    }
  }

  Status record_rows(std::span<ScannedRow> rows) {
    // Where a memory is found by its id is a miss of the cache: those of a batch are waited for
    // beside each other.
    for (const ScannedRow& row : rows) {
      if (const auto key = storage::parse_record_key(row.key());
          key && key->kind == RecordKind::kMemory) {
        tenant_.memories.prefetch(key->id);
      }
    }
    for (ScannedRow& row : rows) {
      auto status = record_row(row.key(), std::move(row.value));
      if (!status) return status;
    }
    return {};
  }

  Status record_row(std::string_view key_bytes, std::string value) {
    const auto key = storage::parse_record_key(key_bytes);
    if (!key) {
      return Error{ErrorCode::kCorruption,
                   fmt::format("tenant \"{}\": a record's key is malformed", tenant_.id)};
    }
    Status status;
    const auto plain = [&]<class Record>(kinds::Tag<Record>) {
      status = plain_row<Record>(key->id, value);
    };
    if (kinds::PlainKinds::with(key->kind, plain)) return status;
    switch (key->kind) {
      case RecordKind::kMemory:
        return memory_row(key->id, std::move(value));
      case RecordKind::kPlan: {
        const auto plan = storage::decode_plan(value);
        if (!plan) return bad_row("plan", key->id, plan.error());
        see(plan->revision);
        tenant_.plans[plan->id] = head_of(*plan);
        return {};
      }
      case RecordKind::kTombstone: {
        auto tombstone = storage::decode_tombstone(value);
        if (!tombstone) return bad_row("tombstone", key->id, tombstone.error());
        if (key->gone != 0 && key->gone != tombstone->kind) {
          return Error{ErrorCode::kCorruption,
                       fmt::format("tombstone {} is of kind {} and lies under the key of kind {}",
                                   key->id.to_string(), tombstone->kind, key->gone)};
        }
        see(tombstone->revision);
        if (tombstone->kind == static_cast<std::uint8_t>(RecordKind::kMemory)) {
          tenant_.see_tombstone(key->id, {tombstone->content_digest, tombstone->content_id});
        }
        return {};
      }
      case RecordKind::kIdempotency: {
        auto record = storage::decode_idempotency(value);
        if (!record) return bad_row("idempotency key", key->id, record.error());
        see(record->revision);
        return {};
      }
      default:
        break;
    }
    return Error{ErrorCode::kCorruption,
                 fmt::format("tenant \"{}\": record {} is of kind {}, which this library does not "
                             "know",
                             tenant_.id, key->id.to_string(), static_cast<int>(key->kind))};
  }

  template <class Record>
  Status plain_row(const Uuid& id, std::string_view value) {
    auto record = storage::decode<Record>(value);
    if (!record) return bad_row(kinds::Kind<Record>::noun, id, record.error());
    see(record->revision);
    if constexpr (std::is_same_v<Record, Relation>) {
      relations_.push_back(*std::move(record));  // Until its ends are there.
    } else {
      tenant_.put(*std::move(record));
    }
    return {};
  }

  Status memory_row(const Uuid& id, std::string value) {
    auto decoded = storage::MemoryRecord::decode(std::move(value));
    if (!decoded) return bad_row("memory", id, decoded.error());
    RecordPtr& record = *decoded;
    if (record->id() != id) {
      return Error{ErrorCode::kCorruption, fmt::format("memory {} lies under the key of {}",
                                                       record->id().to_string(), id.to_string())};
    }
    see(record->revision());
    tenant_.memories.load(std::move(record));
    return {};
  }

  // Rows whose text or vectors may be others than the checkpoint's.
  void list_if_stale(std::uint32_t row, const storage::MemoryRecord& record) {
    const auto& saved = checkpoint_.rows;
    const bool in_checkpoint = row < saved.size() && saved[row].id == record.id();
    const std::string_view old_hash =
        in_checkpoint ? std::string_view(saved[row].content_hash.data(), 32) : "";
    const std::string_view hash =
        record.text().empty() ? std::string_view(kNoHash.data(), 32) : record.content_hash();
    const bool is_newer = !in_checkpoint || record.revision() > checkpoint_.origin.revision;
    if (is_newer || old_hash != hash) stale_texts_.push_back(row);
    if (is_newer) stale_vectors_.push_back(row);
  }

  // A text index brought up to the records. `stale`: rows whose text may be another than the
  // index's; null: none was saved.
  static TenantState::LateText text_of(const TenantState& tenant,
                                       std::unique_ptr<index::TextIndex> saved,
                                       std::span<const std::uint32_t> stale) {
    const Roaring& rows = tenant.memories.rows();
    TenantState::LateText late{std::move(saved), 0};
    if (!late.index) late.index = std::make_unique<index::TextIndex>();
    index::TextIndex& text = *late.index;
    const auto bring_up = [&](std::uint32_t row) {
      if (TenantState::index_words(text, row, *tenant.memories.record(row))) ++late.made_anew;
    };
    for (const std::uint32_t row : text.rows() - rows) text.erase(row);
    // Each memory that it does not know is asked whether there is nothing to know.
    for (const std::uint32_t row : rows - text.rows()) bring_up(row);
    for (const std::uint32_t row : stale) bring_up(row);
    return late;
  }

  void index_texts() {
    TenantState::LateText text = text_of(tenant_, std::move(text_), stale_texts_);
    tenant_.put_text(std::move(text.index));
    recovered_.replayed = std::max(recovered_.replayed, text.made_anew);
  }

  Status index_vectors() {
    std::vector<std::uint16_t> missing;  // Models whose index no checkpoint held.
    for (const storage::ModelRow& model : catalog_.models()) {
      if (!loaded_models_.contains(model.number)) missing.push_back(model.number);
    }
    // One pass over all vectors costs less than looking up a good part of them one by one.
    const bool scan_all = !missing.empty() || stale_vectors_.size() * 4 > tenant_.memories.size();
    if (scan_all) {
      for (const std::uint32_t row : stale_vectors_) forget_vectors(row);
      const Roaring stale(stale_vectors_.size(), stale_vectors_.data());
      return reader_.scan(Table::kVectors, storage::vector_prefix(*tenant_.number),
                          [&](std::string_view key, std::string_view value) {
                            return vector_row(key, value, &missing, &stale);
                          });
    }
    for (const std::uint32_t row : stale_vectors_) {
      forget_vectors(row);
      const Uuid id = tenant_.memories.record(row)->id();
      auto status = reader_.scan(Table::kVectors, storage::vector_prefix(*tenant_.number, id),
                                 [&](std::string_view key, std::string_view value) {
                                   return vector_row(key, value, nullptr, nullptr);
                                 });
      if (!status) return status;
    }
    return {};
  }

  void forget_vectors(std::uint32_t row) {
    for (auto& [model, index] : tenant_.vectors) {
      if (index->contains(row)) index->erase(row);
    }
  }

  // `missing` and `stale` given: other vectors are in their index already.
  Status vector_row(std::string_view key_bytes, std::string_view value,
                    const std::vector<std::uint16_t>* missing, const Roaring* stale) {
    const auto key = storage::parse_vector_key(key_bytes);
    if (!key) {
      return Error{ErrorCode::kCorruption,
                   fmt::format("tenant \"{}\": an embedding's key is malformed", tenant_.id)};
    }
    const auto row = tenant_.memories.find(key->memory);
    const auto model = catalog_.model(key->model);
    if (!row || !model) {
      return Error{ErrorCode::kCorruption,
                   fmt::format("embedding of memory {}: there is no such {}",
                               key->memory.to_string(), row ? "model" : "memory")};
    }
    if (missing != nullptr && !stale->contains(*row) &&
        std::find(missing->begin(), missing->end(), key->model) == missing->end()) {
      return {};
    }
    auto embedding = storage::view_embedding(value);
    std::vector<float> copied;
    if (!embedding) {
      auto decoded = storage::decode_embedding(value);
      if (!decoded) return bad_row("embedding of memory", key->memory, decoded.error());
      copied = std::move(decoded->vector);
      embedding = storage::EmbeddingView{decoded->revision, copied, decoded->passages};
    }
    see(embedding->revision);
    if (embedding->dim() != model->dim) {
      return Error{ErrorCode::kCorruption,
                   fmt::format("embedding of memory {} has {} dimensions; model \"{}\" has {}",
                               key->memory.to_string(), embedding->dim(), model->name, model->dim)};
    }
    tenant_.vector_index(key->model, model->dim).set(*row, embedding->vector);
    return {};
  }

  void see(std::uint64_t revision) {
    recovered_.revision = std::max(recovered_.revision, revision);
  }

  TenantState& tenant_;
  const storage::Journal& journal_;
  const storage::JournalReader& reader_;
  Catalog& catalog_;
  FileSystem& files_;
  CheckpointRows checkpoint_;
  std::size_t row_count_ = 0;  ///< Of the checkpoint.
  CheckpointIndexes indexes_;
  std::unique_ptr<index::TextIndex> text_;  ///< Of the checkpoint; null: none.
  bool is_text_expected_ = false;           ///< By the tenant, after opening.
  std::set<std::uint16_t> loaded_models_;   ///< Whose vectors the checkpoint held.
  std::vector<Relation> relations_;
  std::vector<std::uint32_t> stale_texts_, stale_vectors_;
  Recovered recovered_;
};

}  // namespace

Result<Recovered> recover_tenants(const storage::Journal& journal,
                                  const storage::JournalReader& reader, const LogHead& head,
                                  Catalog& catalog, FileSystem& files,
                                  const std::filesystem::path& directory,
                                  const StoreOptions& options) {
  Recovered all;
  all.revision = head.revision;
  const auto tenants = catalog.tenants();
  std::list<TenantRecovery> recoveries;
  for (const auto& tenant : tenants) {
    const auto state = tenant->write();
    auto& recovery = recoveries.emplace_back(*state, journal, reader, catalog, files);
    if (auto status = recovery.read_records(directory, options); !status) return status.error();
    all.revision = std::max(all.revision, recovery.revision());
  }
  std::uint64_t greatest = all.revision;
  auto recovery = recoveries.begin();
  for (const auto& tenant : tenants) {
    const auto alone = tenant->write();
    auto recovered = recovery->index_records(head, all.revision);
    if (!recovered) return recovered.error();
    greatest = std::max(greatest, recovered->revision);
    all.replayed += recovered->replayed;
    recoveries.erase(recovery++);
  }
  all.revision = greatest;  // Vectors bear revisions too.
  return all;
}

}  // namespace tulving::engine
