// What the change feed's rows promise, and row_revision(): a row reads back as it was written; of
// any row of any kind the revision alone is read as the whole row's decoder reads it; and no bytes,
// however wrong, lead a reader past their end. (Under ASan the last is seen; otherwise a crash is.)

#include <gmock/gmock.h>

#include "storage/changes.h"
#include "storage/keys.h"
#include "storage/memory/memory_journal.h"
#include "tests/storage/codec/random_records.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ChangeCodec : public testing::Test {
 protected:
  ChangeRow random_row() {
    ChangeRow row{random_.below(1'000'000),
                  random_.below(1'000'000),
                  static_cast<std::uint32_t>(random_.below(1'000'000)),
                  {}};
    for (auto left = random_.below(5); left > 0; --left) {
      row.changed.push_back({static_cast<std::uint8_t>(random_.below(256)), random_.id()});
    }
    return row;
  }

  /// A row of some kind of record, with its revision.
  std::pair<std::string, std::uint64_t> any_row() {
    // Of any magnitude, 0 too, which FlatBuffers leaves out.
    const std::uint64_t revision = random_.below(4) == 0 ? 0 : random_.below(1ULL << 40U);
    const auto of = [&](auto record, const auto& encode) {
      record.revision = revision;
      return std::pair(std::string(encode(record)), revision);
    };
    switch (random_.below(10)) {
      case 0:
        return of(random_.memory(),
                  [](const Memory& m) { return std::string(MemoryRecord::encode(m)->bytes()); });
      case 1:
        return of(random_.session(), [](const Session& s) { return encode(s); });
      case 2:
        return of(random_.relation(), [](const Relation& r) { return encode(r); });
      case 3:
        return of(random_.task(), [](const ConsolidationTask& t) { return encode(t); });
      case 4:
        return of(random_.plan(), [](const Plan& p) { return encode_plan(p); });
      case 5:
        return of(random_.job(), [](const ConsolidationJob& j) { return encode(j); });
      case 6:
        return of(random_.tombstone(), encode_tombstone);
      case 7:
        return of(random_.history(), encode_history);
      case 8:
        return of(random_.idempotency(), encode_idempotency);
      default:
        return {encode_embedding(revision, random_.vector()), revision};
    }
  }

  const std::uint32_t seed_ = std::random_device{}();
  testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  RandomRecords random_{seed_};
};

TEST_F(ChangeCodec, ReadsBackAsItWasWritten) {
  for (int i = 0; i < 1000; ++i) {
    const ChangeRow row = random_row();
    const auto read = decode_change(encode_change(row));
    ASSERT_THAT(read, Succeeds());
    EXPECT_EQ(std::tie(read->revision, read->total, read->tenant, read->changed),
              std::tie(row.revision, row.total, row.tenant, row.changed));
  }
}

TEST_F(ChangeCodec, RefusesWhatIsNone) {
  ChangeRow row = random_row();
  row.changed = {{1, random_.id()}, {2, random_.id()}};
  const std::string bytes = encode_change(row);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto read = decode_change(bytes.substr(0, length));
    // What lies behind the last id only fills up the last word.
    if (read) {
      EXPECT_EQ(read->changed, row.changed);
    }
    if (length < bytes.size() - sizeof(std::uint32_t)) {
      EXPECT_THAT(read, FailsWith(ErrorCode::kCorruption));
    }
  }
}

TEST_F(ChangeCodec, ARowsRevisionIsThatOfItsDecoder) {
  for (int i = 0; i < 2000; ++i) {
    const auto [bytes, revision] = any_row();
    const auto read = row_revision(bytes);
    ASSERT_THAT(read, Succeeds());
    EXPECT_EQ(*read, revision);
  }
}

