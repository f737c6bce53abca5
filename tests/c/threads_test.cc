// Many threads at one tenant and at one hits handle: what each reads is whole.

#include <atomic>
#include <thread>

#include "tests/c/c_testing.h"

namespace tulving::testing {
namespace {

class Threads : public CStore {};

TEST_F(Threads, ShareAStoreATenantAndHits) {
  for (int at = 0; at < 20; ++at) {
    add(R"({"external_id": "m)" + std::to_string(at) + R"(", "text": "Tea )" + std::to_string(at) +
            R"(."})",
        {1, static_cast<float>(at)});
  }
  auto args = sized<tulving_search_args>();
  tulving_hits* shared = nullptr;
  ASSERT_EQ(tulving_search(tenant_, &args, &shared, nullptr), TULVING_OK);

  std::atomic<int> faults = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < 50; ++round) {
        const std::size_t at = static_cast<std::size_t>(round) % 10;
        if (tulving_hits_scores(shared) == nullptr) ++faults;
        if (tulving_hits_text(shared, at, TULVING_HIT_ID).size != 36) ++faults;
        if (tulving_hits_text(shared, at, TULVING_HIT_RECORD).size < 36) ++faults;
        if (thread == 0) add(R"({"text": "More tea."})");
        tulving_hits* own = nullptr;
        if (tulving_search(tenant_, &args, &own, nullptr) != TULVING_OK) ++faults;
        if (tulving_hits_count(own) != 10) ++faults;
        tulving_hits_free(own);
        tulving_error* error = nullptr;
        if (tulving_get(tenant_, text("none"), 0, nullptr, &error) == TULVING_OK) ++faults;
        tulving_error_free(error);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(faults, 0);
  tulving_hits_free(shared);
}

}  // namespace
}  // namespace tulving::testing
