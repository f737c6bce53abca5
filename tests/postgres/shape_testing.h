#pragma once

#include <stdexcept>
#include <string>

#include "storage/postgres/target/shape_compare.h"
#include "tests/postgres/ddl_testing.h"
#include "tulving/schemas.h"

namespace tulving::testing {

/// Tests that compare what is in a schema with what we would make. Each comparison is expected to
/// change nothing.
class ShapeCompare : public DdlTest {
 protected:
  // A name that must be quoted.
  static constexpr auto kTarget = "\"The target\"";

  void make(PostgresSchema kind, const storage::postgres::DdlSettings& made = {.dim = 3}) {
    run_in(kTarget, statements_of(storage::postgres::read_ddl(kind, made)));
  }
  void alter(const std::string& sql) { run_in(kTarget, {sql}); }
  storage::postgres::ShapeReport compare(PostgresSchema kind,
                                         const storage::postgres::DdlSettings& wanted = {.dim = 3},
                                         storage::postgres::ShapeSettings settings = {}) {
    settings.kind = kind;
    settings.schema = "The target";
    settings.vector_schema = "public";
    auto connection = storage::postgres::Connection::open(database().uri());
    if (!connection) throw std::runtime_error(connection.error().message);
    const auto before = catalog(kTarget);
    auto status = connection->run("BEGIN; SET LOCAL search_path TO somewhere");
    if (!status) throw std::runtime_error(status.error().message);
    auto report = storage::postgres::compare_shape(
        *connection, storage::postgres::read_ddl(kind, wanted), settings);
    if (!report) throw std::runtime_error(report.error().message);
    auto after = connection->query(
        "SELECT current_setting('search_path'), count(*) FROM pg_class WHERE relpersistence = 't'");
    EXPECT_EQ(after->at(0, 0), "somewhere");
    EXPECT_EQ(after->at(0, 1), "0") << "temporary tables are left";
    EXPECT_TRUE(connection->commit());
    EXPECT_EQ(catalog(kTarget), before);
    return *report;
  }
};

}  // namespace tulving::testing
