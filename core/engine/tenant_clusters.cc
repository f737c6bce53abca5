#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <shared_mutex>

#include "core/engine/filter_rows.h"
#include "core/engine/store_impl.h"
#include "core/model/filter_rules.h"
#include "index/cluster/cluster.h"

// Tenant's clusters. The vectors come from the log, where they are exact; RAM has 16-bit ones.

namespace tulving {
namespace {

// Neighbours that the graph names for each row when there are too many rows to compare all.
constexpr std::uint32_t kCandidates = 32;

struct Member {
  Uuid id;
  std::uint32_t row = 0;
  friend auto operator<=>(const Member&, const Member&) = default;
};

// The rows to compare, by id: an order that no insertion history shows in.
std::vector<Member> members_of(const engine::TenantState& tenant, const index::VectorIndex& index,
                               const ClusterRequest& request, DecayModel decay_model,
                               Timestamp now) {
  Roaring rows = tenant.visible_rows({.now = now});
  rows &= engine::filter_rows(request.filter, {tenant, now, decay_model});
  rows &= index.rows();
  std::vector<Member> members;
  members.reserve(rows.cardinality());
  const auto& left_out = request.leave_out;
  for (const std::uint32_t row : rows) {
    const Uuid id = tenant.memories.record(row)->id();
    if (!std::binary_search(left_out.begin(), left_out.end(), id)) members.push_back({id, row});
  }
  std::sort(members.begin(), members.end());
  return members;
}

// The members' vectors, row after row, in one pass over the log's. A member without one is dropped:
// the log, which is ahead of RAM by the write under way, has it erased.
Result<std::vector<float>> read_vectors(const storage::JournalReader& reader, std::uint32_t tenant,
                                        const storage::ModelRow& model,
                                        std::vector<Member>& members) {
  std::vector<float> vectors(members.size() * model.dim);
  std::vector<bool> found(members.size());
  const auto visit = [&](std::string_view key_bytes, std::string_view value) -> Status {
    const auto key = storage::parse_vector_key(key_bytes);
    if (!key || key->model != model.number) return {};
    const auto place = std::lower_bound(members.begin(), members.end(), Member{key->memory, 0});
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
             const std::vector<Member>& members, const std::vector<float>& vectors)
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
  const std::vector<Member>& members_;
  const std::vector<float>& vectors_;
  absl::flat_hash_map<std::uint32_t, std::uint32_t> place_of_;
  Roaring rows_;
};

index::ClusterOptions options_of(const ClusterRequest& request) {
  index::ClusterOptions options;
  options.threshold = request.threshold;
  options.size_max = request.size_max;
  options.threads = request.threads;
  options.stop = request.stop;
  if (request.progress) {
    options.progress = [&request](const index::ClusterProgress& at) {
      return request.progress(
          {at.total == 0 ? 1.0 : static_cast<double>(at.done) / static_cast<double>(at.total),
           at.phase == index::ClusterPhase::kLinkage});
    };
  }
  return options;
}

ClusterReport report_of(const index::Clustering& clustering, const std::vector<Member>& members) {
  ClusterReport report;
  for (const index::Cluster& cluster : clustering.clusters) {
    MemoryCluster& named = report.clusters.emplace_back();
    named.cohesion = cluster.cohesion;
    for (const std::uint32_t place : cluster.rows) named.ids.push_back(members[place].id);
  }
  report.memories = members.size();
  report.pairs = clustering.pairs;
  report.components = clustering.components;
  report.split = clustering.split;
  report.left_over = clustering.left_over;
  report.approximate = clustering.approximate;
  report.miss_rate = clustering.miss_rate;
  report.sampled_pairs = clustering.sampled_pairs;
  report.stopped = clustering.stopped;
  return report;
}

}  // namespace

Result<ClusterReport> Tenant::clusters(const ClusterRequest& request) const {
  const auto& store = *impl_->store;
  const engine::TenantState& tenant = *impl_->state;
  if (auto status = store.check_open(); !status) return std::move(status).error();
  if (auto status = model::check_filter(request.filter); !status) return std::move(status).error();
  const std::string& name = request.model.empty() ? store.options.default_model : request.model;
  const auto model = store.catalog.model(name);
  std::shared_ptr<const index::VectorIndex> index;
  std::vector<Member> members;
  std::unique_ptr<storage::JournalReader> reader;
  std::uint32_t number = 0;
  {
    const std::shared_lock lock(tenant.mutex);
    const auto found = model ? tenant.vectors.find(model->number) : tenant.vectors.end();
    if (found != tenant.vectors.end()) {
      index = found->second;
      members = members_of(tenant, *index, request, store.options.decay_model,
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
  index::ClusterOptions options = options_of(request);
  std::optional<Candidates> candidates;
  if (members.size() > options.exact_rows_max) {
    candidates.emplace(tenant, *index, members, vectors);
    options.candidates = std::cref(*candidates);
  }
  auto clustering = index::cluster_vectors(vectors, model ? model->dim : 1, options);
  if (!clustering) return std::move(clustering).error();
  return report_of(*clustering, members);
}

}  // namespace tulving
