#include "tests/postgres/hydrate_testing.h"

#include <stdlib.h>

#include <algorithm>

#include "storage/postgres/projection.h"
#include "storage/postgres/target/ddl.h"

namespace tulving::testing {
namespace {

using namespace storage::postgres;

RecordKind kind_of(const Record& record) {
  return std::visit([]<class Kind>(const Kind&) { return kinds::Kind<Kind>::number; }, record);
}

// What the others name.
struct Names {
  std::vector<std::string> sessions, tasks, stages, queue;
  std::vector<Uuid> memories, merges;
};

const std::string& any(const std::vector<std::string>& names, std::size_t i) {
  return names[i % names.size()];
}

void name(Memory& memory, const Names& names, std::size_t i) {
  memory.session_id = i % 3 == 0 ? "" : any(names.sessions, i);
  memory.task_id = any(names.tasks, i);
  memory.stage_id = i % 2 == 0 ? "" : any(names.stages, i);
  memory.external_id = i % 4 == 0 ? "memory " + std::to_string(i) : "";
  memory.consolidated_into_id = Uuid();
  memory.parent_memory_id = Uuid();
  memory.abstraction_level = i % 5 == 0 ? 1 : 0;
  // A merge that the schema cannot hold would be a column of its source that does not come back.
  const bool is_merge = memory.abstraction_level > 0;
  if (is_merge || i % 3 != 0) memory.memory_type = "decision";
  if (is_merge) memory.project_id = "project";
  memory.source_memory_ids.clear();
  if (memory.abstraction_level == 0 && i % 2 == 0 && !names.merges.empty()) {
    memory.consolidated_into_id = names.merges[i % names.merges.size()];
  }
  memory.embeddings.clear();
  if (i % 4 != 3) memory.embeddings.push_back({"default", {1, static_cast<float>(i) / 7}});
  if (i % 4 == 2) memory.embeddings.push_back({"other", {static_cast<float>(i) / 3, 2}});
}
void name(Stage& stage, const Names& names, std::size_t i) { stage.task_id = any(names.tasks, i); }
void name(AgentState& state, const Names& names, std::size_t i) {
  state.session_id = i % 3 == 0 ? "" : any(names.sessions, i);
}
void name(AccessLogEntry& entry, const Names& names, std::size_t i) {
  entry.session_id = i % 3 == 0 ? "" : any(names.sessions, i);
  entry.memory_id = i % 4 == 3 ? Uuid() : names.memories[i % names.memories.size()];
}
void name(Relation& relation, const Names& names, std::size_t i) {
  relation.source_id = names.memories[i % names.memories.size()];
  relation.target_id = names.memories[(i + 1) % names.memories.size()];
}
void name(ErrorRecord& error, const Names& names, std::size_t i) {
  error.task_id = any(names.tasks, i);
  error.stage_id = i % 2 == 0 ? "" : any(names.stages, i);
}
void name(CompressionMetric& metric, const Names& names, std::size_t i) {
  metric.task_id = any(names.tasks, i);
  metric.stage_id = i % 2 == 0 ? "" : any(names.stages, i);
}
void name(ConsolidationTask& task, const Names& names, std::size_t i) {
  task.memory_ids = {names.memories[i % names.memories.size()]};
}
void name(AgentResult& result, const Names& names, std::size_t i) {
  result.task_id = i % 2 == 0 ? "" : any(names.queue, i);
  result.memory_ids.clear();
  result.result = "{}";
}
template <class Kind>
void name(Kind&, const Names&, std::size_t) {}

void remember(const Record& record, Names& names) {
  if (const auto* session = std::get_if<Session>(&record)) {
    names.sessions.push_back(session->session_id);
  } else if (const auto* task = std::get_if<Task>(&record)) {
    names.tasks.push_back(task->task_id);
  } else if (const auto* stage = std::get_if<Stage>(&record)) {
    names.stages.push_back(stage->stage_id);
  } else if (const auto* queued = std::get_if<ConsolidationTask>(&record)) {
    names.queue.push_back(queued->task_id);
  } else if (const auto* memory = std::get_if<Memory>(&record)) {
    names.memories.push_back(memory->id);
    if (memory->abstraction_level > 0) names.merges.push_back(memory->id);
  }
}

// Those that do not come back as they were, by the README's table.
bool is_lossy(std::string_view schema, std::string_view table, std::string_view column) {
  static const std::set<std::string> kLossy = {"consolidation_tasks.notes"};
  return kLossy.contains(std::string(table) + "." + std::string(column)) && schema == "cortex";
}

// Empty texts, lists and vectors are absent.
std::string text_of(const storage::postgres::Field& value) {
  return std::visit(
      []<class Value>(const Value& is) {
        if constexpr (std::is_same_v<Value, std::monostate>) {
          return std::string();
        } else if constexpr (std::is_same_v<Value, std::string>) {
          return is;
        } else if constexpr (std::is_same_v<Value, NamedUuid>) {
          return is.id.to_string() + " " + is.name;
        } else if constexpr (std::is_same_v<Value, Timestamp>) {
          return std::to_string(is.time_since_epoch().count());
        } else if constexpr (std::is_same_v<Value, Uuid>) {
          return is.to_string();
        } else if constexpr (std::is_same_v<Value, std::vector<Uuid>>) {
          std::string ids;
          for (const Uuid& id : is) ids += id.to_string() + " ";
          return ids;
        } else if constexpr (requires { is.size(); }) {
          std::string elements;
          for (const auto& element : is) elements += ::testing::PrintToString(element) + " ";
          return elements;
        } else {
          return ::testing::PrintToString(is);
        }
      },
      value);
}

// The key of the row: relations become "related" in guild, and their ids follow.
std::string place_of(const TableSpec& table, const SourceRecord& record) {
  return table.slot_is_key() ? table.slot(record) : record_id(record);
}

}  // namespace

std::string reasons(const PostgresHydrateReport& report) {
  std::string text;
  for (const auto& row : report.refused) {
    text += row.table + " " + row.key + " " + row.reason + "\n";
  }
  return text;
}

void HydrateTest::SetUp() {
  PostgresTest::SetUp();
  if (IsSkipped()) return;
  std::string pattern = (std::filesystem::temp_directory_path() / "tulving-XXXXXX").string();
  directory_ = mkdtemp(pattern.data());
}

void HydrateTest::TearDown() {
  if (!directory_.empty()) std::filesystem::remove_all(directory_);
}

Store HydrateTest::open_store(const std::string& name) const {
  return value_of(Store::open(directory_ / name));
}

void HydrateTest::fill(Store& store, std::uint64_t seed, const std::string& tenant_id) {
  constexpr std::size_t kEach = 12;
  RandomRows random(seed);
  Tenant tenant = value_of(store.tenant(tenant_id));
  Names names;
  std::size_t refused = 0;
  kinds::RecordKinds::each([&](auto tag) {
    using Kind = typename decltype(tag)::Type;
    for (std::size_t i = 0; i < kEach; ++i) {
      Record record = random.record(kinds::Kind<Kind>::number);
      name(std::get<Kind>(record), names, i);
      const auto written = tenant.write(std::span(&record, 1));
      if (!written) {
        ++refused;
        continue;
      }
      remember(record, names);
    }
  });
  EXPECT_LT(refused, 60U);
}

PostgresSyncReport HydrateTest::send(Store& store, const std::string& schema, bool verify,
                                     const std::string& tenant) {
  PostgresSyncOptions options;
  options.uri = database().uri();
  options.projections = {schema};
  options.tenant = tenant;
  options.verify = verify;
  return value_of(sync_store(store, options)).at(0);
}

Result<PostgresHydrateReport> HydrateTest::try_hydrate(Store& store, const std::string& schema,
                                                       bool take_over, const std::string& tenant) {
  return hydrate_store(
      store, {.uri = database().uri(), .schema = schema, .tenant = tenant, .take_over = take_over});
}

PostgresHydrateReport HydrateTest::hydrate(Store& store, const std::string& schema, bool take_over,
                                           const std::string& tenant) {
  return value_of(try_hydrate(store, schema, take_over, tenant));
}

HydrateTest::Records HydrateTest::records_of(Store& store, const std::string& tenant_id) {
  Records records;
  const Tenant tenant = value_of(store.tenant(tenant_id));
  auto status = tenant.export_records(
      [&](const Record& record) -> Status {
        const SourceRecord source{
            .tenant_id = tenant_id, .kind = kind_of(record), .value = &record};
        records.emplace(std::pair(std::string(kind_name(source.kind)), record_id(source)), record);
        return {};
      },
      true);
  EXPECT_TRUE(status.has_value());
  return records;
}

void HydrateTest::expect_same_rows(const std::string& schema, const Records& sent,
                                   const Records& read, const std::set<std::string>& left_out) {
  const Projection projection = make_projection(*parse_postgres_schema(schema), {});
  const Ddl ddl = read_ddl(projection.schema, {});
  for (const TableSpec& table : projection.tables) {
    if (table.ownership == Ownership::kParent) continue;
    std::map<std::string, const Record*> found;
    for (const auto& [key, record] : read) {
      const SourceRecord source{.tenant_id = "acme", .kind = kind_of(record), .value = &record};
      if (table.takes(source)) found[place_of(table, source)] = &record;
    }
    std::size_t compared = 0;
    for (const auto& [key, record] : sent) {
      const SourceRecord was{.tenant_id = "acme", .kind = kind_of(record), .value = &record};
      if (!table.takes(was) || left_out.contains(key.first + " " + key.second)) continue;
      const auto there = found.find(place_of(table, was));
      if (there == found.end()) {
        ADD_FAILURE() << table.name << " " << key.second << " was not read";
        continue;
      }
      ++compared;
      const SourceRecord is{
          .tenant_id = "acme", .kind = kind_of(*there->second), .value = there->second};
      for (const Column& column : table.columns) {
        if (column.set == nullptr || is_lossy(schema, table.name, column.name)) continue;
        if (column.reference.id != nullptr) continue;
        const std::string given = text_of(column.get({was}));
        const std::string found_there = text_of(column.get({is}));
        const bool is_json = ddl.find(table.name)->find(column.name)->type == ColumnType::kJson;
        if (is_json && is_same_json(given, found_there)) continue;
        EXPECT_EQ(given, found_there) << table.name << "." << column.name << " of " << key.second;
      }
    }
    EXPECT_GT(compared, 0U) << table.name;
  }
}

// jsonb orders members, and writes numbers and texts its own way. {} is absent.
bool HydrateTest::is_same_json(const std::string& a, const std::string& b) {
  const auto quoted = [](const std::string& json) {
    return Connection::quote_text(json.empty() ? "{}" : json) + "::jsonb";
  };
  return database().value("SELECT " + quoted(a) + " = " + quoted(b)) == "t";
}

std::vector<std::string> HydrateTest::rows_of(const std::string& schema) {
  std::vector<std::string> rows;
  for (const auto& table :
       database().lines("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = '" +
                        schema + "'::regnamespace ORDER BY 1")) {
    for (auto& row : database().lines("SELECT '" + table + "', xmin, t.* FROM " + schema + "." +
                                      table + " t ORDER BY t::text")) {
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::uint64_t HydrateTest::count(const std::string& from) {
  return std::stoull(database().value("SELECT count(*) FROM " + from));
}

}  // namespace tulving::testing
