// The rules and the databases, one against the other: random records of every kind, at the bounds
// and one step beyond each. What the engine takes and calls holdable is in the database after a
// sync; what it calls not holdable, and what it refuses for a rule that is a database's, PostgreSQL
// refuses, too, when the row is made all the same. kOursAlone lists the other rules.
//
// TULVING_TEST_SEED is the seed, TULVING_TEST_RECORDS how many records at least.

#include <gmock/gmock.h>

#include <cstdlib>
#include <iostream>
#include <set>

#include "core/model/rules/schema_needs.h"
#include "tests/index/text/test_seed.h"
#include "tests/postgres/made_rows.h"
#include "tests/postgres/our_rules.h"
#include "tests/postgres/postgres_testing.h"
#include "tests/postgres/rule_records.h"
#include "tulving/store.h"

namespace tulving::testing {
namespace {

using namespace storage::postgres;

constexpr std::uint32_t kDim = 3;

// Calls `visit(field, what)` with each of the fields that a listed rule is of, and of what.
template <class Visit>
void each_of(const OurRule& ours, const Visit& visit) {
  std::string_view rest = ours.fields;
  do {
    const std::size_t end = std::min(rest.find(", "), rest.size());
    for (const Break what : ours.what) visit(std::string(rest.substr(0, end)), what);
    rest.remove_prefix(std::min(end + 2, rest.size()));
  } while (!rest.empty());
}

std::string said(const OurRule& ours, const std::string& field, Break what) {
  return std::string(ours.kind).append(".").append(field).append(": ").append(name_of(what));
}

std::size_t records_wanted() {
  const char* const given = std::getenv("TULVING_TEST_RECORDS");
  return given == nullptr ? 20'000 : std::strtoul(given, nullptr, 10);
}

/// A record in the store, as the sync sees it.
struct Stored {
  Record record;
  SourceRecord source() const {
    return {.tenant = 1, .tenant_id = kRulesTenant, .kind = kind_of(record), .value = &record};
  }
  std::string id() const { return record_id(source()); }
};

class Differential : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    if (IsSkipped()) return;
    StoreOptions options;
    options.embedding_dim = kDim;
    auto opened = Store::open_in_memory(options);
    ASSERT_TRUE(opened) << opened.error().message;
    engine_.emplace(std::move(*opened));
    tenant_.emplace(*engine_->tenant(kRulesTenant));
  }

  // Whether the engine takes it; else why not.
  Status write(const Record& record) {
    ++written_;
    ++written_of_[kind_name(kind_of(record))];
    auto results = tenant_->write(std::span(&record, 1));
    return results ? Status() : results.error();
  }
  void take(const Record& record, bool is_anchor = false) {
    if (auto status = write(record); !status) {
      ADD_FAILURE() << "a sound " << kind_name(kind_of(record))
                    << " is refused: " << status.error().message << " (" << status.error().field
                    << ")";
      return;
    }
    records_.add_name(record, is_anchor);
  }
  void refuse(Broken broken) {
    const Status status = write(broken.record);
    EXPECT_FALSE(status) << broken.kind << '.' << broken.field
                         << " is taken: " << name_of(broken.what);
    if (!status) broken_.push_back(std::move(broken));
  }

  void make_anchors();
  void make_records();
  void read_store();
  PostgresSyncReport sync_into(PostgresSchema schema, bool verify = false);
  void expect_rows(PostgresSchema schema);
  void expect_explained(const Projection& projection, const SkippedRow& row);
  void expect_refused_where_not_holdable(PostgresSchema schema, MadeRows& rows);
  void gather_refusals(MadeRows& rows);
  void expect_refused_or_listed();

  RuleRecords records_{test_seed()};
  std::optional<Store> engine_;
  std::optional<Tenant> tenant_;
  std::size_t written_ = 0;
  std::map<std::string_view, std::size_t> written_of_;
  std::vector<Stored> stored_;
  std::vector<Broken> broken_;
  std::vector<bool> refused_;    ///< Of broken_: by a table that takes what it was made of.
  std::vector<bool> tried_;      ///< Likewise: there is such a table.
  std::vector<bool> undecided_;  ///< A table has what it was made of already.
  std::set<std::pair<std::string, std::string>> skipped_;  ///< Kind and id, of one schema.
  std::set<const model::SchemaNeed*> needs_;
};

