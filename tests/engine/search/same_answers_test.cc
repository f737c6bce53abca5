// What is promised: copies of a store answer alike, whatever order they were filled in. A store,
// its reopened self (with and without index checkpoints), its restored snapshot, and one that was
// filled in another order, with rows that others had left, are asked the same random questions:
// texts, vectors, both, recency, lists and relations, filtered or not, for any k. Memories have few
// different words, vectors, times and strengths, so every answer ends among equal ones.
//
// A walk of the graph may miss a row, which then shows in the scores; where the scores are the
// same, so are the memories.

#include <random>
#include <set>
#include <tuple>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace testing;

constexpr std::size_t kDim = 8;
constexpr int kJunk = 60;
const std::vector<std::string> kWords = {"tea", "rain", "train", "porto", "bread"};

struct Shape {
  std::string name;
  int memories = 0;
  int vectors = 0;  ///< Different ones.
  std::uint32_t exact_rows_max = 8192;
  bool walks = false;  ///< A graph's own answers are among those that are compared.
};

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.name; }

class SameAnswers : public ::testing::TestWithParam<Shape> {
 protected:
  SameAnswers() {
    const Shape& shape = GetParam();
    for (int i = 0; i < shape.vectors; ++i) vectors_.push_back(random_vector(random_, kDim));
    for (const char* id : {"s1", "s2"}) {
      Session session;
      session.session_id = id;
      sessions_.push_back(session);
    }
    for (int i = 0; i < shape.memories; ++i) memories_.push_back(one_memory(i));
    for (int i = 0; i < shape.memories; ++i) {
      Relation relation;
      relation.source_id = id_of(below(20));
      relation.target_id = id_of(20 + below(60));
      relation.relation_type = pick({"causes", "about", "then"});
      relation.strength = pick({"1", "2"}) == "1" ? 1.0 : 0.5;
      relation.created_at = clock_.now();
      // The last of two about the same would count, and the order is what differs.
      if (related_.emplace(relation.source_id, relation.target_id, relation.relation_type).second) {
        relations_.emplace_back(relation);
      }
    }
  }

  std::size_t below(std::size_t end) { return random_() % end; }
  std::string pick(const std::vector<std::string>& from) { return from[below(from.size())]; }
  Timestamp some_time() {
    return clock_.now() - std::chrono::hours(24 * static_cast<int>(below(4)));
  }
  Uuid id_of(std::size_t memory) { return std::get<Memory>(memories_[memory]).id; }

  Memory one_memory(int number) {
    Memory one;
    // Two words that others have too, and one of its own, without which it would be a duplicate.
    one.text = pick(kWords) + " " + pick(kWords) + " own" + std::to_string(number);
    if (below(9) == 0) {
      for (int i = 0; i < 60; ++i) one.text += " " + pick(kWords);
    }
    one.id = Uuid::derive("memory", std::to_string(number));
    if (below(2) == 0) {
      one.external_id = "n" + std::to_string(number);
      one.id = Uuid::derive("acme", one.external_id);
    }
    if (below(10) > 0) one.embeddings.push_back({"default", vectors_[below(vectors_.size())]});
    one.memory_type = pick({"conversation", "context"});
    if (below(3) > 0) one.session_id = pick({"s1", "s2"});
    one.tags = {pick({"odd", "even"})};
    one.created_at = some_time();
    one.updated_at = some_time();
    one.last_used = some_time();
    one.use_count = static_cast<int>(below(3));
    one.priority = 1 + static_cast<int>(below(3));
    return one;
  }

  StoreOptions options() {
    StoreOptions options;
    options.clock = clock_.clock();
    options.durability = Durability::kNone;
    options.vectors = {.m = 8, .ef_construction = 60, .ef_search = 24};
    options.vectors.exact_rows_max = GetParam().exact_rows_max;
    return options;
  }

  Store open(const std::string& name) {
    return value_of(Store::open(directory_ / name, options()));
  }

  void write(Tenant& tenant, std::vector<Record> records) {
    for (std::size_t i = 0; i < records.size(); i += 50) {
      const auto count = std::min<std::size_t>(50, records.size() - i);
      value_of(tenant.write(std::span<const Record>(records).subspan(i, count)));
    }
  }

  Store filled(const std::string& name, bool in_order) {
    Store store = open(name);
    Tenant tenant = value_of(store.tenant("acme"));
    std::vector<Record> memories = memories_, relations = relations_;
    write(tenant, sessions_);
    if (!in_order) {
      std::shuffle(memories.begin(), memories.end(), random_);
      std::shuffle(relations.begin(), relations.end(), random_);
      std::vector<Record> junk;
      for (int i = 0; i < kJunk; ++i) junk.emplace_back(one_memory(1'000'000 + i));
      write(tenant, junk);
      // They leave their rows to others, in another order again.
      std::shuffle(junk.begin(), junk.end(), random_);
      for (const Record& one : junk) {
        EXPECT_THAT(tenant.erase(std::get<Memory>(one).id), Succeeds());
      }
    }
    write(tenant, memories);
    write(tenant, relations);
    return store;
  }

  void keep(std::string name, Store store) {
    store.wait_for_indexing();
    tenants_.push_back(value_of(store.tenant("acme")));
    stores_.push_back(std::move(store));
    names_.push_back(std::move(name));
  }

