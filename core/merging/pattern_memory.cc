#include "core/merging/pattern_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "core/base/mean_direction.h"
#include "core/base/text/same_text.h"
#include "core/merging/merge_memory.h"
#include "core/model/names/task_id.h"
#include "core/model/rules/rules.h"
#include "core/model/text/sentences.h"
#include "core/model/text/summary.h"

namespace tulving::merging {
namespace {

using Sources = std::span<const Memory>;

// What consolidated_memories.memory_type takes.
constexpr std::array<std::string_view, 6> kMemoryTypes = {
    "error_fix", "discovery", "decision", "learning", "warning", "codebase_knowledge"};

bool is_most(std::size_t count, Sources sources) { return 2 * count > sources.size(); }

// The vector at length 1; empty when the memory has none.
std::vector<double> direction_of(const Memory& memory, const std::string& model) {
  for (const Embedding& embedding : memory.embeddings) {
    if (embedding.model != model) continue;
    const std::vector<float> mean = mean_direction(embedding.vector, embedding.dim());
    std::vector<double> vector(mean.begin(), mean.end());
    double squares = 0;
    for (const double x : vector) squares += x * x;
    for (double& x : vector) x /= std::sqrt(squares);
    return vector;
  }
  return {};
}

// The source with a text whose mean cosine to all is the greatest: that with the greatest product
// with the sum of all. Null when none has a text.
const Memory* most_central(Sources sources, const std::string& model) {
  std::vector<std::vector<double>> directions;
  std::vector<double> sum;
  for (const Memory& source : sources) {
    directions.push_back(direction_of(source, model));
    sum.resize(std::max(sum.size(), directions.back().size()));
    for (std::size_t i = 0; i < directions.back().size(); ++i) sum[i] += directions.back()[i];
  }
  const Memory* best = nullptr;
  double best_product = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (sources[i].text.empty()) continue;
    double product = 0;
    for (std::size_t k = 0; k < directions[i].size(); ++k) product += directions[i][k] * sum[k];
    if (best == nullptr || product > best_product) {
      best = &sources[i];
      best_product = product;
    }
  }
  return best;
}

// What more than half of the sources have, in the order it is met.
std::vector<std::string> shared(Sources sources, std::vector<std::string> Memory::*field) {
  std::map<std::string_view, std::size_t> counts;
  for (const Memory& source : sources) {
    for (const std::string_view value :
         std::set<std::string_view>((source.*field).begin(), (source.*field).end())) {
      ++counts[value];
    }
  }
  std::vector<std::string> values;
  for (const Memory& source : sources) {
    for (const std::string& value : source.*field) {
      const auto count = counts.find(value);
      if (count == counts.end() || !is_most(count->second, sources)) continue;
      values.push_back(value);
      counts.erase(count);  // Once.
    }
  }
  return values;
}

std::string memory_type_of(const std::string& commonest) {
  return std::ranges::find(kMemoryTypes, commonest) == kMemoryTypes.end() ? "learning" : commonest;
}

// Of equally common types the first of the enumeration.
PatternType commonest_type(Sources patterns) {
  std::map<PatternType, std::size_t> counts;
  for (const Memory& pattern : patterns) {
    ++counts[pattern.pattern_type.value_or(PatternType::kWorkflow)];
  }
  return std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })
      ->first;
}

// What a merge says of its sources' lives is not true of what stands beside them.
void begin_own_life(Memory& pattern, Sources sources, Timestamp now) {
  pattern.content.clear();
  pattern.metadata.clear();
  pattern.goal.clear();
  pattern.result.clear();
  pattern.feedback.clear();
  pattern.outcome.clear();
  pattern.tool_usage.clear();
  pattern.error_patterns.clear();
  pattern.actions = shared(sources, &Memory::actions);
  pattern.tags = shared(sources, &Memory::tags);
  pattern.entities = shared(sources, &Memory::entities);
  pattern.facts = shared(sources, &Memory::facts);
  pattern.keywords = shared(sources, &Memory::keywords);
  pattern.is_critical = false;
  pattern.criticality_reason.clear();
  pattern.strength = 1;
  pattern.use_count = pattern.review_count = pattern.cross_domain_count = pattern.reuse_count = 0;
  pattern.parent_memory_id = {};
  pattern.created_at = pattern.updated_at = pattern.last_used = now;
}

}  // namespace

std::string common_text(Sources sources, const std::string& model) {
  const Memory* central = most_central(sources, model);
  if (central == nullptr) return {};
  std::map<std::string, std::size_t> counts;
  for (const Memory& source : sources) {
    std::set<std::string> said;
    for (const auto sentence : model::split_sentences(source.text)) {
      said.insert(same_text_form(sentence));
    }
    for (const std::string& sentence : said) ++counts[sentence];
  }
  for (const auto sentence : model::split_sentences(central->text)) {
    counts.erase(same_text_form(sentence));
  }
  std::string text = central->text;
  for (const Memory& source : sources) {
    for (const auto sentence : model::split_sentences(source.text)) {
      const auto count = counts.find(same_text_form(sentence));
      if (count == counts.end() || !is_most(count->second, sources)) continue;
      text += '\n';
      text += sentence;
      counts.erase(count);
    }
  }
  return text;
}

PatternType pattern_type_of(Sources sources) {
  const auto most = [&](const auto& holds) {
    return is_most(static_cast<std::size_t>(std::ranges::count_if(sources, holds)), sources);
  };
  if (most([](const Memory& one) { return one.success == false; })) return PatternType::kFailure;
  if (most([](const Memory& one) {
        return one.memory_type == "error_fix" || one.memory_type == "warning" ||
               !one.error_patterns.empty();
      })) {
    return PatternType::kGotcha;
  }
  if (most([](const Memory& one) { return one.memory_type == "decision"; })) {
    return PatternType::kDecision;
  }
  if (most([](const Memory& one) { return one.success == true; })) return PatternType::kSuccess;
  return PatternType::kWorkflow;
}

Result<Memory> make_pattern(Sources sources, const std::string& model,
                            const PatternOptions& options) {
  MergeOptions merge;
  merge.tenant_id = options.tenant_id;
  merge.now = options.now;
  merge.cohesion = std::clamp(options.cohesion, -1.0, 1.0);
  merge.confidence = options.confidence;
  merge.text_bytes_max = options.text_bytes_max;
  merge.method = options.method;
  merge.text = options.text ? *options.text : common_text(sources, model);
  if (merge.text->empty()) {
    return Error{ErrorCode::kInvalidArgument, "none of the memories has a text", "text"};
  }
  auto pattern = merge_memories(sources, merge);
  if (!pattern) return pattern;
  begin_own_life(*pattern, sources, options.now);
  pattern->memory_type = memory_type_of(pattern->memory_type);
  pattern->layer = Layer::kSemantic;
  pattern->summary = model::default_summary(pattern->text);
  pattern->abstraction_level = options.level;
  pattern->pattern_type = options.level == 2 ? pattern_type_of(sources) : commonest_type(sources);
  pattern->id = model::group_id(options.tenant_id, options.level == 2 ? "pattern" : "principle",
                                pattern->source_memory_ids);
  return pattern;
}

}  // namespace tulving::merging
