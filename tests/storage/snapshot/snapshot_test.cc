// What a snapshot promises: it holds every row that the reader shows and no other, the same rows
// give the same bytes, `since` gives what a later write put there, and any byte altered, cut or
// added is found before a row is used. The oracle is the journal it was taken of.

#include "tulving/snapshot.h"

#include <nlohmann/json.hpp>
#include <random>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/codec/codec.h"
#include "storage/keys.h"
#include "storage/memory/memory_journal.h"
#include "storage/snapshot/snapshot_files.h"
#include "tests/base/files/faults.h"
#include "tests/storage/codec/random_records.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {
namespace {

using testing::IsEmpty;

constexpr Table kTables[] = {Table::kMeta, Table::kRecords, Table::kVectors, Table::kHistory};

class Snapshot : public testing::Test {
 protected:
  /// Writes a row of each kind at `revision`.
  void write(std::uint64_t revision) {
    JournalBatch batch;
    auto memory = random_.memory();
    memory.revision = revision;
    batch.put(Table::kRecords, record_key(1, RecordKind::kMemory, memory.id),
              std::string(MemoryRecord::encode(memory)->bytes()));
    batch.put(Table::kVectors, vector_key(1, memory.id, 1),
              encode_embedding(revision, random_.vector()));
    auto session = random_.session();
    session.revision = revision;
    batch.put(Table::kRecords, record_key(1, RecordKind::kSession, random_.id()), encode(session));
    auto relation = random_.relation();
    relation.revision = revision;
    batch.put(Table::kRecords, record_key(1, RecordKind::kRelation, relation.id), encode(relation));
    auto tombstone = random_.tombstone();
    tombstone.revision = revision;
    batch.put(Table::kRecords, tombstone_key(1, tombstone.kind, random_.id()),
              encode_tombstone(tombstone));
    auto idempotency = random_.idempotency();
    idempotency.revision = revision;
    batch.put(Table::kRecords, record_key(1, RecordKind::kIdempotency, random_.id()),
              encode_idempotency(idempotency));
    auto task = random_.task();
    task.revision = revision;
    batch.put(Table::kRecords, record_key(1, RecordKind::kConsolidationTask, random_.id()),
              encode(task));
    auto plan = random_.plan();
    plan.revision = revision;
    batch.put(Table::kRecords, record_key(1, RecordKind::kPlan, plan.id), encode_plan(plan));
    auto job = random_.job();
    job.revision = revision;
    batch.put(Table::kRecords, record_key(1, RecordKind::kConsolidationJob, job.id), encode(job));
    ASSERT_THAT(journal_->append(batch), Succeeds());
    last_memory_ = memory;
  }

  /// Replaces the last memory at `revision` and keeps its version before, as the engine does.
  void update(std::uint64_t revision) {
    JournalBatch batch;
    batch.put(Table::kHistory, history_key(1, last_memory_.id, last_memory_.revision),
              encode_history({"update", last_memory_.revision, Timestamp(),
                              std::string(MemoryRecord::encode(last_memory_)->bytes())}));
    last_memory_.revision = revision;
    batch.put(Table::kRecords, record_key(1, RecordKind::kMemory, last_memory_.id),
              std::string(MemoryRecord::encode(last_memory_)->bytes()));
    ASSERT_THAT(journal_->append(batch), Succeeds());
  }

  void write_meta() {
    JournalBatch batch;
    batch.put(Table::kMeta, store_key(), encode_store({1, store_id_, 0}));
    batch.put(Table::kMeta, model_key(1), encode_model({1, 1, "default", 8}));
    batch.put(Table::kMeta, tenant_key(1), encode_tenant({1, 1, "acme"}));
    ASSERT_THAT(journal_->append(batch), Succeeds());
  }

  Result<SnapshotInfo> take(const std::string& name, std::uint64_t revision,
                            std::optional<std::uint64_t> since = {}) {
    return write_snapshot(*journal_->snapshot(), {store_id_, revision, since},
                          directory_.path() / name);
  }

  static Rows rows_of_snapshot(const SnapshotReader& reader, Table table) {
    Rows rows;
    EXPECT_THAT(reader.scan(table,
                            [&](auto key, auto value) -> Status {
                              rows.emplace(key, value);
                              return {};
                            }),
                Succeeds());
    return rows;
  }

