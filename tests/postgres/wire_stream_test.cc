// The reader of binary COPY trusts nobody: whatever is cut off or changed in a stream, it answers
// with rows or with an error. And what makes no sense to write is caught where it is written. No
// server is needed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/check.h"
#include "storage/postgres/wire/field_encoding.h"
#include "tests/postgres/wire_values.h"

namespace tulving::storage::postgres {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using tulving::testing::bytes_of;
using tulving::testing::Decoded;
using tulving::testing::decoded;
using tulving::testing::edge_rows;
using tulving::testing::FieldRow;
using tulving::testing::random_row;
using tulving::testing::stream_of;
using tulving::testing::wire_columns;

std::vector<FieldRow> some_rows() {
  auto rows = edge_rows();
  std::mt19937 random(7);
  for (std::int32_t number = 6; number <= 12; ++number) rows.push_back(random_row(random, number));
  return rows;
}

// A stream of one row of one column with these bytes, read as `type`.
Decoded read_value(const std::string& bytes, ColumnType type) {
  RowEncoder encoder;
  encoder.begin_row(1);
  encoder.text(bytes);
  return decoded(std::string(copy_header()) + encoder.bytes() + std::string(copy_trailer()),
                 {type});
}

TEST(WireStream, IsReadInPiecesOfAnySize) {
  const auto rows = some_rows();
  const auto stream = stream_of(rows);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, stream.size()}) {
    const auto result = decoded(stream, wire_columns(), piece);
    ASSERT_TRUE(result.status.has_value()) << result.status.error().message;
    ASSERT_EQ(result.rows.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_FALSE(result.rows[i].refused.has_value()) << i;
      EXPECT_EQ(bytes_of(result.rows[i].fields), bytes_of(rows[i])) << i;
    }
  }
}

TEST(WireStream, CutAnywhereIsAnError) {
  const auto rows = some_rows();
  const auto stream = stream_of(rows);
  for (std::size_t size = 0; size < stream.size(); ++size) {
    const auto result = decoded(std::string_view(stream).substr(0, size), wire_columns());
    ASSERT_FALSE(result.status.has_value()) << size;
    EXPECT_EQ(result.status.error().code, ErrorCode::kCorruption);
    ASSERT_LE(result.rows.size(), rows.size());
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
      ASSERT_EQ(bytes_of(result.rows[i].fields), bytes_of(rows[i])) << i << " of " << size;
    }
  }
}

TEST(WireStream, ChangedAnywhereGivesRowsOrAnError) {
  const auto stream = stream_of(some_rows());
  std::mt19937 random(8);
  std::size_t errors = 0, refusals = 0, reads = 0;
  for (std::size_t i = 0; i < stream.size(); ++i) {
    for (unsigned bit = 0; bit < 9; ++bit) {
      auto changed = stream;
      const auto flips = bit < 8 ? 1UL << bit : random();
      changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ (flips & 0xFFU));
      const auto result = decoded(changed, wire_columns());
      if (!result.status) {
        ASSERT_EQ(result.status.error().code, ErrorCode::kCorruption);
        EXPECT_THAT(result.status.error().message, HasSubstr("row "));
      }
      ++(result.status ? reads : errors);
      for (const auto& row : result.rows) {
        ASSERT_EQ(row.fields.size(), wire_columns().size());
        refusals += row.refused.has_value();
      }
    }
  }
  EXPECT_GT(errors, 1000U);
  EXPECT_GT(refusals, 100U);
  EXPECT_GT(reads, 1000U);
}

