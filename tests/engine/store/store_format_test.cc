// What is promised of a store of format 2, whose tombstones of all kinds had one key: it is read
// rightly as it lies, the first opening for writing makes it one of format 3 and loses nothing, and
// a raise that was cut short is gone on with.

#include "core/engine/store/store_format.h"

#include <set>

#include "tests/engine/store/replica.h"
#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using storage::RecordKind;
using storage::Table;
using ::testing::Contains;
using ::testing::IsEmpty;

class FormerTombstones : public ::testing::Test {
 protected:
  FormerTombstones() {
    open();
    Session session;
    session.session_id = "monday";
    value_of(tenant_->put(session));
    session.session_id = "tuesday";
    value_of(tenant_->put(session));
    for (int i = 0; i < kMemories; ++i) {
      Memory one = memory("secret " + std::to_string(i), {1, 0});
      one.external_id = name_of(i);
      ids_.push_back(value_of(tenant_->add(one)).id);
    }
    Relation relation;
    relation.source_id = ids_[0];
    relation.target_id = ids_[1];
    relation.relation_type = "related";
    value_of(tenant_->put(relation));
    synced_ = store_->revision();
    value_of(store_->snapshot(directory_ / "full"));
    MemoryPatch patch;
    patch.text = "another text";
    value_of(tenant_->update(ids_.back(), patch));  // Its vector goes.
    EXPECT_THAT(tenant_->erase<Session>("monday"), Succeeds());
    for (int i = 0; i < kErased; ++i) EXPECT_THAT(tenant_->erase(ids_[i]), Succeeds());
    value_of(store_->snapshot(directory_ / "present"));
    close();
  }

  static std::string name_of(int i) { return "note " + std::to_string(i); }
  [[nodiscard]] std::filesystem::path path() const { return directory_ / "db"; }
  void open(bool read_only = false) {
    StoreOptions options;
    options.read_only = read_only;
    store_.emplace(value_of(Store::open(path(), options)));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }
  void close() {
    tenant_.reset();
    ASSERT_THAT(store_->close(), Succeeds());
    store_.reset();
  }
  [[nodiscard]] std::size_t former_rows() const {
    std::size_t found = 0;
    const auto journal =
        value_of(storage::open_rocksdb_journal(path() / "log", {.read_only = true}));
    EXPECT_THAT(journal->snapshot()->scan(Table::kRecords, "",
                                          [&](auto key, auto) -> Status {
                                            const auto parsed = storage::parse_record_key(key);
                                            const bool is_former =
                                                parsed->kind == RecordKind::kTombstone &&
                                                parsed->gone == 0;
                                            found += is_former ? 1 : 0;
                                            return {};
                                          }),
                Succeeds());
    return found;
  }
  // The store says that they are gone, to itself and to who has seen it before.
  void expect_erased(const std::filesystem::path& changes) {
    EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
    for (int i = 0; i < kMemories; ++i) {
      EXPECT_EQ(tenant_->was_erased(ids_[static_cast<std::size_t>(i)]), i < kErased) << i;
    }
    value_of(store_->snapshot(changes, synced_));
    Replica replica;
    replica.apply(directory_ / "full");
    replica.apply(changes);
    for (const int i : {0, kErased - 1}) {
      const auto key =
          storage::record_key(0, RecordKind::kMemory, ids_[static_cast<std::size_t>(i)]);
      EXPECT_FALSE(replica.tables().at(Table::kRecords).contains(key));
    }
    EXPECT_EQ(replica.tables().at(Table::kVectors).size(),
              static_cast<std::size_t>(kMemories - kErased - 1));
  }

  static constexpr int kMemories = 20, kErased = 12;
  TemporaryDirectory directory_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
  std::vector<Uuid> ids_;
  std::uint64_t synced_ = 0;
};

TEST_F(FormerTombstones, AreReadAsTheyLie) {
  make_format_2(path());
  const std::size_t rows = former_rows();
  ASSERT_GT(rows, static_cast<std::size_t>(kErased));

  open(/*read_only=*/true);
  expect_erased(directory_ / "changes");
  close();
  EXPECT_EQ(format_of(path()), 2U);
  EXPECT_EQ(former_rows(), rows);
}

TEST_F(FormerTombstones, GoToThePlacesOfTheirKinds) {
  make_format_2(path());

  open();
  expect_erased(directory_ / "changes");
  Session session;
  session.session_id = "monday";
  value_of(tenant_->put(session));
  expect_erased(directory_ / "later");
  close();
  EXPECT_EQ(format_of(path()), engine::kFormat);
  EXPECT_EQ(former_rows(), 0U);
}

// The raise goes piece by piece: any of the tombstones may have been moved already.
TEST_F(FormerTombstones, ARaiseThatWasCutShortGoesOn) {
  std::mt19937 random(5);
  for (int round = 0; round < 8; ++round) {
    SCOPED_TRACE(round);
    edit_log(path(), [&](const storage::JournalReader& reader, storage::JournalBatch& batch) {
      move_tombstones_back(reader, batch, [&](const auto&) { return random() % 2 == 0; });
      set_format(reader, batch, 2);
    });
    edit_log(path(), [](const storage::JournalReader& reader, storage::JournalBatch& batch) {
      ASSERT_THAT(reader.scan(Table::kMeta, storage::kChangePrefix,
                              [&](std::string_view key, std::string_view) -> Status {
                                batch.erase(Table::kMeta, std::string(key));
                                return {};
                              }),
                  Succeeds());
    });
    open(/*read_only=*/true);
    expect_erased(directory_ / ("as it lies " + std::to_string(round)));
    close();
    open();
    expect_erased(directory_ / ("raised " + std::to_string(round)));
    close();
    EXPECT_EQ(former_rows(), 0U);
  }
}

TEST_F(FormerTombstones, ARestoredOneIsRaised) {
  make_format_2(path());
  open(/*read_only=*/true);
  value_of(store_->snapshot(directory_ / "snapshot"));
  close();
  std::filesystem::remove_all(path());
  value_of(Store::restore(directory_ / "snapshot", path()));

  open();
  expect_erased(directory_ / "changes");
  close();
  EXPECT_EQ(former_rows(), 0U);
}

TEST_F(FormerTombstones, OneOfNoKindIsCorruption) {
  edit_log(path(), [](const storage::JournalReader& reader, storage::JournalBatch& batch) {
    batch.put(Table::kRecords, storage::record_key(0, RecordKind::kTombstone, Uuid::random()),
              storage::encode_tombstone({1, 99, {}, 7}));
    set_format(reader, batch, 2);
  });
  const auto opened = Store::open(path());
  ASSERT_THAT(opened, FailsWith(ErrorCode::kCorruption));
  EXPECT_THAT(opened.error().message, ::testing::HasSubstr("kind 99"));
  EXPECT_EQ(format_of(path()), 2U);
}

}  // namespace
}  // namespace tulving
