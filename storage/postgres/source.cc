#include "storage/postgres/source.h"

#include <algorithm>
#include <tuple>

#include "core/base/check.h"
#include "core/base/mean_direction.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "tulving/plans.h"

namespace tulving::storage::postgres {
namespace {

Error damaged(std::string what) {
  return {ErrorCode::kCorruption, "the snapshot is damaged: " + std::move(what)};
}

// How many memories wait for their vectors at once: 32 MB of 1,536 dimensions.
constexpr std::size_t kWaitingMax = 5'000;

}  // namespace

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
  } else if (table == Table::kMeta && key.starts_with(kDroppedPrefix)) {
    auto tenant = decode_tenant(value);
    if (!tenant) return tenant.error();
    dropped_.push_back({std::move(tenant->tenant_id), tenant->number, tenant->revision});
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
  for (const Dropped& dropped : dropped_) {  // Then nothing is sent, and its rows go.
    if (!chosen_ && dropped.tenant_id == options.tenant) chosen_ = dropped.number;
  }
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

std::uint64_t Source::vector_count() const {
  std::uint64_t count = 0;
  for (const auto& [of, vectors] : vectors_) count += is_sent(of.first) ? vectors : 0;
  return count;
}

std::string Source::model_of(std::uint32_t dim) const {
  for (const auto& [number, model] : models_) {
    if (model.dim == dim) return model.name;
  }
  return {};
}

std::optional<std::uint32_t> Source::tenant_number(std::string_view tenant_id) const {
  for (const auto& [number, name] : tenants_) {
    if (name == tenant_id) return number;
  }
  return {};
}

void Source::add(FetchedRecord fetched, bool only_embeddings) {
  TULVING_DCHECK(info().since.has_value());  // A full snapshot brings all.
  added_.push_back({std::move(fetched), only_embeddings});
}

bool Source::has_added(std::string_view memory_id) const {
  return std::ranges::any_of(added_, [&](const Added& added) {
    const auto* const memory = std::get_if<Memory>(&added.fetched.record);
    return memory != nullptr && memory->id.to_string() == memory_id;
  });
}

Status Source::visit(const Choice& choice, const Visit& visit) {
  TULVING_DCHECK(reader_.has_value());
  TULVING_DCHECK(info().since || choice.floor == 0);  // A full snapshot is sent whole.
  if (choice.kinds.contains(RecordKind::kMemory)) memories_.clear();
  SourceKinds kinds = choice.kinds;
  if (kinds.contains(RecordKind::kAgentResult)) kinds.insert(RecordKind::kPlan);
  auto status =
      scan_records(kinds, choice.floor, [&](const RecordKey& key, std::string_view value) {
        return visit_record(key, value, choice, visit);
      });
  if (status) status = send_waiting(choice, visit);
  if (status && choice.kinds.contains(kEmbeddingKind)) {
    status = visit_embeddings(choice.floor, visit);
  }
  return status ? visit_added(choice, visit) : status;
}

Status Source::visit_gone(std::uint64_t floor, const VisitGone& visit) {
  return scan_records(
      {RecordKind::kTombstone}, floor, [&](const RecordKey& key, std::string_view value) -> Status {
        auto tombstone = decode_tombstone(value);
        if (!tombstone) return tombstone.error();
        const auto kind = static_cast<RecordKind>(tombstone->kind);
        const bool has_name = kind == RecordKind::kSession || kind == kEmbeddingKind;
        return visit(key.tenant,
                     {kind, has_name ? std::move(tombstone->name) : key.id.to_string()});
      });
}

Status Source::read_related() {
  related_.clear();
  knows_related_ = true;
  return scan_records({RecordKind::kRelation}, 0,
                      [&](const RecordKey& key, std::string_view value) -> Status {
                        const auto relation = decode<Relation>(value);
                        if (!relation) return relation.error();
                        related_[{key.tenant, relation->source_id}].push_back(relation->target_id);
                        related_[{key.tenant, relation->target_id}].push_back(relation->source_id);
                        return {};
                      });
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
    if (kind && kinds.contains(*kind)) return true;
  }
  return false;
}

Status Source::scan_records(
    SourceKinds kinds, std::uint64_t floor,
    const std::function<Status(const RecordKey&, std::string_view)>& visit) const {
  const auto is_wanted = [&](std::string_view first_key, std::string_view last_key) {
    return may_hold(kinds, first_key, last_key);
  };
  return reader_->scan(Table::kRecords, is_wanted,
                       [&](std::string_view key, std::string_view value) -> Status {
                         const auto parsed = parse_record_key(key);
                         if (!parsed) return damaged("a record has a key of another form");
                         if (!kinds.contains(parsed->kind) || !is_sent(parsed->tenant)) return {};
                         const auto revision = row_revision(value);
                         if (!revision) return revision.error();
                         if (*revision <= floor) return {};
                         if (!tenants_.contains(parsed->tenant)) {
                           return damaged("a record belongs to no tenant");
                         }
                         return visit(*parsed, value);
                       });
}

Status Source::visit_record(const RecordKey& key, std::string_view value, const Choice& choice,
                            const Visit& visit) {
  if (key.kind == RecordKind::kPlan) {
    const auto plan = decode_plan(value);
    if (!plan) return plan.error();
    for (AgentResult& result : agent_results_of(tenants_.at(key.tenant), *plan)) {
      if (auto status = send_record(key.tenant, std::move(result), {}, visit); !status) {
        return status;
      }
    }
    return {};
  }
  Status status;
  const bool is_known = kinds::RecordKinds::with(key.kind, [&](auto tag) {
    auto decoded = decode<typename decltype(tag)::Type>(value);
    if (!decoded) {
      status = decoded.error();
      return;
    }
    if constexpr (std::is_same_v<typename decltype(tag)::Type, Memory>) {
      memories_.push_back({key.tenant, decoded->id, decoded->created_at.value_or(Timestamp())});
      if (!choice.model.empty()) {
        waiting_.push_back(
            {key.tenant, *std::move(decoded), vector_prefix(key.tenant, key.id), {}});
        if (waiting_.size() >= kWaitingMax) status = send_waiting(choice, visit);
        return;
      }
    }
    status = send_record(key.tenant, *std::move(decoded), {}, visit);
  });
  return is_known ? status : damaged("a record is of a kind that is not known here");
}

