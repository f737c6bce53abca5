#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/postgres/postgres_testing.h"
#include "tests/postgres/random_rows.h"
#include "tulving/tulving.h"

namespace tulving::testing {

/// What was refused, a line each.
std::string reasons(const PostgresHydrateReport& report);

/// A store with records of every kind, a database, and stores that are filled from it.
class HydrateTest : public PostgresTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Fills the tenant of `store` with random records of all kinds, which name one another.
  static void fill(Store& store, std::uint64_t seed, const std::string& tenant = "acme");
  Store open_store(const std::string& name) const;
  /// A sync of the tenant, expected to go well.
  PostgresSyncReport send(Store& store, const std::string& schema, bool verify = false,
                          const std::string& tenant = "acme");
  Result<PostgresHydrateReport> try_hydrate(Store& store, const std::string& schema,
                                            bool take_over = false,
                                            const std::string& tenant = "acme");
  PostgresHydrateReport hydrate(Store& store, const std::string& schema, bool take_over = false,
                                const std::string& tenant = "acme");
  /// All records of the tenant, with vectors, by kind and record_id().
  using Records = std::map<std::pair<std::string, std::string>, Record>;
  static Records records_of(Store& store, const std::string& tenant = "acme");
  /// For each row that a record of `sent` has in the schema, a record of `read` must give the same.
  void expect_same_rows(const std::string& schema, const Records& sent, const Records& read,
                        const std::set<std::string>& left_out);
  /// xmin and content of all rows of the schema.
  std::vector<std::string> rows_of(const std::string& schema);
  std::uint64_t count(const std::string& from);
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  bool is_same_json(const std::string& a, const std::string& b);

  std::filesystem::path directory_;
};

}  // namespace tulving::testing
