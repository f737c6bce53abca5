// What is promised: a column's value put back into a fresh record gives the fields that the column
// names, for every table of every schema, but for the losses listed here; a reference names its
// parent as the ledger knows it. Seeds are fixed: the same run each time.

#include <gtest/gtest.h>

#include <set>

#include "core/kinds/enumerators.h"
#include "core/model/metadata/canonical_json.h"
#include "tests/postgres/column_trips.h"
#include "tests/postgres/random_rows.h"
#include "tulving/json_members.h"

namespace tulving::storage::postgres {
namespace {

constexpr int kRecords = 400;

// A schema without a column for content has a text of it where there is no text.
bool is_text_ambiguous(const Record& record) {
  const auto& memory = std::get<Memory>(record);
  if (memory.text.empty()) return json_members("content", memory.content)->empty();
  return json_members("text", memory.text).has_value();
}
bool is_content_lost(const Record& record) {
  const auto& memory = std::get<Memory>(record);
  return !memory.text.empty() || is_text_ambiguous(record);
}
bool has_status(const Record& record, std::initializer_list<MemoryStatus> any) {
  return std::ranges::find(any, std::get<Memory>(record).status) != any.end();
}

/// What a table does not give back, of some records or (no `when`) of all.
struct Loss {
  PostgresSchema schema;
  std::string_view table, field;
  std::string_view why;
  bool (*when)(const Record& record) = nullptr;
};

using enum PostgresSchema;
const Loss kLosses[] = {
    {kOrchestrator, "memory_entries", "id", "the key is the caller's own name where there is one",
     [](const Record& record) { return !std::get<Memory>(record).external_id.empty(); }},
    {kOrchestrator, "memory_entries", "agent_id", "it stands in for source_agent, or nowhere"},
    {kOrchestrator, "memory_entries", "source_agent", "agent_id stood in for it",
     [](const Record& record) { return std::get<Memory>(record).source_agent.empty(); }},
    {kOrchestrator, "memory_entries", "status", "is_active is all that there is",
     [](const Record& record) {
       return has_status(record, {MemoryStatus::kPromoted, MemoryStatus::kDeleted});
     }},
    {kGuild, "memory_records", "text", "a text may be a content object", &is_text_ambiguous},
    {kGuild, "memory_records", "content", "one column for both", &is_content_lost},
    {kGuild, "memory_records", "status", "is_deleted and deleted_at are all that there is",
     [](const Record& record) {
       return has_status(record, {MemoryStatus::kPromoted}) ||
              (has_status(record, {MemoryStatus::kDeleted}) &&
               !std::get<Memory>(record).deleted_at);
     }},
    {kGuild, "memory_records", "deleted_at", "by it deleted and archived ones are told apart",
     [](const Record& record) { return has_status(record, {MemoryStatus::kArchived}); }},
    {kGuild, "memory_relationships", "relation_type", "guild takes five types"},
    {kConsolidation, "projects", "name", "project_id stands for no name",
     [](const Record& record) {
       const auto& project = std::get<Project>(record);
       return project.name == project.project_id;
     }},
    {kConsolidation, "consolidated_memories", "text", "a text may be a content object",
     &is_text_ambiguous},
    {kConsolidation, "consolidated_memories", "content", "one column for both", &is_content_lost},
    {kConsolidation, "consolidated_memories", "consolidated_at", "created_at stands for none",
     [](const Record& record) { return !std::get<Memory>(record).consolidated_at; }},
    {kConsolidation, "consolidation_jobs", "trigger", "the schema has no urgent",
     [](const Record& record) {
       return std::get<ConsolidationJob>(record).trigger == JobTrigger::kUrgent;
     }},
    {kConsolidation, "consolidation_jobs", "errors", "lines are errors, and '' is none",
     [](const Record& record) {
       const auto& errors = std::get<ConsolidationJob>(record).errors;
       return errors == std::vector<std::string>{""} ||
              std::ranges::any_of(
                  errors, [](const std::string& error) { return error.find('\n') != error.npos; });
     }},
    {kCompass, "memories", "text", "a text may be a content object", &is_text_ambiguous},
    {kCompass, "memories", "content", "one column for both", &is_content_lost},
    {kCortex, "memories", "text", "a text may be a content object", &is_text_ambiguous},
    {kCortex, "memories", "content", "one column for both", &is_content_lost},
    {kCortex, "agent_results", "memory_ids", "they are those that the result names",
     [](const Record& record) {
       const std::string& result = std::get<AgentResult>(record).result;
       return result.find("memory_id") == result.npos && result.find("source_ids") == result.npos;
     }},
};

const Loss* loss_of(PostgresSchema schema, std::string_view table, std::string_view field,
                    const Record& record) {
  for (const Loss& loss : kLosses) {
    if (loss.schema == schema && loss.table == table && loss.field == field &&
        (loss.when == nullptr || loss.when(record))) {
      return &loss;
    }
  }
  return nullptr;
}

// "scope" names "scope.created_from", too.
bool names(std::string_view from, std::string_view field) {
  while (!from.empty()) {
    const std::size_t end = std::min(from.find(", "), from.size());
    const std::string_view name = from.substr(0, end);
    if (field == name || (field.starts_with(name) && field[name.size()] == '.')) return true;
    from.remove_prefix(std::min(end + 2, from.size()));
  }
  return false;
}

template <class Value>
bool is_same(const kinds::Bounds&, const Value& was, const Value& is) {
  return was == is;
}
// "" and {} are one absent value.
bool is_same(const kinds::Bounds& bounds, const std::string& was, const std::string& is) {
  if (was == is || bounds.form == kinds::Form::kText) return was == is;
  const auto canonical = [](const std::string& json) {
    return json.empty() ? "{}" : model::canonical_json(json);
  };
  return canonical(was) == canonical(is);
}

class Columns : public ::testing::TestWithParam<PostgresSchema> {
 protected:
  [[nodiscard]] std::string of(const TableSpec& table) const {
    return std::string(to_string(GetParam())).append(".").append(table.name);
  }

