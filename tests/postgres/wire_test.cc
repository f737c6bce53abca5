// A column of every type to a server and back: what is sent is what the server says that it has,
// and what comes back is what was sent, to the bit.

#include <gmock/gmock.h>

#include <array>
#include <charconv>

#include "storage/postgres/wire/copy_writer.h"
#include "storage/postgres/wire/field_encoding.h"
#include "tests/postgres/postgres_testing.h"
#include "tests/postgres/wire_values.h"

namespace tulving::storage::postgres {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using tulving::testing::bytes_of;
using tulving::testing::Decoded;
using tulving::testing::edge_rows;
using tulving::testing::FieldRow;
using tulving::testing::random_row;
using tulving::testing::wire_columns;

constexpr auto kAllOut = "COPY (SELECT * FROM wire ORDER BY n) TO STDOUT (FORMAT binary)";

class WireTest : public tulving::testing::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    if (IsSkipped()) return;
    auto connection = Connection::open(database().uri());
    ASSERT_TRUE(connection.has_value()) << connection.error().message;
    connection_.emplace(*std::move(connection));
    database().run(tulving::testing::wire_table_sql());
  }

  Connection& connection() { return *connection_; }

  void run(const std::string& sql) {
    const auto status = connection().run(sql);
    ASSERT_TRUE(status.has_value()) << status.error().message;
  }

  // Sends rows into `target`; what the server refuses of them is a failure.
  void send(const std::string& target, const std::vector<ColumnType>& columns,
            const std::vector<FieldRow>& rows) {
    run("BEGIN");
    CopyWriter writer(
        connection(), target, columns.size(),
        [](const auto& row, const auto& why) { ADD_FAILURE() << row.id << ": " << why; }, nullptr);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      auto& encoder = writer.begin_row();
      for (std::size_t i = 0; i < columns.size(); ++i) encode(rows[row][i], columns[i], encoder);
      const auto status = writer.end_row({0, std::to_string(row)});
      ASSERT_TRUE(status.has_value()) << status.error().message;
    }
    const auto status = writer.finish();
    ASSERT_TRUE(status.has_value()) << status.error().message;
    run("COMMIT");
  }

  Decoded read(const std::string& sql, const std::vector<ColumnType>& columns) {
    Decoded result;
    RowDecoder decoder(columns, [&](RowDecoder::Row& row) {
      result.rows.push_back(std::move(row));
      return Status();
    });
    result.status =
        connection().copy_out(sql, [&](std::string_view bytes) { return decoder.feed(bytes); });
    if (result.status) result.status = decoder.finish();
    return result;
  }

  // Nothing of the command that failed is in the way of the next.
  void expect_usable() {
    run("ROLLBACK");
    const auto rows = connection().query("SELECT 1");
    ASSERT_TRUE(rows.has_value()) << rows.error().message;
    EXPECT_EQ(rows->at(0, 0), "1");
    EXPECT_EQ(read(kAllOut, wire_columns()).rows.size(), 0U);
  }

 private:
  std::optional<Connection> connection_;
};

TEST_F(WireTest, EveryTypeComesBackAsItWasSent) {
  auto rows = edge_rows();
  std::mt19937 random(3);
  while (rows.size() < 500) {
    rows.push_back(random_row(random, static_cast<std::int32_t>(rows.size()) + 1));
  }
  send("wire", wire_columns(), rows);
  const auto result = read(kAllOut, wire_columns());
  ASSERT_TRUE(result.status.has_value()) << result.status.error().message;
  ASSERT_EQ(result.rows.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_FALSE(result.rows[i].refused.has_value()) << i;
    EXPECT_EQ(bytes_of(result.rows[i].fields), bytes_of(rows[i])) << i;
  }
}

TEST_F(WireTest, TheServerHasWhatWasMeant) {
  send("wire", wire_columns(), edge_rows());
  database().run("SET timezone TO 'UTC'");
  EXPECT_THAT(database().lines("SELECT t, v, m, i, j, u, b, d, x, ts, tz, ta, ua, ra FROM wire "
                               "WHERE n IN (1, 3) ORDER BY n"),
              ElementsAre("||calm|-2147483648|{}|00000000-0000-0000-0000-000000000000|f|-0|0.0000|"
                          "0001-01-01 00:00:00|0001-01-01 00:00:00+00|{}|{}|{}",
                          "x|ü|ü|-1|\"\\\"\"|0c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60|t|"
                          "1.7976931348623157e+308|123456.7891|1999-12-31 23:59:59.999999|"
                          "2000-01-01 00:00:00+00|{\"a,b\",\"{}\",\"\\\"\",\"\\\\\",\" \"}|"
                          "{0c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60}|{0.1}"));
  EXPECT_THAT(database().lines("SELECT ts, d, x, ta[1] = '', array_length(ta, 1), ra[1], e FROM "
                               "wire WHERE n = 2"),
              ElementsAre("9999-12-31 23:59:59.999999|5e-324|0.8700|t|3|-0|"
                          "[1e-45,3.4028235e+38,-3.4028235e+38]"));
  EXPECT_EQ(
      database().value("SELECT count(*) FROM wire WHERE ta = '{}' AND ua = '{}' AND ra = '{}'"),
      "1");
  EXPECT_EQ(
      database().value("SELECT count(*) FROM wire WHERE n = 5 AND num_nulls(t, v, m, i, j, u, "
                       "b, d, x, ts, tz, e, ta, ua, ra) = 15"),
      "1");
}

