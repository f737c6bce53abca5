// All that a store can hold, changed at random: an incremental sync leaves each of the five schemas
// as a full sync into a new one would make it, round after round.
//
// TULVING_SYNC_ROUNDS and TULVING_SYNC_SEED ask for more rounds, and for one seed alone.

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "storage/postgres/projection.h"
#include "tests/postgres/live_store_test.h"
#include "tests/postgres/random_kinds.h"
#include "tests/postgres/schema_difference.h"
#include "tulving/tulving.h"

namespace tulving::testing {
namespace {

using storage::postgres::kind_name;
using storage::postgres::make_projection;
using storage::postgres::Ownership;
using storage::postgres::record_id;
using storage::postgres::SourceRecord;
using ::testing::IsEmpty;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

constexpr std::uint64_t kRounds = 12;

/// Which tenants go where.
struct Variant {
  const char* name;
  bool is_disjoint = false;  ///< No names in common, but of sources and policies.
  bool sends_all = false;    ///< All tenants into each schema; else into guild's alone.
  bool is_compared = true;   ///< With a full sync into new schemas. Else verified only: what the
                             ///< tenants have in common, the owner keeps.
};

class SyncKinds : public LiveStoreTest {
 protected:
  [[nodiscard]] StoreOptions store_options() const override {
    StoreOptions options;
    options.embedding_dim = RandomKinds::kDim;
    return options;
  }

  static std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto schema : kPostgresSchemas) names.emplace_back(to_string(schema));
    return names;
  }
  [[nodiscard]] bool has_all(const std::string& projection) const {
    return variant_.sends_all || projection == "guild";
  }
  // guild, which has all tenants, and the others.
  std::vector<PostgresSyncOptions> calls() {
    std::vector<PostgresSyncOptions> calls(2);
    calls[0].projections = {"guild"};
    calls[1].projections = names();
    std::erase(calls[1].projections, "guild");
    for (auto& options : calls) {
      options.uri = database().uri();
      options.all_tenants = has_all(options.projections.front());
      if (!options.all_tenants) options.tenant = "acme";
    }
    return calls;
  }
  std::vector<PostgresSyncReport> sync_live(bool verify = false) {
    std::vector<PostgresSyncReport> all;
    for (auto& options : calls()) {
      options.verify = verify;
      for (auto& report : value_of(sync_store(*live_, options))) all.push_back(std::move(report));
    }
    return all;
  }
  static std::string fresh(const std::string& projection) { return "fresh_" + projection; }
  // Everything anew, into schemas that no sync knows of.
  std::vector<PostgresSyncReport> sync_fresh() {
    const auto snapshot = directory_ / "full";
    value_of(live_->snapshot(snapshot));
    std::vector<PostgresSyncReport> all;
    for (auto& options : calls()) {
      for (const auto& name : options.projections) options.namespaces[name] = fresh(name);
      for (auto& report : value_of(sync_snapshot(snapshot, options))) {
        all.push_back(std::move(report));
      }
    }
    std::filesystem::remove_all(snapshot);
    return all;
  }
  // guild of one tenant alone.
  void sync_fresh_of(const std::string& tenant) {
    const auto snapshot = directory_ / tenant;
    value_of(live_->snapshot(snapshot));
    PostgresSyncOptions options;
    options.uri = database().uri();
    options.projections = {"guild"};
    options.tenant = tenant;
    options.namespaces = {{"guild", "fresh_" + tenant}};
    value_of(sync_snapshot(snapshot, options));
    std::filesystem::remove_all(snapshot);
  }
  void drop_fresh() {
    for (const auto& tenant : live_->tenants()) {
      database().run("DROP SCHEMA IF EXISTS fresh_" + tenant + " CASCADE");
    }
    for (const auto& name : names()) {
      database().run("DROP SCHEMA IF EXISTS " + fresh(name) + " CASCADE");
    }
    for (const char* table :
         {"sync_state", "sync_rows", "sync_waiting", "sync_links", "sync_names"}) {
      database().run("DELETE FROM tulving." + std::string(table) +
                     " WHERE schema_name LIKE 'fresh_%'");
    }
  }
  SchemaDifference difference(const std::string& projection);
  std::vector<std::string> stamps_of_all();
  void expect_verified();
  void expect_all_listed(const PostgresSyncReport& report);
  void expect_names_kept();
  void expect_same(const std::string& projection);
  void play(const Variant& variant, std::uint64_t seed, std::uint64_t rounds);

  Variant variant_{};
  struct Holder {
    std::string tenant;
    std::string row;
  };
  std::map<std::string, Holder> holders_;  // Of names in guild, by "TABLE NAME".
};