TEST_F(ChangeCodec, NoBytesLeadTheReaderAstray) {
  for (int i = 0; i < 200; ++i) {
    std::string bytes = any_row().first;
    bytes.resize(random_.below(std::min<std::size_t>(bytes.size(), 64)));
    for (int j = 0; j < 20; ++j) {
      const std::string spoilt(bytes);  // A heap block of exactly this length.
      static_cast<void>(row_revision(spoilt).has_value());
      if (bytes.empty()) break;
      bytes[random_.below(bytes.size())] = static_cast<char>(random_.below(256));
    }
  }
  EXPECT_THAT(row_revision(""), FailsWith(ErrorCode::kCorruption));
  EXPECT_THAT(row_revision("x"), FailsWith(ErrorCode::kCorruption));
  EXPECT_THAT(row_revision(std::string(100, '\xFF')), FailsWith(ErrorCode::kCorruption));
}

TEST_F(ChangeCodec, KeysSortAsRevisionsDoAndReadBack) {
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t a = random_.below(1ULL << (1 + random_.below(60)));
    const std::uint64_t b = random_.below(1ULL << (1 + random_.below(60)));
    EXPECT_EQ(change_key(a) < change_key(b), a < b);
    EXPECT_EQ(parse_change_key(change_key(a)), a);
    EXPECT_TRUE(change_key(a).starts_with(kChangePrefix));
  }
  EXPECT_EQ(parse_change_key(change_key(1) + "x"), std::nullopt);
  EXPECT_EQ(parse_change_key(tenant_key(1)), std::nullopt);
  EXPECT_EQ(parse_change_key("m2345678x"), std::nullopt);
  for (const auto& key : {store_key(), model_key(1), tenant_key(1)}) {
    EXPECT_FALSE(key.starts_with(kChangePrefix));
  }
}

class ChangedKeys : public ChangeCodec {
 protected:
  void write(std::uint64_t revision, std::vector<ChangeRow::Changed> changed) {
    ASSERT_THAT(journal_->append(put(Table::kMeta, change_key(revision),
                                     encode_change({revision, 0, 1, std::move(changed)}))),
                Succeeds());
  }
  auto keys(std::uint64_t since, std::uint64_t revision, std::size_t changes_max = 100) {
    return changed_keys(*journal_->snapshot(), since, revision, changes_max);
  }

  const std::unique_ptr<Journal> journal_ = open_memory_journal();
  const Uuid a_ = *Uuid::parse("0c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60");
  const Uuid b_ = *Uuid::parse("1c7f1f5e-6f0f-4b5e-9d0a-1d2c3b4a5f60");
};

TEST_F(ChangedKeys, AreThoseAfterTheRevisionInOrderAndOnce) {
  write(3, {{1, a_}});
  write(4, {{2, b_}, {2, a_}});
  write(5, {});
  write(6, {{2, a_}});

  const auto all = keys(2, 6);
  ASSERT_THAT(all, Succeeds());
  EXPECT_THAT(all->value(), ElementsAre(record_key(1, RecordKind::kSession, a_),
                                        record_key(1, RecordKind::kMemory, a_),
                                        record_key(1, RecordKind::kMemory, b_)));
  EXPECT_THAT(keys(5, 6)->value(), ElementsAre(record_key(1, RecordKind::kMemory, a_)));
  EXPECT_THAT(keys(6, 6)->value(), IsEmpty());
}

TEST_F(ChangedKeys, AreNotKnownBeforeTheFeedNorBeyondItsEnd) {
  write(3, {{1, a_}});
  write(4, {{1, b_}});
  EXPECT_EQ(*keys(1, 4), std::nullopt);
  EXPECT_EQ(*keys(2, 5), std::nullopt);
  EXPECT_NE(*keys(2, 4), std::nullopt);
  EXPECT_EQ(*keys(2, 4, 1), std::nullopt) << "more than were asked for";
}

TEST_F(ChangedKeys, OfADamagedRowAreRefused) {
  ASSERT_THAT(journal_->append(put(Table::kMeta, change_key(1), "x")), Succeeds());
  EXPECT_THAT(keys(0, 1), FailsWith(ErrorCode::kCorruption));
  ASSERT_THAT(journal_->append(put(Table::kMeta, change_key(1), encode_change({2, 0, 1, {}}))),
              Succeeds());
  EXPECT_THAT(keys(0, 1), FailsWith(ErrorCode::kCorruption));
}

}  // namespace
}  // namespace tulving::storage
