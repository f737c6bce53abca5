#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/engine/testing.h"
#include "tulving/job_runner.h"

namespace tulving::testing {

constexpr std::size_t kDim = 64;
constexpr JobPhase kPatterns = JobPhase::kPatternExtraction;
constexpr JobPhase kMerging = JobPhase::kMemoryMerging;
constexpr JobPhase kHierarchy = JobPhase::kHierarchyCreation;

class Jobs : public ::testing::Test {
 protected:
  // A vector in the plane of axes `topic` and 32 + `number`, so that two of a topic have the cosine
  // `similarity`, and two of different topics 0.
  static std::vector<float> near(std::size_t topic, std::size_t number, double similarity) {
    std::vector<float> vector(kDim);
    vector[topic] = static_cast<float>(std::sqrt(similarity));
    vector[32 + number] = static_cast<float>(std::sqrt(1 - similarity));
    return vector;
  }

  Uuid add(std::string text, std::vector<float> vector,
           const std::function<void(Memory&)>& fill = {}) {
    Memory memory = testing::memory(std::move(text), std::move(vector));
    memory.project_id = "apollo";
    memory.memory_type = "discovery";
    if (fill) fill(memory);
    clock_.advance(std::chrono::seconds(1));  // So that the order of age is that of adding.
    return value_of(tenant_.add(memory)).id;
  }

  std::vector<Uuid> add_topic(std::size_t topic, std::size_t first, std::size_t count,
                              double similarity) {
    std::vector<Uuid> ids;
    for (std::size_t i = first; i < first + count; ++i) {
      ids.push_back(add(fmt_text(topic, i), near(topic, i, similarity)));
    }
    return ids;
  }

  static std::string fmt_text(std::size_t topic, std::size_t i) {
    return "Topic " + std::to_string(topic) + " holds. Detail " + std::to_string(i) + ".";
  }

  ConsolidationJob run(JobRunnerOptions options = {}, JobRequest request = {},
                       const JobControl& control = {}) {
    options.threads = 1;
    request.project_id = "apollo";
    return value_of(value_of(JobRunner::create(store_, "acme", options)).start(request, control));
  }

  std::vector<Memory> of_level(int level) {
    ListRequest request;
    request.filter = NumberRange{NumberField::kAbstractionLevel, double(level), double(level)};
    std::vector<Memory> found;
    for (const auto& view : value_of(tenant_.list(request)).memories) {
      found.push_back(view.to_memory());
    }
    return found;
  }

  // Everything but the jobs themselves, without revisions.
  std::multiset<std::string> data() const {
    std::multiset<std::string> lines;
    const auto visit = [&](const Record& record) -> Status {
      if (std::holds_alternative<ConsolidationJob>(record)) return {};
      lines.insert(to_json_line("acme", record));
      return {};
    };
    EXPECT_THAT(tenant_.export_records(visit, true), Succeeds());
    return lines;
  }

  StoreOptions options() {
    StoreOptions options;
    options.clock = clock_.clock();
    return options;
  }

  ManualClock clock_;
  Store store_ = value_of(Store::open_in_memory(options()));
  Tenant tenant_ = value_of(store_.tenant("acme"));
};

inline std::vector<Uuid> sorted(std::vector<Uuid> ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace tulving::testing
