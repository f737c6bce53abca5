// An embedder that is a callback: memories get its vectors, queries too; what it answers is not
// believed; it is let go once.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <span>
#include <stdexcept>
#include <thread>

#include "tests/c/c_testing.h"

namespace tulving::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// How often each of four letters is in a text.
struct Letters {
  enum class Fault { kNone, kStatus, kThrows, kLeavesOut, kNan };

  std::atomic<Fault> fault = Fault::kNone;
  std::atomic<int> documents = 0, queries = 0, destroyed = 0;
  tulving_tenant* tenant = nullptr;  // Asked from within.

  tulving_embedder callbacks() {
    auto made = sized<tulving_embedder>();
    made.model = text("letters");
    made.dim = 4;
    made.context = this;
    made.text_limit = 1000;
    made.text_unit = TULVING_CHARACTERS;
    made.embed = [](void* context, uint32_t purpose, const tulving_text* texts, size_t count,
                    float* vectors, tulving_reply* reply) {
      return static_cast<Letters*>(context)->embed(purpose, {texts, count}, vectors, reply);
    };
    made.destroy = [](void* context) { ++static_cast<Letters*>(context)->destroyed; };
    return made;
  }

  tulving_status embed(uint32_t purpose, std::span<const tulving_text> texts, float* vectors,
                       tulving_reply* reply) {
    (purpose == TULVING_QUERY ? queries : documents) += static_cast<int>(texts.size());
    if (tenant != nullptr) {
      EXPECT_EQ(tulving_tenant_call(tenant, "memory.list", {}, nullptr, nullptr, nullptr),
                TULVING_OK);
    }
    if (fault == Fault::kThrows) throw std::runtime_error("thrown");
    if (fault == Fault::kStatus) {
      tulving_reply_error(reply, text("the model sleeps"));
      return TULVING_IO;
    }
    if (fault == Fault::kLeavesOut) return TULVING_OK;
    for (const tulving_text& one : texts) {
      for (const char letter : {'a', 'b', 'c', 'd'}) {
        const std::string_view characters(one.data, one.size);
        *vectors++ = 1 + static_cast<float>(std::ranges::count(characters, letter));
      }
    }
    if (fault == Fault::kNan) vectors[-1] = NAN;
    return TULVING_OK;
  }
};

class Embedders : public CStore {
 protected:
  void open_with(Letters& letters, uint32_t embed = TULVING_EMBED_WAIT) {
    const tulving_embedder callbacks = letters.callbacks();
    const tulving_embedder* const all[] = {&callbacks};
    auto options = sized<tulving_store_options>();
    options.embedders = all;
    options.embedders_count = 1;
    options.embed = embed;
    close();
    store_ = open(&options);
    ASSERT_EQ(tulving_store_tenant(store_, text("acme"), &tenant_, nullptr), TULVING_OK);
  }
  void close() {
    tulving_tenant_free(tenant_);
    tulving_store_free(store_);
  }
  tulving_search_args query(std::string_view words) {
    auto args = sized<tulving_search_args>();
    args.text = text(words);
    args.mode = TULVING_VECTOR;
    args.k = 1;
    return args;
  }
};

TEST_F(Embedders, MakeVectorsOfMemoriesAndQueries) {
  for (const uint32_t embed : {TULVING_EMBED_WAIT, TULVING_EMBED_BACKGROUND}) {
    Letters letters;
    open_with(letters, embed);
    letters.tenant = tenant_;
    add(R"({"external_id": "a", "text": "aaaa"})");
    add(R"({"external_id": "b", "text": "bbbb"})");
    ASSERT_EQ(tulving_store_wait_for_embedding(store_, nullptr), TULVING_OK);
    EXPECT_EQ(letters.documents, 2);
    EXPECT_THAT(found(query("bb")), ElementsAre("b"));
    EXPECT_EQ(letters.queries, 1);
    close();
    EXPECT_EQ(letters.destroyed, 1);
  }
}

TEST_F(Embedders, ThatFailLoseNothing) {
  using Fault = Letters::Fault;
  for (const Fault fault : {Fault::kStatus, Fault::kThrows, Fault::kLeavesOut, Fault::kNan}) {
    Letters letters;
    open_with(letters);
    add(R"({"external_id": "b", "text": "bbbb"})");  // Without any vector none is made of a query.
    letters.fault = fault;
    add(R"({"external_id": "a", "text": "aaaa"})");
    EXPECT_EQ(search_failure(query("aaaa")).code, TULVING_IO);
    auto args = query("aaaa");
    args.mode = TULVING_AUTO;
    tulving_hits* hits = nullptr;
    ASSERT_EQ(tulving_search(tenant_, &args, &hits, nullptr), TULVING_OK);
    EXPECT_GT(tulving_hits_embedding_error(hits).size, 0U);
    EXPECT_THAT(names_of(hits), ElementsAre("a")) << "by its words";
    letters.fault = Fault::kNone;
    if (fault == Fault::kStatus) {  // It is asked again after half a second; once is enough here.
      for (int tries = 0; tries < 100; ++tries) {
        if (tulving_store_wait_for_embedding(store_, nullptr) == TULVING_OK) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
      EXPECT_THAT(found(query("aaaa")), ElementsAre("a"));
    }
    close();
  }
}

TEST_F(Embedders, WithoutSenseAreRefusedAndLetGo) {
  const auto field = [&](const auto& change) {
    Letters letters;
    tulving_embedder callbacks = letters.callbacks();
    change(callbacks);
    const tulving_embedder* const all[] = {&callbacks};
    auto options = sized<tulving_store_options>();
    options.embedders = all;
    options.embedders_count = 1;
    tulving_store* store = nullptr;
    const Failure failure = failure_of([&](tulving_error** error) {
      return tulving_store_open(nullptr, &options, &store, error);
    });
    EXPECT_EQ(failure.code, TULVING_INVALID_ARGUMENT);
    EXPECT_EQ(letters.destroyed, 1);
    return failure.field;
  };
  EXPECT_EQ(field([](tulving_embedder& embedder) { embedder.embed = nullptr; }), "embed");
  EXPECT_EQ(field([](tulving_embedder& embedder) { embedder.dim = 0; }), "dim");
  EXPECT_EQ(field([](tulving_embedder& embedder) { embedder.model = {}; }), "model");
  EXPECT_EQ(field([](tulving_embedder& embedder) { embedder.text_unit = 3; }), "text_unit");
  EXPECT_EQ(field([](tulving_embedder& embedder) { embedder.text_unit = TULVING_PIECES; }),
            "length");
}

}  // namespace
}  // namespace tulving::testing
