// What is promised of embeddings in passages: a memory is found by the nearest of them, once; they
// come, change and go with the memory; and nothing that is written, read back, restored, undone or
// exported loses one.
//
// The test can tell because a plain map beside the store has every vector, and cosines of it in
// double precision are what a search must answer; and because verify() holds RAM against the log.

#include <filesystem>

#include "core/base/mean_direction.h"
#include "tests/engine/one_tenant.h"
#include "tests/engine/plans/plan_testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::size_t kDim = 12;

Embedding passages_of(std::mt19937& random, std::uint32_t count) {
  Embedding embedding;
  embedding.passages = count;
  embedding.vector = random_vector(random, kDim * count);
  return embedding;
}

double best_cosine(const Embedding& embedding, const std::vector<float>& query) {
  double best = -2;
  for (std::uint32_t i = 0; i < embedding.passages; ++i) {
    const auto from = embedding.vector.begin() + static_cast<std::ptrdiff_t>(i * kDim);
    best = std::max(best, cosine({from, from + kDim}, query));
  }
  return best;
}

class PassagesInStore : public OneTenant {
 protected:
  Uuid add(const Embedding& embedding) {
    Memory one = memory("text " + std::to_string(++added_));
    one.embeddings = {embedding};
    const Uuid id = value_of(tenant_->add(one)).id;
    known_[id] = embedding;
    return id;
  }
  void expect_sound() {
    EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
    std::uint64_t vectors = 0;
    for (const auto& [id, embedding] : known_) vectors += embedding.passages;
    const auto stats = tenant_->stats();
    if (known_.empty()) return;
    ASSERT_THAT(stats.vectors, SizeIs(1));
    EXPECT_EQ(stats.vectors[0].vectors, vectors);
    EXPECT_EQ(stats.vectors[0].memories, known_.size());
  }
  // The ten best of the map, against a search's.
  void expect_answers(std::mt19937& random) {
    const auto query = random_vector(random, kDim);
    std::vector<double> truth;
    for (const auto& [id, embedding] : known_) truth.push_back(best_cosine(embedding, query));
    std::ranges::sort(truth, std::greater<>());
    for (const bool exact : {true, false}) {
      SearchRequest request = vector_search(query);
      request.exact = exact;
      const auto hits = value_of(tenant_->search(request)).hits;
      ASSERT_EQ(hits.size(), std::min<std::size_t>(10, known_.size()));
      for (std::size_t i = 0; i < hits.size(); ++i) {
        EXPECT_NEAR(hits[i].score, truth[i], 1e-4);
        EXPECT_NEAR(hits[i].score, best_cosine(known_.at(hits[i].memory.id()), query), 1e-4);
      }
    }
  }

  std::map<Uuid, Embedding> known_;
  std::size_t added_ = 0;
};

TEST_F(PassagesInStore, AreFoundByTheNearestWhateverHappensToThem) {
  constexpr std::uint32_t kSeed = 3;
  SCOPED_TRACE(::testing::Message() << "seed " << kSeed);
  std::mt19937 random(kSeed);
  const auto drawn = [&] {
    const bool is_one = random() % 3 == 0;
    return passages_of(random, is_one ? 1U : 1 + static_cast<std::uint32_t>(random() % 9));
  };
  for (int step = 0; step < 400; ++step) {
    const auto kind = random() % 10;
    if (known_.size() < 5 || kind < 5) {
      add(drawn());
    } else {
      auto at = known_.begin();
      std::advance(at, random() % known_.size());
      if (kind < 8) {
        at->second = drawn();
        MemoryPatch patch;
        patch.embedding = at->second;
        ASSERT_THAT(tenant_->update(at->first, patch), Succeeds());
      } else {
        ASSERT_THAT(tenant_->erase(at->first), Succeeds());
        known_.erase(at);
      }
    }
    if (step % 40 == 0) expect_answers(random);
    if (step % 100 == 99) {
      expect_sound();
      reopen();  // By the checkpoint,
      expect_sound();
      expect_answers(random);
      ASSERT_THAT(store_->close(), Succeeds());
      std::filesystem::remove_all(directory_ / "db" / "index");
      tenant_.reset(), store_.reset();
      open();  // and by the log.
      expect_sound();
      expect_answers(random);
    }
  }
  for (const auto& [id, embedding] : known_) {
    EXPECT_THAT(value_of(tenant_->get(id, true)).embeddings, ElementsAre(embedding));
  }
}

TEST_F(PassagesInStore, GoIntoASnapshotAndAnExportAndBack) {
  std::mt19937 random(4);
  for (std::uint32_t count = 1; count < 12; ++count) add(passages_of(random, count));
  add(passages_of(random, kPassagesMax));
  value_of(store_->snapshot(directory_ / "snapshot"));
  value_of(Store::restore(directory_ / "snapshot", directory_ / "restored"));
  Store restored = value_of(Store::open(directory_ / "restored"));
  Tenant same = value_of(restored.tenant("acme"));
  EXPECT_EQ(exported_lines(same), exported_lines(*tenant_));
  EXPECT_THAT(value_of(restored.verify()).problems, IsEmpty());

  Store imported = value_of(Store::open_in_memory());
  Tenant again = value_of(imported.tenant("acme"));
  std::vector<Record> records;
  for (const std::string& line : exported_lines(*tenant_)) {
    records.push_back(value_of(parse_record(line)).record);
  }
  value_of(again.write(records));
  EXPECT_EQ(memories_of(again).size(), known_.size());
  for (const auto& [id, one] : memories_of(again)) {
    EXPECT_THAT(one.embeddings, ElementsAre(known_.at(id)));
  }
  // A second time nothing is new.
  const auto revision = imported.revision();
  value_of(again.write(records));
  EXPECT_EQ(imported.revision(), revision);
}

