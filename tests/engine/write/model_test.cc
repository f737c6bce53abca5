// The store is what a plain map with exact search says it is.
//
// Random operations from one printed seed go to a Store and to a model of std containers; after
// each step what the two answer is compared: get, lists under random filters, searches by vector
// and by word, relations, history. Among the steps the store "crashes": its directory is copied as
// it lies, which is what kill -9 leaves behind, and the run goes on in the copy.

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using ::testing::UnorderedElementsAreArray;

constexpr std::size_t kDim = 12;

struct Row {
  Memory memory;  // With its embeddings.
  std::size_t versions = 1;
};

class ModelTest : public ::testing::TestWithParam<unsigned> {
 protected:
  ModelTest() : random_(GetParam()) {
    options_.clock = clock_.clock();
    options_.vectors.exact_rows_max = 40;  // So that the graph takes part.
    options_.vectors.m = 8;
    options_.sync_interval_ms = 5;
    directory_ = temporary_ / "0";
    open();
  }

  void open() {
    store_.emplace(value_of(Store::open(directory_, options_)));
    tenant_.emplace(value_of(store_->tenant("acme")));
    other_.emplace(value_of(store_->tenant("other")));
  }

  void crash() {
    const auto copy = temporary_ / std::to_string(++crashes_);
    copy_as_it_lies(directory_, copy);
    tenant_.reset();
    other_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
    directory_ = copy;
    open();
  }

  void close_and_reopen() {
    ASSERT_THAT(store_->close(), Succeeds());
    tenant_.reset();
    other_.reset();
    store_.reset();
    open();
  }

  unsigned below(unsigned bound) {
    return std::uniform_int_distribution<unsigned>(0, bound - 1)(random_);
  }
  bool chance(double p) { return std::bernoulli_distribution(p)(random_); }
  std::string word() {
    static const char* const kWords[] = {"zorb", "plim", "quax", "drow", "fenk", "glat", "vusp"};
    return kWords[below(7)];
  }
  std::string sentence() {
    std::string text = word();
    for (unsigned i = below(5); i > 0; --i) text += " " + word();
    return text + " n" + std::to_string(below(100000));
  }
  Uuid some_id() {
    auto row = model_.begin();
    std::advance(row, below(static_cast<unsigned>(model_.size())));
    return row->first;
  }

