// A live store is sent as the snapshot of what the database has not got yet.

#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <utility>

#include "core/base/check.h"
#include "core/base/files/temporary_folder.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/postgres/projection_sync.h"
#include "tulving/plans.h"
#include "tulving/postgres.h"
#include "tulving/store.h"

namespace tulving {

namespace {

/// What a snapshot must begin with to serve all of the projections: the least that the database
/// holds for any. Empty: it must be a full one, since for one of them the database holds nothing,
/// or something that the store never had.
Result<std::optional<Position>> position_there(const Store& store,
                                               const PostgresSyncOptions& options) {
  TULVING_DCHECK(!options.projections.empty());  // Or nothing would be the least of positions.
  PostgresSyncOptions chosen = options;
  if (options.tenant.empty() && !options.all_tenants) {  // Then it is of the only one.
    const auto tenants = store.tenants();
    if (tenants.empty()) return std::optional<Position>();
    if (tenants.size() == 1) chosen.tenant = tenants.front();
  }
  std::optional<Position> least;
  for (const std::string& projection : options.projections) {
    auto positions = synced_positions(store.id().to_string(), projection, chosen);
    if (!positions) return positions.error();
    if (positions->empty()) return std::optional<Position>();
    for (const Position& position : *positions) {
      if (position.revision == 0 || !store.contains(position)) return std::optional<Position>();
      if (!least || position.revision < least->revision) least = position;
    }
  }
  return least;
}

using kinds::RecordKind;

/// Records of the store as they were when the snapshot was taken: what is newer, the next snapshot
/// brings.
class StoreFetch {
 public:
  StoreFetch(const Store& store, std::uint64_t revision) : store_(store), revision_(revision) {}

  Result<std::optional<Record>> operator()(std::string_view tenant_id, RecordKind kind,
                                           std::string_view id) {
    auto tenant = store_.tenant(tenant_id);
    if (!tenant) return absent(tenant.error());
    Result<std::optional<Record>> found = std::optional<Record>();
    kinds::RecordKinds::with(
        kind, [&](auto tag) { found = get<typename decltype(tag)::Type>(*tenant, id); });
    if (found && !*found && kind == RecordKind::kAgentResult)
      return derived(*tenant, tenant_id, id);
    return found;
  }

 private:
  static Result<std::optional<Record>> absent(Error error) {
    if (error.code != ErrorCode::kNotFound) return error;
    return std::optional<Record>();
  }

  template <class Kind>
  Result<std::optional<Record>> get(const Tenant& tenant, std::string_view id) {
    const auto settle = [this](auto record) -> Result<std::optional<Record>> {
      if (!record) return absent(record.error());
      if (record->revision > revision_) return std::optional<Record>();
      return std::optional<Record>(*std::move(record));
    };
    if constexpr (std::is_same_v<kinds::Key<Kind>, Uuid>) {
      const auto key = Uuid::parse(id);
      if (!key) return std::optional<Record>();
      if constexpr (std::is_same_v<Kind, Memory>) {
        return settle(tenant.get(*key, true));
      } else {
        return settle(tenant.get<Kind>(*key));
      }
    } else if constexpr (kinds::kHasOwnId<Kind>) {
      auto name = name_behind<Kind>(tenant, id);
      if (!name) return name.error();
      return name->empty() ? Result<std::optional<Record>>(std::optional<Record>())
                           : settle(tenant.get<Kind>(*name));
    } else {
      return settle(tenant.get<Kind>(std::string(id)));
    }
  }

  /// The caller's own id that `id` stands for; empty: there is no such record. The store finds
  /// records by their names alone, so those of a kind are gone through once, when one waits.
  template <class Kind>
  Result<std::string> name_behind(const Tenant& tenant, std::string_view id) {
    const std::pair key(tenant.id(), kinds::Kind<Kind>::number);
    auto names = names_.find(key);
    if (names == names_.end()) {
      auto records = list_all<Kind>(tenant);
      if (!records) return records.error();
      names = names_.emplace(key, Names()).first;
      for (const Kind& record : *records) {
        const std::string& name = kinds::key_of(record);
        names->second.emplace(kinds::row_id<Kind>(tenant.id(), name).to_string(), name);
      }
    }
    const auto found = names->second.find(std::string(id));
    return found == names->second.end() ? std::string() : found->second;
  }

  /// Of the results that plans' items amount to.
  Result<std::optional<Record>> derived(const Tenant& tenant, std::string_view tenant_id,
                                        std::string_view id) const {
    auto plans = tenant.plans();
    if (!plans) return plans.error();
    for (const PlanSummary& summary : *plans) {
      auto plan = tenant.get_plan(summary.id);
      if (!plan) return absent(plan.error());
      if (plan->revision > revision_) continue;
      for (AgentResult& result : agent_results_of(tenant_id, *plan)) {
        if (Uuid::standing_for(tenant_id, result.result_id).to_string() != id) continue;
        return std::optional<Record>(std::move(result));
      }
    }
    return std::optional<Record>();
  }

  using Names = std::unordered_map<std::string, std::string>;

  const Store& store_;
  std::uint64_t revision_;
  std::map<std::pair<std::string, RecordKind>, Names> names_;  // By tenant and kind.
};

}  // namespace

Result<std::vector<PostgresSyncReport>> sync_store(const Store& store,
                                                   const PostgresSyncOptions& options) {
  if (options.projections.empty()) {
    return Error{ErrorCode::kInvalidArgument, "no projection is named", "projections"};
  }
  std::error_code error;
  const auto temporary = std::filesystem::temp_directory_path(error);
  if (error) {
    return Error{ErrorCode::kIo,
                 fmt::format("there is no temporary directory: {}", error.message())};
  }
  // What syncs that were killed left there goes now.
  auto directory = TemporaryFolder::create(FileSystem::machine(), temporary, "tulving-sync");
  if (!directory) return directory.error();
  auto since = options.verify ? Result<std::optional<Position>>(std::optional<Position>())
                              : position_there(store, options);
  if (!since) return since.error();
  const auto snapshot = (*directory)->path() / "snapshot";
  auto info = store.snapshot(snapshot, *since);
  if (!info) return info.error();
  TULVING_DCHECK(info->since.has_value() == since->has_value());
  StoreFetch fetch(store, info->revision);
  return storage::postgres::send_snapshot(
      snapshot, options,
      {[&store](const Position& position) { return store.contains(position); },
       [&fetch](std::string_view tenant_id, RecordKind kind, std::string_view id) {
         return fetch(tenant_id, kind, id);
       }});
}

}  // namespace tulving