TEST(WireStream, SaysWhatIsMalformed) {
  const auto u16 = [](std::initializer_list<int> words) {
    std::string bytes;
    for (const int word : words) {
      bytes += static_cast<char>(word >> 8);
      bytes += static_cast<char>(word & 0xFF);
    }
    return bytes;
  };
  const auto u32 = [](std::initializer_list<std::uint32_t> words) {
    std::string bytes;
    for (const auto word : words) {
      for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(word >> shift & 0xFFU);
    }
    return bytes;
  };
  using enum ColumnType;
  struct Case {
    ColumnType type;
    std::string bytes;
    const char* says;
  };
  const std::vector<Case> cases = {
      {kJson, "\2{}", "version"},
      {kJson, "\1", "no text"},
      {kJson, "", "no text"},
      {kBoolean, "\2", "neither true nor false"},
      {kBoolean, "", "has 0 bytes, not 1"},
      {kInteger, "12345678", "has 8 bytes, not 4"},
      {kUuid, "12345678", "has 8 bytes, not 16"},
      {kDouble, "1234", "has 4 bytes, not 8"},
      {kTimestamp, "", "has 0 bytes, not 8"},
      {kNumeric, u16({0, 0, 0}), "too few bytes"},
      {kNumeric, u16({2, 0, 0, 4, 1}), "digits"},
      {kNumeric, u16({0, 0, 0, 4, 1}), "digits"},
      {kNumeric, u16({1, 0, 0, 4, 10000}), "above 9999"},
      {kNumeric, u16({1, 0, 0x1000, 4, 1}), "sign"},
      {kNumeric, u16({1, 0, 0, 0x4000, 1}), "scale"},
      {kVector, u16({1}), "too short"},
      {kVector, u16({1, 0, 0}), "1 dimensions in 6 bytes"},
      {kVector, u16({0, 0}), "0 dimensions"},
      {kVector, u16({1, 1, 0, 0}), "unknown kind"},
      {kTextArray, u32({1, 0}), "too few bytes"},
      {kTextArray, u32({0, 0, 700}), "type 700, not 25"},
      {kUuidArray, u32({0, 0, 25}), "type 25, not 2950"},
      {kRealArray, u32({0, 0, 701}), "type 701, not 700"},
      {kTextArray, u32({7, 0, 25}), "7 dimensions"},
      {kTextArray, u32({0xFFFFFFFF, 0, 25}), "dimensions"},
      {kTextArray, u32({0, 2, 25}), "flags"},
      {kTextArray, u32({0, 0, 25, 1}), "behind the last"},
      {kTextArray, u32({1, 0, 25, 1}), "dimensions that end"},
      {kTextArray, u32({1, 0, 25, 0xFFFFFFFF, 1}), "4294967295 elements"},
      {kTextArray, u32({1, 0, 25, 1, 1, 1}), "element that ends behind"},
      {kTextArray, u32({1, 0, 25, 2, 1, 4, 0}), "element that ends behind"},
      {kTextArray, u32({1, 0, 25, 1, 1, 0xFFFFFFFE}), "element that ends behind"},
      {kTextArray, u32({1, 0, 25, 1, 1, 0, 0}), "behind the last"},
      {kRealArray, u32({1, 0, 700, 1, 1, 8, 0, 0}), "has 8 bytes, not 4"},
      {kUuidArray, u32({1, 0, 2950, 1, 1, 0}), "has 0 bytes, not 16"},
  };
  for (const auto& [type, bytes, says] : cases) {
    const auto result = read_value(bytes, type);
    ASSERT_FALSE(result.status.has_value()) << says;
    EXPECT_EQ(result.status.error().code, ErrorCode::kCorruption) << says;
    EXPECT_THAT(result.status.error().message, HasSubstr(says));
    EXPECT_THAT(result.status.error().message, HasSubstr("row 1, column 1: "));
  }
}

