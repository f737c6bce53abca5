// A store that two writers had open at once, as earlier releases let them, or in whose log a bit
// rotted, is refused whole, and what is sound of it is had by a salvage: what the first writer
// wrote, or what was written before the bit. The oracle is what the writer was told.

#include <fstream>
#include <iterator>
#include <random>
#include <thread>

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

class SalvageOfRot : public Salvage, public ::testing::WithParamInterface<Durability> {
 protected:
  static std::string bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// A store as a killed process leaves it some time after its last write: what it had noted beside
  /// its log by then, without being told to.
  std::vector<Uuid> write_and_die(const fs::path& path, unsigned count) {
    StoreOptions options;
    options.durability = GetParam();
    Store store = value_of(Store::open(directory_ / "alive", options));
    Tenant tenant = value_of(store.tenant("acme"));
    std::mt19937 random(count);
    std::vector<Uuid> ids;
    for (unsigned i = 0; i < count; ++i) {
      const auto text = "memory " + std::to_string(i);
      ids.push_back(value_of(tenant.add(memory(text, random_vector(random, 8)))).id);
    }
    EXPECT_THAT(store.make_durable(), Succeeds());
    const fs::path marker = directory_ / "alive/log/TULVING";
    while (bytes_of(marker).find("sequence 0\n") != std::string::npos ||
           bytes_of(marker) != noted_) {
      noted_ = bytes_of(marker);
      std::this_thread::sleep_for(std::chrono::milliseconds(300));  // It changes no more.
    }
    fs::copy(directory_ / "alive", path, fs::copy_options::recursive);
    return ids;
  }
  std::string noted_;
};
INSTANTIATE_TEST_SUITE_P(InMode, SalvageOfRot,
                         ::testing::Values(Durability::kDurable, Durability::kProcess,
                                           Durability::kNone));

TEST_P(SalvageOfRot, KeepsWhatWasWrittenBeforeAndTheStoreIsRefused) {
  const auto ids = write_and_die(directory_ / "killed", 40);
  ASSERT_THAT(salvage(directory_ / "killed", directory_ / "whole"), Succeeds());
  const auto log = last_log(directory_ / "killed").filename();
  const auto bytes = fs::file_size(directory_ / "killed/log" / log);
  std::size_t most = 0;
  for (const std::size_t at : {bytes - 1, bytes - 40, bytes * 3 / 4, bytes / 2, bytes / 3}) {
    SCOPED_TRACE(at);
    const fs::path store = directory_ / ("rotten" + std::to_string(at));
    fs::copy(directory_ / "killed", store, fs::copy_options::recursive);
    auto damaged = bytes_of(store / "log" / log);
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    std::ofstream(store / "log" / log, std::ios::binary) << damaged;

    const auto refused = Store::open(store);
    ASSERT_THAT(refused, FailsWith(ErrorCode::kCorruption));
    EXPECT_THAT(refused.error().message, ::testing::HasSubstr(log.string()));
    const fs::path saved = directory_ / ("saved" + std::to_string(at));
    ASSERT_THAT(salvage(store, saved), Succeeds());
    const fs::path again = directory_ / ("again" + std::to_string(at));
    ASSERT_THAT(Store::restore(saved, again), Succeeds());
    Store restored = value_of(Store::open(again));
    const Tenant tenant = value_of(restored.tenant("acme"));
    const auto kept = memories_of(tenant).size();
    most = std::max(most, kept);
    EXPECT_GE(kept + 2, at * ids.size() / bytes);
    EXPECT_LT(kept, ids.size());
    for (std::size_t i = 0; i < kept; ++i) EXPECT_THAT(tenant.get(ids[i]), Succeeds());
    EXPECT_THAT(value_of(restored.verify()).problems, ::testing::IsEmpty());
  }
  EXPECT_EQ(most, ids.size() - 1);
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
