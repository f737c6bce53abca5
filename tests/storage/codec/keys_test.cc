// What keys promise: they sort as the tuples of their fields do, read back to the same fields, and
// bytes of any other form read back as nothing.

#include "storage/keys.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>
#include <tuple>
#include <vector>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/vector_tombstone.h"
#include "tests/storage/codec/random_records.h"

namespace tulving::storage {
namespace {

class Keys : public testing::Test {
 protected:
  /// Few values, each a neighbour of a byte's edge, so that ties and carries are common.
  std::uint32_t number() {
    static constexpr std::uint32_t edges[] = {0, 1, 255, 256, 65535, 65536, 0x7FFFFFFF, 0xFFFFFFFF};
    return edges[random_.below(std::size(edges))];
  }

  const std::uint32_t seed_ = std::random_device{}();
  testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  RandomRecords random_{seed_};
};

// Every kind of record, and the rows that are none.
std::vector<RecordKind> kinds_there_are() {
  std::vector<RecordKind> all = {RecordKind::kPlan, RecordKind::kTombstone,
                                 RecordKind::kIdempotency};
  kinds::RecordKinds::each(
      [&]<class Record>(kinds::Tag<Record>) { all.push_back(kinds::Kind<Record>::number); });
  return all;
}
const std::vector<RecordKind> kKinds = kinds_there_are();

TEST_F(Keys, SortAsTheirFieldsDo) {
  const Uuid ids[] = {Uuid{}, random_.id(), random_.id()};
  for (int i = 0; i < 5000; ++i) {
    const auto tenants = std::pair(number(), number());
    const auto kinds =
        std::pair(kKinds[random_.below(kKinds.size())], kKinds[random_.below(kKinds.size())]);
    const auto uuids = std::pair(ids[random_.below(3)], ids[random_.below(3)]);
    const auto numbers = std::pair(number(), number());
    EXPECT_EQ(record_key(tenants.first, kinds.first, uuids.first) <
                  record_key(tenants.second, kinds.second, uuids.second),
              std::tuple(tenants.first, kinds.first, uuids.first) <
                  std::tuple(tenants.second, kinds.second, uuids.second));
    EXPECT_EQ(history_key(tenants.first, uuids.first, numbers.first) <
                  history_key(tenants.second, uuids.second, numbers.second),
              std::tuple(tenants.first, uuids.first, numbers.first) <
                  std::tuple(tenants.second, uuids.second, numbers.second));
    const auto models = std::pair(static_cast<std::uint16_t>(numbers.first),
                                  static_cast<std::uint16_t>(numbers.second));
    EXPECT_EQ(vector_key(tenants.first, uuids.first, models.first) <
                  vector_key(tenants.second, uuids.second, models.second),
              std::tuple(tenants.first, uuids.first, models.first) <
                  std::tuple(tenants.second, uuids.second, models.second));
  }
}

TEST_F(Keys, ReadBackToTheirFields) {
  for (int i = 0; i < 1000; ++i) {
    const auto tenant = number();
    const auto kind = kKinds[random_.below(kKinds.size())];
    const Uuid id = random_.id();
    const auto model = static_cast<std::uint16_t>(number());

    const auto record = parse_record_key(record_key(tenant, kind, id));
    ASSERT_TRUE(record);
    EXPECT_EQ(std::tie(record->tenant, record->kind, record->id), std::tie(tenant, kind, id));
    const auto vector = parse_vector_key(vector_key(tenant, id, model));
    ASSERT_TRUE(vector);
    EXPECT_EQ(std::tie(vector->tenant, vector->memory, vector->model), std::tie(tenant, id, model));
  }
}

std::vector<std::uint8_t> kinds_that_go() {
  std::vector<std::uint8_t> all = {kVectorTombstone};
  kinds::RecordKinds::each([&]<class Record>(kinds::Tag<Record>) {
    all.push_back(static_cast<std::uint8_t>(kinds::Kind<Record>::number));
  });
  return all;
}
const std::vector<std::uint8_t> kMayBeGone = kinds_that_go();

// A memory and a session may have one id: an erased one of either has a place of its own.
TEST_F(Keys, OfTombstonesDifferByWhatIsGone) {
  for (int i = 0; i < 1000; ++i) {
    const auto tenant = number();
    const Uuid id = random_.id();
    std::set<std::string> keys;
    for (const RecordKind kind : kKinds) keys.insert(record_key(tenant, kind, id));
    for (const std::uint8_t gone : kMayBeGone) {
      const std::string key = tombstone_key(tenant, gone, id);
      EXPECT_TRUE(keys.insert(key).second);
      const auto parsed = parse_record_key(key);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(std::tie(parsed->tenant, parsed->kind, parsed->id, parsed->gone),
                std::tuple(tenant, RecordKind::kTombstone, id, gone));
      EXPECT_EQ(record_key(tenant, kind_byte(*parsed), id), key);
    }
  }
  const auto former = parse_record_key(record_key(1, RecordKind::kTombstone, random_.id()));
  ASSERT_TRUE(former);
  EXPECT_EQ(former->gone, 0);
}

// Of all 256 bytes those alone that a release has written.
TEST_F(Keys, HaveAByteForEachKindAndNoOther) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const auto one = static_cast<std::uint8_t>(byte);
    const bool is_kind = std::ranges::find(kKinds, static_cast<RecordKind>(one)) != kKinds.end();
    const bool is_tombstone =
        byte >= 128 && std::ranges::find(kMayBeGone, one - 128) != kMayBeGone.end();
    EXPECT_EQ(kind_of_byte(one).has_value(), is_kind || is_tombstone) << byte;
  }
}

TEST_F(Keys, StartWithTheirPrefixes) {
  const Uuid id = random_.id();
  EXPECT_TRUE(record_key(5, RecordKind::kMemory, id).starts_with(record_prefix(5)));
  EXPECT_TRUE(
      record_key(5, RecordKind::kMemory, id).starts_with(record_prefix(5, RecordKind::kMemory)));
  EXPECT_FALSE(
      record_key(5, RecordKind::kSession, id).starts_with(record_prefix(5, RecordKind::kMemory)));
  EXPECT_FALSE(record_key(6, RecordKind::kMemory, id).starts_with(record_prefix(5)));
  EXPECT_TRUE(vector_key(5, id, 1).starts_with(vector_prefix(5)));
  EXPECT_TRUE(vector_key(5, id, 1).starts_with(vector_prefix(5, id)));
  EXPECT_TRUE(history_key(5, id, 1).starts_with(history_prefix(5, id)));
}

TEST_F(Keys, ReadBackNothingFromAnotherForm) {
  const std::string record = record_key(5, RecordKind::kMemory, random_.id());
  const std::string vector = vector_key(5, random_.id(), 1);
  for (std::size_t length = 0; length < record.size(); ++length) {
    EXPECT_FALSE(parse_record_key(record.substr(0, length)));
    EXPECT_FALSE(parse_vector_key(vector.substr(0, length)));
  }
  EXPECT_FALSE(parse_record_key(record + "x"));
  EXPECT_FALSE(parse_vector_key(vector + "x"));
  std::string unknown_kind = record;
  unknown_kind[4] = 99;
  EXPECT_FALSE(parse_record_key(unknown_kind));
}

TEST_F(Keys, OfTheMetaTableDiffer) {
  EXPECT_EQ(store_key(), "store");
  EXPECT_EQ(model_key(0x0102), std::string("m\x01\x02", 3));
  EXPECT_EQ(tenant_key(0x01020304), std::string("t\x01\x02\x03\x04", 5));
}

}  // namespace
}  // namespace tulving::storage