TEST_F(PassagesInStore, DifferFromTheSameNumbersInOtherPassages) {
  std::mt19937 random(5);
  const Uuid id = add(passages_of(random, 2));
  Memory line = value_of(tenant_->get(id, true));
  line.embeddings[0].passages = 1;  // 24 dimensions.
  EXPECT_THAT(tenant_->write(std::vector<Record>{line}), FailsWith(ErrorCode::kInvalidArgument));
  line.embeddings[0].passages = 4;
  EXPECT_THAT(tenant_->write(std::vector<Record>{line}), FailsWith(ErrorCode::kInvalidArgument));
  // Nor does a retry pass for the call that it is none of.
  Memory one = memory("a note");
  one.embeddings = {{"other", {1, 2, 3, 4}, 2}};
  const AddOptions once{.idempotency_key = "key"};
  value_of(tenant_->add(one, once));
  one.embeddings[0].passages = 1;
  EXPECT_THAT(tenant_->add(one, once), FailsWith(ErrorCode::kConflict));
  one.embeddings[0].passages = 2;
  EXPECT_THAT(tenant_->add(one, once), Succeeds());
}

TEST_F(PassagesInStore, AreRefusedWhereTheyDoNotFit) {
  for (const Embedding& wrong :
       {Embedding{"default", std::vector<float>(6, 1.0F), 4}, Embedding{"default", {1, 2}, 0},
        Embedding{"default", std::vector<float>(65, 1.0F), 65},
        Embedding{"default", {1, 2, 0, 0}, 2}, Embedding{"default", {}, 1}}) {
    Memory one = memory("a note");
    one.embeddings = {wrong};
    EXPECT_THAT(tenant_->add(one), FailsWith(ErrorCode::kInvalidArgument));
    MemoryPatch patch;
    patch.embedding = wrong;
    const Uuid id = value_of(tenant_->add(memory("another"))).id;
    EXPECT_THAT(tenant_->update(id, patch), FailsWith(ErrorCode::kInvalidArgument));
    ASSERT_THAT(tenant_->erase(id), Succeeds());
  }
}

TEST_F(PassagesInStore, ComeWithAMemoryThatAPlanMakes) {
  std::mt19937 random(6);
  const Uuid a = add(passages_of(random, 3)), b = add(passages_of(random, 2));
  Plan plan = merge_plan(*tenant_, {a, b});
  Embedding made = passages_of(random, 4);
  for (PlanChange& change : plan.changes) {
    auto* one = change.after ? std::get_if<Memory>(&*change.after) : nullptr;
    if (one != nullptr && !change.before) one->embeddings = {made};
  }
  const PlanSummary applied = value_of(tenant_->apply_plan(plan));
  std::size_t found = 0;
  for (const auto& [id, one] : memories_of(*tenant_)) {
    if (id != a && id != b) found += one.embeddings == std::vector<Embedding>{made} ? 1 : 0;
  }
  EXPECT_EQ(found, 1U);
  EXPECT_THAT(value_of(store_->verify()).problems, IsEmpty());
  value_of(tenant_->undo_plan(applied.id));
  EXPECT_THAT(value_of(tenant_->get(a, true)).embeddings, ElementsAre(known_.at(a)));
  expect_sound();
  reopen();
  expect_sound();
}

TEST_F(PassagesInStore, StandForTheirMeanWhereMemoriesAreCompared) {
  std::mt19937 random(7);
  // Two with one mean, whose passages are far from each other; and one apart.
  const std::vector<float> axis = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const auto around = [&](std::size_t d) {
    Embedding embedding;
    embedding.passages = 2;
    embedding.vector.assign(2 * kDim, 0.0F);
    embedding.vector[0] = embedding.vector[kDim] = 1;
    embedding.vector[d] = 1;
    embedding.vector[kDim + d] = -1;
    return embedding;
  };
  const Uuid a = add(around(3)), b = add(around(7));
  Embedding far;
  far.vector.assign(kDim, 0.0F);
  far.vector[5] = 1;
  add(far);
  EXPECT_EQ(mean_direction(known_.at(a).vector, kDim), axis);
  const auto report = value_of(tenant_->clusters());
  ASSERT_THAT(report.clusters, SizeIs(1));
  EXPECT_THAT(report.clusters[0].ids, ::testing::UnorderedElementsAre(a, b));
  EXPECT_NEAR(report.clusters[0].cohesion, 1.0, 1e-6);
  // As near to the query as each other, and as near to each other as can be: MMR takes the third.
  SearchRequest request = vector_search({1, 0, 0, 1, 0, 0.5F, 0, 1, 0, 0, 0, 0}, 2);
  request.mmr_lambda = 0.3F;
  const auto ids = ids_of(value_of(tenant_->search(request)));
  ASSERT_THAT(ids, SizeIs(2));
  EXPECT_TRUE(ids[1] != a && ids[1] != b);
}

TEST_F(PassagesInStore, GoWithTheText) {
  std::mt19937 random(8);
  const Uuid id = add(passages_of(random, 5));
  add(passages_of(random, 2));
  MemoryPatch patch;
  patch.text = "Something else.";
  value_of(tenant_->update(id, patch));
  known_.erase(id);
  expect_sound();
  EXPECT_THAT(value_of(tenant_->get(id, true)).embeddings, IsEmpty());
  reopen();
  expect_sound();
}

}  // namespace
}  // namespace tulving
