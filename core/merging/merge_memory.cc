#include "core/merging/merge_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/base/mean_direction.h"
#include "core/merging/fields/field_values.h"
#include "core/merging/fields/merge_json.h"
#include "core/merging/text/merge_text.h"
#include "core/model/borders.h"
#include "core/model/names/task_id.h"
#include "core/model/rounded.h"
#include "core/model/rules/rules.h"
#include "core/model/text/summary.h"

namespace tulving::merging {
namespace {

using Sources = std::span<const Memory>;

// Below this the sum of unit vectors points nowhere: rounding decides.
constexpr double kLengthMin = 1e-6;

bool is_earlier(const Memory& a, const Memory& b) {
  return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
}

Status check_input(Sources sources, const MergeOptions& options) {
  if (sources.size() < 2) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("a merge of {} memories; at least 2 are needed", sources.size()),
                 {}};
  }
  if (!(std::abs(options.cohesion) <= 1)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("cohesion is {}; must be -1..1", options.cohesion), "cohesion"};
  }
  std::unordered_set<Uuid> ids;
  for (const Memory& source : sources) {
    if (source.id.is_nil() || !ids.insert(source.id).second) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("memory {} is {}", source.id.to_string(),
                               source.id.is_nil() ? "without an id" : "to be merged with itself"),
                   "source_memory_ids"};
    }
  }
  const std::string_view border = model::border_within(sources);
  if (border.empty()) return {};
  const bool is_model = border == "embeddings";
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("the {} memories {}; a merge is of one user, agent, project, expiry and model",
                  sources.size(),
                  is_model ? std::string("have embeddings of no model in common")
                           : fmt::format("differ in {}", border)),
      std::string(border)};
}

// The field's value when all sources have it, else `otherwise`.
template <class T>
T agreed(Sources sources, T Memory::*field, T otherwise = {}) {
  const T& first = sources.front().*field;
  const bool agree =
      std::ranges::all_of(sources, [&](const Memory& source) { return source.*field == first; });
  return agree ? first : otherwise;
}

// The commonest; of equally common ones the one that `Before` puts first.
template <class Before, class T>
T commonest(Sources sources, T Memory::*field) {
  std::map<T, std::size_t, Before> counts;
  for (const Memory& source : sources) ++counts[source.*field];
  return std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; })
      ->first;
}

std::vector<std::string> each_once(Sources sources, std::vector<std::string> Memory::*field) {
  std::vector<std::string> values;
  std::unordered_set<std::string_view> known;
  for (const Memory& source : sources) {
    for (const std::string& value : source.*field) {
      if (known.insert(value).second) values.push_back(value);
    }
  }
  return values;
}

std::int32_t sum(Sources sources, std::int32_t Memory::*field) {
  std::int64_t total = 0;
  for (const Memory& source : sources) total += source.*field;
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(std::min(total, kMax));
}

template <class T>
T highest(Sources sources, T Memory::*field) {
  return (*std::ranges::max_element(sources, {}, field)).*field;
}

// What callers wrote as summaries; those that the store made are made anew.
std::string summary_of(Sources sources, const std::string& text) {
  std::vector<Memory> written;
  for (const Memory& source : sources) {
    if (source.summary.empty() || source.summary == model::default_summary(source.text)) continue;
    Memory& one = written.emplace_back();
    one.text = source.summary;
    one.created_at = source.created_at;
  }
  return written.empty() ? model::default_summary(text) : merge_texts(written).text;
}

const Embedding* embedding_of(const Memory& memory, const std::string& model) {
  const auto found = std::ranges::find(memory.embeddings, model, &Embedding::model);
  return found == memory.embeddings.end() ? nullptr : &*found;
}

double length_of(const auto& vector) {
  double squares = 0;
  for (const double value : vector) squares += value * value;
  return std::sqrt(squares);
}

