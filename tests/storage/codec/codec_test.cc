// What the codec promises: what is encoded decodes to the same value; no bytes, however damaged,
// make a decoder crash or read beyond them (this test runs under ASan and UBSan, on heap blocks of
// the exact size); what a reader relies on is refused when it does not hold; and rows of this
// format's first release still decode (tests/golden/).

#include "storage/codec/codec.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <random>

#include "tests/storage/codec/random_records.h"
#include "tests/storage/storage_testing.h"

namespace tulving::storage {

namespace {

using testing::HasSubstr;

Result<Memory> decode_memory(std::string_view bytes) {
  auto record = MemoryRecord::decode(std::string(bytes));
  if (!record) return record.error();
  return (*record)->to_memory();
}

std::string encode_memory(const Memory& memory) {
  return std::string(MemoryRecord::encode(memory)->bytes());
}

/// One kind of row: a random one encoded, and whether bytes decode.
struct Kind {
  std::string name;
  std::function<std::string(RandomRecords&)> encode;
  std::function<Status(std::string_view)> decode;
};

template <class Value>
Status status_of(const Result<Value>& result) {
  return result ? Status() : Status(result.error());
}

std::vector<Kind> kinds() {
  return {
      {"memory", [](auto& random) { return encode_memory(random.memory()); },
       [](auto bytes) { return status_of(decode_memory(bytes)); }},
      {"session", [](auto& random) { return encode(random.session()); },
       [](auto bytes) { return status_of(decode<Session>(bytes)); }},
      {"relation", [](auto& random) { return encode(random.relation()); },
       [](auto bytes) { return status_of(decode<Relation>(bytes)); }},
      {"embedding",
       [](auto& random) { return encode_embedding(random.below(99), random.vector()); },
       [](auto bytes) { return status_of(decode_embedding(bytes)); }},
      {"tombstone", [](auto& random) { return encode_tombstone(random.tombstone()); },
       [](auto bytes) { return status_of(decode_tombstone(bytes)); }},
      {"history", [](auto& random) { return encode_history(random.history()); },
       [](auto bytes) { return status_of(decode_history(bytes)); }},
      {"idempotency", [](auto& random) { return encode_idempotency(random.idempotency()); },
       [](auto bytes) { return status_of(decode_idempotency(bytes)); }},
      {"task", [](auto& random) { return encode(random.task()); },
       [](auto bytes) { return status_of(decode<ConsolidationTask>(bytes)); }},
      {"plan", [](auto& random) { return encode_plan(random.plan()); },
       [](auto bytes) { return status_of(decode_plan(bytes)); }},
      {"job", [](auto& random) { return encode(random.job()); },
       [](auto bytes) { return status_of(decode<ConsolidationJob>(bytes)); }},
      {"tenant",
       [](auto& random) {
         return encode_tenant({7, random.below(99), random.text()});
       },
       [](auto bytes) { return status_of(decode_tenant(bytes)); }},
      {"model",
       [](auto& random) {
         return encode_model({7, random.below(99), random.text(), 3});
       },
       [](auto bytes) { return status_of(decode_model(bytes)); }},
      {"store",
       [](auto& random) {
         return encode_store(
             {1, random.id(), 99, Incarnations({{Uuid::derive("a", "b"), random.below(99)}})});
       },
       [](auto bytes) { return status_of(decode_store(bytes)); }},
  };
}

class Codec : public testing::Test {
 protected:
  const std::uint32_t seed_ = std::random_device{}();
  testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  RandomRecords random_{seed_};
};

TEST_F(Codec, GivesBackEveryMemory) {
  for (int i = 0; i < 2000; ++i) {
    const Memory memory = random_.memory();
    const auto decoded = decode_memory(encode_memory(memory));
    ASSERT_THAT(decoded, Succeeds());
    ASSERT_TRUE(*decoded == memory);
  }
}

TEST_F(Codec, GivesBackEveryOtherRow) {
  for (int i = 0; i < 500; ++i) {
    const auto session = random_.session();
    ASSERT_TRUE(decode<Session>(encode(session)).value() == session);
    const auto relation = random_.relation();
    ASSERT_TRUE(decode<Relation>(encode(relation)).value() == relation);
    StoredEmbedding embedding{random_.below(1000), random_.vector()};
    const auto encoded = [&] {
      return encode_embedding(embedding.revision, embedding.vector, embedding.passages);
    };
    ASSERT_TRUE(decode_embedding(encoded()).value() == embedding);
    embedding.passages = static_cast<std::uint32_t>(1 + random_.below(kPassagesMax));
    embedding.vector.assign(embedding.passages * (1 + random_.below(9)), 0.0F);
    for (float& value : embedding.vector) value = 1 + static_cast<float>(random_.below(99));
    ASSERT_TRUE(decode_embedding(encoded()).value() == embedding);
    const auto tombstone = random_.tombstone();
    ASSERT_TRUE(decode_tombstone(encode_tombstone(tombstone)).value() == tombstone);
    const auto history = random_.history();
    ASSERT_TRUE(decode_history(encode_history(history)).value() == history);
    const auto idempotency = random_.idempotency();
    ASSERT_TRUE(decode_idempotency(encode_idempotency(idempotency)).value() == idempotency);
    const auto task = random_.task();
    ASSERT_TRUE(decode<ConsolidationTask>(encode(task)).value() == task);
    const auto plan = random_.plan();
    ASSERT_TRUE(decode_plan(encode_plan(plan)).value() == plan);
    const auto job = random_.job();
    ASSERT_TRUE(decode<ConsolidationJob>(encode(job)).value() == job);
  }
}

TEST_F(Codec, GivesBackTheRowsOfTheMetaTable) {
  const TenantRow tenant = decode_tenant(encode_tenant({7, 8, "acme"})).value();
  EXPECT_EQ(tenant.number, 7U);
  EXPECT_EQ(tenant.revision, 8U);
  EXPECT_EQ(tenant.tenant_id, "acme");
  const ModelRow model = decode_model(encode_model({9, 10, "ada", 1536})).value();
  EXPECT_EQ(model.number, 9U);
  EXPECT_EQ(model.revision, 10U);
  EXPECT_EQ(model.name, "ada");
  EXPECT_EQ(model.dim, 1536U);
  const Uuid id = random_.id();
  const StoreRow store = decode_store(encode_store({1, id, 11})).value();
  EXPECT_EQ(store.format, 1U);
  EXPECT_EQ(store.store_id, id);
  EXPECT_EQ(store.revision, 11U);
}

TEST_F(Codec, ReadsAMemoryInPlaceAsWhole) {
  for (int i = 0; i < 200; ++i) {
    const Memory memory = random_.memory();
    const auto record = MemoryRecord::encode(memory);
    EXPECT_EQ(record->id(), memory.id);
    EXPECT_EQ(record->revision(), memory.revision);
    EXPECT_EQ(record->external_id(), memory.external_id);
    EXPECT_EQ(record->agent_id(), memory.agent_id);
    EXPECT_EQ(record->user_id(), memory.user_id);
    EXPECT_EQ(record->project_id(), memory.project_id);
    EXPECT_EQ(record->session_id(), memory.session_id);
    EXPECT_EQ(record->task_id(), memory.task_id);
    EXPECT_EQ(record->stage_id(), memory.stage_id);
    EXPECT_EQ(record->memory_type(), memory.memory_type);
    EXPECT_EQ(record->layer(), memory.layer);
    EXPECT_EQ(record->text(), memory.text);
    EXPECT_EQ(record->content(), memory.content);
    EXPECT_EQ(record->summary(), memory.summary);
    EXPECT_THAT(record->tags(), testing::ElementsAreArray(memory.tags));
    EXPECT_THAT(record->entities(), testing::ElementsAreArray(memory.entities));
    EXPECT_EQ(record->metadata(), memory.metadata);
    EXPECT_EQ(record->source_type(), memory.source_type);
    EXPECT_EQ(record->source_agent(), memory.source_agent);
    EXPECT_EQ(record->source_id(), memory.source_id);
    EXPECT_EQ(record->priority(), memory.priority);
    EXPECT_EQ(record->strength(), memory.strength);
    EXPECT_EQ(record->use_count(), memory.use_count);
    EXPECT_EQ(record->abstraction_level(), memory.abstraction_level);
    EXPECT_EQ(record->status(), memory.status);
    EXPECT_EQ(record->created_at(), memory.created_at);
    EXPECT_EQ(record->updated_at(), memory.updated_at);
    EXPECT_EQ(record->last_used(), memory.last_used);
    EXPECT_EQ(record->expires_at(), memory.expires_at);
    EXPECT_EQ(record->archived_at(), memory.archived_at);
    EXPECT_EQ(record->is_critical(), memory.is_critical);
    EXPECT_EQ(record->content_hash(), memory.content_hash);
  }
}

TEST_F(Codec, EncodesTheSameValueToTheSameBytes) {
  RandomRecords again(seed_);
  for (const auto& kind : kinds()) EXPECT_EQ(kind.encode(random_), kind.encode(again)) << kind.name;
}

TEST_F(Codec, RefusesEveryTruncation) {
  for (const auto& kind : kinds()) {
    const std::string bytes = kind.encode(random_);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      // On the heap, exactly as long, so that a read beyond it is seen.
      const auto block = std::make_unique<char[]>(length + 1);
      std::memcpy(block.get() + 1, bytes.data(), length);
      (void)kind.decode({block.get() + 1, length});
    }
    EXPECT_THAT(kind.decode(bytes.substr(0, bytes.size() / 2)), FailsWith(ErrorCode::kCorruption));
    EXPECT_THAT(kind.decode(""), FailsWith(ErrorCode::kCorruption));
  }
}

TEST_F(Codec, SurvivesFlippedBytes) {
  for (const auto& kind : kinds()) {
    for (int i = 0; i < 3000; ++i) {
      std::string bytes = kind.encode(random_);
      for (auto flips = 1 + random_.below(4); flips > 0; --flips) {
        bytes[random_.below(bytes.size())] ^= static_cast<char>(1 + random_.below(255));
      }
      const auto block = std::make_unique<char[]>(bytes.size());
      std::memcpy(block.get(), bytes.data(), bytes.size());
      const auto status = kind.decode({block.get(), bytes.size()});
      // The checksums are the journal's matter: here a flip may well make another valid value.
      if (!status) {
        EXPECT_EQ(status.error().code, ErrorCode::kCorruption);
      }
    }
  }
}

TEST_F(Codec, SurvivesRandomBytes) {
  for (const auto& kind : kinds()) {
    for (int i = 0; i < 2000; ++i) {
      std::string bytes(random_.below(200), '\0');
      for (char& byte : bytes) byte = static_cast<char>(random_.below(i % 2 == 0 ? 256 : 16));
      (void)kind.decode(bytes);
    }
  }
}

TEST_F(Codec, DecodesAtAnyAlignment) {
  for (const auto& kind : kinds()) {
    const std::string bytes = kind.encode(random_);
    for (std::size_t shift = 0; shift < 9; ++shift) {
      const std::string shifted = std::string(shift, ' ') + bytes;
      EXPECT_THAT(kind.decode(std::string_view(shifted).substr(shift)), Succeeds()) << kind.name;
    }
  }
}

TEST_F(Codec, RefusesAMemoryWhoseNumbersBreakARule) {
  const auto refused = [&](auto change) {
    Memory memory = random_.memory();
    change(memory);
    EXPECT_THAT(decode_memory(encode_memory(memory)), FailsWith(ErrorCode::kCorruption, "range"));
  };
  refused([](Memory& memory) { memory.priority = 11; });
  refused([](Memory& memory) { memory.priority = 0; });
  refused([](Memory& memory) { memory.strength = 2.5; });
  refused([](Memory& memory) { memory.strength = std::nanf(""); });
  refused([](Memory& memory) { memory.relevance_score = std::numeric_limits<float>::infinity(); });
  refused([](Memory& memory) { memory.use_count = -1; });
  refused([](Memory& memory) { memory.abstraction_level = 4; });
  refused([](Memory& memory) { memory.confidence_score = -0.1; });
  refused([](Memory& memory) {
    memory.last_used =
        Timestamp(std::chrono::microseconds(std::numeric_limits<std::int64_t>::min()));
  });
}

TEST_F(Codec, RefusesAnUnknownEnumerator) {
  Memory memory = random_.memory();
  memory.status = static_cast<MemoryStatus>(4);
  EXPECT_THAT(decode_memory(encode_memory(memory)),
              FailsWith(ErrorCode::kCorruption, "enumerator"));
  memory.status = MemoryStatus::kActive;
  memory.pattern_type = static_cast<PatternType>(5);
  EXPECT_THAT(decode_memory(encode_memory(memory)),
              FailsWith(ErrorCode::kCorruption, "enumerator"));
}

TEST_F(Codec, RefusesTextThatIsNotUtf8) {
  Memory memory = random_.memory();
  memory.text = "cut within a character: \xE8\xAA";
  EXPECT_THAT(decode_memory(encode_memory(memory)), FailsWith(ErrorCode::kCorruption, "UTF-8"));
  memory.text = "fine";
  memory.tags = {"fine", "\xFF"};
  EXPECT_THAT(decode_memory(encode_memory(memory)), FailsWith(ErrorCode::kCorruption, "UTF-8"));
}

TEST_F(Codec, RefusesAnEmbeddingThatIsNoDirection) {
  const auto decode = [](std::vector<float> vector) {
    return decode_embedding(encode_embedding(1, vector));
  };
  const float infinity = std::numeric_limits<float>::infinity();
  for (std::size_t dim : {1, 2, 3, 4, 5, 8, 17}) {
    EXPECT_THAT(decode(std::vector<float>(dim, 0.0F)), FailsWith(ErrorCode::kCorruption, "zero"));
    EXPECT_THAT(decode(std::vector<float>(dim, -0.0F)), FailsWith(ErrorCode::kCorruption, "zero"));
    for (std::size_t at = 0; at < dim; ++at) {
      for (const float bad : {std::nanf(""), -std::nanf(""), infinity, -infinity}) {
        std::vector<float> vector(dim, std::numeric_limits<float>::max());
        vector[at] = bad;
        EXPECT_THAT(decode(vector), FailsWith(ErrorCode::kCorruption, "finite"));
      }
      std::vector<float> vector(dim, 0.0F);
      vector[at] = std::numeric_limits<float>::denorm_min();
      EXPECT_THAT(decode(vector), Succeeds());
      vector[at] = -std::numeric_limits<float>::max();
      EXPECT_THAT(decode(vector), Succeeds());
    }
  }
  EXPECT_THAT(decode({}), FailsWith(ErrorCode::kCorruption, "dimension"));
  EXPECT_THAT(decode(std::vector<float>(4097, 1.0F)),
              FailsWith(ErrorCode::kCorruption, "dimension"));
}

// Rows that no release of ours writes: of another's, or of somebody's making.
TEST_F(Codec, RefusesAnEmbeddingWhosePassagesDoNotFit) {
  const auto ones = [](std::size_t count) { return std::vector<float>(count, 1.0F); };
  const auto decode = [](std::uint32_t passages, const std::vector<float>& vector) {
    return decode_embedding(encode_embedding(1, vector, passages));
  };
  // Where the number stands is where two rows differ that differ in it alone.
  std::string bytes = encode_embedding(1, ones(6), 2);
  const std::string other = encode_embedding(1, ones(6), 3);
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(bytes, other).in1 - bytes.begin());
  for (const std::uint32_t passages : {0U, 4U, 5U, 7U, 65U, 128U, 0x8000'0000U, 0xFFFF'FFFFU}) {
    std::memcpy(bytes.data() + at, &passages, sizeof(passages));
    EXPECT_THAT(decode_embedding(bytes), FailsWith(ErrorCode::kCorruption, "passages")) << passages;
  }
  EXPECT_THAT(decode(65, ones(130)), FailsWith(ErrorCode::kCorruption, "passages"));
  EXPECT_THAT(decode(2, ones(2 * 4097)), FailsWith(ErrorCode::kCorruption, "dimension"));
  EXPECT_THAT(decode(2, {1, 2, 0, 0}), FailsWith(ErrorCode::kCorruption, "zero"));
  EXPECT_THAT(decode(2, {1, 2, std::nanf(""), 1}), FailsWith(ErrorCode::kCorruption, "finite"));
  EXPECT_THAT(decode(2, {1, 2, 0, 1}), Succeeds());
  EXPECT_THAT(decode(64, ones(64)), Succeeds());
  EXPECT_THAT(decode(2, ones(2 * 4096)), Succeeds());
}

