// Reads beside writes: what a writer was told is written, every thread finds at once; what was
// erased, no search that starts later returns. Run under TSan, the same test shows that nothing
// races.

#include <atomic>
#include <thread>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;

TEST(Concurrency, AWriteIsSeenByTheNextSearchOfAnyThread) {
  StoreOptions options;
  options.vectors.exact_rows_max = 64;
  options.vectors.m = 8;
  options.vectors.ef_construction = 32;
  Store store = value_of(Store::open_in_memory(options));
  Tenant tenant = value_of(store.tenant("acme"));
  constexpr int kCount = 400;
  std::atomic<int> written = 0;
  std::atomic<bool> failed = false;
  const auto vector_of = [](int i) {
    std::mt19937 random(static_cast<unsigned>(i) + 1);
    return random_vector(random, 16);
  };

  std::thread writer([&] {
    for (int i = 0; i < kCount; ++i) {
      value_of(tenant.add(memory("item" + std::to_string(i) + " common", vector_of(i))));
      written = i + 1;
    }
  });
  const auto read = [&](unsigned seed) {
    std::mt19937 random(seed);
    while (written < kCount && !failed) {
      const int known = written;
      if (known == 0) continue;
      const int i = std::uniform_int_distribution<int>(0, known - 1)(random);
      const std::string name = "item" + std::to_string(i);
      SearchRequest by_vector = vector_search(vector_of(i), 1);
      by_vector.exact = seed % 2 == 0;
      const auto text_hits = value_of(tenant.search(text_search(name, 1)));
      const auto vector_hits = value_of(tenant.search(by_vector));
      const bool ok = text_hits.hits.size() == 1 && vector_hits.hits.size() == 1 &&
                      (!by_vector.exact || vector_hits.hits[0].memory.text().starts_with(name));
      if (!ok) failed = true;
    }
  };
  std::thread a(read, 1), b(read, 2);
  writer.join();
  a.join();
  b.join();

  EXPECT_FALSE(failed);
  store.wait_for_indexing();
  EXPECT_EQ(tenant.stats().memories, static_cast<std::uint64_t>(kCount));
}

