// bench vectors reports recall against the true neighbours: given or computed, they agree, and a
// wrong truth shows as a low recall.

#include <cmath>
#include <random>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

using Rows = std::vector<std::vector<float>>;

Rows random_rows(std::size_t rows, std::size_t dim, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Rows all(rows, std::vector<float>(dim));
  for (auto& row : all) {
    for (float& value : row) value = normal(random);
  }
  return all;
}

/// The rows of `base` by falling cosine to `query`.
std::vector<int> neighbors(const Rows& base, const std::vector<float>& query, std::size_t k) {
  std::vector<std::pair<double, int>> scored;
  for (std::size_t i = 0; i < base.size(); ++i) {
    double dot = 0;
    double norm = 0;
    for (std::size_t j = 0; j < query.size(); ++j) {
      dot += double{base[i][j]} * double{query[j]};
      norm += double{base[i][j]} * double{base[i][j]};
    }
    scored.emplace_back(-dot / std::sqrt(norm), static_cast<int>(i));
  }
  std::ranges::sort(scored);
  std::vector<int> rows;
  for (std::size_t i = 0; i < k; ++i) rows.push_back(scored[i].second);
  return rows;
}

class CliBench : public Cli {
 protected:
  CliBench() {
    base_file_ = fvecs("base.fvecs", base_);
    query_file_ = fvecs("query.fvecs", queries_);
  }
  Outcome bench(const Arguments& more) {
    Arguments arguments = {"--json",   "bench",   "vectors",  "--base",
                           base_file_, "--query", query_file_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_bare(arguments);
  }

  Rows base_ = random_rows(600, 24, 1);
  Rows queries_ = random_rows(20, 24, 2);
  std::string base_file_;
  std::string query_file_;
};

TEST_F(CliBench, HasTheFormThatIsKeptStable) {
  const Outcome outcome = bench({"--k", "5", "--ef", "16,64", "--threads", "2"});

  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json result = Json::parse(outcome.out);
  EXPECT_EQ(result["dim"], 24);
  EXPECT_EQ(result["n"], 600);
  EXPECT_GE(result["build_s"], 0);
  EXPECT_GT(result["bytes_per_vector"], 24);
  ASSERT_THAT(result["sweep"], SizeIs(2));
  EXPECT_EQ(result["sweep"][1]["ef"], 64);
  for (const Json& point : result["sweep"]) {
    EXPECT_GE(point["recall"], 0.99) << "a scan of 600 vectors finds nearly all";
    EXPECT_LE(point["p50_us"], point["p95_us"]);
    EXPECT_LE(point["p95_us"], point["p99_us"]);
    EXPECT_GT(point["qps"], 0);
  }
}

TEST_F(CliBench, MeasuresAgainstTheTruthGiven) {
  std::vector<std::vector<int>> truth;
  std::vector<std::vector<int>> wrong;
  for (const auto& query : queries_) {
    const auto all = neighbors(base_, query, base_.size());
    truth.emplace_back(all.begin(), all.begin() + 10);
    wrong.emplace_back(all.rbegin(), all.rbegin() + 10);
  }

  const Outcome good = bench({"--truth", ivecs("good.ivecs", truth), "--ef", "64"});
  const Outcome bad = bench({"--truth", ivecs("bad.ivecs", wrong), "--ef", "64"});

  ASSERT_EQ(good.exit_code, 0) << good.err;
  EXPECT_GE(Json::parse(good.out)["sweep"][0]["recall"], 0.99);
  EXPECT_LE(Json::parse(bad.out)["sweep"][0]["recall"], 0.01);
}

TEST_F(CliBench, WalksTheGraphWhenToldTo) {
  const Outcome outcome = bench({"--exact-rows-max", "0", "--ef", "10,200"});

  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const Json sweep = Json::parse(outcome.out)["sweep"];
  EXPECT_EQ(sweep[0]["approximate"], true);
  EXPECT_GE(sweep[1]["recall"], 0.95);
}

TEST_F(CliBench, PeopleGetATable) {
  const Outcome outcome =
      run_bare({"bench", "vectors", "--base", base_file_, "--query", query_file_});

  EXPECT_THAT(outcome.out, HasSubstr("600 vectors of dimension 24"));
  EXPECT_THAT(outcome.out, HasSubstr("RECALL"));
}

TEST_F(CliBench, RefusesFilesThatDoNotFit) {
  EXPECT_THAT(bench({"--truth", ivecs("t.ivecs", {{1, 2}})}), Failed(2));
  EXPECT_THAT(bench({"--truth", ivecs("t.ivecs", std::vector<std::vector<int>>(
                                                     20, std::vector<int>(10, 600)))}),
              Failed(2));
  EXPECT_THAT(bench({"--k", "0"}), Failed(2));
  EXPECT_THAT(bench({"--ef", "0x"}), Failed(2));
  query_file_ = fvecs("q.fvecs", {{1, 2, 3}});
  EXPECT_THAT(bench({}), Failed(2));
  query_file_ = path("nowhere");
  EXPECT_THAT(bench({}), Failed(1));
}

}  // namespace
}  // namespace tulving::testing