// What others name, in the order in which one may name another.
void Differential::make_anchors() {
  kinds::RecordKinds::each([&](auto tag) {
    using Kind = typename decltype(tag)::Type;
    // Of memories enough for relations between two of them.
    for (int i = 0; i < (std::is_same_v<Kind, Memory> ? 40 : 2); ++i) {
      Kind record = records_.held<Kind>();
      kinds::give_id(kRulesTenant, record);
      if constexpr (std::is_same_v<Kind, Memory>) {
        record.external_id = "anchor " + std::to_string(i);
        record.abstraction_level = i % 2;
      }
      take(record, true);
    }
  });
}

void Differential::make_records() {
  for (bool is_first = true; written_ < records_wanted() && !HasFatalFailure(); is_first = false) {
    records_.make_dear(is_first);
    kinds::RecordKinds::each([&](auto tag) {
      using Kind = typename decltype(tag)::Type;
      for (int i = 0; i < 60; ++i) take(records_.random<Kind>());
      records_.each_at_bounds<Kind>([&](Kind record) { take(record); });
      records_.each_broken<Kind>([&](Broken broken) { refuse(std::move(broken)); });
    });
  }
  std::cout << written_ << " records, " << broken_.size()
            << " of them refused; TULVING_TEST_SEED=" << test_seed() << '\n';
  for (const auto& [kind, count] : written_of_) std::cout << "  " << count << ' ' << kind << '\n';
}

void Differential::read_store() {
  const auto status = tenant_->export_records(
      [&](const Record& record) -> Status {
        stored_.push_back({record});
        return {};
      },
      true);
  ASSERT_TRUE(status) << status.error().message;
}

PostgresSyncReport Differential::sync_into(PostgresSchema schema, bool verify) {
  PostgresSyncOptions options;
  options.uri = database().uri();
  options.projections = {std::string(to_string(schema))};
  options.verify = verify;
  auto reports = sync_store(*engine_, options);
  if (reports) return reports->front();
  ADD_FAILURE() << to_string(schema) << ": " << reports.error().message;
  return {};
}

// A row is left out for a reason that is so.
void Differential::expect_explained(const Projection& projection, const SkippedRow& row) {
  if (row.kind == "embedding") {
    EXPECT_TRUE(skipped_.contains({"memory", row.id.substr(0, row.id.find('/'))})) << row.reason;
    return;
  }
  const auto is_it = [&](const Stored& each) {
    return kind_name(kind_of(each.record)) == row.kind && each.id() == row.id;
  };
  const auto found = std::ranges::find_if(stored_, is_it);
  ASSERT_NE(found, stored_.end()) << row.kind << ' ' << row.id << ": " << row.reason;
  const SourceRecord source = found->source();
  const auto table = std::ranges::find_if(
      projection.tables, [&](const TableSpec& each) { return each.takes(source); });
  ASSERT_NE(table, projection.tables.end()) << row.kind << ' ' << row.id;
  const Status holds = holdable(found->record, projection.schema);
  if (!holds) {
    EXPECT_EQ(holds.error().message, row.reason);
    return;
  }
  if (row.reason.starts_with("another record has this ")) {
    const std::string winner = row.reason.substr(row.reason.rfind(' ') + 1);
    const auto has_it = [&](const Stored& each) {
      const SourceRecord other = each.source();
      return table->takes(other) && each.id() == winner && winner != row.id &&
             table->slot(other) == table->slot(source);
    };
    EXPECT_TRUE(table->slot != nullptr && std::ranges::any_of(stored_, has_it)) << row.reason;
    return;
  }
  constexpr std::string_view kNoParent = "what it belongs to is not there: ";
  ASSERT_TRUE(row.reason.starts_with(kNoParent))
      << to_string(projection.schema) << ": " << row.kind << ' ' << row.id << ": " << row.reason;
  const auto names_it = [&](const Column& column) {
    if (column.reference.id == nullptr) return false;
    const std::string id = column.reference.id(source);
    const TableSpec* parents = projection.table(column.reference.table);
    return row.reason == std::string(kNoParent).append(parents->name).append(" ").append(id) &&
           skipped_.contains({std::string(kind_name(parents->source)), id});
  };
  EXPECT_TRUE(std::ranges::any_of(table->columns, names_it)) << row.reason;
}