SchemaDifference SyncKinds::difference(const std::string& projection) {
  SchemaDifference difference(database(), projection);
  std::vector<std::string> ids;
  for (const auto& tenant : live_->tenants()) {
    const auto handle = value_of(live_->tenant(tenant));
    for (const auto& record : value_of(list_all<Project>(handle))) {
      ids.push_back(Uuid::standing_for(tenant, record.project_id).to_string());
    }
    for (const auto& record : value_of(list_all<Task>(handle))) {
      ids.push_back(Uuid::standing_for(tenant, record.task_id).to_string());
    }
    if (!has_all(projection)) break;  // "acme" comes first.
  }
  difference.set_recorded(std::move(ids));
  return difference;
}

// A row that was as much as locked has another.
std::vector<std::string> SyncKinds::stamps_of_all() {
  std::vector<std::string> all;
  for (const auto& table :
       database().lines("SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN "
                        "('orchestrator', 'guild', 'consolidation', 'compass', 'cortex', "
                        "'tulving') ORDER BY 1")) {
    for (auto& line : database().lines("SELECT ctid, xmin, xmax FROM " + table + " ORDER BY 1")) {
      all.push_back(table + " " + line);
    }
  }
  return all;
}

void SyncKinds::expect_verified() {
  for (const auto& report : sync_live(true)) {
    SCOPED_TRACE("verify " + report.projection);
    EXPECT_THAT(nonzero(report.inserted), IsEmpty());
    EXPECT_THAT(nonzero(report.updated), IsEmpty());
    auto deleted = report.deleted;
    auto found = difference(report.projection);
    for (const char* table : {"projects", "tasks"}) {
      const auto lingering = found.lingering(report.projection, table);
      EXPECT_EQ(deleted[table], lingering) << table;
      deleted.erase(table);
    }
    EXPECT_THAT(nonzero(deleted), IsEmpty());
  }
}

// Each record that a table takes has its row, or is listed; and no row is of anything else.
void SyncKinds::expect_all_listed(const PostgresSyncReport& report) {
  const auto schema = *parse_postgres_schema(report.projection);
  const auto projection = make_projection(schema, {});
  std::set<std::string> skipped;
  for (const auto& row : report.skipped)
    skipped.insert(row.tenant_id + " " + row.kind + " " + row.id);
  for (const auto& table : projection.tables) {
    if (table.ownership == Ownership::kParent) continue;
    std::set<std::string> there;
    for (auto& id : database().lines(
             "SELECT tenant || ' ' || id FROM tulving.sync_rows WHERE schema_name = '" +
             report.schema + "' AND table_name = '" + std::string(table.name) + "'")) {
      there.insert(id);
    }
    EXPECT_EQ(
        database().value("SELECT count(*) FROM " + report.schema + "." + std::string(table.name)),
        std::to_string(there.size()));
    for (const auto& tenant : live_->tenants()) {
      if (!has_all(report.projection) && tenant != "acme") continue;
      auto status =
          value_of(live_->tenant(tenant)).export_records([&](const Record& value) -> Status {
            SourceRecord record{.tenant = 1, .tenant_id = tenant, .value = &value};
            std::visit([&]<class Kind>(const Kind&) { record.kind = kinds::Kind<Kind>::number; },
                       value);
            if (!table.takes(record)) return {};
            const std::string id = record_id(record);
            const bool is_there = there.contains(tenant + " " + id);
            const bool is_listed =
                skipped.contains(tenant + " " + std::string(kind_name(record.kind)) + " " + id);
            EXPECT_NE(is_there, is_listed) << table.name << " " << tenant << " " << id
                                           << (is_there ? ": is there and listed" : ": is lost");
            return {};
          });
      EXPECT_TRUE(status.has_value());
    }
  }
}

// The tenant that has a name keeps it while its record is there; else the full sync's choice holds,
// or the tenant's other record has it.
void SyncKinds::expect_names_kept() {
  const std::vector<std::array<std::string, 3>> tables = {
      {"data_sources", "source_name", "source_id"},
      {"memory_access_policies", "policy_name", "policy_id"}};
  std::map<std::string, Holder> holders;
  for (const auto& [table, name, id] : tables) {
    std::map<std::string, std::map<std::string, std::set<std::string>>> users;  // Tenant, id.
    for (const auto& tenant : live_->tenants()) {
      const auto handle = value_of(live_->tenant(tenant));
      for (const auto& source : value_of(list_all<DataSource>(handle))) {
        if (table != "data_sources") break;
        users[source.source_name][tenant].insert(
            Uuid::standing_for(tenant, source.source_id).to_string());
      }
      for (const auto& policy : value_of(list_all<AccessPolicy>(handle))) {
        if (table == "data_sources") break;
        users[policy.policy_name][tenant].insert(
            Uuid::standing_for(tenant, policy.policy_id).to_string());
      }
    }
    const auto held = [&](const std::string& schema, const std::string& text) {
      return database().value("SELECT " + id + " FROM " + schema + "." + table + " WHERE " + name +
                              " = '" + text + "'");
    };
    for (const auto& [text, tenants] : users) {
      const std::string row = held("guild", text);
      std::string owner;
      for (const auto& [tenant, ids] : tenants) {
        if (ids.contains(row)) owner = tenant;
      }
      const std::string key = table + " " + text;
      EXPECT_NE(owner, "") << key << " is held by " << row;
      holders[key] = {owner, row};
      const auto before = holders_.find(key);
      const auto* const had = before == holders_.end() ? nullptr : &before->second;
      const bool is_there = had != nullptr && tenants.contains(had->tenant) &&
                            tenants.at(had->tenant).contains(had->row);
      if (is_there) {
        EXPECT_EQ(owner, had->tenant) << key;
      } else if (had == nullptr || owner != had->tenant) {
        EXPECT_EQ(row, held(fresh("guild"), text)) << key;
      }
      // Where another has it there, the row must be what a full sync of its tenant would send.
      if (row == held(fresh("guild"), text)) continue;
      if (database().value("SELECT to_regclass('fresh_" + owner + ".data_sources')") == "~") {
        sync_fresh_of(owner);
      }
      database().run("DELETE FROM " + fresh("guild") + "." + table + " WHERE " + name + " = '" +
                     text + "'");
      database().run("INSERT INTO " + fresh("guild") + "." + table + " SELECT t.* FROM fresh_" +
                     owner + "." + table + " t WHERE t." + name + " = '" + text + "'");
    }
  }
  holders_ = std::move(holders);
}

