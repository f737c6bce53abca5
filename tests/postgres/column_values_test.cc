// What is promised of values that a database gives and no sync wrote: what a column cannot take it
// refuses with a reason, and never throws; what stands for nothing is taken as nothing.

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <set>

#include "tests/postgres/column_trips.h"
#include "tests/postgres/random_rows.h"

namespace tulving::storage::postgres {
namespace {

using enum PostgresSchema;

constexpr int kRecords = 200;
constexpr std::array<float, 2> kFloats = {1, 2};

// One value of each alternative that is not absent.
std::vector<Field> one_of_each() {
  return {Field(true),
          Field(std::int32_t{7}),
          Field(0.5),
          Field(Timestamp()),
          Field(std::string("no such name")),
          Field(NamedUuid{Uuid::derive("n", "u"), "named"}),
          Field(std::vector<std::string>{"a"}),
          Field(std::vector<Uuid>{Uuid::derive("n", "v")}),
          Field(std::span<const float>(kFloats)),
          Field(std::vector<float>{1, 2})};
}

/// Of one column, over many records.
struct Shown {
  std::set<std::size_t> alternatives;  ///< Of Field, but for absent.
  [[nodiscard]] bool has(const Field& like) const { return alternatives.contains(like.index()); }
};

Shown all_shown(const Projection& projection, const TableSpec& table, const Column& column) {
  Shown shown_ones;
  RandomRows random(3);
  for (int i = 0; i < kRecords; ++i) {
    const RandomSource made(random, table.source);
    if (!table.takes(made.source())) continue;
    if (table.elements != nullptr && table.elements(made.source()) == 0) continue;
    const Field value = as_given(shown(projection, column, {made.source()}));
    if (!std::holds_alternative<std::monostate>(value)) {
      shown_ones.alternatives.insert(value.index());
    }
  }
  // A UUID is given with its name, as text, or as what it stands for.
  const std::size_t text = Field(std::string()).index();
  const std::size_t uuid = Field(NamedUuid()).index();
  if (shown_ones.alternatives.contains(text)) shown_ones.alternatives.insert(uuid);
  if (shown_ones.alternatives.contains(uuid)) shown_ones.alternatives.insert(text);
  // Bytes in place and bytes of its own are one value.
  if (shown_ones.has(Field(std::vector<float>()))) {
    shown_ones.alternatives.insert(Field(std::span<const float>()).index());
  }
  return shown_ones;
}

// Columns that tell nothing of the record, and take whatever is there.
bool tells_nothing(PostgresSchema schema, const TableSpec& table, const Column& column) {
  return schema == kGuild && (column.name == "tenant_id" || table.name == "memory_embeddings");
}

// Whether the field is an enumerator, or an id that is a UUID: no text will do.
bool has_few_texts(const Record& record, std::string_view field_name) {
  bool found = false;
  std::visit(
      [&]<class Kind>(const Kind&) {
        kinds::each_field<Kind>([&](const auto& field) {
          using Value = typename std::remove_cvref_t<decltype(field)>::Value;
          const bool is_one = std::is_enum_v<Value> || std::is_same_v<Value, Uuid> ||
                              std::is_same_v<Value, std::optional<PatternType>> ||
                              std::is_same_v<Value, std::optional<ConsolidationMethod>> ||
                              std::is_same_v<Value, std::optional<Decision>>;
          found = found || (is_one && field.name == field_name);
        });
      },
      record);
  return found;
}

class ColumnValues : public ::testing::TestWithParam<PostgresSchema> {
 protected:
  template <class Visit>
  void each_column(const Visit& visit) {
    for (const TableSpec& table : projection_.tables) {
      for (const Column& column : table.columns) {
        if (column.set == nullptr || tells_nothing(GetParam(), table, column)) continue;
        SCOPED_TRACE(std::string(table.name).append(".").append(column.name));
        visit(table, column);
      }
    }
  }
  static std::string why_not(const TableSpec& table, const Column& column, Field value) {
    Record record = fresh_record(table.source);
    Reading to{record, kTestTenant};
    std::string why = "it throws";
    EXPECT_NO_THROW(why = column.set(std::move(value), to));
    return why;
  }

  Projection projection_ =
      make_projection(GetParam(), {.dim = RandomRows::kDim, .models = {"default"}});
};

TEST_P(ColumnValues, OfAnotherTypeAreRefused) {
  each_column([&](const TableSpec& table, const Column& column) {
    const Shown taken = all_shown(projection_, table, column);
    EXPECT_FALSE(taken.alternatives.empty()) << "it never shows anything";
    for (const Field& value : one_of_each()) {
      const std::string why = why_not(table, column, value);
      EXPECT_TRUE(taken.has(value) || !why.empty()) << "alternative " << value.index();
    }
  });
}

TEST_P(ColumnValues, OfNoKnownNameAreRefused) {
  each_column([&](const TableSpec& table, const Column& column) {
    const bool is_text = all_shown(projection_, table, column).has(Field(std::string()));
    if (!is_text || !has_few_texts(fresh_record(table.source), column.from)) return;
    EXPECT_NE(why_not(table, column, Field(std::string("no such name"))), "");
  });
}

// Whatever it is: a reason or none, and no throw.
TEST_P(ColumnValues, OfAnyFormDoNoHarm) {
  const std::vector<std::string> texts = {"",
                                          "{",
                                          "}",
                                          "[",
                                          "[1",
                                          "\"",
                                          "null",
                                          "7",
                                          "{}",
                                          "[]",
                                          "{\"a\"",
                                          "{\"a\":}",
                                          "\xFF",
                                          std::string("a\0b", 3),
                                          std::string(600, '['),
                                          "{\"text\": 5}",
                                          "{\"memory_ids\": [5]}",
                                          "{\"memory_id\": null}",
                                          "{\"date_range\": []}",
                                          "1e400",
                                          "\"\\ud800\"",
                                          "{\"a\": 1, \"a\": 2}"};
  each_column([&](const TableSpec& table, const Column& column) {
    for (const std::string& text : texts) {
      (void)why_not(table, column, Field(text));
      (void)why_not(table, column, Field(std::vector<std::string>{text, text}));
      (void)why_not(table, column, Field(NamedUuid{Uuid(), text}));
    }
    (void)why_not(table, column, Field(std::vector<Uuid>(3)));
    (void)why_not(table, column, Field(std::numeric_limits<double>::quiet_NaN()));
    (void)why_not(table, column, Field(std::numeric_limits<std::int32_t>::min()));
  });
}

INSTANTIATE_TEST_SUITE_P(EverySchema, ColumnValues, ::testing::ValuesIn(kPostgresSchemas),
                         [](const auto& schema) { return std::string(to_string(schema.param)); });

}  // namespace
}  // namespace tulving::storage::postgres