  // Reads each column of each of the record's rows into a fresh one.
  [[nodiscard]] Record read_back(const TableSpec& table, const SourceRecord& source) const {
    Record fresh = fresh_record(source.kind);
    Reading to{fresh, source.tenant_id};
    const std::size_t rows = table.elements == nullptr ? 1 : table.elements(source);
    for (std::size_t element = 0; element < rows; ++element) {
      for (const Column& column : table.columns) {
        if (column.set == nullptr) continue;
        const std::string why =
            column.set(as_given(shown(projection_, column, {source, element})), to);
        EXPECT_EQ(why, "") << of(table) << '.' << column.name;
      }
    }
    return fresh;
  }

  void expect_fields(const TableSpec& table, const Record& was, const Record& is) {
    std::visit(
        [&]<class Kind>(const Kind& before) {
          kinds::each_field<Kind>([&](const auto& field) {
            const bool is_read = std::ranges::any_of(table.columns, [&](const Column& column) {
              return column.set != nullptr && names(column.from, field.name);
            });
            if (!is_read) return;
            const bool same = is_same(field.bounds, field.of(before), field.of(std::get<Kind>(is)));
            const Loss* loss = loss_of(projection_.schema, table.name, field.name, was);
            if (loss != nullptr && !same) seen_.insert(loss);
            EXPECT_TRUE(same || loss != nullptr)
                << of(table) << " loses " << field.name << ": "
                << ::testing::PrintToString(field.of(before)) << " became "
                << ::testing::PrintToString(field.of(std::get<Kind>(is)));
          });
        },
        was);
  }

  void expect_vector(const TableSpec& table, const SourceRecord& source, const Record& is) {
    const bool is_read = std::ranges::any_of(table.columns, [](const Column& column) {
      return column.set != nullptr && names(column.from, "embeddings.vector");
    });
    if (!is_read) return;
    const auto vector = source.embedding != nullptr ? source.embedding->vector : source.vector;
    const auto& embeddings = std::get<Memory>(is).embeddings;
    ASSERT_EQ(embeddings.size(), vector.empty() ? 0U : 1U) << of(table);
    if (vector.empty()) return;
    EXPECT_EQ(embeddings.front().model, "default");
    EXPECT_TRUE(std::ranges::equal(embeddings.front().vector, vector)) << of(table);
  }

  Projection projection_ =
      make_projection(GetParam(), {.dim = RandomRows::kDim, .models = {"default"}});
  std::set<const Loss*> seen_;
};

TEST_P(Columns, ComeBackAsTheyWereButForTheListedLosses) {
  RandomRows random(1);
  for (const TableSpec& table : projection_.tables) {
    int taken = 0;
    for (int i = 0; i < kRecords && !HasFailure(); ++i) {
      const RandomSource made(random, table.source);
      const SourceRecord& source = made.source();
      const bool is_record = source.value != nullptr;
      if (is_record && (!holdable(*source.value, GetParam()) || !table.takes(source))) continue;
      if (table.elements != nullptr && table.elements(source) == 0) continue;
      ++taken;
      const Record is = read_back(table, source);
      if (is_record) expect_fields(table, *source.value, is);
      expect_vector(table, source, is);
    }
    ASSERT_FALSE(HasFailure());  // One record tells enough.
    EXPECT_GT(taken, kRecords / 20) << of(table) << " is hardly tried";
  }
  for (const Loss& loss : kLosses) {
    if (loss.schema != GetParam()) continue;
    EXPECT_TRUE(seen_.contains(&loss)) << loss.table << '.' << loss.field << " is not lost";
  }
}

// A row is left out, or its column cleared, by what the ledger knows of the parent.
TEST_P(Columns, NameTheirParentsAsTheLedgerKnowsThem) {
  RandomRows random(2);
  for (const TableSpec& table : projection_.tables) {
    if (table.source == kEmbeddingKind) continue;
    for (int i = 0; i < kRecords && !HasFailure(); ++i) {
      const RandomSource made(random, table.source);
      const SourceRecord& source = made.source();
      if (!table.takes(source)) continue;
      for (const Column& column : table.columns) {
        if (column.reference.id == nullptr) continue;
        const TableSpec* parents = projection_.table(column.reference.table);
        ASSERT_NE(parents, nullptr) << of(table) << '.' << column.name;
        EXPECT_LT(parents, &table) << "parents come first";
        const std::string id = column.reference.id(source);
        if (id.empty()) continue;
        const Record parent = named_parent(parents->source, *source.value, column.from);
        EXPECT_EQ(id,
                  record_id({.tenant_id = kTestTenant, .kind = parents->source, .value = &parent}))
            << of(table) << '.' << column.name;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EverySchema, Columns, ::testing::ValuesIn(kPostgresSchemas),
                         [](const auto& schema) { return std::string(to_string(schema.param)); });

}  // namespace
}  // namespace tulving::storage::postgres
