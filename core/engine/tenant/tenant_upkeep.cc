#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/base/errors.h"
#include "core/engine/select/decay_pass.h"
#include "core/engine/store/store_impl.h"
#include "core/engine/write/life_writes.h"
#include "core/model/rules/checker.h"
#include "tulving/json.h"

// What Tenant and Store tell of decay, and the writes of a memory's life.

namespace tulving {
namespace {

constexpr std::uint32_t kGcLimitMax = 100'000;

Status check_bound(const std::optional<double>& bound, const char* field) {
  if (!bound || (*bound >= 0 && *bound <= 1)) return {};
  return invalid(fmt::format("{} is {}; must be 0..1", field, *bound), field);
}

Status check_request(const DecayRequest& request) {
  model::Checker check(0);
  if (!check.time("now", request.now)) return std::move(check).take_error();
  if (auto status = check_bound(request.at_least, "at_least"); !status) return status;
  if (auto status = check_bound(request.below, "below"); !status) return status;
  if (request.limit == 0) return invalid("limit is 0; must be 1 or more", "limit");
  return {};
}

Roaring rows_with(const engine::TenantState& tenant, const std::vector<MemoryStatus>& statuses) {
  Roaring rows;
  for (const MemoryStatus status : statuses) {
    const Roaring* found =
        tenant.attributes.find(engine::number_of(Field::kStatus), to_string(status));
    if (found != nullptr) rows |= *found;
  }
  return rows;
}

struct ScoredMemory {
  std::uint32_t row = 0;
  double score = 0;  // By the pass, or exact.
};

bool lower(const ScoredMemory& a, const ScoredMemory& b) { return a.score < b.score; }

// Leaves the `limit` lowest of `matches`, by exact score, then id. Only those that the pass's error
// lets be among them are scored exactly.
void keep_most_urgent(std::vector<ScoredMemory>& matches, std::uint64_t limit,
                      const engine::MemoryTable& table, const engine::DecayScores& scores) {
  TULVING_DCHECK(limit > 0);
  if (limit < matches.size()) {
    const auto last = matches.begin() + static_cast<std::ptrdiff_t>(limit) - 1;
    std::nth_element(matches.begin(), last, matches.end(), lower);
    const double reach = last->score + 4 * engine::decay_error(last->score);
    std::erase_if(matches, [&](const ScoredMemory& match) { return match.score > reach; });
  }
  for (ScoredMemory& match : matches) match.score = scores.exact(match.row);
  std::sort(matches.begin(), matches.end(), [&](const ScoredMemory& a, const ScoredMemory& b) {
    if (a.score != b.score) return a.score < b.score;
    return table.record(a.row)->id() < table.record(b.row)->id();
  });
  if (limit < matches.size()) matches.resize(limit);
}

void add_counts(DecayCounts& counts, const engine::TenantState& tenant, DecayModel model,
                const Thresholds& thresholds) {
  Roaring rows = rows_with(tenant, {MemoryStatus::kActive, MemoryStatus::kPromoted});
  rows -= tenant.expired_rows(counts.now);
  engine::DecayScores scores(tenant.memories, model, counts.now);
  for (const std::uint32_t row : rows) {
    ++counts.memories;
    if (scores.is_below(row, thresholds.forget)) {
      ++counts.urgent;
    } else if (scores.is_below(row, thresholds.danger_zone_min)) {
      ++counts.near_forget;
    } else if (scores.is_below(row, thresholds.danger_zone_max)) {
      ++counts.in_danger;
    } else if (scores.is_above(row, thresholds.promote)) {
      ++counts.lasting;
    } else {
      ++counts.steady;
    }
  }
  TULVING_DCHECK(counts.memories == counts.urgent + counts.near_forget + counts.in_danger +
                                        counts.lasting + counts.steady);
}

}  // namespace

Result<DecayResponse> Tenant::decay_scores(const DecayRequest& request) const {
  if (auto status = check_request(request); !status) return status.error();
  DecayResponse response;
  response.now = request.now.value_or(impl_->store->now());
  auto reading = impl_->read();
  if (!reading) return reading.error();
  const engine::TenantState& tenant = **reading;
  const engine::MemoryTable& table = tenant.memories;
  Roaring rows = rows_with(tenant, request.statuses);
  if (!request.include_expired) rows -= tenant.expired_rows(response.now);
  engine::DecayScores scores(table, impl_->store->options.decay_model, response.now);
  std::vector<ScoredMemory> matches;
  for (const std::uint32_t row : rows) {
    if (request.at_least && scores.is_below(row, *request.at_least)) continue;
    if (request.below && !scores.is_below(row, *request.below)) continue;
    matches.push_back({row, double{scores.approximate(row)}});
  }
  response.matching = matches.size();
  keep_most_urgent(matches, request.limit, table, scores);
  TULVING_DCHECK(matches.size() <= response.matching && matches.size() <= request.limit);
  response.memories.reserve(matches.size());
  for (const auto& [row, score] : matches) {
    const auto& record = *table.record(row);
    response.memories.push_back(
        {record.id(), score, record.revision(), table.strength(row), table.use_count(row)});
  }
  return response;
}

Result<MemoryDecay> Tenant::decay(Uuid id, std::optional<Timestamp> now) const {
  model::Checker check(0);
  if (!check.time("now", now)) return std::move(check).take_error();
  auto memory = get(id);
  if (!memory) return memory.error();
  const Store::Impl& store = *impl_->store;
  const DecayModel model = store.options.decay_model;
  MemoryDecay decay;
  decay.now = now.value_or(store.now());
  const DecayInput input = decay_input(*memory, decay.now);
  decay.score = decay_score_clamped(model, input);
  decay.unclamped = decay_score(model, input);
  TULVING_DCHECK(decay.score >= 0 && decay.score <= 1 && decay.score <= decay.unclamped);
  decay.until_danger = time_until(model, input, store.thresholds.danger_zone_max);
  decay.until_near_forget = time_until(model, input, store.thresholds.danger_zone_min);
  decay.until_forget = time_until(model, input, store.thresholds.forget);
  return decay;
}

Result<DecayCounts> Tenant::decay_counts(std::optional<Timestamp> now) const {
  model::Checker check(0);
  if (!check.time("now", now)) return std::move(check).take_error();
  DecayCounts counts;
  counts.now = now.value_or(impl_->store->now());
  auto reading = impl_->read();
  if (!reading) return reading.error();
  add_counts(counts, **reading, impl_->store->options.decay_model, impl_->store->thresholds);
  return counts;
}

Result<DecayCounts> Store::decay_counts(std::optional<Timestamp> now) const {
  if (auto status = impl_->enter(Impl::Access::kRead); !status) return status.error();
  model::Checker check(0);
  if (!check.time("now", now)) return std::move(check).take_error();
  DecayCounts counts;
  counts.now = now.value_or(impl_->now());
  for (const auto& tenant : impl_->catalog.tenants()) {
    add_counts(counts, *tenant->read(), impl_->options.decay_model, impl_->thresholds);
  }
  return counts;
}

const Thresholds& Store::thresholds() const { return impl_->thresholds; }

const StoreOptions& Store::options() const { return impl_->options; }

Status Tenant::archive(Uuid id) {
  return impl_->write([&](engine::Transaction& transaction) {
    return engine::stage_life_event(transaction, id, model::LifeEvent::kArchive);
  });
}

Status Tenant::recover(Uuid id) {
  return impl_->write([&](engine::Transaction& transaction) {
    return engine::stage_life_event(transaction, id, model::LifeEvent::kRecover);
  });
}

Result<GcReport> Tenant::gc(const GcRequest& request) {
  model::Checker check(0);
  if (!check.time("now", request.now)) return std::move(check).take_error();
  if (request.limit < 1 || request.limit > kGcLimitMax) {
    return invalid(fmt::format("limit is {}; must be 1..{}", request.limit, kGcLimitMax), "limit");
  }
  GcReport report;
  if (request.dry_run) {
    auto reading = impl_->read();
    if (!reading) return reading.error();
    return engine::plan_gc(**reading, request, request.now.value_or(impl_->store->now()));
  }
  const auto stage = [&](engine::Transaction& transaction) {
    report = engine::plan_gc(transaction.tenant_before(), request,
                             request.now.value_or(transaction.now()));
    return engine::stage_gc(transaction, report);
  };
  if (auto status = impl_->write(stage); !status) return status.error();
  return report;
}

}  // namespace tulving
