// What verify() promises of the change feed: it names every difference between the feed and the
// records. Each is planted alone, in the log of a closed store that was sound before.

#include <ostream>

#include "tests/engine/store/log_edit.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using storage::ChangeRow;
using storage::RecordKind;
using storage::Table;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct World {
  const storage::JournalReader& reader;
  storage::JournalBatch& batch;
  Uuid erased;

  [[nodiscard]] ChangeRow row(std::uint64_t revision) const {
    return *value_of(storage::change_row(reader, revision));
  }
  void put(const ChangeRow& row) const {
    batch.put(Table::kMeta, storage::change_key(row.revision), storage::encode_change(row));
  }
  void erase(std::uint64_t revision) const {
    batch.erase(Table::kMeta, storage::change_key(revision));
  }
};

struct Plant {
  const char* name;
  const char* problem;
  void (*change)(const World&);
};
std::ostream& operator<<(std::ostream& out, const Plant& plant) { return out << plant.name; }

class FeedVerify : public ::testing::TestWithParam<Plant> {};

// Revisions: 1 a memory, 2 another, 3 a session, 4 the first again, 5 the second erased, 6 a third.
TEST_P(FeedVerify, NamesADifference) {
  TemporaryDirectory directory;
  Uuid erased;
  {
    Store store = value_of(Store::open(directory / "db"));
    Tenant tenant = value_of(store.tenant("acme"));
    const Uuid first = value_of(tenant.add(memory("one", {1, 0}))).id;
    erased = value_of(tenant.add(memory("two", {0, 1}))).id;
    Session session;
    session.session_id = "s";
    value_of(tenant.put(session));
    ASSERT_THAT(tenant.touch(std::vector{first}), Succeeds());
    ASSERT_THAT(tenant.erase(erased), Succeeds());
    value_of(tenant.add(memory("three")));
    ASSERT_EQ(store.revision(), 6U);
    ASSERT_THAT(value_of(store.verify()).problems, IsEmpty());
  }
  edit_log(directory / "db", [&](const auto& reader, auto& batch) {
    GetParam().change({reader, batch, erased});
  });

  const Store store = value_of(Store::open(directory / "db"));
  EXPECT_THAT(value_of(store.verify()).problems,
              Contains(AllOf(StartsWith("the change feed: "), HasSubstr(GetParam().problem))));
}

const Plant kPlants[] = {
    {"ARowThatIsGone", "after revision 2 comes 4", [](const World& w) { w.erase(3); }},
    {"TheLastRow", "it ends at revision 5; the store is at 6", [](const World& w) { w.erase(6); }},
    {"ARowOfTomorrow", "it ends at revision 7; the store is at 6",
     [](const World& w) {
       w.put({7, w.row(6).total + 1, 1, {}});
     }},
    {"AWrongTotal", "revision 4: its total",
     [](const World& w) {
       auto row = w.row(4);
       ++row.total;
       w.put(row);
     }},
    {"ARecordThatIsNotNamed", "is not named",
     [](const World& w) {
       auto row = w.row(6);
       row.changed.clear();
       --row.total;
       w.put(row);
     }},
    {"AVectorWhoseMemoryIsNotNamed", "revision 1: an embedding of memory",
     [](const World& w) {
       auto row = w.row(1);  // Written again at 4, so the vector alone misses it.
       row.changed.clear();
       w.put(row);
     }},
    {"AnErasureThatIsNotNamed", "is not named",
     [](const World& w) {
       auto row = w.row(5);
       row.changed.clear();
       w.put(row);
     }},
    {"ARecordThatNeverWas", "which was not written then",
     [](const World& w) {
       auto row = w.row(6);
       row.changed.push_back({static_cast<std::uint8_t>(RecordKind::kMemory), Uuid::random()});
       w.put(row);
     }},
    {"ARecordNamedBeforeItWasWritten", "which was not written then",
     [](const World& w) {
       auto row = w.row(6);
       row.changed.push_back(w.row(3).changed[0]);
       w.put(row);
     }},
    {"AKindThatIsNone", "names a record of no kind",
     [](const World& w) {
       auto row = w.row(6);
       row.changed.push_back({99, w.erased});
       w.put(row);
     }},
    {"ARecordThatIsGoneWithoutATombstone", "which was not written then",
     [](const World& w) {
       w.batch.erase(Table::kRecords,
                     storage::tombstone_key(w.row(5).tenant, RecordKind::kMemory, w.erased));
     }},
    {"ARowUnderAnothersKey", "a row is malformed",
     [](const World& w) {
       w.batch.put(Table::kMeta, storage::change_key(3), storage::encode_change(w.row(2)));
     }},
    {"BytesThatAreNoRow", "a row is malformed",
     [](const World& w) { w.batch.put(Table::kMeta, storage::change_key(3), "x"); }},
    {"AKeyThatIsNone", "a row is malformed",
     [](const World& w) { w.batch.put(Table::kMeta, "c2", "x"); }},
};
INSTANTIATE_TEST_SUITE_P(InLog, FeedVerify, ::testing::ValuesIn(kPlants),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace tulving
