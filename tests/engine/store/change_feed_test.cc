// What the writer of the change feed promises: each write has a row in its own batch that names the
// records it put; a feed that was closed goes on where it was; and it is trimmed, but never below
// as many changes as the store has records. The writes are batches of the test's own.

#include "core/engine/store/change_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <random>

#include "storage/changes.h"
#include "storage/keys.h"
#include "storage/memory/memory_journal.h"

namespace tulving::engine {
namespace {

using storage::ChangeRow;
using storage::RecordKind;
using storage::Table;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Feed : public ::testing::Test {
 protected:
  Feed() { open(); }
  void open() {
    feed_.emplace([this] { return records_; }, kChangesMin);
    ASSERT_TRUE(feed_->open(*journal_->snapshot(), revision_).has_value());
  }
  /// A write that puts `count` memories.
  void write(std::size_t count) {
    storage::JournalBatch batch;
    for (std::size_t i = 0; i < count; ++i) {
      batch.put(Table::kRecords, storage::record_key(1, RecordKind::kMemory, Uuid::random()), "x");
    }
    write(std::move(batch));
  }
  void write(storage::JournalBatch batch) {
    ++revision_;
    ASSERT_TRUE(feed_->stage(*journal_, 1, revision_, batch).has_value());
    ASSERT_TRUE(journal_->append(batch).has_value());
  }
  std::optional<ChangeRow> row(std::uint64_t revision) {
    return storage::change_row(*journal_->snapshot(), revision).value();
  }
  /// How many records the feed's rows name; each row from the first to the store's must be there.
  std::uint64_t changes() {
    std::uint64_t count = 0;
    std::uint64_t revision = revision_;
    for (; revision > 0; --revision) {
      const auto found = row(revision);
      if (!found) break;
      count += found->changed.size();
    }
    oldest_ = revision + 1;
    for (; revision > 0; --revision) EXPECT_FALSE(row(revision)) << "a gap above " << revision;
    return count;
  }

  static constexpr std::uint64_t kChangesMin = 100;
  const std::unique_ptr<storage::Journal> journal_ = storage::open_memory_journal();
  std::uint64_t records_ = 0;
  std::uint64_t revision_ = 0;
  std::uint64_t oldest_ = 0;
  std::optional<ChangeFeed> feed_;
};

TEST_F(Feed, NamesTheRecordsThatAWritePut) {
  const Uuid a = *Uuid::parse("0c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60");
  const Uuid b = *Uuid::parse("1c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60");
  storage::JournalBatch batch;
  batch.put(Table::kRecords, storage::record_key(1, RecordKind::kMemory, b), "x");
  batch.put(Table::kVectors, storage::vector_key(1, b, 0), "x");
  batch.put(Table::kHistory, storage::history_key(1, b, 1), "x");
  batch.put(Table::kMeta, storage::tenant_key(1), "x");
  batch.erase(Table::kRecords, storage::record_key(1, RecordKind::kRelation, a));
  batch.put(Table::kRecords, storage::tombstone_key(1, RecordKind::kRelation, a), "x");
  batch.put(Table::kRecords, storage::record_key(1, RecordKind::kMemory, b), "y");
  write(std::move(batch));

  const auto found = row(1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->tenant, 1U);
  EXPECT_THAT(
      found->changed,
      ElementsAre(ChangeRow::Changed{static_cast<std::uint8_t>(RecordKind::kMemory), b},
                  ChangeRow::Changed{128 + static_cast<std::uint8_t>(RecordKind::kRelation), a}));
  write(0);
  EXPECT_THAT(row(2)->changed, IsEmpty());
  EXPECT_EQ(row(1)->total, 3U);
  EXPECT_EQ(row(2)->total, 4U);
}

TEST_F(Feed, KeepsAsManyChangesAsThereAreRecordsAndNotMuchMore) {
  std::mt19937 random(17);
  for (const std::uint64_t records : {0ULL, 60ULL, 1'000ULL, 3'000ULL}) {
    records_ = records;
    const std::uint64_t kept_min = std::max(kChangesMin, 2 * records) / 2;
    std::uint64_t written = 0;
    for (int i = 0; i < 4'000; ++i) {
      const std::size_t count = random() % 20 == 0 ? random() % 40 : random() % 3;
      written += count;
      write(count);
      if (i % 400 != 0) continue;
      const std::uint64_t kept = changes();
      EXPECT_LE(kept, 2 * std::max(kChangesMin, 2 * records) + 100);
      if (written > 2 * kept_min) {
        EXPECT_GE(kept + (revision_ - oldest_ + 1), kept_min) << records;
      }
    }
  }
  EXPECT_GT(oldest_, 1U) << "nothing was trimmed";
}

TEST_F(Feed, GoesOnWhereItWasWhenItIsOpenedAgain) {
  for (int i = 0; i < 300; ++i) {
    write(static_cast<std::size_t>(i % 3));
    if (i % 7 == 0) open();
  }
  EXPECT_LE(changes(), 2 * kChangesMin);
  EXPECT_GT(oldest_, 1U);
  for (auto revision = oldest_ + 1; revision <= revision_; ++revision) {
    EXPECT_EQ(row(revision)->total, row(revision - 1)->total + storage::weight_of(*row(revision)));
  }
}

TEST_F(Feed, BeginsWithTheNextWriteWhereThereIsNone) {
  revision_ = 41;  // Of a store from before the feed, or a restored one.
  open();
  write(2);
  EXPECT_FALSE(row(41));
  EXPECT_EQ(row(42)->total, 3U);
  open();
  write(1);
  EXPECT_EQ(row(43)->total, 5U);
}

TEST_F(Feed, TakesAWriteLongerThanItself) {
  write(10);
  write(1'000);
  write(1);
  write(1);
  EXPECT_TRUE(row(4));
  EXPECT_TRUE(storage::changed_keys(*journal_->snapshot(), 3, 4, 100).value());
  for (int i = 0; i < 600; ++i) write(1);
  EXPECT_FALSE(row(2));
}

}  // namespace
}  // namespace tulving::engine
