#include "core/model/rules/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/model/rules/checker.h"
#include "tulving/embedder.h"
#include "tulving/number.h"

namespace tulving::model {
namespace {

std::int64_t clamped(std::uint64_t value) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(value, kMax));
}

bool has_embedders(Checker& check, std::span<const std::shared_ptr<const Embedder>> embedders) {
  std::vector<std::string> models;
  for (const auto& embedder : embedders) {
    if (embedder == nullptr) return check.fail("embedders", "has a null pointer");
    const EmbedderIdentity& identity = embedder->identity();
    if (!check.in_range("embedders.dim", std::int64_t{identity.dim}, 1,
                        std::int64_t{kEmbeddingDimMax})) {
      return false;
    }
    models.push_back(identity.model);
  }
  return check.unique_names("embedders.model", models, 64);
}

}  // namespace

Status check_tenant_id(std::string_view tenant_id) {
  Checker check(kFieldBytesMax);
  if (check.name("tenant_id", tenant_id, 255)) return {};
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
      check.in_range("memory_max", clamped(options.memory_max), 0, std::int64_t{1} << 50) &&
      check.in_range("vectors.m", std::int64_t{vectors.m}, 4, 64) &&
      check.in_range("vectors.ef_construction", std::int64_t{vectors.ef_construction}, 16, 2000) &&
      check.in_range("vectors.ef_search", std::int64_t{vectors.ef_search}, 1, 10'000) &&
      check.in_range("vectors.build_threads", std::int64_t{vectors.build_threads}, 0, 256) &&
      (vectors.residual_bits == 0 || vectors.residual_bits == 4 || vectors.residual_bits == 8 ||
       check.fail("vectors.residual_bits", "is not 0, 4 or 8")) &&
      check.in_range("bm25.k1", Number::widened(options.bm25.k1), 0, 10) &&
      check.in_range("bm25.b", Number::widened(options.bm25.b), 0, 1) &&
      check.enumerator("decay_model", options.decay_model, 3) &&
      check.enumerator("embed", options.embed, 3) && has_embedders(check, options.embedders)) {
    return {};
  }
  return std::move(check).take_error();
}

}  // namespace tulving::model