  std::map<std::string, std::string> files_of(const std::string& name) {
    return files_in(directory_.path() / name);
  }

  const std::uint32_t seed_ = std::random_device{}();
  testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  RandomRecords random_{seed_};
  const Uuid store_id_ = random_.id();
  TemporaryDirectory directory_;
  const std::unique_ptr<Journal> journal_ = open_memory_journal();
  Memory last_memory_;
};

TEST_F(Snapshot, HoldsEveryRowOfItsReader) {
  write_meta();
  for (std::uint64_t revision = 1; revision <= 50; ++revision) write(revision);
  update(51);
  const auto source = journal_->snapshot();
  write(52);  // Not in the reader.

  const auto info = write_snapshot(*source, {store_id_, 51, {}}, directory_.path() / "out");
  ASSERT_THAT(info, Succeeds());

  const auto reader = SnapshotReader::open(directory_.path() / "out");
  ASSERT_THAT(reader, Succeeds());
  for (const Table table : kTables)
    EXPECT_EQ(rows_of_snapshot(*reader, table), rows_of(*source, table));
  std::map<std::string, std::uint64_t> counts = {
      {"tenant", 1},     {"session", 50},          {"memory", 50}, {"relation", 50},
      {"embedding", 50}, {"tombstone", 50},        {"history", 1}, {"consolidation_task", 50},
      {"plan", 50},      {"consolidation_job", 50}};
  kinds::RecordKinds::each([&]<class Record>(kinds::Tag<Record>) {
    counts.try_emplace(std::string(kinds::Kind<Record>::name), 0);
  });
  EXPECT_EQ(info->counts, counts);
  EXPECT_EQ(info->revision, 51U);
  EXPECT_EQ(info->store_id, store_id_.to_string());
  std::uint64_t bytes = 0;
  for (const auto& [name, content] : files_of("out")) bytes += content.size();
  EXPECT_EQ(info->bytes, bytes);
  const auto inspected = inspect_snapshot(directory_.path() / "out");
  ASSERT_THAT(inspected, Succeeds());
  EXPECT_EQ(inspected->counts, counts);
  EXPECT_EQ(inspected->bytes, bytes);
  EXPECT_EQ(inspected->since, std::nullopt);
}

TEST_F(Snapshot, OfTheSameRowsHasTheSameBytes) {
  write_meta();
  for (std::uint64_t revision = 1; revision <= 20; ++revision) write(revision);

  ASSERT_THAT(take("one", 20), Succeeds());
  ASSERT_THAT(take("two", 20), Succeeds());

  EXPECT_EQ(files_of("one"), files_of("two"));
}

TEST_F(Snapshot, SinceARevisionHoldsWhatWasWrittenAfterIt) {
  write_meta();
  for (std::uint64_t revision = 1; revision <= 30; ++revision) write(revision);

  const auto info = take("out", 30, 20);
  ASSERT_THAT(info, Succeeds());

  EXPECT_EQ(info->since, 20U);
  for (const char* kind : {"session", "memory", "relation", "embedding", "tombstone",
                           "consolidation_task", "plan", "consolidation_job"}) {
    EXPECT_EQ(info->counts.at(kind), 10U) << kind;
  }
  const auto reader = SnapshotReader::open(directory_.path() / "out");
  ASSERT_THAT(reader, Succeeds());
  EXPECT_EQ(rows_of_snapshot(*reader, Table::kMeta), rows_of(*journal_, Table::kMeta));
  EXPECT_EQ(rows_of_snapshot(*reader, Table::kRecords).size(), 80U);
}

TEST_F(Snapshot, SinceARevisionHoldsTheVersionsThatLaterWritesReplaced) {
  write(1);
  update(2);
  update(3);
  update(4);
  write(5);
  update(6);

  // The rows bear revisions 1, 2, 3 and 5; they were written at 2, 3, 4 and 6.
  const std::uint64_t expected[] = {4, 4, 3, 2, 1, 1, 0};
  for (std::uint64_t since = 0; since <= 6; ++since) {
    const auto info = take("since " + std::to_string(since), 6, since);
    ASSERT_THAT(info, Succeeds());
    EXPECT_EQ(info->counts.at("history"), expected[since]) << since;
  }
}

TEST_F(Snapshot, HoldsValuesLongerThanABlock) {
  auto memory = random_.memory();
  memory.text = std::string(3'000'000, 'x');
  JournalBatch batch;
  batch.put(Table::kRecords, record_key(1, RecordKind::kMemory, memory.id),
            std::string(MemoryRecord::encode(memory)->bytes()));
  ASSERT_THAT(journal_->append(batch), Succeeds());
  write(1);
  ASSERT_THAT(take("out", 1), Succeeds());

  const auto reader = SnapshotReader::open(directory_.path() / "out");

  ASSERT_THAT(reader, Succeeds());
  EXPECT_EQ(rows_of_snapshot(*reader, Table::kRecords), rows_of(*journal_, Table::kRecords));
}

TEST_F(Snapshot, OfAnEmptyStoreIsWhole) {
  ASSERT_THAT(take("out", 0), Succeeds());
  const auto reader = SnapshotReader::open(directory_.path() / "out");
  ASSERT_THAT(reader, Succeeds());
  EXPECT_THAT(rows_of_snapshot(*reader, Table::kRecords), IsEmpty());
}

TEST_F(Snapshot, NeedsANewDirectory) {
  ASSERT_THAT(take("out", 0), Succeeds());
  const auto before = files_of("out");

  EXPECT_THAT(take("out", 0), FailsWith(ErrorCode::kConflict, "out"));

  EXPECT_EQ(files_of("out"), before);
}

TEST_F(Snapshot, LeavesNothingBehindWhenARowIsDamaged) {
  ASSERT_THAT(journal_->append(
                  put(Table::kRecords, record_key(1, RecordKind::kMemory, Uuid{}), "not a record")),
              Succeeds());

  EXPECT_THAT(take("out", 0), FailsWith(ErrorCode::kCorruption));

  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "out"));
}

