// What a column shows of what a record does not have.

#include <gtest/gtest.h>

#include "storage/postgres/row_writer.h"

namespace tulving::storage::postgres {
namespace {

using enum ColumnType;

// Values of columns have no ==.
std::string field_text(const Field& value) {
  if (std::holds_alternative<std::monostate>(value)) return "NULL";
  if (const auto* text = std::get_if<std::string>(&value)) return "text " + *text;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    return std::to_string(texts->size()) + " texts";
  }
  return std::to_string(std::get<std::vector<Uuid>>(value).size()) + " ids";
}
std::string text_shown(const Field& value, const DdlColumn& column) {
  return field_text(shown(value, column));
}

DdlColumn ddl_column(ColumnType type, bool not_null, std::string default_text = {}) {
  DdlColumn column;
  column.type = type;
  column.not_null = not_null;
  column.default_text = std::move(default_text);
  return column;
}

TEST(Shown, IsWhatTheRecordHas) {
  const std::vector<std::pair<ColumnType, Field>> values{
      {kText, Field("text")},
      {kJson, Field("[1]")},
      {kTextArray, Field(std::vector<std::string>{""})},
      {kUuidArray, Field(std::vector<Uuid>(1))},
  };
  for (const auto& [type, value] : values) {
    for (const bool not_null : {false, true}) {
      EXPECT_EQ(text_shown(value, ddl_column(type, not_null, "{}")), field_text(value));
    }
  }
}

TEST(Shown, OfAnythingAbsentIsNull) {
  for (const Field& absent : {Field(), Field(""), Field(std::vector<std::string>())}) {
    for (const ColumnType type : {kText, kTextArray, kUuidArray, kJson}) {
      EXPECT_EQ(text_shown(absent, ddl_column(type, false)), "NULL");
    }
  }
}

TEST(Shown, IsTheEmptyOneOfItsTypeWhereTheColumnTakesNoNull) {
  EXPECT_EQ(text_shown({}, ddl_column(kText, true)), "text ");
  EXPECT_EQ(text_shown({}, ddl_column(kTextArray, true)), "0 texts");
  EXPECT_EQ(text_shown({}, ddl_column(kUuidArray, true)), "0 ids");
  EXPECT_EQ(text_shown({}, ddl_column(kJson, true)), "text {}");
}

TEST(Shown, IsTheDefaultOfJsonWhereThatIsAnEmptyOne) {
  for (const bool not_null : {false, true}) {
    EXPECT_EQ(text_shown({}, ddl_column(kJson, not_null, "[]")), "text []");
    EXPECT_EQ(text_shown({}, ddl_column(kJson, not_null, "{}")), "text {}");
  }
  EXPECT_EQ(text_shown({}, ddl_column(kJson, false, "null")), "NULL");
}

// There is no empty one: a row without it is refused by the database, and listed.
TEST(Shown, OfOtherTypesIsNull) {
  for (const ColumnType type : {kInteger, kDouble, kBoolean, kTimestamp, kUuid}) {
    EXPECT_EQ(text_shown({}, ddl_column(type, true, "0")), "NULL");
  }
}

}  // namespace
}  // namespace tulving::storage::postgres
