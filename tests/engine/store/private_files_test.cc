// What a store and a snapshot leave on the disk is their owner's alone, whatever the umask and
// whatever wrote it: RocksDB, the marker, index checkpoints, snapshots, restores.

#include <sys/stat.h>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
namespace fs = std::filesystem;

/// Nobody's umask.
class NoMask {
 public:
  NoMask() : before_(::umask(0)) {}
  ~NoMask() { ::umask(before_); }

 private:
  const mode_t before_;
};

constexpr auto kPrivateFile = fs::perms::owner_read | fs::perms::owner_write;
constexpr auto kPrivateFolder = fs::perms::owner_all;

class PrivateFiles : public ::testing::Test {
 protected:
  /// The names of the files, of which none may be read by others.
  static std::vector<std::string> check(const fs::path& path) {
    std::vector<std::string> names;
    EXPECT_EQ(fs::status(path).permissions(), kPrivateFolder) << path;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      EXPECT_EQ(entry.status().permissions(), entry.is_directory() ? kPrivateFolder : kPrivateFile)
          << entry.path();
      names.push_back(entry.is_directory() ? "" : entry.path().filename().string());
    }
    return names;
  }

  const NoMask no_mask_;
  TemporaryDirectory directory_;
};

TEST_F(PrivateFiles, AreAllThatAStoreASnapshotAndARestoreLeave) {
  const fs::path store_path = directory_ / "deep/er/db";
  std::mt19937 random(1);
  {
    Store store = value_of(Store::open(store_path));
    Tenant tenant = value_of(store.tenant("acme"));
    std::vector<Record> many;
    for (int i = 0; i < 100; ++i) {
      many.emplace_back(memory("memory " + std::to_string(i), random_vector(random, 300)));
    }
    value_of(tenant.write(many));
    ASSERT_THAT(store.purge(), Succeeds());
    value_of(tenant.add(memory("one more", random_vector(random, 300))));
    value_of(store.snapshot(directory_ / "snap/shot"));
    check(store_path);
    ASSERT_THAT(store.close(), Succeeds());
  }
  value_of(Store::restore(directory_ / "snap/shot", directory_ / "again"));
  value_of(Store::open(store_path));

  const auto names = check(store_path);
  for (const char* name : {"TULVING", "LOCK", "CURRENT", "IDENTITY", "rows", "text", "vectors-0"}) {
    EXPECT_THAT(names, ::testing::Contains(name));
  }
  EXPECT_THAT(names, ::testing::Contains(::testing::EndsWith(".blob")));
  EXPECT_THAT(check(directory_ / "snap"), ::testing::Contains("manifest.json"));
  EXPECT_THAT(check(directory_ / "again"), ::testing::Contains("TULVING"));
  EXPECT_EQ(fs::status(directory_ / "deep").permissions(), kPrivateFolder);
}

// Their owner chose.
TEST_F(PrivateFiles, LeaveADirectoryThatWasThereAsItIs) {
  constexpr auto kShared = fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec;
  fs::create_directory(directory_ / "db");
  fs::permissions(directory_ / "db", kShared);

  ASSERT_THAT(value_of(Store::open(directory_ / "db")).close(), Succeeds());

  EXPECT_EQ(fs::status(directory_ / "db").permissions(), kShared);
  EXPECT_EQ(fs::status(directory_ / "db/log").permissions(), kPrivateFolder);
}

}  // namespace
}  // namespace tulving
