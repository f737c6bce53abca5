// What is promised where a digest decides whether two things are one: things that differ are two,
// however somebody made their digests equal. The two texts below have one MD5 (published by Marc
// Stevens, 2024); and parts that are joined spell nothing that other parts spell.

#include <bit>
#include <set>

#include "core/base/hash.h"
#include "core/engine/record/identity.h"
#include "core/engine/state/erased_texts.h"
#include "tests/engine/store/log_edit.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using storage::RecordKind;
using storage::Table;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kFirst =
    "TEXTCOLLBYfGiJUETHQ4hAcKSMd5zYpgqf1YRDhkmxHkhPWptrkoyz28wnI9V0aHeAuaKnak";
const std::string kSecond =
    "TEXTCOLLBYfGiJUETHQ4hEcKSMd5zYpgqf1YRDhkmxHkhPWptrkoyz28wnI9V0aHeAuaKnak";

class EqualDigests : public ::testing::Test {
 protected:
  EqualDigests() { open(); }
  void open() {
    store_.emplace(value_of(Store::open(path())));
    tenant_.emplace(value_of(store_->tenant("acme")));
  }
  void close() {
    tenant_.reset();
    EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
    EXPECT_THAT(store_->close(), Succeeds());
    store_.reset();
  }
  void reopen() {
    close();
    open();
  }
  [[nodiscard]] std::filesystem::path path() const { return directory_ / "db"; }
  Result<std::vector<AddResult>> try_write(const Record& record, const WriteOptions& options = {}) {
    return tenant_->write(std::span(&record, 1), options);
  }
  AddResult write(const Record& record) { return value_of(try_write(record)).front(); }

  TemporaryDirectory directory_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_;
};

TEST_F(EqualDigests, OfTwoTextsMakeTwoMemories) {
  ASSERT_NE(kFirst, kSecond);
  ASSERT_EQ(md5(kFirst), md5(kSecond));
  const Uuid first = value_of(tenant_->add(memory(kFirst))).id;
  const AddResult second = value_of(tenant_->add(memory(kSecond)));
  EXPECT_EQ(second.effect, WriteEffect::kAdded);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(value_of(tenant_->get(first)).text, kFirst);
    EXPECT_EQ(value_of(tenant_->get(second.id)).text, kSecond);
    EXPECT_EQ(value_of(tenant_->add(memory(kFirst))).id, first);
    EXPECT_EQ(value_of(tenant_->add(memory(kSecond))).id, second.id);
    reopen();
  }
}

TEST_F(EqualDigests, OfTwoTextsInOneWriteMakeTwoMemories) {
  const std::vector<Memory> batch = {memory(kFirst), memory(kSecond), memory(kFirst),
                                     memory(kSecond)};
  const auto results = value_of(tenant_->add(batch));
  EXPECT_NE(results[0].id, results[1].id);
  EXPECT_EQ(results[2].id, results[0].id);
  EXPECT_EQ(results[3].id, results[1].id);
}

TEST_F(EqualDigests, OfAnErasedTextBanNoOther) {
  for (const std::string& text : {kFirst, kSecond}) {
    ASSERT_THAT(tenant_->erase(write(memory(text)).id), Succeeds());
    const std::string& other = text == kFirst ? kSecond : kFirst;
    for (int round = 0; round < 2; ++round) {
      Memory again = memory(text);
      EXPECT_THAT(try_write(again), FailsWith(ErrorCode::kConflict));
      again.tags = {"another line"};
      EXPECT_THAT(try_write(again), FailsWith(ErrorCode::kConflict)) << "by the text";
      WriteOptions check;
      check.dry_run = true;
      EXPECT_THAT(try_write(memory(other), check), Succeeds());
      reopen();
    }
    EXPECT_THAT(tenant_->add(memory(text)), Succeeds()) << "said anew";
    ASSERT_THAT(tenant_->erase(write(memory(other)).id), Succeeds());
    EXPECT_THAT(try_write(memory(other)), FailsWith(ErrorCode::kConflict));
    Memory line = memory(text);
    line.tags = {"another line"};
    EXPECT_THAT(try_write(line), Succeeds());
    close();
    std::filesystem::remove_all(path());
    open();
  }
}

