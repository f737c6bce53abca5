#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/check.h"
#include "core/base/flat_hash.h"
#include "core/base/mean_direction.h"
#include "core/engine/read/cluster_cache.h"
#include "core/engine/read/cluster_request.h"
#include "core/engine/read/model_choice.h"
#include "core/engine/record/not_found.h"
#include "core/engine/store/store_impl.h"
#include "core/model/rules/filter_rules.h"
#include "index/cluster/cluster.h"
#include "index/vectors/vector_arm.h"

// Tenant's clusters. Vectors come from the log, where they are exact (RAM has 16-bit ones); texts
// from RAM.

namespace tulving {
namespace {

using engine::ClusterMember;

// Neighbours that the graph names for each row when there are too many rows to compare all.
constexpr std::uint32_t kCandidates = 32;

// The places of `members` by the members' ids.
std::vector<std::uint32_t> places_by_id(const std::vector<ClusterMember>& members) {
  std::vector<std::uint32_t> places(members.size());
  std::iota(places.begin(), places.end(), 0U);
  std::ranges::sort(places, {}, [&](std::uint32_t place) { return members[place].id; });
  return places;
}

// The members' vectors, row after row, of several passages their mean, in one pass over the log's.
// A member without one is dropped: the log, which is ahead of RAM by the write under way, has it
// erased.
Result<std::vector<float>> read_vectors(const storage::JournalReader& reader, std::uint32_t tenant,
                                        const storage::ModelRow& model,
                                        std::vector<ClusterMember>& members) {
  std::vector<float> vectors(members.size() * model.dim);
  std::vector<bool> found(members.size());
  const std::vector<std::uint32_t> places = places_by_id(members);
  const auto visit = [&](std::string_view key_bytes, std::string_view value) -> Status {
    const auto key = storage::parse_vector_key(key_bytes);
    if (!key || key->model != model.number) return {};
    const auto place = std::ranges::lower_bound(places, key->memory, {},
                                                [&](std::uint32_t at) { return members[at].id; });
    if (place == places.end() || members[*place].id != key->memory) return {};
    auto embedding = storage::decode_embedding(value);
    if (!embedding) return embedding.error();
    if (embedding->dim() != model.dim) {
      return Error{ErrorCode::kCorruption, fmt::format("embedding of memory {} has {} dimensions",
                                                       key->memory.to_string(), embedding->dim())};
    }
    const std::vector<float> direction = mean_direction(embedding->vector, model.dim);
    std::copy(direction.begin(), direction.end(),
              vectors.begin() + static_cast<std::ptrdiff_t>(std::size_t{*place} * model.dim));
    members[*place].revision = embedding->revision;
    found[*place] = true;
    return {};
  };
  auto scanned = reader.scan(storage::Table::kVectors, storage::vector_prefix(tenant), visit);
  if (!scanned) return scanned.error();
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
  TULVING_DCHECK(std::ranges::is_sorted(members));  // Dropping keeps parts together.
  return vectors;
}

// Neighbours by the vector index, as places among the members.
class Candidates {
 public:
  Candidates(const engine::SharedTenant& tenant, const index::VectorIndex& index,
             std::span<const ClusterMember> members, std::span<const float> vectors)
      : tenant_(tenant), index_(index), members_(members), vectors_(vectors) {
    TULVING_DCHECK(vectors.size() == members.size() * index.dim());
    for (std::uint32_t place = 0; place < members.size(); ++place) {
      place_of_.emplace(members[place].row, place);
      rows_.add(members[place].row);
    }
    TULVING_DCHECK(place_of_.size() == members.size());  // No two members share a row.
  }

  void operator()(std::uint32_t place, std::vector<std::uint32_t>& neighbors) const {
    const std::size_t dim = index_.dim();
    index::VectorQuery query;
    TULVING_DCHECK(place < members_.size());
    query.vector = vectors_.subspan(place * dim, dim);
    query.ef = 2 * kCandidates;
    query.allowed = &rows_;
    const auto reading = tenant_.read();  // Keeps the indexer out.
    if (tenant_.is_dropped()) return;     // The rows mean nothing any more.
    query.ties = reading->memories.ties();
    index::VectorArm arm(index_, query);
    for (const index::ScoredRow& match : arm.best(kCandidates + 1).rows) {
      const auto found = place_of_.find(match.row);
      if (found != place_of_.end() && found->second != place) neighbors.push_back(found->second);
    }
  }