// Of those that have one.
std::optional<Embedding> mean_embedding(Sources sources, const Embedding& first) {
  std::vector<double> total(first.dim());
  for (const Memory& source : sources) {
    const Embedding* one = embedding_of(source, first.model);
    if (one == nullptr) continue;
    if (one->dim() != total.size() || total.empty()) return std::nullopt;
    const std::vector<float> vector = mean_direction(one->vector, one->dim());
    const double length = length_of(vector);
    if (!(length > 0)) return std::nullopt;
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += double{vector[i]} / length;
  }
  const double length = length_of(total);
  if (length < kLengthMin) return std::nullopt;
  Embedding mean{first.model, std::vector<float>(total.size())};
  for (std::size_t i = 0; i < total.size(); ++i) {
    mean.vector[i] = static_cast<float>(total[i] / length);
  }
  return mean;
}

void merge_scope(Memory& merged, Sources sources) {
  merged.agent_id = sources.front().agent_id;
  merged.user_id = sources.front().user_id;
  merged.project_id = sources.front().project_id;
  merged.session_id = agreed(sources, &Memory::session_id);
  merged.task_id = agreed(sources, &Memory::task_id);
  merged.stage_id = agreed(sources, &Memory::stage_id);
  merged.source_type = agreed(sources, &Memory::source_type, SourceType::kObservation);
  merged.source_agent = agreed(sources, &Memory::source_agent);
  merged.source_id = agreed(sources, &Memory::source_id);
}

void merge_what(Memory& merged, Sources sources, const MergeOptions& options) {
  merged.memory_type = commonest<std::less<>>(sources, &Memory::memory_type);
  merged.layer = commonest<std::greater<>>(sources, &Memory::layer);
  merged.text = options.text ? *options.text : merge_texts(sources, options.origins).text;
  merged.content = merge_json_objects(timed(sources, &Memory::content),
                                      timed(options.origins, &Memory::content));
  merged.summary = summary_of(sources, merged.text);
  merged.tags = each_once(sources, &Memory::tags);
  std::ranges::sort(merged.tags);
  merged.entities = each_once(sources, &Memory::entities);
  merged.facts = all_facts({sources, options.origins});
  merged.keywords = each_once(sources, &Memory::keywords);
}

void merge_outcome(Memory& merged, const Voices& voices) {
  merged.goal = all_values(voices, &Memory::goal);
  merged.result = all_values(voices, &Memory::result);
  merged.feedback = all_values(voices, &Memory::feedback);
  merged.outcome = all_values(voices, &Memory::outcome);
  merged.actions = each_once(voices.sources, &Memory::actions);
  merged.tool_usage = merge_json_values(timed(voices.sources, &Memory::tool_usage),
                                        timed(voices.origins, &Memory::tool_usage));
  merged.error_patterns = merge_json_values(timed(voices.sources, &Memory::error_patterns),
                                            timed(voices.origins, &Memory::error_patterns));
}

// And success with it, which has no room for two values.
void merge_metadata(Memory& merged, const Voices& voices) {
  const Sources sources = voices.sources;
  std::vector<TimedJson> objects = timed(sources, &Memory::metadata);
  bool has[2] = {false, false};
  for (const Memory& source : sources) {
    if (source.success) has[*source.success ? 1 : 0] = true;
  }
  if (has[0] != has[1]) merged.success = has[1];
  if (has[0] && has[1]) {
    for (const Memory& source : sources) {
      if (!source.success) continue;
      objects.push_back(
          {*source.success ? R"({"success":true})" : R"({"success":false})", source.created_at});
    }
  }
  merged.metadata = merge_json_objects(objects, timed(voices.origins, &Memory::metadata));
}

