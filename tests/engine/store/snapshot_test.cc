// A snapshot is one moment of the live store, byte for byte repeatable; a restore gives that store
// again; what is damaged is refused before anything is written. Erased bytes are gone after
// purge().

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
namespace fs = std::filesystem;

std::string bytes_of(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[fs::relative(entry.path(), directory)] = {std::istreambuf_iterator<char>(in), {}};
  }
  std::string all;
  for (const auto& [name, bytes] : files) all += name + "\n" + bytes;
  return all;
}

std::string export_of(const Store& store) {
  std::string lines;
  for (const auto& id : store.tenants()) {
    EXPECT_THAT(value_of(store.tenant(id))
                    .export_records(
                        [&](const Record& record) -> Status {
                          lines += to_json_line(id, record) + "\n";
                          return {};
                        },
                        true),
                Succeeds());
  }
  return lines;
}

class Snapshots : public ::testing::Test {
 protected:
  Snapshots() : store_(value_of(Store::open(directory_ / "db"))) {
    for (const char* name : {"left", "right"}) {
      Tenant tenant = value_of(store_.tenant(name));
      for (int i = 0; i < 20; ++i) {
        ids_.push_back(value_of(tenant.add(memory("text " + std::to_string(i),
                                                  {1.0F, 0.1F * static_cast<float>(i)})))
                           .id);
      }
    }
  }

  TemporaryDirectory directory_;
  Store store_;
  std::vector<Uuid> ids_;
};

TEST_F(Snapshots, ARestoreGivesTheSameStore) {
  const SnapshotInfo info = value_of(store_.snapshot(directory_ / "snap"));
  EXPECT_EQ(info.revision, store_.revision());
  EXPECT_EQ(info.counts.at("memory"), 40U);

  value_of(Store::restore(directory_ / "snap", directory_ / "again"));

  Store again = value_of(Store::open(directory_ / "again"));
  EXPECT_EQ(export_of(again), export_of(store_));
  EXPECT_EQ(again.revision(), store_.revision());
  EXPECT_THAT(value_of(again.verify()).problems, ::testing::IsEmpty());
  EXPECT_EQ(value_of(value_of(again.tenant("left")).search(vector_search({1, 0}, 5))).hits.size(),
            5U);
}

TEST_F(Snapshots, TheSameRevisionGivesTheSameBytes) {
  value_of(store_.snapshot(directory_ / "a"));
  value_of(store_.snapshot(directory_ / "b"));

  EXPECT_EQ(bytes_of(directory_ / "a"), bytes_of(directory_ / "b"));
}

TEST_F(Snapshots, AnIncrementalOneHoldsWhatChangedAndWhatWentAway) {
  const std::uint64_t since = store_.revision();
  Tenant left = value_of(store_.tenant("left"));
  ASSERT_THAT(left.touch(std::vector{ids_[0]}), Succeeds());
  ASSERT_THAT(left.erase(ids_[1]), Succeeds());

  const SnapshotInfo info = value_of(store_.snapshot(directory_ / "inc", since));

  EXPECT_EQ(info.since, since);
  EXPECT_EQ(info.counts.at("memory"), 1U);
  EXPECT_EQ(info.counts.at("tombstone"), 1U);
  EXPECT_THAT(Store::restore(directory_ / "inc", directory_ / "x"),
              FailsWith(ErrorCode::kInvalidArgument));
  EXPECT_THAT(store_.snapshot(directory_ / "future", store_.revision() + 1),
              FailsWith(ErrorCode::kInvalidArgument));
}

TEST_F(Snapshots, ADirectoryThatHoldsSomethingIsRefused) {
  value_of(store_.snapshot(directory_ / "snap"));
  EXPECT_THAT(store_.snapshot(directory_ / "snap"), FailsWith(ErrorCode::kConflict));
  EXPECT_THAT(Store::restore(directory_ / "snap", directory_ / "db"),
              FailsWith(ErrorCode::kConflict));
}

TEST_F(Snapshots, AFlippedByteAnywhereIsFoundBeforeAnythingIsRestored) {
  value_of(store_.snapshot(directory_ / "snap"));
  for (const auto& entry : fs::directory_iterator(directory_ / "snap")) {
    const auto size = fs::file_size(entry.path());
    for (std::uintmax_t offset = 0; offset < size; offset += 1 + size / 13) {
      const auto spoil = [&] {
        std::fstream io(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
        io.seekg(static_cast<std::streamoff>(offset));
        const char byte = static_cast<char>(io.get() ^ 0x20);
        io.seekp(static_cast<std::streamoff>(offset));
        io.put(byte);
      };
      spoil();
      const auto result = Store::restore(directory_ / "snap", directory_ / "restored");
      ASSERT_FALSE(result.has_value()) << entry.path() << " at " << offset;
      EXPECT_FALSE(fs::exists(directory_ / "restored" / "log"));
      spoil();
    }
  }
  EXPECT_THAT(Store::restore(directory_ / "snap", directory_ / "restored"), Succeeds());
}

// Writers keep two memories equal in every write; a snapshot that mixed two moments would show them
// apart.
TEST_F(Snapshots, ASnapshotBesideWritersIsOneMoment) {
  Tenant left = value_of(store_.tenant("left"));
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      std::vector<Record> pair;
      for (const char* name : {"twin/a", "twin/b"}) {
        Memory twin = memory("twin " + std::to_string(i));
        twin.external_id = name;
        pair.emplace_back(twin);
      }
      value_of(left.write(pair));
    }
  });
  for (int i = 0; i < 5; ++i) {
    const auto name = std::to_string(i);
    value_of(store_.snapshot(directory_ / ("snap" + name)));
    value_of(Store::restore(directory_ / ("snap" + name), directory_ / ("r" + name)));
    Store restored = value_of(Store::open(directory_ / ("r" + name)));
    const Tenant tenant = value_of(restored.tenant("left"));
    const auto a = tenant.resolve("twin/a");
    if (!a) continue;
    EXPECT_EQ(value_of(tenant.get(*a)).text,
              value_of(tenant.get(value_of(tenant.resolve("twin/b")))).text);
  }
  stop = true;
  writer.join();
}

TEST_F(Snapshots, NoByteOfAnErasedMemoryIsLeftAfterAPurge) {
  Tenant left = value_of(store_.tenant("left"));
  const std::string secret = "xylophone-4711-secret";
  const std::vector<float> vector = {0.123456789F, 0.987654321F};
  const Uuid id = value_of(left.add(memory("the word is " + secret, vector))).id;
  MemoryPatch patch;
  patch.text = "the word was " + secret;
  value_of(left.update(id, patch));
  ASSERT_THAT(store_.make_durable(), Succeeds());
  ASSERT_NE(bytes_of(directory_ / "db").find(secret), std::string::npos) << "the test sees nothing";

  ASSERT_THAT(left.erase(id), Succeeds());
  ASSERT_THAT(store_.purge(), Succeeds());
  ASSERT_THAT(store_.close(), Succeeds());

  const std::string bytes = bytes_of(directory_ / "db");
  EXPECT_EQ(bytes.find(secret), std::string::npos);
  const std::string raw(reinterpret_cast<const char*>(vector.data()),
                        vector.size() * sizeof(float));
  EXPECT_EQ(bytes.find(raw), std::string::npos);
  EXPECT_EQ(bytes.find("xylophon"), std::string::npos) << "a term is left in an index checkpoint";
}

}  // namespace
}  // namespace tulving
