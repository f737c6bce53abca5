#include "tests/postgres/postgres_testing.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace tulving::testing {
namespace {

using storage::postgres::Connection;

Connection connect(const std::string& uri) {
  auto connection = Connection::open(uri);
  if (!connection) throw std::runtime_error(connection.error().message);
  return std::move(*connection);
}

// The same server's URI with another database.
std::string with_database(const std::string& uri, const std::string& name) {
  const auto query = uri.find('?');
  const auto path = uri.find('/', uri.find("//") + 2);
  const auto head = uri.substr(0, std::min(path, query));
  return head + "/" + name + (query == uri.npos ? "" : uri.substr(query));
}

std::string micros_of(std::optional<Timestamp> time) {
  return time ? std::to_string(time->time_since_epoch().count()) : "~";
}

std::string or_null(const std::string& text) { return text.empty() ? "~" : text; }

// A timestamp without time zone as microseconds since 1970, exactly.
std::string micros(const std::string& column) {
  return "(extract(epoch FROM " + column + ") * 1000000)::bigint";
}

using Lines = std::vector<std::string>;

Lines sorted(Lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

Lines expected_sessions(const TenantModel& model) {
  Lines lines;
  for (const auto& [id, session] : model.sessions) {
    lines.push_back(id + "|" + or_null(session.user_id) + "|" + micros_of(session.created_at) +
                    "|" + micros_of(session.updated_at) + "|" + micros_of(session.ended_at) + "|" +
                    or_null(session.metadata) + "|" + or_null(session.summary) + "|" +
                    (session.is_archived ? "t" : "f") + "|" + session.session_type);
  }
  return sorted(lines);
}

Lines expected_memories(const TenantModel& model) {
  Lines lines;
  for (const auto& [id, memory] : model.memories) {
    const bool is_active =
        memory.status == MemoryStatus::kActive || memory.status == MemoryStatus::kPromoted;
    const bool no_text = memory.text.empty() && !memory.content.empty();
    std::string agent = memory.source_agent.empty() ? memory.agent_id : memory.source_agent;
    if (agent.size() > 64) agent.clear();  // The tests' agents are ASCII.
    lines.push_back(id.to_string() + "|" + or_null(memory.session_id) + "|" + memory.memory_type +
                    "|" + (no_text ? "~" : memory.text) + "|" +
                    (memory.content.empty() ? "{}" : memory.content) + "|" + or_null(agent) + "|" +
                    micros_of(memory.created_at) + "|" + micros_of(memory.updated_at) + "|" +
                    micros_of(memory.expires_at) + "|" + std::to_string(memory.priority) + "|" +
                    (is_active ? "t" : "f"));
  }
  return sorted(lines);
}

Lines expected_tags(const TenantModel& model) {
  Lines lines;
  for (const auto& [id, memory] : model.memories) {
    for (const auto& tag : memory.tags) lines.push_back(id.to_string() + "|" + tag);
  }
  return sorted(lines);
}

Lines expected_relations(const TenantModel& model) {
  Lines lines;
  for (const auto& [id, relation] : model.relations) {
    lines.push_back(relation.source_id.to_string() + "|" + relation.target_id.to_string() + "|" +
                    relation.relation_type + "|" + or_null(relation.metadata) + "|" +
                    micros_of(relation.created_at));
  }
  return sorted(lines);
}

std::string bits_of(const std::vector<float>& vector) {
  std::string text;
  for (const float element : vector) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &element, sizeof bits);
    text += std::to_string(bits) + " ";
  }
  return text;
}

Lines expected_embeddings(const TenantModel& model) {
  Lines lines;
  for (const auto& [id, memory] : model.memories) {
    for (const auto& embedding : memory.embeddings) {
      lines.push_back(id.to_string() + "|" + embedding.model + "|" + micros_of(memory.created_at) +
                      "|" + bits_of(embedding.vector));
    }
  }
  return sorted(lines);
}

// pgvector prints each float in the shortest form that reads back as the same bits.
Lines found_embeddings(TestDatabase& database, const std::string& schema) {
  Lines lines;
  for (const auto& line :
       database.lines("SELECT memory_id, embedding_model, " + micros("created_at") +
                      ", embedding::text FROM " + schema + ".vector_embeddings")) {
    const auto open = line.find('[');
    std::vector<float> vector;
    for (const char *next = line.data() + open + 1, *end = line.data() + line.size() - 1;
         next < end; ++next) {
      float element = 0;
      next = std::from_chars(next, end, element).ptr;
      vector.push_back(element);
    }
    lines.push_back(line.substr(0, open) + bits_of(vector));
  }
  return sorted(lines);
}

// Only what differs, or a failure prints everything twice.
void expect_same(const std::string& what, const Lines& found, const Lines& expected) {
  Lines extra;
  Lines missing;
  std::set_difference(found.begin(), found.end(), expected.begin(), expected.end(),
                      std::back_inserter(extra));
  std::set_difference(expected.begin(), expected.end(), found.begin(), found.end(),
                      std::back_inserter(missing));
  EXPECT_TRUE(extra.empty() && missing.empty())
      << what << ": in the database only: " << ::testing::PrintToString(extra)
      << "\nin the store only: " << ::testing::PrintToString(missing);
}

}  // namespace

