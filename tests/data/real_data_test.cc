// On real input, where it is at hand (TULVING_DATA names its folder): the answers to questions
// about long conversations are found as often as promised, and small tenants are searched exactly.

#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/engine/testing.h"

namespace tulving {
namespace {

using namespace tulving::testing;
using nlohmann::json;
namespace fs = std::filesystem;

std::vector<std::vector<float>> read_fvecs(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<std::vector<float>> rows;
  for (std::int32_t dim = 0; in.read(reinterpret_cast<char*>(&dim), sizeof dim);) {
    rows.emplace_back(static_cast<std::size_t>(dim));
    in.read(reinterpret_cast<char*>(rows.back().data()),
            static_cast<std::streamsize>(rows.back().size() * sizeof(float)));
  }
  return rows;
}

std::vector<json> read_lines(const fs::path& file) {
  std::ifstream in(file);
  std::vector<json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

class RealData : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("TULVING_DATA");
    if (folder == nullptr || !fs::exists(folder)) {
      GTEST_SKIP() << "TULVING_DATA names no folder with the data sets";
    }
    data_ = folder;
  }

  // Imports a data set as the command line does: row i of the vectors is the i-th memory's.
  void import(const std::string& name) {
    std::ifstream in(data_ / name / "records.jsonl");
    const auto vectors = read_fvecs(data_ / name / "records.fvecs");
    std::size_t next = 0;
    for (std::string line; std::getline(in, line);) {
      TenantRecord record = value_of(parse_record(line));
      if (auto* memory = std::get_if<Memory>(&record.record)) {
        memory->embeddings = {{"default", vectors.at(next++)}};
      }
      Tenant tenant = value_of(store_.tenant(record.tenant_id));
      value_of(tenant.write(std::span(&record.record, 1)));
    }
    ASSERT_EQ(next, vectors.size());
  }

  // Mean share of a question's evidence among its ten results, in percent.
  double evidence_recall(SearchMode mode) {
    const auto queries = read_lines(data_ / "locomo-dev" / "queries.jsonl");
    const auto vectors = read_fvecs(data_ / "locomo-dev" / "queries.fvecs");
    const auto truths = read_lines(data_ / "locomo-dev" / "qrels.jsonl");
    double sum = 0;
    for (std::size_t i = 0; i < queries.size(); ++i) {
      SearchRequest request;
      if (mode != SearchMode::kVector) request.text = queries[i]["text"].get<std::string>();
      if (mode != SearchMode::kText) request.vector = vectors[i];
      request.mode = mode;
      const Tenant tenant = value_of(store_.tenant(queries[i]["tenant_id"].get<std::string>()));
      std::set<std::string> found;
      for (const auto& hit : value_of(tenant.search(request)).hits) {
        add_names(tenant, hit.memory.to_memory(), found);
      }
      std::size_t hits = 0;
      for (const auto& id : truths[i]["relevant"]) hits += found.count(id.get<std::string>());
      sum += static_cast<double>(hits) / static_cast<double>(truths[i]["relevant"].size());
    }
    return 100.0 * sum / static_cast<double>(queries.size());
  }

  // What a memory holds: itself, or what was merged into it.
  static void add_names(const Tenant& tenant, const Memory& memory, std::set<std::string>& names) {
    if (!memory.external_id.empty()) names.insert(memory.external_id);
    for (const Uuid& source : memory.source_memory_ids) {
      add_names(tenant, value_of(tenant.get(source)), names);
    }
  }

  std::vector<std::string> exported() {
    std::vector<std::string> lines;
    for (const std::string& name : store_.tenants()) {
      const auto of_tenant = exported_lines(value_of(store_.tenant(name)));
      lines.insert(lines.end(), of_tenant.begin(), of_tenant.end());
    }
    return lines;
  }

  fs::path data_;
  Store store_ = value_of(Store::open_in_memory());
};

TEST_F(RealData, AnswersToQuestionsAboutConversationsAreFound) {
  import("locomo-dev");

  const double text = evidence_recall(SearchMode::kText);
  const double vector = evidence_recall(SearchMode::kVector);
  const double hybrid = evidence_recall(SearchMode::kHybrid);

  std::cout << "evidence recall@10: text " << text << ", vector " << vector << ", hybrid " << hybrid
            << "\n";
  EXPECT_GE(hybrid, 65.0);
  EXPECT_GT(hybrid, text);
  EXPECT_GT(hybrid, vector);
}

TEST_F(RealData, ConsolidationLosesNothingOfConversationsAndIsUndone) {
  import("locomo-dev");
  const auto before = exported();
  const double recall_before = evidence_recall(SearchMode::kHybrid);
  std::size_t merges = 0;
  std::map<std::string, Uuid> plans;
  for (const std::string& name : store_.tenants()) {
    ConsolidationOptions options;
    options.rate_limit = 0;
    auto consolidator = value_of(Consolidator::create(store_, name, options));
    const auto report = value_of(consolidator.run());
    plans[name] = report.plan_id;
    const Tenant tenant = value_of(store_.tenant(name));
    for (const MergeResult& result : report.merge) {
      ASSERT_EQ(result.outcome, ItemOutcome::kPlanned) << result.error;
      const Memory merge = value_of(tenant.get(result.memory_id));
      for (const Uuid& id : result.source_ids) {
        const Memory source = value_of(tenant.get(id));
        for (const auto& tag : source.tags) EXPECT_THAT(merge.tags, ::testing::Contains(tag));
        for (const auto& entity : source.entities) {
          EXPECT_THAT(merge.entities, ::testing::Contains(entity));
        }
      }
      ++merges;
    }
  }
  const double recall_after = evidence_recall(SearchMode::kHybrid);
  std::cout << merges << " merges; evidence recall@10, hybrid: " << recall_before << " before, "
            << recall_after << " after\n";
  EXPECT_GT(merges, 100U);
  EXPECT_GE(recall_after, recall_before);

  for (const auto& [name, plan] : plans) {
    ASSERT_THAT(value_of(store_.tenant(name)).undo_plan(plan), Succeeds());
  }
  EXPECT_EQ(exported(), before);
}

TEST_F(RealData, NearestNeighboursOfTextEmbeddingsAreExact) {
  import("openai1536");
  const auto vectors = read_fvecs(data_ / "openai1536" / "records.fvecs");
  const auto lines = read_lines(data_ / "openai1536" / "records.jsonl");
  const Tenant tenant = value_of(store_.tenant("openai1536"));
  for (std::size_t query = 0; query < vectors.size(); ++query) {
    std::vector<std::pair<double, std::string>> truth;
    for (std::size_t row = 0; row < vectors.size(); ++row) {
      truth.emplace_back(-cosine(vectors[query], vectors[row]), lines[row]["external_id"]);
    }
    std::sort(truth.begin(), truth.end());
    const SearchResponse response = value_of(tenant.search(vector_search(vectors[query], 10)));
    EXPECT_FALSE(response.approximate);
    ASSERT_EQ(response.hits.size(), 10U);
    // Two rows nearer to each other than sums of 1,536 products in f32 can tell are equally good.
    constexpr double kTie = 1e-6;
    const double kth = truth[9].first;
    std::multiset<std::string> found, good;
    for (const SearchHit& hit : response.hits) found.emplace(hit.memory.external_id());
    for (const auto& [distance, id] : truth) {
      if (distance <= kth + kTie) good.insert(id);
      if (distance >= kth - kTie) continue;
      EXPECT_TRUE(found.contains(id)) << "query " << query << ": " << id;
    }
    EXPECT_TRUE(std::ranges::includes(good, found)) << "query " << query;
  }
}

}  // namespace
}  // namespace tulving