  Memory random_memory() {
    Memory memory = testing::memory(sentence());
    if (chance(0.8)) memory.embeddings.push_back({"default", random_vector(random_, kDim)});
    memory.agent_id = chance(0.5) ? "a1" : "a2";
    memory.memory_type = chance(0.5) ? "context" : "decision";
    memory.priority = 1 + static_cast<int>(below(10));
    if (chance(0.5)) memory.tags.push_back("t" + std::to_string(below(4)));
    if (chance(0.3)) memory.metadata = R"({"color":"c)" + std::to_string(below(3)) + "\"}";
    if (chance(0.1)) memory.expires_at = clock_.now() + std::chrono::seconds(below(200));
    if (chance(0.3)) memory.external_id = "x/" + std::to_string(next_external_++);
    memory.created_at = clock_.now() - std::chrono::seconds(below(1000));
    return memory;
  }

  // What the engine fills in on add, read back once and trusted from then on.
  void learn(const Uuid& id) { model_[id].memory = value_of(tenant_->get(id, true)); }

  void step() {
    clock_.advance(std::chrono::seconds(1));
    const unsigned choice = below(100);
    if (model_.empty() || choice < 45) {
      const Memory memory = random_memory();
      AddOptions keep;
      keep.on_duplicate = OnDuplicate::kKeep;
      const AddResult result = value_of(tenant_->add(memory, keep));
      ASSERT_FALSE(model_.contains(result.id));
      learn(result.id);
      EXPECT_EQ(model_[result.id].memory.text, memory.text);
      EXPECT_EQ(model_[result.id].memory.embeddings, memory.embeddings);
      EXPECT_EQ(model_[result.id].memory.tags, memory.tags);
      // The same goes to another tenant, whose copy must never matter.
      if (chance(0.3)) value_of(other_->add(memory, keep));
    } else if (choice < 60) {
      update(some_id());
    } else if (choice < 68) {
      const Uuid id = some_id();
      if (model_[id].memory.status == MemoryStatus::kDeleted) {
        ASSERT_THAT(tenant_->touch(std::vector{id}), FailsWith(ErrorCode::kConflict));
        return;
      }
      ASSERT_THAT(tenant_->touch(std::vector{id}), Succeeds());
      auto& expected = model_[id].memory;
      ++expected.use_count;
      expected.last_used = clock_.now();
      expected.revision = store_->revision();
    } else if (choice < 75) {
      const Uuid id = some_id();
      ASSERT_THAT(tenant_->forget(id), Succeeds());
      auto& expected = model_[id];
      if (expected.memory.status != MemoryStatus::kDeleted) {
        expected.memory.status = MemoryStatus::kDeleted;
        expected.memory.deleted_at = expected.memory.updated_at = clock_.now();
        expected.memory.revision = store_->revision();
        ++expected.versions;
      }
    } else if (choice < 83) {
      const Uuid id = some_id();
      ASSERT_THAT(tenant_->erase(id), Succeeds());
      model_.erase(id);
      std::erase_if(relations_,
                    [&](const auto& pair) { return pair.first == id || pair.second == id; });
    } else if (choice < 95 && model_.size() > 1) {
      const Uuid a = some_id();
      const Uuid b = some_id();
      if (a == b) return;
      Relation relation;
      relation.source_id = a;
      relation.target_id = b;
      value_of(tenant_->put(relation));
      relations_.insert({a, b});
    } else if (choice < 98) {
      crash();
    } else {
      close_and_reopen();
    }
  }

  void update(const Uuid& id) {
    MemoryPatch patch;
    auto& expected = model_[id];
    const std::string old_text = expected.memory.text;
    if (chance(0.5)) patch.text = expected.memory.text = sentence();
    if (chance(0.5)) patch.priority = expected.memory.priority = 1 + static_cast<int>(below(10));
    if (chance(0.3)) patch.tags = expected.memory.tags = {"t" + std::to_string(below(4))};
    if (chance(0.4)) {
      Embedding embedding{"default", random_vector(random_, kDim)};
      patch.embedding = embedding;
      expected.memory.embeddings = {embedding};
    } else if (expected.memory.text != old_text) {
      expected.memory.embeddings.clear();  // It was the old text's.
    }
    const std::uint64_t before = expected.memory.revision;
    EXPECT_THAT(tenant_->update(id, patch, before + 1), FailsWith(ErrorCode::kConflict));
    const AddResult result = value_of(tenant_->update(id, patch, before));
    ++expected.versions;
    expected.memory.revision = result.revision;
    expected.memory.updated_at = clock_.now();
    const Memory now = value_of(tenant_->get(id, true));
    expected.memory.summary = now.summary;
    expected.memory.content_hash = now.content_hash;
  }

  [[nodiscard]] bool visible(const Memory& memory) const {
    return memory.status != MemoryStatus::kDeleted &&
           (!memory.expires_at || *memory.expires_at > clock_.now());
  }

  // A random condition and its meaning, told without bitmaps.
  std::pair<Filter, std::function<bool(const Memory&)>> random_filter(int depth = 0) {
    switch (below(depth < 2 ? 8 : 5)) {
      case 0: {
        const std::string tag = "t" + std::to_string(below(5));
        return {tags_any({tag}), [tag](const Memory& m) {
                  return std::find(m.tags.begin(), m.tags.end(), tag) != m.tags.end();
                }};
      }
      case 1: {
        const int low = 1 + static_cast<int>(below(10));
        return {priority_between(low, 10), [low](const Memory& m) { return m.priority >= low; }};
      }
      case 2:
        return {equals(Field::kAgentId, "a1"), [](const Memory& m) { return m.agent_id == "a1"; }};
      case 3: {
        const Timestamp from = clock_.now() - std::chrono::seconds(below(1000));
        return {time_between(NumberField::kCreatedAt, from, {}),
                [from](const Memory& m) { return *m.created_at >= from; }};
      }
      case 4: {
        const std::string color = "c" + std::to_string(below(3));
        return {Filter(MetadataEquals{"color", "\"" + color + "\""}),
                [color](const Memory& m) { return m.metadata.find(color) != std::string::npos; }};
      }
      case 5: {
        auto [filter, test] = random_filter(depth + 1);
        return {not_(filter), [test = test](const Memory& m) { return !test(m); }};
      }
      case 6: {
        auto [a, test_a] = random_filter(depth + 1);
        auto [b, test_b] = random_filter(depth + 1);
        return {all_of({a, b}), [test_a = test_a, test_b = test_b](const Memory& m) {
                  return test_a(m) && test_b(m);
                }};
      }
      default: {
        auto [a, test_a] = random_filter(depth + 1);
        auto [b, test_b] = random_filter(depth + 1);
        return {any_of({a, b}), [test_a = test_a, test_b = test_b](const Memory& m) {
                  return test_a(m) || test_b(m);
                }};
      }
    }
  }

  void compare() {
    const auto [filter, test] = random_filter();
    std::set<Uuid> expected;
    for (const auto& [id, row] : model_) {
      if (visible(row.memory) && test(row.memory)) expected.insert(id);
    }
    compare_list(filter, expected);
    compare_vector_search(filter, expected);
    compare_text_search(filter, expected);
    if (!model_.empty()) compare_one(some_id());
  }

  void compare_list(const Filter& filter, const std::set<Uuid>& expected) {
    ListRequest request;
    request.filter = filter;
    request.limit = 7;
    std::vector<Uuid> listed;
    do {
      const MemoryPage page = value_of(tenant_->list(request));
      EXPECT_EQ(page.matching, expected.size());
      for (const auto& view : page.memories) listed.push_back(view.id());
      request.cursor = page.next_cursor;
    } while (!request.cursor.empty());
    EXPECT_THAT(listed, UnorderedElementsAreArray(expected));
  }

  void compare_vector_search(const Filter& filter, const std::set<Uuid>& expected) {
    SearchRequest request = vector_search(random_vector(random_, kDim), 5);
    request.filter = filter;
    request.exact = true;
    std::vector<std::pair<double, Uuid>> truth;
    for (const Uuid& id : expected) {
      const auto& embeddings = model_[id].memory.embeddings;
      if (!embeddings.empty())
        truth.emplace_back(-cosine(embeddings[0].vector, *request.vector), id);
    }
    std::sort(truth.begin(), truth.end());
    const auto wanted = std::min<std::size_t>(5, truth.size());
    const SearchResponse exact = value_of(tenant_->search(request));
    ASSERT_EQ(exact.hits.size(), wanted);
    for (std::size_t i = 0; i < wanted; ++i) {
      EXPECT_NEAR(exact.hits[i].score, -truth[i].first, 2e-3) << "place " << i;
      EXPECT_TRUE(expected.contains(exact.hits[i].memory.id()));
    }
    if (store_->tenants().empty() || store_->stats().tenants[0].vectors.empty()) return;
    request.exact = false;  // The graph may miss the nearest, never the number.
    const SearchResponse approximate = value_of(tenant_->search(request));
    EXPECT_EQ(approximate.hits.size(), wanted);
    for (const auto& hit : approximate.hits) EXPECT_TRUE(expected.contains(hit.memory.id()));
  }

  void compare_text_search(const Filter& filter, const std::set<Uuid>& expected) {
    const std::string wanted = word();
    SearchRequest request = text_search(wanted, 10'000);
    request.filter = filter;
    std::set<Uuid> truth;
    for (const Uuid& id : expected) {
      std::istringstream words(model_[id].memory.text);
      for (std::string each; words >> each;) {
        if (each == wanted) truth.insert(id);
      }
    }
    EXPECT_THAT(ids_of(value_of(tenant_->search(request))), UnorderedElementsAreArray(truth));
  }

  void compare_one(const Uuid& id) {
    const Row& row = model_[id];
    EXPECT_EQ(value_of(tenant_->get(id, true)), row.memory);
    EXPECT_EQ(value_of(tenant_->history(id)).size(), row.versions);
    std::set<std::pair<Uuid, Uuid>> expected;
    for (const auto& pair : relations_) {
      if (pair.first == id || pair.second == id) expected.insert(pair);
    }
    std::set<std::pair<Uuid, Uuid>> found;
    for (const Relation& relation : value_of(list_all<Relation>(*tenant_, {.filter = {id}}))) {
      found.insert({relation.source_id, relation.target_id});
    }
    EXPECT_EQ(found, expected);
  }

  std::mt19937 random_;
  ManualClock clock_;
  TemporaryDirectory temporary_;
  StoreOptions options_;
  std::filesystem::path directory_;
  std::optional<Store> store_;
  std::optional<Tenant> tenant_, other_;
  std::map<Uuid, Row> model_;
  std::set<std::pair<Uuid, Uuid>> relations_;
  int crashes_ = 0;
  int next_external_ = 0;
};

TEST_P(ModelTest, AnswersAsAPlainMapDoesAcrossCrashes) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  for (int i = 0; i < 400 && !HasFailure(); ++i) {
    step();
    if (i % 3 == 0) compare();
  }
  const VerifyReport report = value_of(store_->verify());
  EXPECT_THAT(report.problems, ::testing::IsEmpty());
  EXPECT_EQ(store_->stats().tenants[0].memories, model_.size());
}

INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, ::testing::Values(1U, 2U, 3U, 4U));

}  // namespace
}  // namespace tulving
