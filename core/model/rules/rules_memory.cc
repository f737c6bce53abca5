#include <fmt/format.h>

#include <cstring>

#include "core/base/json/json_text.h"
#include "core/model/names/names.h"
#include "core/model/rules/checker.h"
#include "core/model/rules/rules.h"

namespace tulving::model {
namespace {

constexpr std::size_t kEmbeddingsMax = 64;

bool check_identity(Checker& check, const Memory& memory) {
  if (!check.id("id", memory.id) || !check.text("external_id", memory.external_id, 64))
    return false;
  return !Uuid::parse(memory.external_id) ||
         check.fail("external_id", fmt::format("external_id is the UUID {}; a UUID goes in id",
                                               memory.external_id));
}

bool check_scope(Checker& check, const Memory& memory) {
  return check.text("agent_id", memory.agent_id, 255) &&
         check.text("user_id", memory.user_id, 64) &&
         check.text("project_id", memory.project_id, 64) &&
         check.text("session_id", memory.session_id, 64) &&
         check.text("task_id", memory.task_id, 64) && check.text("stage_id", memory.stage_id, 64);
}

bool has_a_member(std::string_view json_object) {
  bool found = false;
  JsonValue::whole(json_object).each_member([&](std::string_view /*key*/, JsonValue /*value*/) {
    found = true;
    return false;
  });
  return found;
}

bool check_what(Checker& check, const Memory& memory) {
  if (!(check.name("memory_type", memory.memory_type, 32) &&
        check.enumerator("layer", memory.layer, layer_names().size()) &&
        check.text("text", memory.text) && check.json_object("content", memory.content, "text") &&
        check.text("summary", memory.summary) && check.unique_names("tags", memory.tags, 64) &&
        check.texts("entities", memory.entities) && check.texts("facts", memory.facts) &&
        check.texts("keywords", memory.keywords) &&
        check.json_object("metadata", memory.metadata))) {
    return false;
  }
  if (!memory.text.empty()) return true;
  return (!memory.content.empty() && has_a_member(memory.content)) ||
         check.fail("text", "text is empty; a memory needs a text or other content");
}

bool check_provenance(Checker& check, const Memory& memory) {
  return check.enumerator("source_type", memory.source_type, source_type_names().size()) &&
         check.text("source_agent", memory.source_agent, 64) &&
         check.text("source_id", memory.source_id, 64);
}

bool check_outcome(Checker& check, const Memory& memory) {
  return check.text("goal", memory.goal) && check.text("result", memory.result) &&
         check.text("feedback", memory.feedback) && check.json("tool_usage", memory.tool_usage) &&
         check.texts("actions", memory.actions) && check.text("outcome", memory.outcome) &&
         check.json("error_patterns", memory.error_patterns) &&
         check.text("criticality_reason", memory.criticality_reason);
}

bool check_value(Checker& check, const Memory& memory) {
  return check.in_range("priority", std::int64_t{memory.priority}, 1, 10) &&
         check.in_range("strength", double{memory.strength}, 0, 2) &&
         check.not_negative("use_count", memory.use_count) &&
         check.not_negative("review_count", memory.review_count) &&
         check.not_negative("cross_domain_count", memory.cross_domain_count) &&
         check.finite("relevance_score", double{memory.relevance_score});
}

bool check_life(Checker& check, const Memory& memory) {
  return check.enumerator("status", memory.status, status_names().size()) &&
         check.time("created_at", memory.created_at) &&
         check.time("updated_at", memory.updated_at) && check.time("last_used", memory.last_used) &&
         check.time("expires_at", memory.expires_at) &&
         check.time("promoted_at", memory.promoted_at) &&
         check.time("archived_at", memory.archived_at) &&
         check.time("deleted_at", memory.deleted_at) && check.text("ltm_path", memory.ltm_path);
}

bool check_lineage(Checker& check, const Memory& memory) {
  return check.id("parent_memory_id", memory.parent_memory_id) &&
         check.id("consolidated_into_id", memory.consolidated_into_id) &&
         check.in_range("abstraction_level", std::int64_t{memory.abstraction_level}, 0, 3) &&
         (!memory.pattern_type ||
          check.enumerator("pattern_type", *memory.pattern_type, pattern_type_names().size())) &&
         (!memory.confidence_score ||
          check.in_range("confidence_score", double{*memory.confidence_score}, 0, 1)) &&
         check.ids("source_memory_ids", memory.source_memory_ids) &&
         (!memory.consolidation_method ||
          check.enumerator("consolidation_method", *memory.consolidation_method,
                           consolidation_method_names().size())) &&
         check.time("consolidated_at", memory.consolidated_at) &&
         check.not_negative("reuse_count", memory.reuse_count);
}

// Without branches, so that it vectorises: a float is no finite number when all exponent bits are
// set.
bool all_finite(std::span<const float> vector, bool& any_nonzero) {
  std::uint32_t bad = 0;
  std::uint32_t nonzero = 0;
  for (const float value : vector) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    bad |= static_cast<std::uint32_t>((bits & 0x7F800000U) == 0x7F800000U);
    nonzero |= bits & 0x7FFFFFFFU;
  }
  any_nonzero = nonzero != 0;
  return bad == 0;
}

bool check_vector(Checker& check, std::string_view model, std::span<const float> vector) {
  if (!check.name("embedding_model", model, 64)) return false;
  const std::size_t dim = vector.size();
  if (dim < 1 || dim > kEmbeddingDimMax) {
    return check.fail("embedding", fmt::format("embedding of model {} has {} dimensions; must have "
                                               "1..{}",
                                               in_quotes(model), dim, kEmbeddingDimMax));
  }
  bool any_nonzero = false;
  if (!all_finite(vector, any_nonzero)) {
    return check.fail("embedding", fmt::format("embedding of model {} has a NaN or an infinity; "
                                               "every element must be finite",
                                               in_quotes(model)));
  }
  if (!any_nonzero) {
    return check.fail("embedding", fmt::format("embedding of model {} is all zero; it has no "
                                               "direction to compare",
                                               in_quotes(model)));
  }
  return true;
}

bool check_embeddings(Checker& check, const std::vector<Embedding>& embeddings) {
  if (embeddings.size() > kEmbeddingsMax) {
    return check.fail("embeddings", fmt::format("embeddings has {} elements; at most {} allowed",
                                                embeddings.size(), kEmbeddingsMax));
  }
  for (std::size_t i = 0; i < embeddings.size(); ++i) {
    if (!check_vector(check, embeddings[i].model, embeddings[i].vector)) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (embeddings[j].model != embeddings[i].model) continue;
      return check.fail("embeddings", fmt::format("embeddings has model {} twice; one vector per "
                                                  "model",
                                                  in_quotes(embeddings[i].model)));
    }
  }
  return true;
}

}  // namespace

Status check_memory(const Memory& memory, const Limits& limits) {
  Checker check(limits.text_bytes_max);
  if (check_identity(check, memory) && check_scope(check, memory) && check_what(check, memory) &&
      check_provenance(check, memory) && check_outcome(check, memory) &&
      check_value(check, memory) && check_life(check, memory) && check_lineage(check, memory) &&
      check_embeddings(check, memory.embeddings) && check.total()) {
    return {};
  }
  return std::move(check).take_error();
}

Status check_embedding(std::string_view model, std::span<const float> vector) {
  Checker check(0);
  if (check_vector(check, model, vector)) return {};
  return std::move(check).take_error();
}

}  // namespace tulving::model