TEST_F(Snapshot, IsNotFoundWhereThereIsNoManifest) {
  EXPECT_THAT(inspect_snapshot(directory_.path() / "nowhere"), FailsWith(ErrorCode::kNotFound));
  EXPECT_THAT(inspect_snapshot(directory_.path()), FailsWith(ErrorCode::kNotFound));
}

TEST_F(Snapshot, WithAnyByteFlippedIsRefusedAndTheFileNamed) {
  write_meta();
  for (std::uint64_t revision = 1; revision <= 3; ++revision) write(revision);
  update(4);
  ASSERT_THAT(take("out", 4), Succeeds());
  for (const auto& [name, bytes] : files_of("out")) {
    const auto path = directory_.path() / "out" / name;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      flip_byte(path, at);
      const auto reader = SnapshotReader::open(directory_.path() / "out");
      ASSERT_THAT(reader, FailsWith(ErrorCode::kCorruption, name)) << name << " byte " << at;
      flip_byte(path, at);
    }
  }
  EXPECT_THAT(inspect_snapshot(directory_.path() / "out"), Succeeds());
}

TEST_F(Snapshot, CutOrGrownIsRefusedAndTheFileNamed) {
  write(1);
  ASSERT_THAT(take("out", 1), Succeeds());
  for (const auto& [name, bytes] : files_of("out")) {
    const auto path = directory_.path() / "out" / name;
    for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 50) {
      write_file(path, std::string_view(bytes).substr(0, length));
      EXPECT_THAT(inspect_snapshot(directory_.path() / "out"),
                  FailsWith(ErrorCode::kCorruption, name));
    }
    write_file(path, bytes + "x");
    EXPECT_THAT(inspect_snapshot(directory_.path() / "out"),
                FailsWith(ErrorCode::kCorruption, name));
    if (name != "manifest.json") {
      std::filesystem::remove(path);
      EXPECT_THAT(inspect_snapshot(directory_.path() / "out"),
                  FailsWith(ErrorCode::kCorruption, name));
    }
    write_file(path, bytes);
  }
}

TEST_F(Snapshot, OfANewerFormatIsRefused) {
  ASSERT_THAT(take("out", 0), Succeeds());
  const auto path = directory_.path() / "out" / "manifest.json";
  auto manifest = nlohmann::ordered_json::parse(read_file(path));
  manifest["tulving_snapshot"] = 3;
  write_file(path, manifest.dump(2));

  EXPECT_THAT(inspect_snapshot(directory_.path() / "out"),
              FailsWith(ErrorCode::kCorruption, "format is 3, newer than 2"));
}

