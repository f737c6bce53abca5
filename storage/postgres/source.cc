#include "storage/postgres/source.h"

#include <algorithm>
#include <tuple>

#include "core/base/check.h"
#include "storage/vector_tombstone.h"

namespace tulving::storage::postgres {
namespace {

Error damaged(std::string what) {
  return {ErrorCode::kCorruption, "the snapshot is damaged: " + std::move(what)};
}

SourceKind source_kind_of(RecordKind kind) {
  switch (kind) {
    case RecordKind::kSession:
      return SourceKind::kSession;
    case RecordKind::kMemory:
      return SourceKind::kMemory;
    case RecordKind::kRelation:
      return SourceKind::kRelation;
    case RecordKind::kTombstone:
      return SourceKind::kTombstone;
    default:
      return SourceKind::kNone;
  }
}

// Of what a tombstone says is gone.
SourceKind source_kind_of_gone(std::uint8_t kind) {
  return kind == kVectorTombstone ? SourceKind::kEmbedding
                                  : source_kind_of(static_cast<RecordKind>(kind));
}

}  // namespace

std::string_view kind_name(SourceKind kind) {
  switch (kind) {
    case SourceKind::kSession:
      return "session";
    case SourceKind::kMemory:
      return "memory";
    case SourceKind::kRelation:
      return "relation";
    case SourceKind::kEmbedding:
      return "embedding";
    case SourceKind::kTombstone:
    case SourceKind::kNone:
      break;
  }
  return "";
}

Result<Source> Source::open(const std::filesystem::path& directory,
                            const PostgresSyncOptions& options) {
  Source source;
  auto reader =
      SnapshotReader::open(directory, FileSystem::machine(),
                           [&source](Table table, std::string_view key, std::string_view value) {
                             return source.see(table, key, value);
                           });
  if (!reader) return reader.error();
  source.reader_ = *std::move(reader);
  if (auto status = source.choose_tenant(options); !status) return status.error();
  return source;
}

// What is to be known of the whole before a part of it is sent.
Status Source::see(Table table, std::string_view key, std::string_view value) {
  if (table == Table::kMeta && key == store_key()) {
    auto store = decode_store(value);
    if (!store) return store.error();
    incarnations_ = std::move(store->incarnations);
  } else if (table == Table::kMeta && key.starts_with('t')) {
    auto tenant = decode_tenant(value);
    if (!tenant) return tenant.error();
    tenants_[tenant->number] = std::move(tenant->tenant_id);
  } else if (table == Table::kMeta && key.starts_with('m')) {
    auto model = decode_model(value);
    if (!model) return model.error();
    models_[model->number] = std::move(*model);
  } else if (table == Table::kVectors) {
    const auto vector = parse_vector_key(key);
    if (!vector) return damaged("a vector has a key of another form");
    ++vectors_[{vector->tenant, vector->model}];
  }
  return {};
}

Status Source::choose_tenant(const PostgresSyncOptions& options) {
  if (options.all_tenants) return {};
  if (options.tenant.empty() && tenants_.empty()) return {};  // Nothing to send, of anyone.
  if (options.tenant.empty() && tenants_.size() == 1) {
    chosen_ = tenants_.begin()->first;
    scope_ = tenants_.begin()->second;
    return {};
  }
  constexpr std::size_t kListedMax = 10;
  std::vector<std::string> names;
  for (const auto& [number, name] : tenants_) {
    if (name == options.tenant) chosen_ = number;
    names.push_back(name);
  }
  scope_ = options.tenant;
  if (chosen_) return {};
  std::sort(names.begin(), names.end());
  std::string listed;
  for (std::size_t i = 0; i < std::min(names.size(), kListedMax); ++i) {
    listed += (i == 0 ? "\"" : ", \"") + names[i] + '"';
  }
  if (names.size() > kListedMax) {
    listed += " and " + std::to_string(names.size() - kListedMax) + " more";
  }
  std::string message = options.tenant.empty()
                            ? "the snapshot holds " + std::to_string(names.size()) +
                                  " tenants; name one, or send all of them (all_tenants): " + listed
                            : "the snapshot holds no tenant \"" + options.tenant + "\", but " +
                                  (names.empty() ? "none at all" : listed);
  return Error{ErrorCode::kInvalidArgument, std::move(message), "tenant"};
}

std::vector<std::string> Source::model_names() const {
  std::vector<std::string> names;
  for (const auto& [number, model] : models_) names.push_back(model.name);
  return names;
}

std::uint32_t Source::usual_dim() const {
  std::map<std::uint32_t, std::uint64_t> vectors_by_dim;
  for (const auto& [of, vectors] : vectors_) {
    const auto model = models_.find(of.second);
    if (is_sent(of.first) && model != models_.end()) vectors_by_dim[model->second.dim] += vectors;
  }
  std::uint64_t most = 0;
  std::uint32_t usual = 0;
  for (const auto& [dim, vectors] : vectors_by_dim) {
    if (vectors > most) std::tie(most, usual) = std::pair(vectors, dim);
  }
  return usual;
}

Status Source::visit(SourceKinds kinds, std::uint64_t floor, const Visit& visit) {
  TULVING_DCHECK(reader_.has_value());
  TULVING_DCHECK(info().since || floor == 0);  // A full snapshot is sent whole.
  if (kinds.contains(SourceKind::kMemory)) memories_.clear();
  if (auto status = visit_records(kinds, floor, visit); !status) return status;
  return kinds.contains(SourceKind::kEmbedding) ? visit_embeddings(floor, visit) : Status();
}

// By a block's first and last key. Records are ordered by tenant, then kind.
bool Source::may_hold(SourceKinds kinds, std::string_view first_key,
                      std::string_view last_key) const {
  TULVING_DCHECK(first_key <= last_key);
  const auto first = parse_record_key(first_key);
  const auto last = parse_record_key(last_key);
  if (!first || !last) return true;  // The visit will say what is wrong.
  if (chosen_ && (*chosen_ < first->tenant || *chosen_ > last->tenant)) return false;
  if (first->tenant != last->tenant) return true;
  for (unsigned byte = kind_byte(*first); byte <= kind_byte(*last); ++byte) {
    const auto kind = kind_of_byte(static_cast<std::uint8_t>(byte));
    if (kind && kinds.contains(source_kind_of(*kind))) return true;
  }
  return false;
}

Status Source::visit_records(SourceKinds kinds, std::uint64_t floor, const Visit& visit) {
  const auto is_wanted = [&](std::string_view first_key, std::string_view last_key) {
    return may_hold(kinds, first_key, last_key);
  };
  return reader_->scan(Table::kRecords, is_wanted,
                       [&](std::string_view key, std::string_view value) -> Status {
                         const auto parsed = parse_record_key(key);
                         if (!parsed) return damaged("a record has a key of another form");
                         const auto kind = source_kind_of(parsed->kind);
                         if (!kinds.contains(kind) || !is_sent(parsed->tenant)) return {};
                         const auto revision = row_revision(value);
                         if (!revision) return revision.error();
                         if (*revision <= floor) return {};
                         const auto tenant = tenants_.find(parsed->tenant);
                         if (tenant == tenants_.end())
                           return damaged("a record belongs to no tenant");
                         return visit_record(kind, {parsed->tenant, tenant->second, kind, {}},
                                             *parsed, value, visit);
                       });
}

Status Source::visit_record(SourceKind kind, SourceRecord record, const RecordKey& key,
                            std::string_view value, const Visit& visit) {
  const auto send = [&](const auto& decoded) -> Status {
    if (!decoded) return decoded.error();
    record.value = &*decoded;
    return visit(record);
  };
  if (kind == SourceKind::kSession) return send(decode<Session>(value));
  if (kind == SourceKind::kRelation) return send(decode<Relation>(value));
  if (kind == SourceKind::kMemory) {
    const auto memory = MemoryRecord::decode(std::string(value));
    if (!memory) return memory.error();
    memories_.push_back({key.tenant, (*memory)->id(), (*memory)->created_at()});
    record.value = memory->get();
    return visit(record);
  }
  auto tombstone = decode_tombstone(value);
  if (!tombstone) return tombstone.error();
  const auto erased = source_kind_of_gone(tombstone->kind);
  if (erased == SourceKind::kNone) return {};
  const bool has_name = erased == SourceKind::kSession || erased == SourceKind::kEmbedding;
  return send(Result<SourceTombstone>(
      SourceTombstone{erased, has_name ? std::move(tombstone->name) : key.id.to_string()}));
}

Status Source::visit_embeddings(std::uint64_t floor, const Visit& visit) const {
  const auto is_wanted = [&](std::string_view first_key, std::string_view last_key) {
    const auto first = parse_vector_key(first_key);
    const auto last = parse_vector_key(last_key);
    return !chosen_ || !first || !last || (*chosen_ >= first->tenant && *chosen_ <= last->tenant);
  };
  return reader_->scan(
      Table::kVectors, is_wanted, [&](std::string_view key, std::string_view value) -> Status {
        const auto parsed = parse_vector_key(key);
        if (!parsed) return damaged("a vector has a key of another form");
        if (!is_sent(parsed->tenant)) return {};
        const auto revision = row_revision(value);
        if (!revision) return revision.error();
        if (*revision <= floor) return {};
        const auto tenant = tenants_.find(parsed->tenant);
        const auto model = models_.find(parsed->model);
        if (tenant == tenants_.end()) return damaged("a vector belongs to no tenant");
        if (model == models_.end()) return damaged("a vector is of no model");
        StoredEmbedding copy;  // Where the bytes lie askew in the file.
        EmbeddingView view;
        if (auto viewed = view_embedding(value)) {
          view = *viewed;
        } else {
          auto decoded = decode_embedding(value);
          if (!decoded) return decoded.error();
          copy = std::move(*decoded);
          view = {copy.revision, copy.vector};
        }
        const SourceEmbedding embedding{parsed->memory, model->second.name, view.vector,
                                        created_at(parsed->tenant, parsed->memory)};
        return visit({parsed->tenant, tenant->second, SourceKind::kEmbedding, &embedding});
      });
}

std::optional<Timestamp> Source::created_at(std::uint32_t tenant, const Uuid& memory) const {
  const auto before = [](const KnownMemory& left, const std::pair<std::uint32_t, Uuid>& right) {
    return std::tie(left.tenant, left.id) < std::tie(right.first, right.second);
  };
  const auto found =
      std::lower_bound(memories_.begin(), memories_.end(), std::pair(tenant, memory), before);
  if (found == memories_.end() || found->tenant != tenant || found->id != memory) return {};
  return found->created_at;
}

}  // namespace tulving::storage::postgres
