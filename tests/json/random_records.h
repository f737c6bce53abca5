#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/kinds/random_record.h"
#include "tulving/records.h"

namespace tulving::testing_support {

/// Random records that keep every rule, each field left alone about half the time, with what is
/// awkward in texts, numbers and times.
class RandomRecords {
 public:
  explicit RandomRecords(unsigned seed) : random_(seed), values_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool coin() { return below(2) == 0; }

  Uuid id() { return Uuid::derive("random", std::to_string(random_())); }

  std::string text(std::size_t bytes_max) { return values_.text(0, bytes_max); }
  std::string name(std::size_t bytes_max) {
    return std::to_string(below(1000)) + text(bytes_max - 3);
  }

  std::vector<std::string> texts() {
    std::vector<std::string> texts(below(4));
    for (auto& one : texts) one = text(100);
    return texts;
  }
  std::vector<std::string> tags() {
    std::vector<std::string> tags(below(30));
    for (std::size_t i = 0; i < tags.size(); ++i) tags[i] = std::to_string(i) + "/" + text(60);
    return tags;
  }

  std::string json() { return values_.json(); }
  std::string json_object() { return values_.object(); }

  float real(float low, float high) {
    return std::uniform_real_distribution<float>(low, high)(random_);
  }
  std::int32_t count() {
    return coin() ? static_cast<std::int32_t>(below(100))
                  : std::numeric_limits<std::int32_t>::max();
  }
  Timestamp time() {
    // From the year 1 to the year 9999.
    return Timestamp(std::chrono::microseconds(std::uniform_int_distribution<std::int64_t>(
        -62'135'596'800'000'000, 253'402'300'799'999'999)(random_)));
  }

  Embedding embedding(std::string model) {
    Embedding embedding{std::move(model), std::vector<float>(1 + below(20))};
    for (auto& value : embedding.vector) value = any_float();
    embedding.vector.front() = 1.0F;
    if (below(3) == 0) {
      embedding.passages = static_cast<std::uint32_t>(embedding.vector.size());
    }
    return embedding;
  }

  Memory memory();
  Session session() { return random_record<Session>(values_); }
  Relation relation() { return random_record<Relation>(values_); }

 private:
  // Any finite float, by its bits: subnormal ones and negative zero too.
  float any_float() {
    float value = 0;
    do {
      const auto bits = static_cast<std::uint32_t>(random_());
      std::memcpy(&value, &bits, sizeof value);
    } while (!std::isfinite(value));
    return value;
  }

  template <class T, class Make>
  void sometimes(T& field, const Make& make) {
    if (coin()) field = make();
  }
  template <class Enum>
  Enum enumerator(std::size_t count) {
    return static_cast<Enum>(below(count));
  }

  std::mt19937_64 random_;
  RandomValues values_;
};

inline Memory RandomRecords::memory() {
  Memory memory;
  memory.text = "t" + text(200);
  const auto scope = [this] { return text(64); };
  const auto long_text = [this] { return text(200); };
  const auto any_id = [this] { return id(); };
  const auto any_time = [this] { return time(); };
  const auto any_count = [this] { return count(); };
  const auto any_texts = [this] { return texts(); };
  const auto any_json = [this] { return json(); };
  const auto any_object = [this] { return json_object(); };
  sometimes(memory.id, any_id);
  sometimes(memory.external_id, scope);
  sometimes(memory.agent_id, [this] { return text(255); });
  sometimes(memory.user_id, scope);
  sometimes(memory.project_id, scope);
  sometimes(memory.session_id, scope);
  sometimes(memory.task_id, scope);
  sometimes(memory.stage_id, scope);
  sometimes(memory.memory_type, [this] { return name(32); });
  sometimes(memory.layer, [this] { return enumerator<Layer>(4); });
  sometimes(memory.content, any_object);
  sometimes(memory.summary, long_text);
  sometimes(memory.tags, [this] { return tags(); });
  sometimes(memory.entities, any_texts);
  sometimes(memory.facts, any_texts);
  sometimes(memory.keywords, any_texts);
  sometimes(memory.metadata, any_object);
  sometimes(memory.source_type, [this] { return enumerator<SourceType>(5); });
  sometimes(memory.source_agent, scope);
  sometimes(memory.source_id, scope);
  sometimes(memory.goal, long_text);
  sometimes(memory.result, long_text);
  sometimes(memory.feedback, long_text);
  sometimes(memory.tool_usage, any_json);
  sometimes(memory.actions, any_texts);
  sometimes(memory.outcome, long_text);
  sometimes(memory.success, [this] { return coin(); });
  sometimes(memory.error_patterns, any_json);
  sometimes(memory.is_critical, [this] { return coin(); });
  sometimes(memory.criticality_reason, long_text);
  sometimes(memory.priority, [this] { return static_cast<std::int32_t>(1 + below(10)); });
  sometimes(memory.strength, [this] { return real(0, 2); });
  sometimes(memory.use_count, any_count);
  sometimes(memory.review_count, any_count);
  sometimes(memory.cross_domain_count, any_count);
  sometimes(memory.relevance_score, [this] { return any_float(); });
  sometimes(memory.status, [this] { return enumerator<MemoryStatus>(4); });
  sometimes(memory.created_at, any_time);
  sometimes(memory.updated_at, any_time);
  sometimes(memory.last_used, any_time);
  sometimes(memory.expires_at, any_time);
  sometimes(memory.promoted_at, any_time);
  sometimes(memory.archived_at, any_time);
  sometimes(memory.deleted_at, any_time);
  sometimes(memory.ltm_path, long_text);
  sometimes(memory.parent_memory_id, any_id);
  sometimes(memory.consolidated_into_id, any_id);
  sometimes(memory.abstraction_level, [this] { return static_cast<std::int32_t>(below(4)); });
  sometimes(memory.pattern_type, [this] { return enumerator<PatternType>(5); });
  sometimes(memory.confidence_score, [this] { return real(0, 1); });
  sometimes(memory.source_memory_ids, [this] { return std::vector<Uuid>{id(), id()}; });
  sometimes(memory.consolidation_method, [this] { return enumerator<ConsolidationMethod>(3); });
  sometimes(memory.consolidated_at, any_time);
  sometimes(memory.reuse_count, any_count);
  for (std::size_t i = below(3); i > 0; --i) {
    memory.embeddings.push_back(embedding(i == 1 ? "default" : "model\n" + std::to_string(i)));
  }
  return memory;
}

}  // namespace tulving::testing_support