// Two vectors of two models, or one whose floats spell the second's name.
TEST_F(EqualDigests, OfPayloadsThatSpellTheSameAreToldApart) {
  Memory two = memory("paid");
  two.embeddings = {{"m1", {1, 2}}, {"m22", {3, 4}}};
  Memory one = memory("paid");
  one.embeddings = {{"m1", {1, 2, std::bit_cast<float>(0x00'32'32'6DU), 3, 4}}};
  ASSERT_EQ(engine::former_payload_digest(std::span(&two, 1)),
            engine::former_payload_digest(std::span(&one, 1)));

  AddOptions options;
  options.idempotency_key = "request-7";
  const AddResult first = value_of(tenant_->add(two, options));
  EXPECT_EQ(value_of(tenant_->add(two, options)).id, first.id);
  const auto refused = tenant_->add(one, options);
  ASSERT_THAT(refused, FailsWith(ErrorCode::kConflict));
  EXPECT_EQ(refused.error().field, "idempotency_key");
}

// Every field of a line counts, and no two spell what two others do.
TEST_F(EqualDigests, LinesThatDifferInAnythingAreMemoriesOfTheirOwn) {
  const std::vector<std::string> parts = {"", "a", "b", "a/b", "b/c", "c", "a/", "/b", "0/a"};
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    Session session;
    session.session_id = part;
    value_of(tenant_->put(session));
  }
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto any = [&] { return parts[random() % parts.size()]; };
  std::set<std::vector<std::string>> lines;
  for (int i = 0; i < 3'000; ++i) {
    const std::vector<std::string> line = {any(), any(), any(), any()};
    Memory one = memory("same words");
    one.memory_type = "conversation";
    one.agent_id = line[0];
    one.session_id = line[1];
    one.user_id = line[2];
    one.source_id = line[3];
    one.created_at = parse_time("2026-01-01T00:00:00Z").value();
    const bool is_new = lines.insert(line).second;
    ASSERT_EQ(write(one).effect != WriteEffect::kUnchanged, is_new);
  }
  EXPECT_EQ(tenant_->stats().memories, lines.size());
  std::cout << lines.size() << " lines that differ\n";
}

// "import 2/..." is what lines' ids were derived of: a name that spells it is a name all the same.
TEST_F(EqualDigests, ANameThatSpellsALineIsNotTheLine) {
  const Memory line = memory("a line without a name");
  const Uuid id = engine::imported_ids("acme", line, 0).of_format_2;
  const std::string name =
      "import 2/0/" + to_hex(md5(R"({"kind":"memory","text":"a line without a name"})"));
  ASSERT_EQ(Uuid::derive("acme", name), id);
  Memory named = memory("a named memory");
  named.external_id = name;
  ASSERT_EQ(value_of(tenant_->add(named)).id, id);

  EXPECT_EQ(write(line).effect, WriteEffect::kAdded);
  EXPECT_EQ(write(line).effect, WriteEffect::kUnchanged);
  EXPECT_EQ(value_of(tenant_->get(id)).text, "a named memory");
  ASSERT_THAT(tenant_->erase(id), Succeeds());
  Memory other = line;
  EXPECT_THAT(try_write(other), Succeeds());
  ASSERT_EQ(tenant_->stats().memories, 1U);
}

// A line that was imported before format 3 is the memory that it was then.
TEST_F(EqualDigests, ALineOfFormat2IsKnownAgain) {
  const Memory line = memory("said once");
  const Memory erased = memory("erased once");
  const Uuid id = engine::imported_ids("acme", line, 0).of_format_2;
  const Uuid second = engine::imported_ids("acme", line, 1).of_format_2;
  const Uuid gone = engine::imported_ids("acme", erased, 0).of_format_2;
  for (const Uuid& one : {id, second, gone}) {
    Memory stored = one == gone ? erased : line;
    stored.id = one;
    AddOptions keep;
    keep.on_duplicate = OnDuplicate::kKeep;
    value_of(tenant_->add(stored, keep));
  }
  MemoryPatch edited;
  edited.text = "said once, and edited";
  value_of(tenant_->update(second, edited));
  ASSERT_THAT(tenant_->erase(gone), Succeeds());
  close();
  edit_log(path(), [&](const storage::JournalReader& reader, storage::JournalBatch& batch) {
    auto tombstone = value_of(storage::decode_tombstone(*value_of(
        reader.get(Table::kRecords, storage::tombstone_key(0, RecordKind::kMemory, gone)))));
    tombstone.content_id = {};
    tombstone.content_digest = engine::kBansNoText.digest;  // The id alone is banned.
    batch.put(Table::kRecords, storage::tombstone_key(0, RecordKind::kMemory, gone),
              storage::encode_tombstone(tombstone));
  });
  make_format_2(path());
  open();

  const std::vector<Record> file = {line, line};
  const auto results = value_of(tenant_->write(file));
  EXPECT_EQ(results[0].id, id);
  EXPECT_EQ(results[0].effect, WriteEffect::kUnchanged);
  EXPECT_EQ(results[1].id, second) << "as before: the line says what it said";
  EXPECT_EQ(tenant_->stats().memories, 2U);
  EXPECT_THAT(try_write(erased), FailsWith(ErrorCode::kConflict));
}

// The rows of a session lies under an id that its name derives. Were there another name of the
// same, neither may overwrite the other's.
TEST_F(EqualDigests, ARecordDoesNotTakeTheRowOfAnother) {
  Session there;
  there.session_id = "there";
  value_of(tenant_->put(there));
  close();
  const auto key =
      storage::record_key(0, RecordKind::kSession, Uuid::derive("acme", "session/here"));
  edit_log(path(), [&](const storage::JournalReader& reader, storage::JournalBatch& batch) {
    const auto row =
        storage::record_key(0, RecordKind::kSession, Uuid::derive("acme", "session/there"));
    batch.put(Table::kRecords, key, *value_of(reader.get(Table::kRecords, row)));
    batch.erase(Table::kRecords, row);
  });
  store_.emplace(value_of(Store::open(path())));
  tenant_.emplace(value_of(store_->tenant("acme")));
  Session here;
  here.session_id = "here";
  const std::uint64_t revision = store_->revision();

  const auto refused = tenant_->put(here);

  ASSERT_THAT(refused, FailsWith(ErrorCode::kConflict));
  EXPECT_EQ(refused.error().field, "session_id");
  EXPECT_THAT(refused.error().message, HasSubstr("\"here\" and \"there\""));
  EXPECT_EQ(store_->revision(), revision);
  EXPECT_THAT(tenant_->get<Session>("there"), Succeeds());
}

// Bans by tombstones of both ages, against sets.
TEST(ErasedTexts, CountTombstonesByDigestAndId) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  engine::ErasedTexts texts;
  std::multiset<engine::ContentBan> bans;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t digest = 2 + random() % 5;
    const int id = static_cast<int>(random() % 4);
    const engine::ContentBan ban{digest,
                                 id == 0 ? Uuid() : Uuid::derive("test", std::to_string(id))};
    if (random() % 2 == 0) {
      texts.add(ban);
      bans.insert(ban);
    } else if (const auto found = bans.find(ban); found != bans.end()) {
      texts.remove(ban);
      bans.erase(found);
    }
    ASSERT_EQ(texts.contains(ban), bans.contains(ban));
    ASSERT_EQ(texts.size(), std::set(bans.begin(), bans.end()).size());
    ASSERT_EQ(texts.empty(), bans.empty());
    ASSERT_EQ(texts.may_contain(digest),
              std::ranges::any_of(bans, [&](const auto& one) { return one.digest == digest; }));
  }
}

// The two words have one XXH3 (found by walking until two ways met).
TEST_F(EqualDigests, OfWhatIsSearchedLeaveNoOldWordBehind) {
  const std::string before = "gejdjieaeaaeongn";
  const std::string after = "dccgbgfgpacaddhk";
  ASSERT_EQ(xxh3(before), xxh3(after));
  const Uuid id = value_of(tenant_->add(memory(before))).id;
  MemoryPatch patch;
  patch.text = after;
  value_of(tenant_->update(id, patch));

  EXPECT_EQ(ids_of(value_of(tenant_->search(text_search(after)))), std::vector{id});
  EXPECT_THAT(ids_of(value_of(tenant_->search(text_search(before)))), IsEmpty());
}

}  // namespace
}  // namespace tulving