void SyncKinds::expect_same(const std::string& projection) {
  const auto found = difference(projection).between(projection, fresh(projection));
  EXPECT_TRUE(found.empty()) << projection << ": " << ::testing::PrintToString(found);
  // More names may be left there; those of rows that another tenant has here are none.
  const auto in = [](const std::string& schema) {
    return " WHERE r.schema_name = '" + schema + "'";
  };
  const std::string of_rows = " AND r.id = n.id::text";
  EXPECT_THAT(database().lines(
                  "SELECT tenant, id, name FROM (SELECT r.tenant, r.id, r.name FROM "
                  "tulving.sync_names r" +
                  in(fresh(projection)) +
                  " EXCEPT SELECT r.tenant, r.id, r.name FROM tulving.sync_names r" +
                  in(projection) + ") n WHERE NOT EXISTS (SELECT FROM tulving.sync_rows r" +
                  in(fresh(projection)) + of_rows + ") OR EXISTS (SELECT FROM tulving.sync_rows r" +
                  in(projection) + of_rows + ")"),
              IsEmpty())
      << "names that are lost, of " << projection;
}

void SyncKinds::play(const Variant& variant, std::uint64_t seed, std::uint64_t rounds) {
  seed = from_environment("TULVING_SYNC_SEED", seed);
  rounds = from_environment("TULVING_SYNC_ROUNDS", rounds);
  SCOPED_TRACE("seed " + std::to_string(seed));
  variant_ = variant;
  RandomKinds random(*live_, seed, variant.is_disjoint);
  random.fill();
  for (std::uint64_t round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    for (auto left = 10 + random.below(60); left > 0 && round > 0; --left) random.change();
    sync_live();
    const auto before = stamps_of_all();
    sync_live();
    EXPECT_EQ(stamps_of_all(), before);
    expect_verified();
    if (!variant.is_compared) continue;
    const auto reports = sync_fresh();
    for (const auto& report : reports) expect_all_listed(report);
    expect_names_kept();
    for (const auto& name : names()) expect_same(name);
    drop_fresh();
  }
  std::string told;
  for (const auto& [what, tally] : random.tallies()) {
    told += what + ": " + std::to_string(tally.done) + ", refused " +
            std::to_string(tally.refused) + (tally.why.empty() ? "" : " (" + tally.why + ")") +
            "\n";
    if (rounds >= kRounds && !HasFailure() && what.starts_with("put ")) {
      EXPECT_GT(tally.done, 0) << what << ": " << tally.why;
    }
  }
  if (std::getenv("TULVING_SYNC_TOLD") != nullptr) std::cout << told;
}

class SyncKindsOfSeed : public SyncKinds, public ::testing::WithParamInterface<int> {};

TEST_P(SyncKindsOfSeed, OneTenantAndAllIntoGuild) {
  play({.name = "one"}, static_cast<std::uint64_t>(GetParam()), kRounds);
}
TEST_P(SyncKindsOfSeed, AllTenantsWithNamesOfTheirOwn) {
  play({.name = "all", .is_disjoint = true, .sends_all = true},
       static_cast<std::uint64_t>(GetParam()) + 100, kRounds);
}
TEST_P(SyncKindsOfSeed, AllTenantsWithNamesInCommon) {
  play({.name = "common", .sends_all = true, .is_compared = false},
       static_cast<std::uint64_t>(GetParam()) + 200, kRounds);
}
INSTANTIATE_TEST_SUITE_P(Seeds, SyncKindsOfSeed, ::testing::Range(1, 4));

}  // namespace
}  // namespace tulving::testing
