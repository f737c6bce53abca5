// What is promised: the graph gets every vector, however fast they come and whoever builds it.
//
// The test can tell because rows come faster than sixteen threads connect them, so that the graph
// is full again and again, now and then by a helper's hand, after the indexer's own last look.

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;

TEST(Indexer, GraphGetsEveryVectorHoweverFastTheyCome) {
  constexpr std::size_t kBatches = 4, kBatch = 4000;
  StoreOptions options;
  options.vectors = {.m = 8, .ef_construction = 100, .exact_rows_max = 100, .build_threads = 16};
  Store store = value_of(Store::open_in_memory(options));
  Tenant tenant = value_of(store.tenant("acme"));
  std::mt19937 random(7);
  for (std::size_t batch = 0; batch < kBatches; ++batch) {
    std::vector<Memory> memories;
    for (std::size_t i = 0; i < kBatch; ++i) {
      memories.push_back(memory(std::to_string(batch * kBatch + i), random_vector(random, 256)));
    }
    value_of(tenant.add(memories));
  }
  store.wait_for_indexing();
  const StoreStats stats = store.stats();
  EXPECT_TRUE(stats.indexing_caught_up);
  EXPECT_EQ(stats.tenants.at(0).vectors.at(0).in_graph, kBatches * kBatch);
}

// The second opening writes nothing: the graph alone is new, and the third finds it in the
// checkpoint.
TEST(Indexer, AGraphThatWasMadeAfterOpeningIsKept) {
  constexpr std::size_t kVectors = 3000;
  const TemporaryDirectory directory;
  StoreOptions options;
  options.vectors = {.m = 4, .ef_construction = 16, .exact_rows_max = 100};
  options.background_indexing = false;
  const auto in_graph = [](const Store& store) {
    return store.stats().tenants.at(0).vectors.at(0).in_graph;
  };
  {
    Store store = value_of(Store::open(directory / "s", options));
    std::mt19937 random(7);
    std::vector<Memory> memories;
    for (std::size_t i = 0; i < kVectors; ++i) {
      memories.push_back(memory(std::to_string(i), random_vector(random, 8)));
    }
    Tenant tenant = value_of(store.tenant("acme"));
    value_of(tenant.add(memories));
    ASSERT_EQ(in_graph(store), 0U);
    EXPECT_THAT(store.close(), Succeeds());
  }
  options.background_indexing = true;
  {
    Store store = value_of(Store::open(directory / "s", options));
    store.wait_for_indexing();
    ASSERT_EQ(in_graph(store), kVectors);
    EXPECT_THAT(store.close(), Succeeds());
  }
  options.background_indexing = false;
  const Store store = value_of(Store::open(directory / "s", options));
  EXPECT_EQ(in_graph(store), kVectors);
}

}  // namespace
}  // namespace tulving
