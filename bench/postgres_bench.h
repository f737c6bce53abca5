#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/corpus.h"

// What the benchmarks that speak to PostgreSQL share.

namespace tulving::bench {

/// A connection by which the peer's side is measured: libpq alone. Any failure ends the program.
class Server {
 public:
  explicit Server(const std::string& uri);

  /// The first value of the answer; empty: there is none.
  std::string run(const std::string& sql) const;
  /// The bytes of a binary COPY out of `from`, a table with or without its columns.
  void copy_out(const std::string& from,
                const std::function<void(std::string_view bytes)>& take) const;
  void copy_in(const std::string& to, const std::string& bytes) const;

 private:
  [[noreturn]] void fail() const;

  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

/// A database of that name on the server of TULVING_TEST_POSTGRES, made anew; it goes with this.
class BenchDatabase {
 public:
  /// Null: no server is named.
  static std::unique_ptr<BenchDatabase> make(const std::string& name);
  ~BenchDatabase();
  BenchDatabase(const BenchDatabase&) = delete;
  BenchDatabase& operator=(const BenchDatabase&) = delete;

  [[nodiscard]] const std::string& uri() const { return uri_; }
  [[nodiscard]] const Server& connection() const { return *connection_; }

 private:
  BenchDatabase(const std::string& server_uri, std::string name);

  Server server_;
  std::string name_, uri_;
  std::unique_ptr<Server> connection_;
};

/// What is measured of a schema: the tables that take rows, parents first, with the columns that
/// are sent.
struct BenchSchema {
  struct Table {
    std::string name;  ///< With its schema.
    std::string columns;
  };
  std::vector<Table> tables;
  std::string vector_index;
};
[[nodiscard]] const BenchSchema& bench_schema(const std::string& name);

inline constexpr std::size_t kBenchDim = 1'536;
/// Adds n memories with vectors of so many dimensions, each after `shape` had it; their ids.
std::vector<Uuid> add_memories(
    Tenant& tenant, std::size_t n, const std::function<void(Memory&)>& shape = [](Memory&) {});

template <class Work>
double seconds_of(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace tulving::bench
