// Whatever a caller does with a handle is answered: freed, freed twice, of another kind, made up,
// used after a close, in a process that was forked off.

#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "tests/c/c_testing.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Handles : public CStore {
 protected:
  tulving_hits* search() {
    auto args = sized<tulving_search_args>();
    tulving_hits* hits = nullptr;
    EXPECT_EQ(tulving_search(tenant_, &args, &hits, nullptr), TULVING_OK);
    return hits;
  }
  static Failure call_failure(tulving_store* store) {
    return failure_of([&](tulving_error** error) {
      return tulving_store_call(store, "tenants", text("{}"), nullptr, nullptr, error);
    });
  }
  static Failure call_failure(tulving_tenant* tenant) {
    return failure_of([&](tulving_error** error) {
      return tulving_tenant_call(tenant, "memory.list", text("{}"), nullptr, nullptr, error);
    });
  }
};

TEST_F(Handles, OfNothingAreRefused) {
  EXPECT_EQ(call_failure(static_cast<tulving_store*>(nullptr)).field, "store");
  EXPECT_EQ(call_failure(static_cast<tulving_tenant*>(nullptr)).field, "tenant");
  EXPECT_EQ(tulving_hits_count(nullptr), 0U);
  EXPECT_EQ(tulving_hits_scores(nullptr), nullptr);
  EXPECT_EQ(tulving_doc_json(nullptr).data, nullptr);
  EXPECT_EQ(tulving_error_message(nullptr).data, nullptr);
  tulving_store_free(nullptr);
  tulving_tenant_free(nullptr);
  tulving_hits_free(nullptr);
  tulving_doc_free(nullptr);
  tulving_error_free(nullptr);
  tulving_reply_text(nullptr, text("x"));
}

TEST_F(Handles, MadeUpAreRefused) {
  int local = 0;
  for (const auto number : {std::uintptr_t{1}, std::uintptr_t{0x21}, UINTPTR_MAX,
                            reinterpret_cast<std::uintptr_t>(&local)}) {
    auto* const store = reinterpret_cast<tulving_store*>(number);
    EXPECT_EQ(call_failure(store).code, TULVING_INVALID_ARGUMENT) << number;
    tulving_store_free(store);
    EXPECT_EQ(tulving_hits_count(reinterpret_cast<tulving_hits*>(number)), 0U) << number;
  }
}

TEST_F(Handles, OfAnotherKindAreRefused) {
  EXPECT_EQ(call_failure(reinterpret_cast<tulving_store*>(tenant_)).field, "store");
  EXPECT_EQ(call_failure(reinterpret_cast<tulving_tenant*>(store_)).field, "tenant");
  tulving_hits_free(reinterpret_cast<tulving_hits*>(store_));
  EXPECT_EQ(call_failure(store_).code, TULVING_OK);
}

TEST_F(Handles, AreFreedOnce) {
  add(R"({"external_id": "a", "text": "One."})");
  tulving_hits* const first = search();
  ASSERT_EQ(tulving_hits_count(first), 1U);
  tulving_hits_free(first);
  EXPECT_EQ(tulving_hits_count(first), 0U);

  // The slot is another's now; the old handle is not its.
  tulving_hits* const second = search();
  EXPECT_NE(first, second);
  tulving_hits_free(first);
  EXPECT_EQ(tulving_hits_count(first), 0U);
  EXPECT_EQ(tulving_hits_count(second), 1U);
  tulving_hits_free(second);
}

TEST_F(Handles, OfAClosedStoreAreRefusedAndStillFreed) {
  ASSERT_EQ(tulving_store_close(store_, nullptr), TULVING_OK);
  EXPECT_THAT(call_failure(store_).message, HasSubstr("closed"));
  EXPECT_THAT(call_failure(tenant_).message, HasSubstr("closed"));
  EXPECT_EQ(tulving_store_close(store_, nullptr), TULVING_OK);
}