 private:
  const engine::SharedTenant& tenant_;
  const index::VectorIndex& index_;
  std::span<const ClusterMember> members_;
  std::span<const float> vectors_;
  FlatMap<std::uint32_t, std::uint32_t> place_of_;
  Roaring rows_;
};

Result<ClusterReport> clusters_of_vectors(const auto& impl, const ClusterRequest& request,
                                          auto* cache) {
  const auto& store = *impl.store;
  std::optional<storage::ModelRow> model;
  std::shared_ptr<const index::VectorIndex> index;
  engine::ClusterMembers found_members;
  std::unique_ptr<storage::JournalReader> reader;
  std::uint32_t number = 0;
  {
    auto reading = impl.read();
    if (!reading) return reading.error();
    const engine::TenantState& tenant = **reading;
    auto chosen =
        engine::choose_model(tenant, store.catalog, request.model, store.options.default_model);
    if (!chosen) return chosen.error();
    model = std::move(chosen->row);
    const auto found = model ? tenant.vectors.find(model->number) : tenant.vectors.end();
    if (found != tenant.vectors.end()) {
      index = found->second;
      found_members =
          engine::cluster_members(tenant, index->rows(), request, store.options.decay_model,
                                  request.now.value_or(store.now()));
      reader = store.journal->snapshot();
      number = *tenant.number;
    }
  }
  std::vector<ClusterMember>& members = found_members.members;
  std::vector<float> vectors;
  if (!members.empty()) {
    TULVING_DCHECK(reader && model);  // Members have vectors, so there is a model of theirs.
    auto read = read_vectors(*reader, number, *model, members);
    if (!read) return read.error();
    vectors = *std::move(read);
  }
  reader.reset();
  const std::uint32_t dim = model ? model->dim : 1;
  std::uint64_t compared = 0, linked = 0;
  if (cache != nullptr && model) cache->begin(impl.tenant, model->number);
  const auto cluster = [&](const engine::ClusterPart& part,
                           index::ClusterOptions options) -> Result<index::Clustering> {
    const auto own =
        std::span<const float>(vectors).subspan(part.first * dim, part.members.size() * dim);
    std::optional<Candidates> candidates;
    if (part.members.size() > options.exact_rows_max) {
      candidates.emplace(*impl.tenant, *index, part.members, own);
      options.candidates = std::cref(*candidates);
    }
    if (cache == nullptr || !model || part.members.empty()) {
      return index::cluster_vectors(own, dim, options);
    }
    const std::string& border = found_members.borders[part.members.front().part];
    auto known = cache->recluster(border, part.members, own, dim, options);
    if (!known) return known.error();
    compared += known->compared;
    linked += known->linked;
    return std::move(known->clustering);
  };
  auto report = engine::cluster_parts(members, request, cluster);
  if (!report || report->stopped) return report;
  if (impl.tenant->is_dropped()) return engine::dropped(impl.tenant->id());
  if (cache != nullptr && model) cache->end(found_members.borders);
  report->compared = compared;
  report->linked = linked;
  return report;
}

Result<ClusterReport> clusters_of_texts(const auto& impl, const ClusterRequest& request) {
  engine::ClusterMembers found;
  std::vector<engine::RecordPtr> records;  // Which keep the texts, whatever is written meanwhile.
  {
    auto reading = impl.read();
    if (!reading) return reading.error();
    const engine::TenantState& tenant = **reading;
    Roaring rows = tenant.memories.rows();
    for (const auto& [model, index] : tenant.vectors) rows -= index->rows();
    found =
        engine::cluster_members(tenant, std::move(rows), request, impl.store->options.decay_model,
                                request.now.value_or(impl.store->now()));
    records.reserve(found.members.size());
    for (const ClusterMember& member : found.members) {
      records.push_back(tenant.memories.record(member.row));
    }
  }
  std::vector<std::string_view> texts;
  texts.reserve(records.size());
  for (const engine::RecordPtr& record : records) texts.push_back(record->text());
  const auto cluster = [&](const engine::ClusterPart& part, const index::ClusterOptions& options) {
    const auto own =
        std::span<const std::string_view>(texts).subspan(part.first, part.members.size());
    return index::cluster_texts(own, {.clusters = options});
  };
  return engine::cluster_parts(found.members, request, cluster);
}

}  // namespace

Result<ClusterReport> Tenant::clusters(const ClusterRequest& request) const {
  if (auto status = model::check_filter(request.filter); !status) return status.error();
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
