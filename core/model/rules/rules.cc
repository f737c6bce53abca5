#include "core/model/rules/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/model/rules/checker.h"

namespace tulving::model {
namespace {

// Sessions and relations have no text to size them by; this bounds their JSON and summaries.

std::int64_t clamped(std::uint64_t value) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(value, kMax));
}

}  // namespace

Status check_tenant_id(std::string_view tenant_id) {
  Checker check(kFieldBytesMax);
  if (check.name("tenant_id", tenant_id, 255)) return {};
  return std::move(check).take_error();
}

Status check_session(const Session& session) {
  Checker check(kFieldBytesMax);
  if (check.name("session_id", session.session_id, 64) &&
      check.text("user_id", session.user_id, 64) &&
      check.name("session_type", session.session_type, 32) &&
      check.text("summary", session.summary) && check.json_object("metadata", session.metadata) &&
      check.time("created_at", session.created_at) &&
      check.time("updated_at", session.updated_at) && check.time("ended_at", session.ended_at)) {
    return {};
  }
  return std::move(check).take_error();
}

Status check_relation(const Relation& relation) {
  Checker check(kFieldBytesMax);
  if (relation.source_id.is_nil()) {
    check.fail("source_id", "source_id is missing; a relation needs two memories");
  } else if (relation.target_id.is_nil()) {
    check.fail("target_id", "target_id is missing; a relation needs two memories");
  } else if (relation.source_id == relation.target_id) {
    check.fail("target_id",
               fmt::format("target_id is {}, the same as source_id; a memory cannot be "
                           "related to itself",
                           relation.target_id.to_string()));
  } else if (check.id("source_id", relation.source_id) &&
             check.id("target_id", relation.target_id) &&
             check.name("relation_type", relation.relation_type, 32) &&
             check.in_range("strength", double{relation.strength}, 0, 1) &&
             (!relation.confidence ||
              check.in_range("confidence", double{*relation.confidence}, 0, 1)) &&
             check.json_object("metadata", relation.metadata) &&
             check.time("created_at", relation.created_at)) {
    return {};
  }
  return std::move(check).take_error();
}

Status check_options(const StoreOptions& options) {
  Checker check(kFieldBytesMax);
  const VectorIndexOptions& vectors = options.vectors;
  if (check.enumerator("durability", options.durability, 3) &&
      check.in_range("sync_interval_ms", std::int64_t{options.sync_interval_ms}, 1, 60'000) &&
      check.in_range("embedding_dim", std::int64_t{options.embedding_dim}, 0,
                     std::int64_t{kEmbeddingDimMax}) &&
      check.name("default_model", options.default_model, 64) &&
      check.in_range("text_bytes_max", clamped(options.text_bytes_max), 1, 64'000'000) &&
      check.in_range("memories_max", clamped(options.memories_max), 1, 4'000'000'000) &&
      check.in_range("vectors.m", std::int64_t{vectors.m}, 4, 64) &&
      check.in_range("vectors.ef_construction", std::int64_t{vectors.ef_construction}, 16, 2000) &&
      check.in_range("vectors.ef_search", std::int64_t{vectors.ef_search}, 1, 10'000) &&
      check.in_range("bm25.k1", double{options.bm25.k1}, 0, 10) &&
      check.in_range("bm25.b", double{options.bm25.b}, 0, 1) &&
      check.enumerator("decay_model", options.decay_model, 3)) {
    return {};
  }
  return std::move(check).take_error();
}

}  // namespace tulving::model