TEST_F(Snapshot, ManifestOfAnyShapeIsRefusedWithoutHarm) {
  ASSERT_THAT(take("out", 0), Succeeds());
  const auto path = directory_.path() / "out" / "manifest.json";
  const auto manifest = nlohmann::ordered_json::parse(read_file(path));
  const nlohmann::ordered_json odd[] = {
      nullptr, true, -1, 1.5, "text", nlohmann::json::array(), nlohmann::json::object()};
  for (const auto& [name, value] : manifest.items()) {
    for (const auto& replacement : odd) {
      auto altered = manifest;
      altered[name] = replacement;
      write_file(path, altered.dump(2) + "\n");
      EXPECT_THAT(inspect_snapshot(directory_.path() / "out"), FailsWith(ErrorCode::kCorruption))
          << altered;
    }
  }
  write_file(path, std::string(100'000, '['));
  EXPECT_THAT(inspect_snapshot(directory_.path() / "out"), FailsWith(ErrorCode::kCorruption));
}

/// A snapshot taken on a disk that fails. `is_there`: into an empty directory that is there
/// already.
class SnapshotFaults : public Snapshot, public testing::WithParamInterface<bool> {
 protected:
  SnapshotFaults() {
    write_meta();
    for (std::uint64_t revision = 1; revision <= 5; ++revision) write(revision);
  }
  [[nodiscard]] std::filesystem::path to() const { return directory_.path() / "a" / "snapshot"; }
  FaultTrial trial() {
    return {.prepare =
                [this] {
                  std::filesystem::remove_all(directory_.path() / "a");
                  if (GetParam()) std::filesystem::create_directories(to());
                },
            .act = [this]() -> Status {
              const SnapshotSource source{store_id_, 5, {}};
              const auto info = write_snapshot(*journal_->snapshot(), source, to(), disk_);
              return info ? Status() : Status(info.error());
            },
            .check = {}};
  }

  SimulatedDisk disk_;
};

TEST_P(SnapshotFaults, APowerCutLeavesAWholeSnapshotOrNone) {
  FaultTrial one = trial();
  one.check = [this](const Status& told) {
    const auto reader = SnapshotReader::open(to());
    if (told) {
      EXPECT_THAT(reader, Succeeds());
    }
    if (!reader) {
      EXPECT_THAT(reader, FailsWith(ErrorCode::kNotFound));
    }
  };
  EXPECT_GT(cut_power_at_each_operation(disk_, one), 20);
}

TEST_P(SnapshotFaults, AnErrorLeavesNothingAndNamesTheFile) {
  for (const int cause : {EIO, ENOSPC}) {
    FaultTrial one = trial();
    one.check = [&](const Status& told) {
      if (told) return;
      EXPECT_EQ(std::filesystem::exists(to()), GetParam());
      if (GetParam()) {
        EXPECT_TRUE(std::filesystem::is_empty(to()));
      }
      EXPECT_THAT(told, FailsWith(cause == EIO ? ErrorCode::kIo : ErrorCode::kResourceExhausted,
                                  directory_.path().string()));
    };
    EXPECT_GT(fail_each_operation(disk_, cause, one), 20);
  }
}

TEST_P(SnapshotFaults, AReadThatFailsIsNoDamage) {
  ASSERT_TRUE(trial().act());
  const FaultTrial one{.prepare = [] {},
                       .act = [this]() -> Status {
                         const auto reader = SnapshotReader::open(to(), disk_);
                         return reader ? Status() : Status(reader.error());
                       },
                       .check =
                           [this](const Status& told) {
                             if (!told) {
                               EXPECT_THAT(told, FailsWith(ErrorCode::kIo, to().string()));
                             }
                           }};
  EXPECT_GT(fail_each_operation(disk_, EIO, one), 10);
}

INSTANTIATE_TEST_SUITE_P(Snapshot, SnapshotFaults, testing::Bool(), [](const auto& param) {
  return param.param ? "IntoAnEmptyDirectory" : "IntoANewDirectory";
});

}  // namespace
}  // namespace tulving::storage