TestDatabase::TestDatabase(const std::string& server_uri, const std::string& with)
    : server_(connect(server_uri)) {
  static std::atomic<int> count{0};
  name_ = "tulving_test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  if (auto status = server_.run("CREATE DATABASE " + name_ + " " + with); !status) {
    throw std::runtime_error(status.error().message);
  }
  uri_ = with_database(server_uri, name_);
  connection_ = connect(uri_);
  run("SET timezone TO 'Pacific/Chatham'");  // Times must not depend on it.
}

TestDatabase::~TestDatabase() {
  connection_.reset();
  if (auto status = server_.run("DROP DATABASE " + name_ + " WITH (FORCE)"); !status) {
    ADD_FAILURE() << status.error().message;
  }
}

void TestDatabase::run(const std::string& sql) {
  if (auto status = connection_->run(sql); !status) {
    throw std::runtime_error(status.error().message + " in: " + sql);
  }
}

std::vector<std::string> TestDatabase::lines(const std::string& sql) {
  auto rows = connection_->query(sql);
  if (!rows) throw std::runtime_error(rows.error().message + " in: " + sql);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    std::string line;
    for (int column = 0; column < rows->columns(); ++column) {
      if (column > 0) line += '|';
      line += rows->is_null(i, column) ? "~" : rows->at(i, column);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string TestDatabase::value(const std::string& sql) {
  const auto rows = lines(sql);
  return rows.empty() ? "" : rows.front();
}

std::string PostgresTest::server_uri() {
  const char* uri = std::getenv("TULVING_TEST_POSTGRES");
  return uri == nullptr ? "" : uri;
}

void PostgresTest::SetUp() {
  if (server_uri().empty()) {
    GTEST_SKIP()
        << "TULVING_TEST_POSTGRES is not set: the URI of a PostgreSQL with pgvector whose "
           "role may create databases (tools/scripts/postgres_cluster.sh start DIR prints one)";
  }
  database_.emplace(server_uri());
}

Result<std::vector<PostgresSyncReport>> PostgresTest::try_sync(
    const std::filesystem::path& snapshot, PostgresSyncOptions options) {
  if (options.uri.empty()) options.uri = database().uri();
  return sync_snapshot(snapshot, options);
}

PostgresSyncReport PostgresTest::sync(const std::filesystem::path& snapshot,
                                      PostgresSyncOptions options) {
  auto reports = try_sync(snapshot, std::move(options));
  if (!reports) {
    ADD_FAILURE() << reports.error().message;
    return {};
  }
  return reports->front();
}

std::vector<std::string> PostgresTest::stamps(const std::string& schema) {
  std::vector<std::string> all;
  const std::vector<std::string> tables = {schema + ".sessions",
                                           schema + ".memory_entries",
                                           schema + ".memory_tags",
                                           schema + ".vector_embeddings",
                                           schema + ".memory_relationships",
                                           "tulving.sync_state",
                                           "tulving.sync_rows"};
  for (const auto& table : tables) {
    // xmax is set by a mere row lock: to be untouched is more than to be equal.
    for (const auto& line :
         database().lines("SELECT ctid, xmin, xmax, md5(t::text) FROM " + table + " t")) {
      all.push_back(table + "|" + line);
    }
  }
  return sorted(all);
}

std::map<std::string, int> PostgresTest::changed(const std::vector<std::string>& before,
                                                 const std::vector<std::string>& after) {
  std::vector<std::string> different;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(different));
  std::map<std::string, int> counts;
  for (const auto& line : different) ++counts[line.substr(0, line.find('|'))];
  return counts;
}

void PostgresTest::expect_holds(const TenantModel& model, const std::string& schema) {
  const auto select = [&](const std::string& columns, const std::string& table) {
    return sorted(database().lines("SELECT " + columns + " FROM " + schema + "." + table));
  };
  const std::string created = micros("created_at");
  expect_same("sessions",
              select("session_id, user_id, " + created + ", " + micros("updated_at") + " AS u, " +
                         micros("ended_at") + " AS e, metadata, summary, is_archived, session_type",
                     "sessions"),
              expected_sessions(model));
  expect_same("memories",
              select("memory_id, session_id, memory_type, text_content, content - 'text' AS c, "
                     "source_agent, " +
                         created + ", " + micros("updated_at") + " AS u, " + micros("expires_at") +
                         " AS e, priority, is_active",
                     "memory_entries"),
              expected_memories(model));
  expect_same("tags", select("memory_id, tag", "memory_tags"), expected_tags(model));
  expect_same("relations",
              select("source_memory_id, target_memory_id, relationship_type, metadata, " + created,
                     "memory_relationships"),
              expected_relations(model));
  expect_same("embeddings", found_embeddings(database(), schema), expected_embeddings(model));
}

}  // namespace tulving::testing