TEST_F(WireTest, NumericsAreRoundedAsTheServerRoundsTheirText) {
  std::vector<double> values = {0,
                                -0.0,
                                0.87,
                                123456.7891,
                                999999.9999,
                                999999.99994,
                                0.00005,
                                0.00004,
                                0.000049999999999,
                                0.12345,
                                1.00005,
                                1.00015,
                                9999.99995,
                                99.99995,
                                5e-324,
                                1e-300,
                                0.0001,
                                10000,
                                10000.5,
                                99999999.0 / 10000,
                                0.1 + 0.2,
                                2.5e-5,
                                7.5e-5,
                                -0.00004,
                                -1.00005,
                                0.99995,
                                100000};
  std::mt19937 random(5);
  std::uniform_real_distribution<double> any(0, 999'999);
  while (values.size() < 3000) values.push_back(any(random));
  while (values.size() < 6000) {  // Halves of the last decimal, on either side of it in binary.
    values.push_back(static_cast<double>(random() % 1'000'000'000 * 10 + 5) / 1e5);
  }
  std::vector<FieldRow> rows;
  for (const double value : values) {
    std::array<char, 64> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    rows.push_back({std::string(text.data(), end), value});
  }
  database().run("CREATE TABLE numbers (shortest text, sent numeric(10, 4))");
  send("numbers", {ColumnType::kText, ColumnType::kNumeric}, rows);
  EXPECT_THAT(database().lines("SELECT shortest, sent FROM numbers "
                               "WHERE sent::text <> shortest::numeric(10, 4)::text LIMIT 9"),
              ElementsAre());
  EXPECT_EQ(database().value("SELECT count(*) FROM numbers"), std::to_string(rows.size()));
  EXPECT_EQ(database().value("SELECT sent::text FROM numbers WHERE shortest = '0.87'"), "0.8700");
  const auto result = read(
      "COPY (SELECT sent::text::float8, sent FROM numbers) TO STDOUT (FORMAT "
      "binary)",
      {ColumnType::kDouble, ColumnType::kNumeric});
  ASSERT_EQ(result.rows.size(), rows.size());
  for (const auto& row : result.rows) {
    EXPECT_EQ(std::get<double>(row.fields[0]), std::get<double>(row.fields[1]));
  }
}

TEST_F(WireTest, AValueThatNobodyHoldsIsNamedWithItsRow) {
  const std::vector<std::array<std::string, 3>> cases = {
      {"d", "'NaN'", "is NaN"},
      {"d", "'-infinity'", "is minus infinity"},
      {"x", "'NaN'", "is NaN"},
      {"ts", "'infinity'", "is infinity"},
      {"ts", "'-infinity'", "is -infinity"},
      {"tz", "'0001-01-01 00:00:00+00 BC'", "is outside the years 1 to 9999"},
      {"ts", "'10000-01-01'", "is outside the years 1 to 9999"},
      {"ta", "ARRAY['a', NULL]", "has an element that is NULL"},
      {"ta", "ARRAY[['a'], ['b']]", "has several dimensions"},
      {"ra", "'{1,NaN}'", "has an element that is NaN"},
      {"ra", "'{infinity}'", "has an element that is infinite"}};
  for (const auto& [column, value, why] : cases) {
    database().run(
        "TRUNCATE wire RESTART IDENTITY; INSERT INTO wire (t) VALUES ('before');"
        "INSERT INTO wire (t, " +
        column + ", b) VALUES ('here', " + value +
        ", true);"
        "INSERT INTO wire (t) VALUES ('after')");
    const auto result = read(kAllOut, wire_columns());
    ASSERT_TRUE(result.status.has_value()) << result.status.error().message;
    ASSERT_EQ(result.rows.size(), 3U);
    EXPECT_FALSE(result.rows[0].refused || result.rows[2].refused);
    const auto& row = result.rows[1];
    ASSERT_TRUE(row.refused.has_value()) << column << " " << value;
    EXPECT_EQ(row.refused->why, why);
    EXPECT_EQ(std::to_string(row.refused->column + 1),
              database().value("SELECT ordinal_position FROM information_schema.columns WHERE "
                               "table_name = 'wire' AND column_name = '" +
                               column + "'"));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(row.fields[row.refused->column]));
    EXPECT_EQ(std::get<std::string>(row.fields[0]), "here");
    EXPECT_TRUE(std::get<bool>(row.fields[7]));
  }
}

TEST_F(WireTest, AColumnOfAnotherTypeIsAnError) {
  const auto says = [&](const std::string& value, ColumnType type) {
    const auto result = read("COPY (SELECT " + value + ") TO STDOUT (FORMAT binary)", {type});
    return result.status ? "nothing" : result.status.error().message;
  };
  EXPECT_EQ(says("'a'::text", ColumnType::kText), "nothing");
  EXPECT_THAT(says("'{1}'::int[]", ColumnType::kTextArray), HasSubstr("type 23, not 25"));
  EXPECT_THAT(says("'{a}'::varchar[]", ColumnType::kTextArray), HasSubstr("type 1043, not 25"));
  EXPECT_THAT(says("1::bigint", ColumnType::kInteger), HasSubstr("8 bytes, not 4"));
  EXPECT_THAT(says("'{}'::json", ColumnType::kJson), HasSubstr("version"));
  EXPECT_THAT(says("1, 2", ColumnType::kInteger), HasSubstr("fields: 2"));
}

TEST_F(WireTest, BigintArrivesToo) {
  database().run("CREATE TABLE big (n bigint)");
  run("BEGIN");
  CopyWriter writer(
      connection(), "big", 1, [](const auto&, const auto&) { FAIL(); }, nullptr);
  writer.begin_row().bigint(std::numeric_limits<std::int64_t>::min() + 1);
  ASSERT_TRUE(writer.end_row({0, "1"}).has_value());
  ASSERT_TRUE(writer.finish().has_value());
  run("COMMIT");
  EXPECT_EQ(database().value("SELECT n FROM big"), "-9223372036854775807");
}

TEST_F(WireTest, AnErrorOfTheVisitorEndsTheCopy) {
  // Terabytes, so that only a cancelled command can end.
  const auto endless =
      "COPY (SELECT repeat('x', 1000), generate_series(1, 1000000000)) TO STDOUT (FORMAT binary)"s;
  for (const int pieces : {1, 100, 5000}) {
    run("BEGIN");
    int seen = 0;
    const auto status = connection().copy_out(endless, [&](std::string_view) -> Status {
      if (++seen < pieces) return {};
      return Error{ErrorCode::kResourceExhausted, "enough"};
    });
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, ErrorCode::kResourceExhausted);
    EXPECT_EQ(seen, pieces);
    expect_usable();
  }
  // At the last piece, when there may be nothing left to cancel.
  for (int round = 0; round < 200; ++round) {
    run("BEGIN");
    const auto status = connection().copy_out(kAllOut, [](std::string_view) -> Status {
      return Error{ErrorCode::kBusy, "no"};
    });
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, ErrorCode::kBusy);
    expect_usable();
  }
}