// Each record that the schema holds has its rows, and no other has.
void Differential::expect_rows(PostgresSchema schema) {
  const PostgresSyncReport report = sync_into(schema);
  const Projection projection = make_projection(schema, {kDim, {"default", "other"}});
  skipped_.clear();
  for (const SkippedRow& row : report.skipped) skipped_.emplace(row.kind, row.id);
  for (const SkippedRow& row : report.skipped) expect_explained(projection, row);
  std::map<std::string, std::uint64_t> expected;
  std::map<std::string, std::set<std::string>> names;
  for (const Stored& each : stored_) {
    const SourceRecord source = each.source();
    for (const TableSpec& table : projection.tables) {
      if (!table.takes(source)) continue;
      const bool is_skipped = skipped_.contains({std::string(kind_name(source.kind)), each.id()});
      EXPECT_TRUE(is_skipped || holdable(each.record, schema)) << "is not listed: " << each.id();
      if (table.has_placeholders) {
        names[std::string(table.name)].insert(each.id());
      } else if (!is_skipped) {
        expected[std::string(table.name)] += table.elements == nullptr ? 1 : table.elements(source);
      }
      if (projection.placeholders == nullptr || !holdable(each.record, schema)) continue;
      for (const Placeholder& named : projection.placeholders(source)) {
        names[std::string(named.table)].insert(
            Uuid::standing_for(kRulesTenant, named.name).to_string());
      }
    }
    const auto* memory = std::get_if<Memory>(&each.record);
    for (const TableSpec& table : projection.tables) {
      if (memory == nullptr || table.source != kEmbeddingKind ||
          skipped_.contains({"memory", each.id()})) {
        continue;
      }
      expected[std::string(table.name)] += memory->embeddings.size();
    }
  }
  for (const auto& [table, ids] : names) expected[table] = ids.size();
  for (const TableSpec& table : projection.tables) {
    const std::string name(table.name);
    EXPECT_GT(expected[name], 20U) << name << " is hardly tried";
    EXPECT_EQ(database().value("SELECT count(*) FROM " + report.schema + "." + name),
              std::to_string(expected[name]))
        << report.schema << '.' << name;
  }
  const PostgresSyncReport verified = sync_into(schema, true);
  EXPECT_TRUE(nonzero(verified.inserted).empty() && nonzero(verified.updated).empty() &&
              nonzero(verified.deleted).empty())
      << report.schema << " differs";
}

// The table and the rule that the need names are what refuses the row.
void Differential::expect_refused_where_not_holdable(PostgresSchema schema, MadeRows& rows) {
  std::vector<RowsOf> made;
  std::vector<const model::SchemaNeed*> needs;
  for (const Stored& each : stored_) {
    const Status holds = holdable(each.record, schema);
    if (holds || holds.error().field == "kind") continue;
    for (const auto& need : model::schema_needs()) {
      const TableSpec* table = rows.projection().table(need.table);
      if (need.schema != schema || need.reason != holds.error().message ||
          !table->takes(each.source())) {
        continue;
      }
      const bool is_given = need.field == "memory_type" || need.rule == "memories_scope_check";
      made.push_back({&each.record, need.field, is_given ? Break::kNone : Break::kMissing});
      needs.push_back(&need);
    }
  }
  auto answers = rows.try_all(made);
  ASSERT_TRUE(answers) << answers.error().message;
  for (std::size_t i = 0; i < made.size(); ++i) {
    const auto& why = (*answers)[i][std::string(needs[i]->table)];
    // Where several are missing, PostgreSQL may name another one.
    bool is_named = false;
    for (const auto& need : model::schema_needs()) {
      if (need.schema != schema || need.table != needs[i]->table) continue;
      if (why.find('"' + std::string(need.rule) + '"') == why.npos) continue;
      is_named = true;
      needs_.insert(&need);
    }
    EXPECT_TRUE(is_named) << to_string(schema) << '.' << needs[i]->table << " takes what "
                          << needs[i]->reason << ": " << why;
  }
}

