#include "bench/postgres_bench.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

namespace tulving::bench {

Server::Server(const std::string& uri) : connection_(PQconnectdb(uri.c_str()), &PQfinish) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) fail();
}

void Server::fail() const {
  std::fprintf(stderr, "%s\n", PQerrorMessage(connection_.get()));
  std::exit(1);
}

std::string Server::run(const std::string& sql) const {
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
      PQexec(connection_.get(), sql.c_str()), &PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail();
  const bool has_value = status == PGRES_TUPLES_OK && PQntuples(result.get()) > 0;
  return has_value ? PQgetvalue(result.get(), 0, 0) : std::string();
}

void Server::copy_out(const std::string& from,
                      const std::function<void(std::string_view bytes)>& take) const {
  PQclear(PQexec(connection_.get(), ("COPY " + from + " TO STDOUT (FORMAT binary)").c_str()));
  char* piece = nullptr;
  int size = 0;
  while ((size = PQgetCopyData(connection_.get(), &piece, 0)) > 0) {
    take({piece, static_cast<std::size_t>(size)});
    PQfreemem(piece);
  }
  if (size != -1) fail();
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQgetResult(connection_.get()),
                                                              &PQclear);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) fail();
  PQclear(PQgetResult(connection_.get()));
}

void Server::copy_in(const std::string& to, const std::string& bytes) const {
  constexpr std::size_t kPiece = 256UL << 10U;
  PQclear(PQexec(connection_.get(), ("COPY " + to + " FROM STDIN (FORMAT binary)").c_str()));
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    const auto size = static_cast<int>(std::min(kPiece, bytes.size() - at));
    if (PQputCopyData(connection_.get(), bytes.data() + at, size) != 1) fail();
  }
  if (PQputCopyEnd(connection_.get(), nullptr) != 1) fail();
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQgetResult(connection_.get()),
                                                              &PQclear);
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) fail();
  PQclear(PQgetResult(connection_.get()));
}

std::unique_ptr<BenchDatabase> BenchDatabase::make(const std::string& name) {
  const char* const uri = std::getenv("TULVING_TEST_POSTGRES");
  if (uri == nullptr) return nullptr;
  return std::unique_ptr<BenchDatabase>(new BenchDatabase(uri, name));
}

BenchDatabase::BenchDatabase(const std::string& server_uri, std::string name)
    : server_(server_uri),
      name_(std::move(name)),
      uri_(server_uri.substr(0, server_uri.rfind('/')) + "/" + name_) {
  server_.run("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
  server_.run("CREATE DATABASE " + name_);
  connection_ = std::make_unique<Server>(uri_);
}

BenchDatabase::~BenchDatabase() {
  connection_.reset();
  server_.run("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
}

const BenchSchema& bench_schema(const std::string& name) {
  static const std::map<std::string, BenchSchema> all = {
      {"orchestrator",
       {{{"orchestrator.memory_entries",
          "(memory_id, session_id, memory_type, content, source_agent, created_at, updated_at, "
          "expires_at, priority, is_active)"},
         {"orchestrator.memory_tags", "(memory_id, tag)"},
         {"orchestrator.vector_embeddings", "(memory_id, embedding, embedding_model, created_at)"}},
        "idx_vector_embeddings_embedding"}},
      {"cortex", {{{"cortex.memories", ""}}, ""}},
  };
  return all.at(name);
}

std::vector<Uuid> add_memories(Tenant& tenant, std::size_t n,
                               const std::function<void(Memory&)>& shape) {
  constexpr std::size_t kAtOnce = 1'000;
  TextSource texts(42);
  EmbeddingSource vectors(kBenchDim, 200, 42);
  std::vector<Uuid> ids;
  for (std::size_t made = 0; made < n;) {
    std::vector<Record> batch;
    for (; batch.size() < kAtOnce && made < n; ++made) {
      Memory memory = make_memory(texts, vectors, made);
      shape(memory);
      batch.emplace_back(std::move(memory));
    }
    for (const auto& one : value_of(tenant.write(batch))) ids.push_back(one.id);
  }
  return ids;
}

}  // namespace tulving::bench
