#include "tests/postgres/wire_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "storage/postgres/wire/field_encoding.h"

namespace tulving::testing {
namespace {

using namespace std::string_literals;
using storage::postgres::ColumnType;
using storage::postgres::Field;
using storage::postgres::NamedUuid;
using storage::postgres::RowEncoder;
using Texts = std::vector<std::string>;
using Floats = std::vector<float>;
using Uuids = std::vector<Uuid>;

Timestamp at(const char* text) { return parse_time(text).value(); }

std::string random_text(std::mt19937& random) {
  static const Texts kParts = {"a",    "'", "\"", "\\",   ",",    "{",    "}",  " ",   "\n", "\t",
                               "NULL", "ü", "漢", "🙂", "\x01", "\x7F", "$1", "\\N", "0"};
  std::string text;
  for (auto left = random() % 12; left > 0; --left) text += kParts[random() % kParts.size()];
  return text;
}

template <class T, class Make>
std::vector<T> random_list(std::mt19937& random, Make make) {
  std::vector<T> list(random() % 5);
  std::generate(list.begin(), list.end(), make);
  return list;
}

float random_float(std::mt19937& random) {
  const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
  return std::isfinite(value) ? value : -0.0F;
}

double random_double(std::mt19937& random) {
  const std::uint64_t bits = std::uint64_t{random()} << 32U | random();
  const auto value = std::bit_cast<double>(bits);
  return std::isfinite(value) ? value : -0.0;
}

Timestamp random_time(std::mt19937& random) {
  static const Timestamp first = at("0001-01-01T00:00:00Z"), last = at("9999-12-31T23:59:59Z");
  std::uniform_int_distribution<std::int64_t> micros(first.time_since_epoch().count(),
                                                     last.time_since_epoch().count());
  return Timestamp(std::chrono::microseconds(micros(random)));
}

}  // namespace

std::vector<ColumnType> wire_columns() {
  using enum ColumnType;
  return {kText,   kText,      kText,      kInteger,  kInteger,   kJson,
          kUuid,   kBoolean,   kDouble,    kNumeric,  kTimestamp, kTimestamptz,
          kVector, kTextArray, kUuidArray, kRealArray};
}

std::string wire_table_sql() {
  return "CREATE EXTENSION IF NOT EXISTS vector; CREATE TYPE mood AS ENUM ('calm', 'so so', 'ü');"
         "CREATE TABLE wire (t text, v varchar(80), m mood, n serial, i integer, j jsonb, u uuid, "
         "b boolean, d double precision, x numeric(10, 4), ts timestamp, tz timestamptz, "
         "e vector(3), ta text[], ua uuid[], ra real[])";
}

std::vector<FieldRow> edge_rows() {
  using Doubles = std::numeric_limits<double>;
  using Singles = std::numeric_limits<float>;
  using Integers = std::numeric_limits<std::int32_t>;
  const Uuid nil{}, full = [] {
    Uuid id;
    id.bytes.fill(0xFF);
    return id;
  }();
  const Uuid some = *Uuid::parse("0c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60");
  FieldRow absent(wire_columns().size());
  absent[3] = std::int32_t{5};
  return {
      {""s, ""s, "calm"s, std::int32_t{1}, Integers::min(), "{}"s, NamedUuid{nil, {}}, false, -0.0,
       0.0, at("0001-01-01T00:00:00Z"), at("0001-01-01T00:00:00Z"), Floats{0, -0.0F, 1}, Texts{},
       Uuids{}, Floats{}},
      {"it's \"quoted\" \\ and\n\tso on"s, "漢字 🙂"s, "so so"s, std::int32_t{2},
       Integers::max(), "[1, \"ü\", {\"a\": null}]"s, NamedUuid{full, {}}, true,
       Doubles::denorm_min(), 0.87, at("9999-12-31T23:59:59.999999Z"),
       at("9999-12-31T23:59:59.999999Z"),
       Floats{Singles::denorm_min(), Singles::max(), Singles::lowest()}, Texts{"", "", "NULL"},
       Uuids{nil, full, some}, Floats{-0.0F, Singles::denorm_min(), Singles::max()}},
      {"x"s, "ü"s, "ü"s, std::int32_t{3}, std::int32_t{-1}, "\"\\\"\""s, NamedUuid{some, {}}, true,
       Doubles::max(), 123456.7891, at("1999-12-31T23:59:59.999999Z"), at("2000-01-01T00:00:00Z"),
       Floats{0.1F, 0.2F, 0.3F}, Texts{"a,b", "{}", "\"", "\\", " "}, Uuids{some}, Floats{0.1F}},
      {"y"s, "z"s, "calm"s, std::int32_t{4}, std::int32_t{0}, "0.10"s, NamedUuid{some, {}}, false,
       Doubles::lowest(), 999999.9999, at("1970-01-01T00:00:00Z"), at("2026-03-01T09:30:00.5Z"),
       Floats{1, 2, 3}, Texts{""}, Uuids{nil}, Floats{1, 2}},
      absent};
}

FieldRow random_row(std::mt19937& random, std::int32_t number) {
  static const Texts kMoods = {"calm", "so so", "ü"};
  const auto uuid = [&] {
    Uuid id;
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
    return id;
  };
  const auto real = [&] { return random_float(random); };
  FieldRow row = {random_text(random),
                  random_text(random),
                  kMoods[random() % 3],
                  number,
                  static_cast<std::int32_t>(random()),
                  "{\"k\": " + std::to_string(random()) + "}",
                  NamedUuid{uuid(), {}},
                  random() % 2 == 0,
                  random_double(random),
                  static_cast<double>(random()) / 10'000.0,
                  random_time(random),
                  random_time(random),
                  Floats{real(), real(), real()},
                  random_list<std::string>(random, [&] { return random_text(random); }),
                  random_list<Uuid>(random, uuid),
                  random_list<float>(random, real)};
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i != 3 && random() % 8 == 0) row[i] = std::monostate();
  }
  return row;
}

std::string bytes_of(const FieldRow& row) {
  const auto columns = wire_columns();
  RowEncoder encoder;
  encoder.begin_row(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) encode(row.at(i), columns[i], encoder);
  return encoder.bytes();
}

std::string stream_of(const std::vector<FieldRow>& rows) {
  std::string stream(storage::postgres::copy_header());
  for (const auto& row : rows) stream += bytes_of(row);
  return stream += storage::postgres::copy_trailer();
}

Decoded decoded(std::string_view stream, std::vector<ColumnType> columns, std::size_t piece) {
  using storage::postgres::RowDecoder;
  Decoded result;
  RowDecoder decoder(std::move(columns), [&](RowDecoder::Row& row) {
    result.rows.push_back(std::move(row));
    return Status();
  });
  for (; !stream.empty() && result.status; stream.remove_prefix(std::min(piece, stream.size()))) {
    // A copy of its own, so that a sanitizer sees a byte read behind it.
    const std::vector<char> bytes(
        stream.begin(),
        stream.begin() + static_cast<std::ptrdiff_t>(std::min(piece, stream.size())));
    result.status = decoder.feed({bytes.data(), bytes.size()});
  }
  const auto end = decoder.finish();
  if (result.status) result.status = end;
  return result;
}

}  // namespace tulving::testing