TEST_F(Codec, ViewsAnEmbeddingInPlaceWhereItIsAligned) {
  const std::vector<float> vector = random_.vector();
  const std::string bytes = encode_embedding(42, vector);
  const auto block = std::make_unique<char[]>(bytes.size() + 16);
  for (std::size_t shift = 0; shift < 16; ++shift) {
    std::memcpy(block.get() + shift, bytes.data(), bytes.size());
    const auto view = view_embedding({block.get() + shift, bytes.size()});
    if (shift % alignof(float) != 0) {
      EXPECT_THAT(view, FailsWith(ErrorCode::kInvalidArgument));
      continue;
    }
    ASSERT_THAT(view, Succeeds());
    EXPECT_EQ(view->revision, 42U);
    EXPECT_THAT(view->vector, testing::ElementsAreArray(vector));
  }
}

TEST_F(Codec, ViewsPassagesInPlaceToo) {
  const std::vector<float> vector = {1, 2, 3, 4, 5, 6};
  const std::string bytes = encode_embedding(42, vector, 3);
  const auto block = std::make_unique<char[]>(bytes.size() + 4);
  for (const std::size_t shift : {0, 4}) {  // Aligned for floats, not for revisions.
    std::memcpy(block.get() + shift, bytes.data(), bytes.size());
    const auto view = view_embedding({block.get() + shift, bytes.size()});
    ASSERT_THAT(view, Succeeds());
    EXPECT_EQ(view->revision, 42U);
    EXPECT_EQ(view->passages, 3U);
    EXPECT_EQ(view->dim(), 2U);
    EXPECT_THAT(view->vector, testing::ElementsAreArray(vector));
  }
}

}  // namespace
}  // namespace tulving::storage
