// A store that a release before 0.2 filled goes on: its import lines are known again, what was
// erased from it stays away, names that it gave to two memories can be mended. Rows are put into
// the log as that release wrote them.

#include "core/base/hash.h"
#include "tests/engine/store/log_edit.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using storage::RecordKind;
using storage::Table;
using ::testing::IsEmpty;

std::string hash_of(std::string_view text) { return to_hex(md5(text)); }

/// The id that an import line had: made of five fields.
Uuid former_id(const Memory& line) {
  const std::string created = line.created_at ? format_time(*line.created_at) : "";
  return Uuid::derive("acme", "import/" + line.agent_id + "/" + line.session_id + "/" + created +
                                  "/" + hash_of(line.text) + "/" + line.content);
}

/// The digest in a tombstone: of agent and text.
std::uint64_t former_digest(const Memory& memory) {
  using std::string_literals::operator""s;
  return xxh3(std::string_view("acme\0"s + memory.agent_id + "\0"s + hash_of(memory.text)));
}

class FormerStore : public ::testing::Test {
 protected:
  FormerStore() {
    {
      Store store = value_of(Store::open(path_ / "db"));
      value_of(value_of(store.tenant("acme")).add(memory("there to make the tenant")));
    }
    make_format_1(path_ / "db");
  }

  /// The record as it was stored; every field that the store fills is filled.
  static Memory stored(Memory memory) {
    if (memory.id.is_nil()) memory.id = former_id(memory);
    memory.content_hash = hash_of(memory.text);
    if (memory.summary.empty()) memory.summary = memory.text;
    if (!memory.created_at) memory.created_at = parse_time("2026-01-01T00:00:00Z").value();
    memory.updated_at = memory.created_at;
    memory.last_used = memory.created_at;
    memory.revision = 2;
    return memory;
  }
  void put(const Memory& memory) {
    const auto record = storage::MemoryRecord::encode(memory);
    batch_.put(Table::kRecords, storage::record_key(0, RecordKind::kMemory, memory.id),
               std::string(record->bytes()));
  }
  void put_tombstone(const Memory& erased) {
    const storage::Tombstone tombstone{
        2, static_cast<std::uint8_t>(RecordKind::kMemory), {}, former_digest(erased)};
    batch_.put(Table::kRecords, storage::record_key(0, RecordKind::kTombstone, erased.id),
               storage::encode_tombstone(tombstone));
  }
  Tenant open() {
    {
      const auto journal = value_of(storage::open_rocksdb_journal(path_ / "db" / "log", {}));
      EXPECT_THAT(journal->append(batch_), Succeeds());
      EXPECT_THAT(journal->close(), Succeeds());
    }
    store_.emplace(value_of(Store::open(path_ / "db")));
    EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
    return value_of(store_->tenant("acme"));
  }

  static Result<std::vector<AddResult>> write(Tenant& tenant, const Record& record) {
    return tenant.write(std::span(&record, 1));
  }
  static AddResult written(Tenant& tenant, const Record& record) {
    return value_of(write(tenant, record)).front();
  }

  TemporaryDirectory path_;
  storage::JournalBatch batch_;
  std::optional<Store> store_;
};

// Its rows stay; but once new ones may come, a release that would misread them must not open it.
TEST_F(FormerStore, IsOfTheNewFormatOnceItWasOpenedForWriting) {
  const Uuid id = Uuid::random();
  batch_.put(Table::kMeta, storage::store_key(), storage::encode_store({1, id, 0}));
  open();
  ASSERT_THAT(store_->close(), Succeeds());
  store_.reset();

  const auto journal = value_of(storage::open_rocksdb_journal(path_ / "db" / "log", {}));
  const auto row = value_of(journal->get(Table::kMeta, storage::store_key()));
  const storage::StoreRow store = value_of(storage::decode_store(row.value()));
  EXPECT_EQ(store.format, 6U);
  EXPECT_EQ(store.store_id, id);
  EXPECT_THAT(journal->close(), Succeeds());
}

TEST_F(FormerStore, ALineThatIsThereIsKnownAgain) {
  Memory line = memory("Prefers green tea.");
  line.user_id = "bo";
  line.tags = {"drinks"};
  put(stored(line));
  Tenant tenant = open();

  const AddResult again = written(tenant, line);

  EXPECT_EQ(again.id, former_id(line));
  EXPECT_EQ(again.effect, WriteEffect::kUnchanged);
}