void merge_value(Memory& merged, Sources sources, double cohesion) {
  merged.priority = highest(sources, &Memory::priority);
  merged.relevance_score = highest(sources, &Memory::relevance_score);
  const double n = static_cast<double>(sources.size());
  const double gain = std::clamp(0.1 * n * cohesion, 0.0, 0.5);
  const double strongest = highest(sources, &Memory::strength);
  merged.strength = std::max(strongest, model::rounded(std::min(2.0, strongest + gain)));
  merged.use_count = sum(sources, &Memory::use_count);
  merged.review_count = sum(sources, &Memory::review_count);
  merged.cross_domain_count = sum(sources, &Memory::cross_domain_count);
  merged.reuse_count = sum(sources, &Memory::reuse_count);
  merged.is_critical = highest(sources, &Memory::is_critical);
  std::vector<std::string_view> reasons;
  for (const Memory& source : sources) {
    const std::string& reason = source.criticality_reason;
    if (!reason.empty() && std::ranges::find(reasons, reason) == reasons.end()) {
      reasons.push_back(reason);
    }
  }
  merged.criticality_reason = fmt::format("{}", fmt::join(reasons, "; "));
}

void merge_life(Memory& merged, Sources sources, Timestamp now) {
  for (const Memory& source : sources) {
    if (source.created_at && (!merged.created_at || *source.created_at < *merged.created_at)) {
      merged.created_at = source.created_at;
    }
    merged.last_used = std::max(merged.last_used, source.last_used);
  }
  merged.expires_at = sources.front().expires_at;
  merged.updated_at = now;
}

void merge_lineage(Memory& merged, Sources sources, const MergeOptions& options) {
  merged.parent_memory_id = agreed(sources, &Memory::parent_memory_id);
  merged.abstraction_level = std::max(1, highest(sources, &Memory::abstraction_level));
  merged.pattern_type = agreed(sources, &Memory::pattern_type);
  merged.confidence_score = model::rounded(options.confidence);
  merged.consolidation_method = options.method;
  merged.consolidated_at = options.now;
  for (const Memory& source : sources) merged.source_memory_ids.push_back(source.id);
  std::ranges::sort(merged.source_memory_ids);
  merged.id = model::group_id(options.tenant_id, "merge", merged.source_memory_ids);
}

// By the models' names.
std::vector<const Embedding*> first_of_each_model(Sources sources) {
  std::map<std::string_view, const Embedding*> first;
  for (const Memory& source : sources) {
    for (const Embedding& embedding : source.embeddings) {
      first.try_emplace(embedding.model, &embedding);
    }
  }
  std::vector<const Embedding*> embeddings;
  for (const auto& [model, embedding] : first) embeddings.push_back(embedding);
  return embeddings;
}

Memory merge_sorted(Sources sources, const MergeOptions& options) {
  Memory merged;
  merge_scope(merged, sources);
  merge_what(merged, sources, options);
  merge_outcome(merged, {sources, options.origins});
  merge_metadata(merged, {sources, options.origins});
  merge_value(merged, sources, options.cohesion);
  merge_life(merged, sources, options.now);
  merge_lineage(merged, sources, options);
  for (const Embedding* embedding : first_of_each_model(sources)) {
    if (auto mean = mean_embedding(sources, *embedding)) {
      merged.embeddings.push_back(*std::move(mean));
    }
  }
  return merged;
}

}  // namespace

Result<Memory> merge_memories(std::span<const Memory> sources, const MergeOptions& options) {
  if (auto status = check_input(sources, options); !status) return status.error();
  std::vector<Memory> sorted;
  if (!std::ranges::is_sorted(sources, is_earlier)) {
    sorted.assign(sources.begin(), sources.end());
    std::ranges::sort(sorted, is_earlier);
    sources = sorted;
  }
  Memory merged = merge_sorted(sources, options);
  if (auto status = model::check_record(merged, {options.text_bytes_max}); !status) {
    return Error{status.error().code,
                 fmt::format("the merge of {} memories breaks a rule: {}", sources.size(),
                             status.error().message),
                 status.error().field};
  }
  return merged;
}

}  // namespace tulving::merging