TEST(WireStream, ItsFrameIsCheckedToo) {
  const auto says = [](const std::string& after_header) {
    const auto result =
        decoded(std::string(copy_header()) + after_header, {ColumnType::kText, ColumnType::kText});
    EXPECT_EQ(result.rows.size(), 0U);
    return result.status ? "nothing" : result.status.error().message;
  };
  EXPECT_EQ(says("\xFF\xFF"s), "nothing");
  EXPECT_THAT(says("\xFF\xFFx"s), HasSubstr("bytes follow the end"));
  EXPECT_THAT(says(""), HasSubstr("ends too early"));
  EXPECT_THAT(says("\0\1"s), HasSubstr("fields: 1"));
  EXPECT_THAT(says("\0\3"s), HasSubstr("fields: 3"));
  EXPECT_THAT(says("\xFF\xFE"s), HasSubstr("fields: -2"));
  EXPECT_THAT(says("\0\2\xFF\xFF\xFF\xFE"s), HasSubstr("column 1: bytes: -2"));
  EXPECT_THAT(says("\0\2\xFF\xFF\xFF\xFF\x7F\xFF\xFF\xFF"s),
              HasSubstr("column 2: bytes: 2147483647"));
  EXPECT_THAT(decoded("PGCOPX", {ColumnType::kText}).status.error().message, HasSubstr("header"));
}

TEST(WireStream, AnErrorStays) {
  int rows = 0;
  RowDecoder decoder({ColumnType::kText}, [&](RowDecoder::Row&) -> Status {
    ++rows;
    return Error{ErrorCode::kBusy, "enough"};
  });
  RowEncoder encoder;
  for (int i = 0; i < 2; ++i) {
    encoder.begin_row(1);
    encoder.text("x");
  }
  EXPECT_TRUE(decoder.feed(copy_header()).has_value());
  EXPECT_EQ(decoder.feed(encoder.bytes()).error().code, ErrorCode::kBusy);
  EXPECT_EQ(decoder.feed(copy_trailer()).error().code, ErrorCode::kBusy);
  EXPECT_EQ(decoder.finish().error().code, ErrorCode::kBusy);
  EXPECT_EQ(rows, 1);
}

std::string encoded(const Field& value, ColumnType type) {
  RowEncoder encoder;
  encoder.begin_row(1);
  encode(value, type, encoder);
  return encoder.bytes().substr(2);
}

TEST(WireEncoding, NamesTextsAndAbsence) {
  const std::string text = "0c7f1f5e-6f0f-1b5e-9d0a-1d2c3b4a5f60";  // Of version 1.
  const Uuid id = Uuid::standing_for("", text);
  const std::string null = "\xFF\xFF\xFF\xFF";
  EXPECT_EQ(encoded(std::monostate(), ColumnType::kText), null);
  EXPECT_EQ(encoded(""s, ColumnType::kText), "\0\0\0\0"s);
  EXPECT_EQ(encoded(""s, ColumnType::kJson), null);
  EXPECT_EQ(encoded("{}"s, ColumnType::kJson), "\0\0\0\3\1{}"s);
  EXPECT_EQ(encoded(NamedUuid{id, "ann"}, ColumnType::kText), "\0\0\0\3ann"s);
  EXPECT_EQ(encoded(NamedUuid{id, ""}, ColumnType::kText), "\0\0\0\x24"s + text);
  EXPECT_EQ(encoded(text, ColumnType::kUuid), encoded(NamedUuid{id, "ann"}, ColumnType::kUuid));
  EXPECT_EQ(encoded(std::vector<Uuid>(), ColumnType::kUuidArray),
            "\0\0\0\x0C\0\0\0\0\0\0\0\0\0\0\x0B\x86"s);
  const std::vector<float> floats = {1, 2};
  EXPECT_EQ(encoded(std::span<const float>(floats), ColumnType::kRealArray),
            encoded(floats, ColumnType::kRealArray));
}

#ifdef TULVING_DCHECKS
TEST(WireEncodingDeathTest, WhatMakesNoSenseIsCaught) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)encoded(true, ColumnType::kText), "invariant");
  EXPECT_DEATH((void)encoded("no id"s, ColumnType::kUuid), "invariant");
  EXPECT_DEATH((void)encoded("x"s, ColumnType::kVector), "invariant");
}
#endif

}  // namespace
}  // namespace tulving::storage::postgres