TEST_F(FormerStore, ALineThatAnotherReplacedIsAddedBesideIt) {
  Memory ana = memory("Prefers green tea.");
  ana.user_id = "ana";
  Memory bo = ana;
  bo.user_id = "bo";
  put(stored(bo));
  Tenant tenant = open();

  const std::vector<Record> file = {ana, bo, bo};
  const auto first = value_of(tenant.write(file));
  const auto second = value_of(tenant.write(file));

  EXPECT_EQ(first[0].effect, WriteEffect::kAdded);
  EXPECT_EQ(first[1].effect, WriteEffect::kUnchanged);
  EXPECT_EQ(first[2].effect, WriteEffect::kKept) << "said twice, and one was there";
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(second[i].id, first[i].id);
    EXPECT_EQ(second[i].effect, WriteEffect::kUnchanged);
  }
}

TEST_F(FormerStore, ALineKeepsTheMemoryWhoseVectorIsMadeAnew) {
  const Memory line = memory("Prefers green tea.");
  put(stored(line));
  Tenant tenant = open();

  const AddResult again = written(tenant, memory("Prefers green tea.", {1, 0}));

  EXPECT_EQ(again.id, former_id(line));
  EXPECT_EQ(again.effect, WriteEffect::kUpdated);
}

TEST_F(FormerStore, WhatWasErasedStaysAway) {
  Memory text = memory("a secret");
  text.id = former_id(text);
  put_tombstone(text);
  Memory content;
  content.content = R"({"a":1})";
  content.id = former_id(content);
  put_tombstone(content);
  Tenant tenant = open();

  text.id = content.id = {};
  EXPECT_THAT(write(tenant, text), FailsWith(ErrorCode::kConflict));
  Memory of_ana = text;
  of_ana.user_id = "ana";
  EXPECT_THAT(write(tenant, of_ana), FailsWith(ErrorCode::kConflict)) << "of any user, it said";
  EXPECT_THAT(write(tenant, content), FailsWith(ErrorCode::kConflict));
  content.content = R"({"a":2})";
  EXPECT_THAT(write(tenant, content), Succeeds()) << "another content was never erased";
  EXPECT_THAT(tenant.add(text), Succeeds()) << "said anew, not imported";
}

TEST_F(FormerStore, MemoriesWithoutATextAreToldApart) {
  Memory first;
  first.content = R"({"a":1})";
  Memory second;
  second.content = R"({"a":2})";
  put(stored(first));
  put(stored(second));
  Tenant tenant = open();

  EXPECT_EQ(value_of(tenant.add(first)).id, former_id(first));
  EXPECT_EQ(value_of(tenant.add(second)).id, former_id(second));
  EXPECT_EQ(written(tenant, first).effect, WriteEffect::kUnchanged);
  ASSERT_THAT(tenant.erase(former_id(first)), Succeeds());
  EXPECT_EQ(written(tenant, second).effect, WriteEffect::kUnchanged);
  EXPECT_THAT(write(tenant, first), FailsWith(ErrorCode::kConflict));
}

TEST_F(FormerStore, ANameOfTwoMemoriesCanBeMended) {
  Memory first = memory("first");
  first.external_id = "note-1";
  first.id = Uuid::derive("test", "1");
  Memory second = memory("second");
  second.external_id = "note-1";
  second.id = Uuid::derive("test", "2");
  put(stored(first));
  put(stored(second));
  Tenant tenant = open();

  ListRequest request;
  request.filter = equals(Field::kExternalId, "note-1");
  EXPECT_EQ(value_of(tenant.list(request)).matching, 2U);
  const Uuid resolved = value_of(tenant.resolve("note-1"));
  EXPECT_EQ(resolved, std::min(first.id, second.id));
  EXPECT_THAT(tenant.touch(std::vector{first.id, second.id}), Succeeds());
  second.external_id = "note-2";
  EXPECT_EQ(written(tenant, second).effect, WriteEffect::kUpdated);
  EXPECT_EQ(value_of(tenant.resolve("note-1")), first.id);
  EXPECT_EQ(value_of(tenant.resolve("note-2")), second.id);
  second.external_id = "note-1";
  EXPECT_THAT(write(tenant, second), FailsWith(ErrorCode::kConflict));
}

TEST_F(FormerStore, AnIdempotencyKeyWithoutAPayloadReplays) {
  const Uuid key = Uuid::derive("acme", "idempotency/request-7");
  const Uuid id = Uuid::derive("test", "1");
  batch_.put(Table::kRecords, storage::record_key(0, RecordKind::kIdempotency, key),
             storage::encode_idempotency({2, {id}, {0}, {}}));
  Tenant tenant = open();

  AddOptions options;
  options.idempotency_key = "request-7";
  EXPECT_EQ(value_of(tenant.add(memory("whatever"), options)).id, id);
}

}  // namespace
}  // namespace tulving
