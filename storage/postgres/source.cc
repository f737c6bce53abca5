#include "storage/postgres/source.h"

#include <algorithm>
#include <tuple>

#include "storage/vector_tombstone.h"

namespace tulving::storage::postgres {
namespace {

Error damaged(std::string what) {
  return {ErrorCode::kCorruption, "the snapshot is damaged: " + std::move(what)};
}

RecordKind record_kind_of(SourceKind kind) {
  switch (kind) {
    case SourceKind::kSession:
      return RecordKind::kSession;
    case SourceKind::kRelation:
      return RecordKind::kRelation;
    default:
      return RecordKind::kMemory;
  }
}

SourceKind source_kind_of(std::uint8_t kind) {
  if (kind == kVectorTombstone) return SourceKind::kEmbedding;
  switch (static_cast<RecordKind>(kind)) {
    case RecordKind::kSession:
      return SourceKind::kSession;
    case RecordKind::kMemory:
      return SourceKind::kMemory;
    case RecordKind::kRelation:
      return SourceKind::kRelation;
    default:
      return SourceKind::kNone;
  }
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
    case SourceKind::kNone:
      break;
  }
  return "";
}

Result<Source> Source::open(const std::filesystem::path& directory,
                            const PostgresSyncOptions& options) {
  auto reader = SnapshotReader::open(directory);
  if (!reader) return reader.error();
  Source source(std::move(*reader));
  if (auto status = source.read_names(); !status) return status.error();
  if (auto status = source.choose_tenant(options); !status) return status.error();
  return source;
}

Status Source::read_names() {
  return reader_.scan(Table::kMeta, [this](std::string_view key, std::string_view value) -> Status {
    if (key.starts_with('t')) {
      auto tenant = decode_tenant(value);
      if (!tenant) return tenant.error();
      tenants_[tenant->number] = std::move(tenant->tenant_id);
    } else if (key.starts_with('m')) {
      auto model = decode_model(value);
      if (!model) return model.error();
      models_[model->number] = std::move(*model);
    }
    return {};
  });
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

Result<Source::Survey> Source::survey() {
  Survey survey;
  for (const auto kind : {SourceKind::kSession, SourceKind::kMemory, SourceKind::kRelation}) {
    auto status = visit(kind, [&](const SourceRecord& record) -> Status {
      ++survey.records[kind];
      if (kind == SourceKind::kMemory) {
        const auto& memory = *std::get<const MemoryRecord*>(record.value);
        survey.tags += memory.tags().size();
        memories_.push_back({record.tenant, memory.id(), memory.created_at()});
      }
      return {};
    });
    if (!status) return status.error();
  }
  std::map<std::uint32_t, std::uint64_t> vectors_by_dim;
  auto status = visit(SourceKind::kEmbedding, [&](const SourceRecord& record) -> Status {
    ++survey.records[SourceKind::kEmbedding];
    const auto& embedding = *std::get<const SourceEmbedding*>(record.value);
    ++vectors_by_dim[static_cast<std::uint32_t>(embedding.vector.size())];
    return {};
  });
  if (!status) return status.error();
  std::uint64_t most = 0;
  for (const auto& [dim, vectors] : vectors_by_dim) {
    if (vectors > most) std::tie(most, survey.dim) = std::pair(vectors, dim);
  }
  return survey;
}

Status Source::visit(SourceKind kind,
                     const std::function<Status(const SourceRecord&)>& visit) const {
  return kind == SourceKind::kEmbedding ? visit_embeddings(visit) : visit_records(kind, visit);
}

Status Source::visit_records(SourceKind kind,
                             const std::function<Status(const SourceRecord&)>& visit) const {
  const RecordKind wanted = record_kind_of(kind);
  return reader_.scan(Table::kRecords, [&](std::string_view key, std::string_view value) -> Status {
    const auto parsed = parse_record_key(key);
    if (!parsed) return damaged("a record has a key of another form");
    if (parsed->kind != wanted || !is_sent(parsed->tenant)) return {};
    const auto tenant = tenants_.find(parsed->tenant);
    if (tenant == tenants_.end()) return damaged("a record belongs to no tenant");
    SourceRecord record{parsed->tenant, tenant->second, {}};
    const auto send = [&](auto& decoded, const auto& kept) -> Status {
      if (!decoded) return decoded.error();
      record.value = kept;
      return visit(record);
    };
    if (kind == SourceKind::kSession) {
      auto session = decode_session(value);
      if (session && session->revision <= floor_) return {};
      return send(session, session ? &session.value() : nullptr);
    }
    if (kind == SourceKind::kRelation) {
      auto relation = decode_relation(value);
      if (relation && relation->revision <= floor_) return {};
      return send(relation, relation ? &relation.value() : nullptr);
    }
    auto memory = MemoryRecord::decode(std::string(value));
    if (memory && (*memory)->revision() <= floor_) return {};
    return send(memory, memory ? memory->get() : nullptr);
  });
}

Status Source::visit_embeddings(const std::function<Status(const SourceRecord&)>& visit) const {
  return reader_.scan(Table::kVectors, [&](std::string_view key, std::string_view value) -> Status {
    const auto parsed = parse_vector_key(key);
    if (!parsed) return damaged("a vector has a key of another form");
    if (!is_sent(parsed->tenant)) return {};
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
    if (view.revision <= floor_) return {};
    const SourceEmbedding embedding{parsed->memory, model->second.name, view.vector,
                                    created_at(parsed->tenant, parsed->memory)};
    return visit(SourceRecord{parsed->tenant, tenant->second, &embedding});
  });
}

Status Source::visit_tombstones(const std::function<Status(const SourceTombstone&)>& visit) const {
  return reader_.scan(Table::kRecords, [&](std::string_view key, std::string_view value) -> Status {
    const auto parsed = parse_record_key(key);
    if (!parsed) return damaged("a record has a key of another form");
    if (parsed->kind != RecordKind::kTombstone || !is_sent(parsed->tenant)) return {};
    auto tombstone = decode_tombstone(value);
    if (!tombstone) return tombstone.error();
    const auto kind = source_kind_of(tombstone->kind);
    const auto tenant = tenants_.find(parsed->tenant);
    if (tenant == tenants_.end()) return damaged("a tombstone belongs to no tenant");
    if (tombstone->revision <= floor_ || kind == SourceKind::kNone) return {};
    const bool has_name = kind == SourceKind::kSession || kind == SourceKind::kEmbedding;
    return visit({parsed->tenant, tenant->second, kind,
                  has_name ? tombstone->name : parsed->id.to_string()});
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
