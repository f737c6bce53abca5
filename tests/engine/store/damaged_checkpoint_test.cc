// What is promised of a checkpoint's vectors, which come in after opening: whatever byte of them is
// damaged, searches answer as the log does, from the first one on; stats say so; the graph is made
// anew beside them, and the next checkpoint is sound. Purging waits for what has not come in.

#include <fstream>
#include <random>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

constexpr std::size_t kDamagedDim = 16;
constexpr int kDamagedCount = 400;

class DamagedCheckpoint : public ::testing::Test {
 protected:
  DamagedCheckpoint() {
    options_.vectors.exact_rows_max = 100;
    Store store = open();
    Tenant tenant = value_of(store.tenant("acme"));
    for (int i = 0; i < kDamagedCount; ++i) {
      value_of(
          tenant.add(memory("note " + std::to_string(i), random_vector(random_, kDamagedDim))));
    }
    store.wait_for_indexing();
    for (int i = 0; i < 12; ++i) {
      queries_.push_back(vector_search(random_vector(random_, kDamagedDim), 10));
      queries_.back().exact = true;
      expected_.push_back(ids_of(value_of(tenant.search(queries_.back()))));
    }
    EXPECT_THAT(store.purge(), Succeeds());  // So that closing writes one.
    EXPECT_THAT(store.close(), Succeeds());
  }

  Store open() { return value_of(Store::open(directory_ / "db", options_)); }
  [[nodiscard]] fs::path file() const { return directory_ / "db" / "index" / "0" / "vectors-0"; }
  void flip(std::uint64_t at) const {
    std::fstream stream(file(), std::ios::binary | std::ios::in | std::ios::out);
    stream.seekg(static_cast<std::streamoff>(at));
    const int byte = stream.get();
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(static_cast<char>(byte ^ 4));
  }
  void expect_answers(const Store& store) {
    const Tenant tenant = value_of(store.tenant("acme"));
    for (std::size_t i = 0; i < queries_.size(); ++i) {
      ASSERT_EQ(ids_of(value_of(tenant.search(queries_[i]))), expected_[i]);
    }
  }
  static VectorStats vectors_of(const Store& store) { return store.stats().tenants[0].vectors[0]; }

  TemporaryDirectory directory_;
  StoreOptions options_;
  std::mt19937 random_{20261128};
  std::vector<SearchRequest> queries_;
  std::vector<std::vector<Uuid>> expected_;
};

TEST_F(DamagedCheckpoint, IsNoticedBeforeItAnswersAndMadeAnew) {
  const auto bytes = fs::file_size(file());
  int late = 0;
  for (const std::uint64_t at : {bytes / 10, bytes / 5, bytes / 3, bytes / 2, bytes - 3000}) {
    SCOPED_TRACE(at);
    flip(at);
    {
      Store store = open();
      ASSERT_NO_FATAL_FAILURE(expect_answers(store));
      store.wait_for_indexing();
      ASSERT_NO_FATAL_FAILURE(expect_answers(store));
      EXPECT_EQ(vectors_of(store).in_graph, std::uint64_t{kDamagedCount});
      if (vectors_of(store).damaged != 0) ++late;
      EXPECT_THAT(value_of(store.verify()).problems, IsEmpty());
      ASSERT_THAT(store.close(), Succeeds());
    }
    Store again = open();
    ASSERT_NO_FATAL_FAILURE(expect_answers(again));
    again.wait_for_indexing();
    EXPECT_EQ(vectors_of(again).damaged, 0U);
    ASSERT_THAT(again.purge(), Succeeds());
    ASSERT_THAT(again.close(), Succeeds());
  }
  EXPECT_GE(late, 3);
}

TEST_F(DamagedCheckpoint, IsMadeAnewInRamOfAStoreThatIsOnlyRead) {
  flip(fs::file_size(file()) / 5);
  options_.read_only = true;
  Store store = open();
  expect_answers(store);
  store.wait_for_indexing();
  EXPECT_GE(vectors_of(store).damaged, 1U);
  EXPECT_EQ(vectors_of(store).in_graph, std::uint64_t{kDamagedCount});
  expect_answers(store);
}

TEST_F(DamagedCheckpoint, APurgeLeavesNothingToComeIn) {
  options_.background_indexing = false;
  Store store = open();
  ASSERT_FALSE(store.stats().indexing_caught_up);
  ASSERT_THAT(store.purge(), Succeeds());
  EXPECT_TRUE(store.stats().indexing_caught_up);
  EXPECT_FALSE(fs::exists(file()));
  expect_answers(store);
}

}  // namespace
}  // namespace tulving