TEST(Concurrency, WritersOfManyKindsLeaveASoundStore) {
  TemporaryDirectory directory;
  StoreOptions options;
  options.durability = Durability::kDurable;
  options.vectors.exact_rows_max = 50;
  Store store = value_of(Store::open(directory / "db", options));
  const auto work = [&](unsigned seed) {
    Tenant tenant = value_of(store.tenant(seed % 2 == 0 ? "even" : "odd"));
    std::mt19937 random(seed);
    std::vector<Uuid> mine;
    for (int i = 0; i < 60; ++i) {
      mine.push_back(value_of(tenant.add(memory(
                                  "thread " + std::to_string(seed) + " note " + std::to_string(i),
                                  random_vector(random, 16))))
                         .id);
      if (i % 5 == 1) {
        EXPECT_THAT(tenant.touch(std::vector{mine.front()}), Succeeds());
      }
      if (i % 7 == 3) {
        EXPECT_THAT(tenant.erase(mine.back()), Succeeds());
        EXPECT_THAT(tenant.get(mine.back()), FailsWith(ErrorCode::kNotFound));
        mine.pop_back();
      }
      SearchRequest request = text_search("note", 5);
      request.vector = random_vector(random, 16);
      EXPECT_THAT(tenant.search(request), Succeeds());
      EXPECT_GE(store.durable_revision(), value_of(tenant.get(mine.front())).revision);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 4; ++seed) threads.emplace_back(work, seed);
  for (auto& thread : threads) thread.join();

  EXPECT_THAT(value_of(store.verify()).problems, ::testing::IsEmpty());
  EXPECT_EQ(store.durable_revision(), store.revision());
}

// What was acknowledged before the store closed is in it; what came later is refused, and nobody
// hangs, crashes or, under TSan, reads what close() writes.
TEST(Concurrency, AStoreClosesBesideItsWriters) {
  TemporaryDirectory directory;
  for (int round = 0; round < 24; ++round) {
    StoreOptions options;
    options.durability = round % 2 == 0 ? Durability::kProcess : Durability::kDurable;
    options.vectors.exact_rows_max = 16;  // So that there is something to index.
    Store store = value_of(Store::open(directory / std::to_string(round), options));
    // A thread may start when the store is closed already, which has no tenants any more.
    const Tenant handle = value_of(store.tenant("acme"));
    std::atomic<int> acknowledged = 0;
    std::vector<std::thread> threads;
    for (unsigned writer = 0; writer < 3; ++writer) {
      threads.emplace_back([handle, &acknowledged, writer] {
        Tenant tenant = handle;
        std::mt19937 random(writer);
        AddOptions keeping;
        keeping.on_duplicate = OnDuplicate::kKeep;
        while (true) {
          const auto added = tenant.add(memory("Said.", random_vector(random, 8)), keeping);
          if (!added) {
            EXPECT_THAT(added, FailsWith(ErrorCode::kInvalidArgument));
            return;
          }
          ++acknowledged;
        }
      });
    }
    threads.emplace_back([&store] {
      for (int i = 0; i < 50; ++i) store.wait_for_indexing();
    });
    while (acknowledged < 10 * (round + 1)) std::this_thread::yield();
    EXPECT_THAT(store.close(), Succeeds());
    for (auto& thread : threads) thread.join();
    const int told = acknowledged;
    store = value_of(Store::open(directory / std::to_string(round), options));
    EXPECT_EQ(store.stats().memories, static_cast<std::uint64_t>(told));
    EXPECT_THAT(value_of(store.verify()).problems, ::testing::IsEmpty());
  }
}

// Whoever uses a handle while its tenant is dropped is told so, and the next tenant of the name has
// what is written into it and nothing from before.
TEST(Concurrency, ATenantIsDroppedBesideItsReadersAndWriters) {
  TemporaryDirectory directory;
  StoreOptions options;
  options.vectors.exact_rows_max = 16;  // So that there is a graph to build.
  options.vectors.m = 8;
  options.vectors.ef_construction = 32;
  Store store = value_of(Store::open(directory / "db", options));
  value_of(value_of(store.tenant("canary")).add(memory("canary", {1, 0, 0, 0, 0, 0, 0, 0})));
  std::atomic<bool> stops = false;
  std::atomic<int> dropped = 0;
  const auto may_be_gone = [](const auto& result) {
    if (!result) {
      EXPECT_THAT(result, FailsWith(ErrorCode::kNotFound));
    }
    return result.has_value();
  };
  const auto each_life = [&](const auto& use) {
    return std::thread([&, use] {
      while (!stops) {
        Tenant tenant = value_of(store.tenant("acme"));
        for (int i = 0; i < 40 && !stops && use(tenant, i); ++i) {
        }
      }
    });
  };
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 2; ++seed) {
    threads.push_back(each_life([&, seed](Tenant& tenant, int i) {
      std::mt19937 random(seed + static_cast<unsigned>(i));
      return may_be_gone(tenant.add(memory("item" + std::to_string(i), random_vector(random, 8))));
    }));
  }
  threads.push_back(each_life([&](Tenant& tenant, int i) {
    std::mt19937 random(static_cast<unsigned>(i));
    SearchRequest request = text_search("item" + std::to_string(i), 5);
    request.vector = random_vector(random, 8);
    return may_be_gone(tenant.search(request)) && may_be_gone(tenant.clusters()) &&
           may_be_gone(tenant.search_and_touch(text_search("item1")));
  }));
  threads.push_back(each_life([&](Tenant& tenant, int) {
    Plan plan;
    plan.origin = "test";
    static_cast<void>(tenant.stats());
    return may_be_gone(tenant.export_records([](const Record&) { return Status(); }, true)) &&
           may_be_gone(tenant.propose_plan(plan)) && may_be_gone(tenant.plans());
  }));
  threads.emplace_back([&] {
    for (int i = 0; !stops; ++i) {
      EXPECT_THAT(store.changes(0), Succeeds());
      EXPECT_THAT(store.snapshot(directory / ("snapshot" + std::to_string(i))), Succeeds());
      static_cast<void>(store.stats());
      store.wait_for_indexing();
    }
  });
  while (dropped < 12) {
    const auto memories = value_of(store.tenant("acme")).stats().memories;
    if (memories < 20 && dropped % 2 == 0) {
      std::this_thread::yield();
      continue;
    }
    const auto result = store.drop_tenant("acme");
    if (may_be_gone(result)) ++dropped;
  }
  stops = true;
  for (auto& thread : threads) thread.join();
  if (store.tenants().size() == 2) value_of(store.drop_tenant("acme"));

  EXPECT_THAT(store.tenants(), ::testing::ElementsAre("canary"));
  EXPECT_EQ(value_of(value_of(store.tenant("canary")).list()).memories.size(), 1U);
  EXPECT_THAT(value_of(store.verify()).problems, ::testing::IsEmpty());
}

}  // namespace
}  // namespace tulving
