#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <shared_mutex>

#include "core/engine/cluster_cache.h"
#include "core/engine/cluster_request.h"
#include "core/engine/store_impl.h"
#include "core/model/filter_rules.h"
#include "index/cluster/cluster.h"

// Tenant's clusters. Vectors come from the log, where they are exact (RAM has 16-bit ones); texts
// from RAM.

namespace tulving {
namespace {

using engine::ClusterMember;

// Neighbours that the graph names for each row when there are too many rows to compare all.
constexpr std::uint32_t kCandidates = 32;

// The members' vectors, row after row, in one pass over the log's. A member without one is dropped:
// the log, which is ahead of RAM by the write under way, has it erased.
Result<std::vector<float>> read_vectors(const storage::JournalReader& reader, std::uint32_t tenant,
                                        const storage::ModelRow& model,
                                        std::vector<ClusterMember>& members) {
  std::vector<float> vectors(members.size() * model.dim);
  std::vector<bool> found(members.size());
  const auto visit = [&](std::string_view key_bytes, std::string_view value) -> Status {
    const auto key = storage::parse_vector_key(key_bytes);
    if (!key || key->model != model.number) return {};
    const auto place =
        std::lower_bound(members.begin(), members.end(), ClusterMember{key->memory, 0, 0});
    if (place == members.end() || place->id != key->memory) return {};
    auto embedding = storage::decode_embedding(value);
    if (!embedding) return std::move(embedding).error();
    if (embedding->vector.size() != model.dim) {
      return Error{ErrorCode::kCorruption,
                   fmt::format("embedding of memory {} has {} dimensions", key->memory.to_string(),
                               embedding->vector.size())};
    }
    const auto at = static_cast<std::size_t>(place - members.begin());
    std::copy(embedding->vector.begin(), embedding->vector.end(),
              vectors.begin() + static_cast<std::ptrdiff_t>(at * model.dim));
    members[at].revision = embedding->revision;
    found[at] = true;
    return {};
  };
  auto scanned = reader.scan(storage::Table::kVectors, storage::vector_prefix(tenant), visit);
  if (!scanned) return std::move(scanned).error();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!found[i]) continue;
    const auto from = vectors.begin() + static_cast<std::ptrdiff_t>(i * model.dim);
    std::copy(from, from + model.dim,
              vectors.begin() + static_cast<std::ptrdiff_t>(kept * model.dim));
    members[kept++] = members[i];
  }
  members.resize(kept);
  vectors.resize(kept * model.dim);
  return vectors;
}

// Neighbours by the vector index, as places among the members.
class Candidates {
 public:
  Candidates(const engine::TenantState& tenant, const index::VectorIndex& index,
             const std::vector<ClusterMember>& members, const std::vector<float>& vectors)
      : tenant_(tenant), index_(index), members_(members), vectors_(vectors) {
    for (std::uint32_t place = 0; place < members.size(); ++place) {
      place_of_.emplace(members[place].row, place);
      rows_.add(members[place].row);
    }
  }

  void operator()(std::uint32_t place, std::vector<std::uint32_t>& neighbors) const {
    const std::size_t dim = index_.dim();
    index::VectorQuery query;
    query.vector = std::span(vectors_).subspan(place * dim, dim);
    query.k = kCandidates + 1;
    query.ef = 2 * kCandidates;
    query.allowed = &rows_;
    const std::shared_lock lock(tenant_.mutex);
    for (const index::ScoredRow& match : index_.search(query).rows) {
      const auto found = place_of_.find(match.row);
      if (found != place_of_.end() && found->second != place) neighbors.push_back(found->second);
    }
  }

 private:
  const engine::TenantState& tenant_;
  const index::VectorIndex& index_;
  const std::vector<ClusterMember>& members_;
  const std::vector<float>& vectors_;
  absl::flat_hash_map<std::uint32_t, std::uint32_t> place_of_;
  Roaring rows_;
};

Result<ClusterReport> clusters_of_vectors(const auto& impl, const ClusterRequest& request,
                                          auto* cache) {
  const auto& store = *impl.store;
  const engine::TenantState& tenant = *impl.state;
  const std::string& name = request.model.empty() ? store.options.default_model : request.model;
  const auto model = store.catalog.model(name);
  std::shared_ptr<const index::VectorIndex> index;
  std::vector<ClusterMember> members;
  std::unique_ptr<storage::JournalReader> reader;
  std::uint32_t number = 0;
  {
    const std::shared_lock lock(tenant.mutex);
    const auto found = model ? tenant.vectors.find(model->number) : tenant.vectors.end();
    if (found != tenant.vectors.end()) {
      index = found->second;
      members = engine::cluster_members(tenant, index->rows(), request, store.options.decay_model,
                                        request.now.value_or(store.now()));
      reader = store.journal->snapshot();
      number = *tenant.number;
    }
  }
  // Also with nothing to compare the options are checked, by the one who knows their rules.
  std::vector<float> vectors;
  if (!members.empty()) {
    auto read = read_vectors(*reader, number, *model, members);
    if (!read) return std::move(read).error();
    vectors = *std::move(read);
  }
  reader.reset();
  index::ClusterOptions options = engine::cluster_options(request);
  std::optional<Candidates> candidates;
  if (members.size() > options.exact_rows_max) {
    candidates.emplace(tenant, *index, members, vectors);
    options.candidates = std::cref(*candidates);
  }
  if (cache != nullptr && model) {
    auto known = cache->recluster(impl.state, model->number, members, vectors, model->dim, options);
    if (!known) return std::move(known).error();
    ClusterReport report = engine::cluster_report(known->clustering, members);
    report.compared = known->compared;
    report.linked = known->linked;
    return report;
  }
  auto clustering = index::cluster_vectors(vectors, model ? model->dim : 1, options);
  if (!clustering) return std::move(clustering).error();
  return engine::cluster_report(*clustering, members);
}

Result<ClusterReport> clusters_of_texts(const auto& impl, const ClusterRequest& request) {
  const engine::TenantState& tenant = *impl.state;
  std::vector<ClusterMember> members;
  std::vector<engine::RecordPtr> records;  // Which keep the texts, whatever is written meanwhile.
  {
    const std::shared_lock lock(tenant.mutex);
    Roaring rows = tenant.memories.rows();
    for (const auto& [model, index] : tenant.vectors) rows -= index->rows();
    members =
        engine::cluster_members(tenant, std::move(rows), request, impl.store->options.decay_model,
                                request.now.value_or(impl.store->now()));
    records.reserve(members.size());
    for (const ClusterMember& member : members) {
      records.push_back(tenant.memories.record(member.row));
    }
  }
  std::vector<std::string_view> texts;
  texts.reserve(records.size());
  for (const engine::RecordPtr& record : records) texts.push_back(record->text());
  auto clustering = index::cluster_texts(texts, {.clusters = engine::cluster_options(request)});
  if (!clustering) return std::move(clustering).error();
  return engine::cluster_report(*clustering, members);
}

}  // namespace

Result<ClusterReport> Tenant::clusters(const ClusterRequest& request) const {
  if (auto status = impl_->store->check_open(); !status) return std::move(status).error();
  if (auto status = model::check_filter(request.filter); !status) return std::move(status).error();
  switch (request.by) {
    case ClusterBy::kVectors:
      return clusters_of_vectors(*impl_, request,
                                 request.cache == nullptr ? nullptr : request.cache->impl_.get());
    case ClusterBy::kTexts:
      return clusters_of_texts(*impl_, request);
  }
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("by is {}; must be kVectors or kTexts", static_cast<int>(request.by)),
               "by"};
}

}  // namespace tulving
