// What follows from the kinds' declarations, for every kind: sound records pass the rules and come
// back the same from JSON and from rows; one step beyond any bound is refused with the field's
// name; the README's table says what the declarations say. Seeds are fixed: the same run each time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/model/rules/rules.h"
#include "storage/codec/codec.h"
#include "tests/kinds/random_record.h"
#include "tulving/json.h"

namespace tulving {
namespace {

using kinds::Kind;
using kinds::KindList;
using testing::HasSubstr;
using testing_support::each_beyond;
using testing_support::random_record;
using testing_support::RandomValues;

constexpr int kRecords = 500;

template <class List>
struct Types;
template <class... Records>
struct Types<KindList<Records...>> {
  using Type = testing::Types<Records...>;
};

template <class Record>
class EveryKind : public testing::Test {
 protected:
  Record sound() { return random_record<Record>(random_); }
  std::string why(const Record& record) {
    const Status status = model::check_record(record);
    return status ? std::string() : status.error().message;
  }
  RandomValues random_{20261127};
};
TYPED_TEST_SUITE(EveryKind, Types<kinds::RecordKinds>::Type);

TYPED_TEST(EveryKind, TakesWhatKeepsItsRules) {
  for (int i = 0; i < kRecords; ++i) ASSERT_EQ(this->why(this->sound()), "");
}

TYPED_TEST(EveryKind, RefusesWhatLiesOneStepBeyondABoundAndNamesTheField) {
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    each_beyond(this->sound(), [&](std::string_view field, const TypeParam& broken) {
      const Status status = model::check_record(broken);
      ASSERT_FALSE(status) << field;
      EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
      EXPECT_EQ(status.error().field, field) << status.error().message;
      EXPECT_THAT(status.error().message, HasSubstr(std::string(field)));
      ++refused;
    });
  }
  EXPECT_GE(refused, 20 * 7);  // A project has three fields that can be wrong.
}

TYPED_TEST(EveryKind, IsTheSameAfterJson) {
  for (int i = 0; i < kRecords; ++i) {
    const TypeParam record = this->sound();
    const std::string line = to_json_line("acme", record);
    const auto read = parse_record(line);
    ASSERT_TRUE(read) << read.error().message << "\n" << line;
    EXPECT_EQ(read->tenant_id, "acme");
    ASSERT_EQ(std::get<TypeParam>(read->record), record) << line;
    ASSERT_EQ(to_json_line("acme", read->record), line);
  }
}

TYPED_TEST(EveryKind, RefusesAMemberOfNoField) {
  std::string line = to_json_line("acme", this->sound());
  line.back() = ',';
  const auto read = parse_record(line + "\"colour\": 1}");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("unknown field \"colour\""));
}

TYPED_TEST(EveryKind, IsTheSameAfterItsRow) {
  for (int i = 0; i < kRecords; ++i) {
    TypeParam record = this->sound();
    record.revision = this->random_.below(1'000'000);
    if constexpr (std::is_same_v<TypeParam, Memory>) {
      for (auto* time : {&record.created_at, &record.updated_at, &record.last_used}) {
        if (!*time) *time = Timestamp();
      }
    }
    const auto read = storage::decode<TypeParam>(storage::encode(record));
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(*read, record) << to_json_line("acme", record);
  }
}

// A decimal that a user wrote stays the one he wrote, to the last digit of a double.
TEST(Doubles, AreKeptAsTheyAreWritten) {
  const auto read =
      parse_record(R"({"kind":"relation","source_id":"0c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60",)"
                   R"("target_id":"11111111-1111-4111-8111-111111111111",)"
                   R"("strength":0.123456789012345,"confidence":0.87})");
  ASSERT_TRUE(read) << read.error().message;
  Relation relation = std::get<Relation>(read->record);
  relation.id = Uuid::derive("r", "1");
  const auto row = storage::decode<Relation>(storage::encode(relation));
  ASSERT_TRUE(row);
  EXPECT_EQ(row->strength, 0.123456789012345);
  EXPECT_EQ(row->confidence, 0.87);
  EXPECT_THAT(to_json_line("", *row),
              HasSubstr(R"("strength":0.123456789012345,"confidence":0.87)"));
}

std::string key_text(const auto& record) {
  using Record = std::remove_cvref_t<decltype(record)>;
  return std::string(kinds::name_at<Kind<Record>::key.member>());
}

template <auto kMember, auto... kParts>
std::string parts_of(const kinds::ByParts<kMember, kParts...>&) {
  std::string parts;
  ((parts += (parts.empty() ? ", of " : ", ") + std::string(kinds::name_at<kParts>())), ...);
  return parts;
}
std::string parts_of(const auto&) { return {}; }

// A kind's line in core/kinds/README.md.
template <class Record>
std::string table_line() {
  std::string names;
  std::apply(
      [&](const auto&... reference) {
        [[maybe_unused]] const auto add = [&]<auto kMember, class Target>(
            const kinds::Reference<kMember, Target>& one) {
          names += (names.empty() ? " " : "; ") + std::string(kinds::name_at<kMember>()) + ": " +
                   std::string(Kind<Target>::name) + ", ";
          names += one.when_gone == kinds::WhenGone::kErase   ? "erased with it"
                   : one.when_gone == kinds::WhenGone::kClear ? "cleared"
                                                              : "kept";
        };
        (add(reference), ...);
      },
      Kind<Record>::references);
  return "| " + std::string(Kind<Record>::name) + " | " +
         std::to_string(static_cast<int>(Kind<Record>::number)) + " | " + key_text(Record()) +
         parts_of(Kind<Record>::key) + " | " +
         std::to_string(kinds::internal::kFieldCount<Record>) + " |" + names + " |\n";
}

TEST(Readme, HasTheKindsThatAreDeclared) {
  std::ifstream file(std::string(TULVING_SOURCE_DIR) + "/core/kinds/README.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::string table;
  kinds::RecordKinds::each(
      [&]<class Record>(kinds::Tag<Record>) { table += table_line<Record>(); });
  EXPECT_THAT(text, HasSubstr("|---|---|---|---|---|\n" + table + "\n"));
}

}  // namespace
}  // namespace tulving
