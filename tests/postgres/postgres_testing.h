#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "storage/postgres/wire/connection.h"
#include "tests/postgres/store_writer.h"
#include "tulving/postgres.h"

namespace tulving::testing {

/// What a test takes for granted: the exception is its failure.
template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

using Counts = std::map<std::string, std::uint64_t>;

/// The counts that are not 0.
inline Counts nonzero(Counts counts) {
  std::erase_if(counts, [](const auto& entry) { return entry.second == 0; });
  return counts;
}

/// A database on a server: made by the constructor, dropped by the destructor.
class TestDatabase {
 public:
  /// `with`: options of CREATE DATABASE.
  explicit TestDatabase(const std::string& server_uri, const std::string& with = {});
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;
  ~TestDatabase();

  [[nodiscard]] const std::string& uri() const { return uri_; }
  void run(const std::string& sql);
  /// The rows as lines, columns joined by "|"; NULL as "~".
  std::vector<std::string> lines(const std::string& sql);
  std::string value(const std::string& sql);

 private:
  storage::postgres::Connection server_;
  std::string name_;
  std::string uri_;
  std::optional<storage::postgres::Connection> connection_;
};

/// A test on a database of its own, empty at first. Skipped without TULVING_TEST_POSTGRES.
class PostgresTest : public ::testing::Test {
 protected:
  void SetUp() override;

  /// Syncs and expects success.
  PostgresSyncReport sync(const std::filesystem::path& snapshot, PostgresSyncOptions options = {});
  Result<std::vector<PostgresSyncReport>> try_sync(const std::filesystem::path& snapshot,
                                                   PostgresSyncOptions options = {});
  /// The state of every row in the target and in the ledger, with the transaction that wrote it.
  std::vector<std::string> stamps(const std::string& schema = "orchestrator");
  /// What of `stamps` is in one and not in the other, table names only, counted.
  static std::map<std::string, int> changed(const std::vector<std::string>& before,
                                            const std::vector<std::string>& after);
  /// Expects schema `orchestrator` to hold exactly what the model says.
  void expect_holds(const TenantModel& model, const std::string& schema = "orchestrator");

  TestDatabase& database() { return *database_; }
  StoreWriter& store() { return store_; }
  static std::string server_uri();

 private:
  std::optional<TestDatabase> database_;
  StoreWriter store_;
};

}  // namespace tulving::testing

namespace tulving {

inline void PrintTo(const SkippedRow& row, std::ostream* out) {
  *out << row.tenant_id << " " << row.kind << " " << row.id << ": " << row.reason;
}

}  // namespace tulving