  // The first two have their rows in the order of writes, as they never were closed; recovery gives
  // them in the order of ids, but for what an index checkpoint remembers.
  void open_copies() {
    keep("store", filled("store", true));
    keep("shuffled", filled("shuffled", false));
    value_of(stores_[0].snapshot(directory_ / "snapshot"));
    value_of(Store::restore(directory_ / "snapshot", directory_ / "restored"));
    keep("restored", open("restored"));
    ASSERT_THAT(stores_[1].make_durable(), Succeeds());
    copy_as_it_lies(directory_ / "shuffled", directory_ / "recovered");
    keep("recovered", open("recovered"));
    {
      Store checkpointed = filled("checkpointed", false);
      ASSERT_THAT(checkpointed.purge(), Succeeds());  // Whose close() writes all indexes anew.
      ASSERT_THAT(checkpointed.close(), Succeeds());
    }
    keep("checkpointed", open("checkpointed"));
  }

  SearchRequest random_search() {
    SearchRequest request;
    if (below(4) == 0) return nearest_few();
    const std::size_t mode = below(4);
    if (mode == 0 || mode == 2) request.text = pick(kWords) + (below(2) == 0 ? "" : " tea rain");
    if (mode == 1 || mode == 2) {
      request.vector =
          below(2) == 0 ? vectors_[below(vectors_.size())] : random_vector(random_, kDim);
      request.exact = below(3) == 0;
    }
    request.k = static_cast<std::uint32_t>(1 + below(below(2) == 0 ? 12 : 300));
    if (below(2) == 0) request.filter = tags_any({pick({"odd", "even"})});
    if (mode == 2) request.fusion = below(3) == 0 ? Fusion::kRrf : Fusion::kMinMax;
    if (mode != 3 && below(3) == 0) request.blend = {.decay = 0.5F, .priority = 0.3F, .recency = 1};
    if (request.vector && below(4) == 0) request.mmr_lambda = 0.5F;
    request.explain = true;
    return request;
  }

  // What a graph is asked for.
  SearchRequest nearest_few() {
    SearchRequest request;
    request.vector = random_vector(random_, kDim);
    request.k = static_cast<std::uint32_t>(1 + below(10));
    return request;
  }

  struct Found {
    std::vector<float> scores;
    std::vector<Uuid> ids;
    bool by_graph = false;
  };
  Found search(const Tenant& tenant, const SearchRequest& request) {
    const SearchResponse response = value_of(tenant.search(request));
    Found found;
    found.ids = ids_of(response);
    for (const SearchHit& hit : response.hits) found.scores.push_back(hit.score);
    found.by_graph = response.approximate;
    return found;
  }

  std::mt19937 random_{17};
  ManualClock clock_;
  TemporaryDirectory directory_;
  std::vector<std::vector<float>> vectors_;
  std::vector<Record> sessions_, memories_, relations_;
  std::set<std::tuple<Uuid, Uuid, std::string>> related_;
  std::vector<std::string> names_;
  std::vector<Store> stores_;
  std::vector<Tenant> tenants_;
};

TEST_P(SameAnswers, OfEveryCopy) {
  open_copies();
  int by_graph = 0, missed = 0;
  for (int round = 0; round < 400; ++round) {
    const SearchRequest request = random_search();
    const Found expected = search(tenants_[0], request);
    by_graph += expected.by_graph ? 1 : 0;
    for (std::size_t i = 1; i < tenants_.size(); ++i) {
      const Found found = search(tenants_[i], request);
      if ((found.by_graph || expected.by_graph) && found.scores != expected.scores) {
        ++missed;
        continue;
      }
      ASSERT_EQ(found.scores, expected.scores) << names_[i] << ", round " << round;
      ASSERT_EQ(found.ids, expected.ids) << names_[i] << ", round " << round;
    }
  }
  RecordProperty("by_graph", by_graph);
  RecordProperty("missed", missed);
  if (GetParam().walks) {
    EXPECT_GT(by_graph, 0);
  }
  EXPECT_LE(missed, 4 * by_graph / 10);
}

TEST_P(SameAnswers, OfListsAndRelations) {
  open_copies();
  for (int round = 0; round < 60; ++round) {
    ListRequest list;
    list.sort = static_cast<ListSort>(below(5));
    list.order = static_cast<ListOrder>(below(2));
    list.limit = static_cast<std::uint32_t>(1 + below(200));
    if (below(2) == 0) list.filter = tags_any({"odd"});
    RelatedRequest related;
    related.hops_max = static_cast<std::uint32_t>(1 + below(4));
    related.limit = static_cast<std::uint32_t>(1 + below(30));
    const Uuid start = id_of(below(80));
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < tenants_.size(); ++i) {
      std::vector<std::string> answers;
      const MemoryPage page = value_of(tenants_[i].list(list));
      for (const MemoryView& memory : page.memories) answers.push_back(memory.id().to_string());
      answers.push_back(page.next_cursor);
      for (const RelatedHit& hit : value_of(tenants_[i].related(start, related))) {
        answers.push_back(hit.memory.id().to_string() + " " + hit.via.to_string() + " " +
                          hit.relation_type + " " + std::to_string(hit.strength));
      }
      if (i == 0) expected = answers;
      ASSERT_EQ(answers, expected) << names_[i] << ", round " << round;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ties, SameAnswers,
                         ::testing::Values(Shape{"Scanned", 400, 12},
                                           Shape{"ByGraph", 2500, 1500, 100, true},
                                           Shape{"ManyAlikeInAGraph", 2500, 60, 100}),
                         [](const auto& shape) { return shape.param.name; });

}  // namespace
}  // namespace tulving
