// Whatever a memory shows, given back as a filter by any path, finds it; and the paths agree on any
// filter, those that are refused included.

#include <cctype>
#include <random>
#include <set>
#include <sstream>

#include "tests/base/fixed_point.h"
#include "tests/cli/cli.h"
#include "tulving/json_members.h"

namespace tulving::testing {
namespace {

using ::testing::UnorderedElementsAreArray;
using testing_support::random_number;

class CliRandomValues : public Cli {
 protected:
  /// The answers to queries, one a filter.
  std::vector<Json> answers(const std::vector<std::string>& filters) {
    std::string lines;
    for (std::size_t i = 0; i < filters.size(); ++i) {
      lines += R"({"query_id":)" + std::to_string(i) + R"(,"tenant_id":"t","k":10000,"filter":)" +
               filters[i] + "}\n";
    }
    const Outcome outcome =
        run({"--json", "search", "--include-expired", "--queries", file("q.jsonl", lines)});
    std::vector<Json> answers;
    std::istringstream in(outcome.out);
    for (std::string line; std::getline(in, line);) answers.push_back(Json::parse(line));
    EXPECT_EQ(answers.size(), filters.size()) << outcome.err;
    return answers;
  }
};

// A memory line of random values.
std::string random_line(std::mt19937_64& random, int number) {
  const auto below = [&](std::uint64_t n) { return random() % n; };
  const auto pick = [&](std::vector<std::string> values) { return values[below(values.size())]; };
  const auto time = [&] {
    return pick({"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
                 "2326-05-01T10:00:00.000001Z",
                 "2026-05-01T10:00:00.00000" + std::to_string(below(10)) + "Z"});
  };
  return R"({"kind":"memory","tenant_id":"t","external_id":"m)" + std::to_string(number) +
         R"(","text":"Memory )" + std::to_string(number) + R"(.","priority":)" +
         std::to_string(1 + below(10)) + R"(,"strength":)" +
         pick({"0.1", "1.2", "1.1999999", "2", "0." + std::to_string(below(100'000'000))}) +
         R"(,"relevance_score":)" + pick({"0.1", "-1e-45", "3.4028235e38", "-0", "1e-46"}) +
         R"(,"confidence_score":0.)" + std::to_string(below(1000)) + R"(,"use_count":)" +
         pick({"1", "2147483647", "16777217"}) + R"(,"created_at":")" + time() +
         R"(","updated_at":")" + time() + R"(","last_used":")" + time() + R"(","expires_at":")" +
         time() + R"(","is_critical":)" + pick({"true", "false"}) + R"(,"agent_id":)" +
         pick({R"("tim")", R"("caf\u00e9 \"x\"")", R"("1e400")"}) + R"(,"metadata":{"n":)" +
         random_number(random) + R"(,"in":{"m":)" + random_number(random) +
         R"(},"s":"12345678901234567890123","b":false,"no":null}})" + "\n";
}

struct Shown {
  std::string field;
  std::string value;
};

// The scalars that a memory's line shows and that filters take.
std::vector<Shown> scalars(const std::string& object, const std::string& path = {}) {
  static const std::set<std::string> kNoFields = {"kind", "tenant_id", "text"};
  std::vector<Shown> shown;
  const auto members = json_members("a memory", object);
  for (const auto& [name, value] : *members) {
    if (path.empty() && kNoFields.contains(name)) continue;
    const std::string field = path.empty() ? name : path + "." + name;
    if (value.front() == '{') {
      for (auto& inner : scalars(value, field)) shown.push_back(std::move(inner));
    } else {
      shown.push_back({field, value});
    }
  }
  return shown;
}

bool has_order(const Shown& shown) {
  return std::isdigit(shown.value.front()) != 0 || shown.value.front() == '-' ||
         shown.field.ends_with("_at") || shown.field == "last_used";
}

TEST_F(CliRandomValues, WhateverIsShownFindsItsMemoryByEveryPath) {
  constexpr int kMemories = 60;
  std::mt19937_64 random(91);
  std::string lines;
  for (int i = 0; i < kMemories; ++i) lines += random_line(random, i);
  ASSERT_EQ(json({"import", "-"}, 0, lines)["imported"], kMemories);

  std::vector<std::string> filters;
  std::vector<std::pair<std::string, bool>> expected;  // The memory, and whether it is found.
  for (int i = 0; i < kMemories; ++i) {
    const std::string name = "m" + std::to_string(i);
    const Outcome shown = run({"--json", "get", "--tenant", "t", name});
    ASSERT_EQ(shown.exit_code, 0) << shown.err;
    for (const Shown& scalar : scalars(shown.out)) {
      const auto add_case = [&](const std::string& condition, bool is_found) {
        filters.push_back("{\"" + scalar.field + "\":" + condition + "}");
        expected.emplace_back(name, is_found);
      };
      add_case(scalar.value, true);
      add_case("{\"in\":[" + scalar.value + "]}", true);
      add_case("{\"ne\":" + scalar.value + "}", false);
      if (!has_order(scalar)) continue;
      add_case("{\"lte\":" + scalar.value + "}", true);
      add_case("{\"gte\":" + scalar.value + "}", true);
      add_case("{\"lt\":" + scalar.value + "}", false);
      add_case("{\"gt\":" + scalar.value + "}", false);
    }
  }
  const std::vector<Json> all = answers(filters);
  ASSERT_EQ(all.size(), filters.size());
  for (std::size_t i = 0; i < filters.size(); ++i) {
    ASSERT_FALSE(all[i].contains("error")) << all[i];
    const auto found = names(all[i]["results"]);
    EXPECT_EQ(std::ranges::find(found, expected[i].first) != found.end(), expected[i].second)
        << expected[i].first << " by " << filters[i];
  }
  RecordProperty("cases", static_cast<int>(filters.size()));
  EXPECT_GT(filters.size(), 5000U);
  for (int round = 0; round < 60; ++round) {  // A process each, so a few of them.
    const std::size_t i = random() % filters.size();
    const auto found = names(all[i]["results"]);
    const Outcome listed = run({"--json", "list", "--tenant", "t", "--include-expired", "--limit",
                                "1000", "--filter", filters[i]});
    EXPECT_EQ(listed.exit_code, 0) << listed.err;
    const Json searched = json(
        {"search", "--tenant", "t", "--include-expired", "--k", "1000", "--filter", filters[i]});
    EXPECT_THAT(names_in(listed.out), UnorderedElementsAreArray(found)) << filters[i];
    EXPECT_EQ(names(searched["results"]), found) << filters[i];
  }
}

// A filter of random form, now and then one that is refused.
std::string random_filter(std::mt19937_64& random, int depth) {
  const auto below = [&](std::uint64_t n) { return random() % n; };
  const auto pick = [&](std::vector<std::string> values) { return values[below(values.size())]; };
  const std::string field = pick(
      {"priority", "strength", "use_count", "metadata.n", "metadata.in.m", "created_at", "colour"});
  const std::string number =
      field == "created_at" ? "\"2026-05-01T10:00:00.000005Z\"" : random_number(random);
  const auto condition = [&] {
    return "{\"" + pick({"eq", "ne", "lt", "lte", "gt", "gte", "gte", "like"}) + "\":" + number +
           "}";
  };
  switch (below(depth > 0 ? 7 : 3)) {
    case 0:
      return "{\"" + field + "\":" + number + "}";
    case 1:
      return "{\"" + field + "\":" + condition() + "}";
    case 2:
      return R"({"priority":)" + condition() + ",\"" + pick({"priority", "agent_id"}) +
             "\":" + pick({R"("tim")", "7", R"({"in":["tim"]})"}) + "}";
    case 3:
      return "{\"not\":" + random_filter(random, depth - 1) + "}";
    default:
      return "{\"" + pick({"and", "or"}) + "\":[" + random_filter(random, depth - 1) + "," +
             random_filter(random, depth - 1) + "]}";
  }
}

TEST_F(CliRandomValues, QueriesAndFiltersAreOneParser) {
  std::mt19937_64 random(92);
  std::string lines;
  for (int i = 0; i < 60; ++i) lines += random_line(random, i);
  ASSERT_EQ(json({"import", "-"}, 0, lines)["imported"], 60);
  std::vector<std::string> filters;
  for (int i = 0; i < 100; ++i) filters.push_back(random_filter(random, 3));

  const std::vector<Json> all = answers(filters);

  int refused = 0;
  for (std::size_t i = 0; i < filters.size(); ++i) {
    const Outcome listed = run({"--json", "list", "--tenant", "t", "--include-expired", "--limit",
                                "1000", "--filter", filters[i]});
    if (all[i].contains("error")) {
      ++refused;
      EXPECT_THAT(listed, Failed(2)) << filters[i];
      EXPECT_EQ(listed.err, "tulving: " + all[i]["error"].get<std::string>() + "\n");
      continue;
    }
    ASSERT_EQ(listed.exit_code, 0) << listed.err << filters[i];
    EXPECT_THAT(names_in(listed.out), UnorderedElementsAreArray(names(all[i]["results"])))
        << filters[i];
  }
  EXPECT_GT(refused, 10);
  EXPECT_LT(refused, 90);
}

}  // namespace
}  // namespace tulving::testing