Status Source::send_record(std::uint32_t tenant, const Record& record,
                           std::span<const float> vector, const Visit& visit) const {
  static const std::vector<Uuid> none;
  SourceRecord sent{
      .tenant = tenant, .tenant_id = tenants_.at(tenant), .value = &record, .vector = vector};
  std::vector<Uuid> related;
  std::visit(
      [&]<class Kind>(const Kind& value) {
        sent.kind = kinds::Kind<Kind>::number;
        if constexpr (std::is_same_v<Kind, Memory>) {
          if (!knows_related_) return;
          const auto found = related_.find({tenant, value.id});
          if (found != related_.end()) related = found->second;
          std::ranges::sort(related);
          const auto repeated = std::ranges::unique(related);
          related.erase(repeated.begin(), repeated.end());
          sent.related = &related;
        }
      },
      record);
  return visit(sent);
}

// The vectors lie in the order of their memories, so those of a batch are one stretch of the file.
Status Source::send_waiting(const Choice& choice, const Visit& visit) {
  if (waiting_.empty()) return {};
  TULVING_DCHECK(!choice.model.empty());
  TULVING_DCHECK(std::ranges::is_sorted(waiting_, {}, &Waiting::key));  // As the vectors lie.
  const auto first = waiting_.front().key;
  const auto last =
      vector_key(waiting_.back().tenant, std::get<Memory>(waiting_.back().record).id, 0xFFFF);
  auto at = waiting_.begin();
  auto status = scan_vectors(
      [&](std::string_view first_key, std::string_view last_key) {
        return first_key <= last && last_key >= first;
      },
      0,
      [&](const VectorKey& key, std::string_view model, std::span<const float> vector) -> Status {
        if (model != choice.model) return {};
        const auto prefix = vector_prefix(key.tenant, key.memory);
        while (at != waiting_.end() && at->key < prefix) ++at;
        if (at != waiting_.end() && at->key == prefix) {
          at->vector.assign(vector.begin(), vector.end());
        }
        return {};
      });
  for (const Waiting& each : waiting_) {
    if (status) status = send_record(each.tenant, each.record, each.vector, visit);
  }
  waiting_.clear();
  return status;
}

Status Source::scan_vectors(const BlockChoice& is_wanted, std::uint64_t floor,
                            const VisitVector& visit) const {
  return reader_->scan(
      Table::kVectors, is_wanted, [&](std::string_view key, std::string_view value) -> Status {
        const auto parsed = parse_vector_key(key);
        if (!parsed) return damaged("a vector has a key of another form");
        if (!is_sent(parsed->tenant)) return {};
        const auto revision = row_revision(value);
        if (!revision) return revision.error();
        if (*revision <= floor) return {};
        const auto model = models_.find(parsed->model);
        if (!tenants_.contains(parsed->tenant)) return damaged("a vector belongs to no tenant");
        if (model == models_.end()) return damaged("a vector is of no model");
        if (auto viewed = view_embedding(value); viewed && viewed->passages == 1) {
          return visit(*parsed, model->second.name, viewed->vector);
        }
        const auto copy = decode_embedding(value);  // The bytes lie askew in the file.
        if (!copy) return copy.error();
        // A column has room for one vector.
        return visit(*parsed, model->second.name, mean_direction(copy->vector, copy->dim()));
      });
}

Status Source::visit_embeddings(std::uint64_t floor, const Visit& visit) const {
  const auto is_wanted = [&](std::string_view first_key, std::string_view last_key) {
    const auto first = parse_vector_key(first_key);
    const auto last = parse_vector_key(last_key);
    return !chosen_ || !first || !last || (*chosen_ >= first->tenant && *chosen_ <= last->tenant);
  };
  return scan_vectors(
      is_wanted, floor,
      [&](const VectorKey& key, std::string_view model, std::span<const float> vector) {
        const SourceEmbedding embedding{key.memory, model, vector,
                                        created_at(key.tenant, key.memory)};
        return visit({.tenant = key.tenant,
                      .tenant_id = tenants_.at(key.tenant),
                      .kind = kEmbeddingKind,
                      .embedding = &embedding});
      });
}

Status Source::visit_added(const Choice& choice, const Visit& visit) const {
  for (const auto& [fetched, only_embeddings] : added_) {
    const auto* const memory = std::get_if<Memory>(&fetched.record);
    const auto kind = std::visit([]<class Kind>(const Kind&) { return kinds::Kind<Kind>::number; },
                                 fetched.record);
    if (!only_embeddings && choice.kinds.contains(kind)) {
      if (auto status = send_record(fetched.tenant, fetched.record, {}, visit); !status) {
        return status;
      }
    }
    if (memory == nullptr || !choice.kinds.contains(kEmbeddingKind)) continue;
    for (const Embedding& each : memory->embeddings) {
      const std::vector<float> vector = mean_direction(each.vector, each.dim());
      const SourceEmbedding embedding{memory->id, each.model, vector, memory->created_at};
      auto status = visit({.tenant = fetched.tenant,
                           .tenant_id = tenants_.at(fetched.tenant),
                           .kind = kEmbeddingKind,
                           .embedding = &embedding});
      if (!status) return status;
    }
  }
  return {};
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