void Differential::gather_refusals(MadeRows& rows) {
  std::vector<RowsOf> bases, made;
  for (const Broken& each : broken_) {
    // Of the base the same field decides which tables are tried.
    bases.push_back({&each.base, each.field, Break::kNone});
    made.push_back({&each.record, each.field, each.what});
  }
  auto sound = rows.try_all(bases);
  ASSERT_TRUE(sound) << sound.error().message;
  auto answers = rows.try_all(made);
  ASSERT_TRUE(answers) << answers.error().message;
  for (std::size_t i = 0; i < made.size(); ++i) {
    for (const auto& [table, why] : (*answers)[i]) {
      const auto was = (*sound)[i].find(table);
      const bool is_part = was == (*sound)[i].end();  // It had no vector, say.
      if (!is_part && !was->second.empty()) {         // Another rule stands before this one.
        undecided_[i] = true;
        EXPECT_THAT(was->second, ::testing::HasSubstr("duplicate key")) << table << ", sound";
        continue;
      }
      tried_[i] = true;
      if (why.empty()) continue;
      refused_[i] = true;
      EXPECT_THAT(why, ::testing::Not(::testing::HasSubstr("binary")))
          << table << ", " << broken_[i].kind << '.' << broken_[i].field;
    }
  }
}

void Differential::expect_refused_or_listed() {
  std::set<std::string> seen;
  std::set<std::string> missing, decided, all;
  for (std::size_t i = 0; i < broken_.size(); ++i) {
    const Broken& each = broken_[i];
    const std::string rule =
        std::string(each.kind) + '.' + each.field + ": " + std::string(name_of(each.what));
    all.insert(rule);
    if (!refused_[i] && undecided_[i]) continue;
    decided.insert(rule);
    if (refused_[i]) continue;
    bool is_listed = false;
    for (const OurRule& ours : kOursAlone) {
      each_of(ours, [&](const std::string& field, Break what) {
        const bool is_it = what == each.what && (ours.kind.empty() || ours.kind == each.kind) &&
                           (field.empty() || field == each.field);
        if (is_it) seen.insert(said(ours, field, what));
        is_listed = is_listed || is_it;
      });
    }
    if (!is_listed) missing.insert(rule + (tried_[i] ? "" : ", in no table"));
  }
  EXPECT_THAT(decided, ::testing::ElementsAreArray(all)) << "some were not tried";
  for (const std::string& rule : missing) ADD_FAILURE() << "no database refuses " << rule;
  for (const OurRule& ours : kOursAlone) {
    each_of(ours, [&](const std::string& field, Break what) {
      EXPECT_TRUE(seen.contains(said(ours, field, what)))
          << "is not ours alone: " << said(ours, field, what);
    });
  }
}

TEST_F(Differential, OfTheRulesAndTheDatabases) {
  make_anchors();
  ASSERT_FALSE(HasFailure());
  make_records();
  read_store();
  refused_.resize(broken_.size());
  tried_.resize(broken_.size());
  undecided_.resize(broken_.size());
  for (const PostgresSchema schema : kPostgresSchemas) {
    expect_rows(schema);
    MadeRows rows(database().uri(), schema, kDim);
    for (const Stored& each : stored_) {
      const bool is_skipped =
          skipped_.contains({std::string(kind_name(kind_of(each.record))), each.id()});
      if (!is_skipped && holdable(each.record, schema)) rows.know(each.record);
    }
    expect_refused_where_not_holdable(schema, rows);
    gather_refusals(rows);
  }
  expect_refused_or_listed();
  for (const auto& need : model::schema_needs()) {
    EXPECT_TRUE(needs_.contains(&need)) << need.table << '.' << need.rule << " is never missed";
  }
}

}  // namespace
}  // namespace tulving::testing
