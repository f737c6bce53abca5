#pragma once

#include <string>
#include <vector>

#include "tests/postgres/postgres_testing.h"

namespace tulving::testing {

/// Which rows two schemas of one projection do not have in common: what follows from the records,
/// in SQL, by value. Serials and random UUIDs are left aside, which the database draws itself.
class SchemaDifference {
 public:
  SchemaDifference(TestDatabase& database, std::string projection)
      : database_(database), projection_(std::move(projection)) {}

  /// Of `consolidation`: the ids of projects and tasks that there are records of. The rows of
  /// others are made of names: their time is that of the sync, and who names them no more may
  /// linger.
  void set_recorded(std::vector<std::string> ids) { recorded_ = std::move(ids); }

  /// "TABLE, only in SCHEMA: ROW"; `lingering` may be in `grown` alone.
  std::vector<std::string> between(const std::string& grown, const std::string& fresh);
  /// Rows of names that nobody uses any more, in projects and tasks.
  std::uint64_t lingering(const std::string& schema, const std::string& table);
  std::vector<std::string> tables(const std::string& schema);

 private:
  [[nodiscard]] bool has_names(const std::string& table) const;
  [[nodiscard]] std::string rows(const std::string& schema, const std::string& table) const;
  [[nodiscard]] std::string is_lingering(const std::string& schema, const std::string& table) const;
  [[nodiscard]] std::string recorded() const;

  TestDatabase& database_;
  std::string projection_;
  std::vector<std::string> recorded_;
};

}  // namespace tulving::testing