TEST_F(WireTest, AnErrorOfTheServerEndsTheCopy) {
  std::size_t bytes = 0;
  const auto visit = [&](std::string_view piece) {
    bytes += piece.size();
    return Status();
  };
  run("BEGIN");
  const auto missing = connection().copy_out("COPY nothing TO STDOUT (FORMAT binary)", visit);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::kConflict);
  EXPECT_EQ(bytes, 0U);
  expect_usable();
  run("BEGIN");
  const auto midway = connection().copy_out(
      "COPY (SELECT 1 / (100000 - g) FROM generate_series(1, 200000) g) TO STDOUT (FORMAT binary)",
      visit);
  ASSERT_FALSE(midway.has_value());
  EXPECT_EQ(midway.error().code, ErrorCode::kConflict);
  EXPECT_THAT(midway.error().message, HasSubstr("division by zero"));
  EXPECT_GT(bytes, 1000U);
  expect_usable();
}

TEST_F(WireTest, ALostServerEndsTheCopy) {
  const auto pid = connection().query("SELECT pg_backend_pid()");
  ASSERT_TRUE(pid.has_value());
  bool is_ended = false;
  const auto status = connection().copy_out(
      "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 300000)) TO STDOUT (FORMAT binary)",
      [&](std::string_view) {
        if (!is_ended) database().run("SELECT pg_terminate_backend(" + pid->at(0, 0) + ")");
        is_ended = true;
        return Status();
      });
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace tulving::storage::postgres