TEST_F(Handles, OfADroppedTenantSaySoWhateverIsThereByThen) {
  add(R"({"external_id": "a", "text": "One."})");
  tulving_error* error = nullptr;
  ASSERT_EQ(tulving_store_call(store_, "tenant.drop", text(R"({"tenant_id": "acme"})"), nullptr,
                               nullptr, &error),
            TULVING_OK);
  tulving_tenant* again = nullptr;
  ASSERT_EQ(tulving_store_tenant(store_, text("acme"), &again, nullptr), TULVING_OK);
  EXPECT_EQ(call_failure(again).code, TULVING_OK);
  EXPECT_EQ(call_failure(tenant_).code, TULVING_NOT_FOUND);
  EXPECT_THAT(call_failure(tenant_).message, HasSubstr("was dropped"));
  auto args = sized<tulving_search_args>();
  tulving_hits* hits = nullptr;
  EXPECT_EQ(tulving_search(tenant_, &args, &hits, nullptr), TULVING_NOT_FOUND);
  EXPECT_EQ(tulving_search(again, &args, &hits, nullptr), TULVING_OK);
  EXPECT_EQ(tulving_hits_count(hits), 0U);
  tulving_hits_free(hits);
  tulving_tenant_free(again);
}

TEST_F(Handles, OfAFreedStoresTenantAreRefused) {
  tulving_store_free(store_);
  EXPECT_THAT(call_failure(tenant_).message, HasSubstr("closed"));
  EXPECT_THAT(call_failure(store_).message, HasSubstr("freed"));
}

TEST_F(Handles, OfHitsOutliveTheirStore) {
  add(R"({"external_id": "a", "text": "One."})");
  tulving_hits* const hits = search();
  call("memory.erase", R"({"ids": ["a"]})");
  tulving_tenant_free(tenant_);
  tulving_store_free(store_);
  EXPECT_EQ(string_of(tulving_hits_text(hits, 0, TULVING_HIT_TEXT)), "One.");
  EXPECT_THAT(string_of(tulving_hits_text(hits, 0, TULVING_HIT_RECORD)), HasSubstr("One."));
  EXPECT_THAT(names_of(hits), ElementsAre("a"));
}

TEST_F(Handles, MayBeFreedWhileOthersCall) {
  add(R"({"external_id": "a", "text": "One."})");
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([this] {
      auto args = sized<tulving_search_args>();
      for (int round = 0; round < 200; ++round) {
        tulving_hits* hits = nullptr;
        (void)tulving_search(tenant_, &args, &hits, nullptr);
        tulving_hits_free(hits);
      }
    });
  }
  threads.emplace_back([this] {
    (void)call_failure(store_);
    tulving_tenant_free(tenant_);
    tulving_store_free(store_);
  });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(call_failure(store_).code, TULVING_INVALID_ARGUMENT);
}

// A process forked off has none of the store's threads: nothing works in it, and nothing hangs.
TEST_F(Handles, AreRefusedInAForkedProcess) {
  add(R"({"external_id": "a", "text": "One."})");
  tulving_hits* const hits = search();
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(10);  // What would hang fails.
    tulving_error* error = nullptr;
    tulving_store* other = nullptr;
    bool good = tulving_store_open(nullptr, nullptr, &other, &error) == TULVING_INVALID_ARGUMENT;
    good = good && other == nullptr;
    good = good && tulving_store_call(store_, "tenants", text("{}"), nullptr, nullptr, nullptr) ==
                       TULVING_INVALID_ARGUMENT;
    good = good && tulving_hits_count(hits) == 0;
    tulving_hits_free(hits);
    tulving_tenant_free(tenant_);
    tulving_store_free(store_);
    ::_exit(good ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_THAT(names_of(hits), ElementsAre("a"));
  EXPECT_EQ(call_failure(store_).code, TULVING_OK);
}

}  // namespace
}  // namespace tulving::testing
