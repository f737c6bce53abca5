// The table holds what a map from id to record would, each record in one row; rows are dense and
// used again, and the columns say what the records say. After any puts, replacements, erasures, and
// a recovery that reserves rows.

#include "core/engine/state/memory_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "tulving/records.h"

namespace tulving::engine {
namespace {

using ::testing::UnorderedElementsAre;

Uuid id_of(std::uint32_t number) {
  Uuid id;
  id.bytes[15] = static_cast<std::uint8_t>(number);
  id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[0] = 1;
  return id;
}

Timestamp at_micros(std::int64_t micros) { return Timestamp(std::chrono::microseconds(micros)); }

RecordPtr record(std::uint32_t number, std::mt19937& random) {
  Memory memory;
  memory.id = id_of(number);
  memory.text = std::string(random() % 50, 'x');
  memory.created_at = memory.updated_at = at_micros(static_cast<std::int64_t>(random() % 1000));
  memory.last_used = at_micros(static_cast<std::int64_t>(random() % 1000));
  memory.use_count = static_cast<std::int32_t>(random() % 9);
  memory.strength = static_cast<float>(random() % 5) / 4.0F;
  memory.priority = static_cast<std::int32_t>(1 + random() % 10);
  return storage::MemoryRecord::encode(memory);
}

using Model = std::map<Uuid, RecordPtr>;

void expect_equal(const MemoryTable& table, const Model& model) {
  ASSERT_EQ(table.size(), model.size());
  ASSERT_EQ(table.rows().cardinality(), model.size());
  std::set<std::uint32_t> rows;
  for (const auto& [key, expected] : model) {
    const auto row = table.find(key);
    ASSERT_TRUE(row);
    ASSERT_LT(*row, table.row_limit());
    ASSERT_TRUE(rows.insert(*row).second) << "two memories in one row";
    ASSERT_TRUE(table.rows().contains(*row));
    ASSERT_EQ(table.record(*row), expected);
    EXPECT_EQ(table.created_us(*row), micros(expected->created_at()));
    EXPECT_EQ(table.last_used_us(*row), micros(expected->last_used()));
    EXPECT_EQ(table.use_count(*row), expected->use_count());
    EXPECT_EQ(table.strength(*row), expected->strength());
    EXPECT_EQ(table.priority(*row), expected->priority());
    EXPECT_EQ(table.decay_columns().last_used_us[*row], micros(expected->last_used()));
    EXPECT_EQ(table.decay_columns().use_count[*row], expected->use_count());
    EXPECT_EQ(table.decay_columns().strength[*row], expected->strength());
    EXPECT_EQ(table.row_for(key), *row) << "a memory keeps its row";
  }
}

TEST(MemoryTable, HoldsWhatAMapHolds) {
  std::mt19937 random(3);
  MemoryTable table;
  Model model;
  std::size_t most = 0;
  for (int step = 0; step < 3000; ++step) {
    const auto number = static_cast<std::uint32_t>(random() % 40);
    const auto known = table.find(id_of(number));
    ASSERT_EQ(known.has_value(), model.contains(id_of(number)));
    if (known && random() % 2 == 0) {
      table.erase(*known);
      model.erase(id_of(number));
      EXPECT_FALSE(table.find(id_of(number)));
      EXPECT_EQ(table.record(*known), nullptr) << "an erased record is let go";
    } else {
      const RecordPtr put = record(number, random);
      table.put(table.row_for(id_of(number)), put);
      model[id_of(number)] = put;
    }
    most = std::max(most, model.size());
    ASSERT_NO_FATAL_FAILURE(expect_equal(table, model));
    ASSERT_EQ(table.row_limit(), most) << "freed rows are used again before a new one is";
  }
}

TEST(MemoryTable, CountsTheBytesOfTheRecordsItHolds) {
  std::mt19937 random(4);
  MemoryTable table;
  const std::uint64_t empty = table.bytes();
  const RecordPtr small = record(1, random), other = record(1, random);

  table.put(0, small);
  const std::uint64_t with_small = table.bytes();
  table.put(0, other);

  EXPECT_EQ(table.bytes() - other->bytes().size(), with_small - small->bytes().size());
  table.erase(0);
  EXPECT_EQ(table.bytes(), with_small - small->bytes().size());
  EXPECT_GE(table.bytes(), empty);
}

// As a recovery does: a table that was loaded is as one that was filled by put().
TEST(MemoryTable, ThatWasLoadedIsAsOneThatWasFilled) {
  std::mt19937 random(7);
  MemoryTable loaded, filled;
  const std::uint8_t ids = 40;
  loaded.make_room(ids);
  for (std::uint8_t i = 1; i <= 20; ++i) loaded.reserve(2U * i, id_of(i));
  std::vector<RecordPtr> records;
  for (std::uint8_t i = 1; i <= ids; ++i) {
    if (i % 7 > 0) records.push_back(record(i, random));  // Some are gone since.
  }
  std::ranges::shuffle(records, random);
  for (const RecordPtr& one : records) loaded.load(one);
  loaded.end_loading();
  for (const std::uint32_t row : loaded.rows()) loaded.fill_columns(row);
  (void)loaded.release_reserved();
  for (const RecordPtr& one : records) filled.put(filled.row_for(one->id()), one);

  ASSERT_EQ(loaded.size(), records.size());
  ASSERT_EQ(loaded.rows().cardinality(), records.size());
  for (const RecordPtr& one : records) {
    const auto row = loaded.find(one->id()), other = filled.find(one->id());
    ASSERT_TRUE(row && other && loaded.rows().contains(*row));
    EXPECT_TRUE(one->id() != id_of(3) || *row == 6U);
    EXPECT_EQ(loaded.record(*row), one);
    EXPECT_EQ(loaded.created_us(*row), filled.created_us(*other));
    EXPECT_EQ(loaded.last_used_us(*row), filled.last_used_us(*other));
    EXPECT_EQ(loaded.use_count(*row), filled.use_count(*other));
    EXPECT_EQ(loaded.strength(*row), filled.strength(*other));
    EXPECT_EQ(loaded.priority(*row), filled.priority(*other));
  }
  const std::uint32_t free = loaded.row_for(id_of(200));
  EXPECT_LT(free, loaded.row_limit()) << "rows that no record claimed are used again";
  EXPECT_FALSE(loaded.rows().contains(free));
}

// As a recovery does: ids get the rows they had in the checkpoint, and those that the log no longer
// has give them back.
TEST(MemoryTable, RowsThatWereReservedAndNotTakenAreFree) {
  std::mt19937 random(5);
  MemoryTable table;
  table.reserve(4, id_of(1));
  table.reserve(2, id_of(2));
  table.reserve(0, id_of(3));
  EXPECT_EQ(table.row_for(id_of(2)), 2U);
  const RecordPtr kept = record(2, random);
  table.put(2, kept);

  EXPECT_THAT(table.release_reserved(), UnorderedElementsAre(0U, 4U));

  ASSERT_NO_FATAL_FAILURE(expect_equal(table, {{id_of(2), kept}}));
  std::set<std::uint32_t> next;
  Model model = {{id_of(2), kept}};
  for (std::uint32_t number = 10; number < 14; ++number) {
    const RecordPtr put = record(number, random);
    next.insert(table.row_for(id_of(number)));
    table.put(table.row_for(id_of(number)), put);
    model[id_of(number)] = put;
  }
  EXPECT_EQ(next, (std::set<std::uint32_t>{0, 1, 3, 4})) << "the free ones before a new one";
  ASSERT_NO_FATAL_FAILURE(expect_equal(table, model));
}

}  // namespace
}  // namespace tulving::engine
