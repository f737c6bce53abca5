// A store that two writers had open at once, as earlier releases let them, is refused whole, and
// what the first one wrote is had from it by a salvage: the oracle is what the first one was told.

#include <random>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
namespace fs = std::filesystem;

class Salvage : public ::testing::Test {
 protected:
  /// Adds memories as `by` and closes in order, so that the marker says how far it got. The ids.
  static std::vector<Uuid> write(const fs::path& path, const std::string& by, unsigned count) {
    Store store = value_of(Store::open(path));
    Tenant tenant = value_of(store.tenant("acme"));
    std::mt19937 random(count);
    std::vector<Uuid> ids;
    for (unsigned i = 0; i < count; ++i) {
      const auto text = by + " " + std::to_string(i);
      ids.push_back(value_of(tenant.add(memory(text, random_vector(random, 8)))).id);
    }
    EXPECT_THAT(store.close(), Succeeds());
    return ids;
  }
  static fs::path last_log(const fs::path& path) {
    fs::path last;
    for (const auto& file : fs::directory_iterator(path / "log")) {
      if (file.path().extension() == ".log" && file.file_size() > 0 && file.path() > last) {
        last = file.path();
      }
    }
    return last;
  }
  TemporaryDirectory directory_;
};

TEST_F(Salvage, KeepsAllThatTheFirstOfTwoWritersWrote) {
  for (const unsigned seconds : {3U, 40U}) {  // Fewer and more than the first one's.
    SCOPED_TRACE(seconds);
    const fs::path store = directory_ / ("db" + std::to_string(seconds));
    const fs::path other = directory_ / ("other" + std::to_string(seconds));
    auto ids = write(store, "before", 5);
    fs::copy(store, other, fs::copy_options::recursive);
    for (const auto& id : write(store, "first", 20)) ids.push_back(id);
    write(other, "second", seconds);
    fs::copy(last_log(other), store / "log/000900.log");
    // And the second one was closed last.
    fs::copy_file(other / "log/TULVING", store / "log/TULVING",
                  fs::copy_options::overwrite_existing);

    ASSERT_THAT(Store::open(store), FailsWith(ErrorCode::kCorruption));
    const fs::path saved = directory_ / ("saved" + std::to_string(seconds));
    const auto info = salvage(store, saved);
    ASSERT_THAT(info, Succeeds());
    EXPECT_EQ(info->counts.at("memory"), ids.size());
    EXPECT_THAT(salvage(store, saved), FailsWith(ErrorCode::kConflict));
    ASSERT_THAT(Store::open(store), FailsWith(ErrorCode::kCorruption)) << "it is left as it is";

    const fs::path again = directory_ / ("again" + std::to_string(seconds));
    ASSERT_THAT(Store::restore(saved, again), Succeeds());
    Store restored = value_of(Store::open(again));
    const Tenant tenant = value_of(restored.tenant("acme"));
    EXPECT_EQ(memories_of(tenant).size(), ids.size());
    for (const auto& id : ids) EXPECT_THAT(tenant.get(id), Succeeds());
    EXPECT_THAT(value_of(restored.verify()).problems, ::testing::IsEmpty());
  }
}

TEST_F(Salvage, OfASoundStoreIsAllOfItAndOfNoneIsAnError) {
  const auto ids = write(directory_ / "db", "a", 10);
  EXPECT_EQ(value_of(salvage(directory_ / "db", directory_ / "saved")).counts.at("memory"),
            ids.size());
  EXPECT_THAT(salvage(directory_ / "none", directory_ / "x"), FailsWith(ErrorCode::kNotFound));
  EXPECT_FALSE(fs::exists(directory_ / "x"));
  EXPECT_FALSE(fs::exists(directory_ / "none"));
  fs::remove(directory_ / "db/log/CURRENT");
  EXPECT_THAT(salvage(directory_ / "db", directory_ / "x"), FailsWith(ErrorCode::kCorruption));
}

}  // namespace
}  // namespace tulving
