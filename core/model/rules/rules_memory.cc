#include <fmt/format.h>

#include <cstring>

#include "core/base/json/json_text.h"
#include "core/kinds/memory.h"
#include "core/model/rules/field_rules.h"
#include "core/model/rules/rules.h"

namespace tulving::model {
namespace {

constexpr std::size_t kEmbeddingsMax = 64;

bool has_a_member(std::string_view json_object) {
  bool found = false;
  JsonValue::whole(json_object).each_member([&](std::string_view /*key*/, JsonValue /*value*/) {
    found = true;
    return false;
  });
  return found;
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

// Each of an embedding's passages.
bool check_passages(Checker& check, const Embedding& embedding) {
  const std::uint32_t passages = embedding.passages;
  if (passages < 1 || passages > kPassagesMax) {
    return check.fail("embedding", fmt::format("embedding of model {} has {} passages; must have "
                                               "1..{}",
                                               in_quotes(embedding.model), passages, kPassagesMax));
  }
  if (embedding.vector.size() % passages != 0) {
    return check.fail("embedding",
                      fmt::format("embedding of model {} has {} numbers, which {} passages do not "
                                  "share equally",
                                  in_quotes(embedding.model), embedding.vector.size(), passages));
  }
  const std::span<const float> vectors(embedding.vector);
  const std::size_t dim = embedding.dim();
  for (std::uint32_t i = 0; i < passages; ++i) {
    if (!check_vector(check, embedding.model, vectors.subspan(i * dim, dim))) return false;
  }
  return true;
}

bool check_embeddings(Checker& check, const std::vector<Embedding>& embeddings) {
  if (embeddings.size() > kEmbeddingsMax) {
    return check.fail("embeddings", fmt::format("embeddings has {} elements; at most {} allowed",
                                                embeddings.size(), kEmbeddingsMax));
  }
  for (std::size_t i = 0; i < embeddings.size(); ++i) {
    if (!check_passages(check, embeddings[i])) return false;
    for (std::size_t j = 0; j < i; ++j) {
      if (embeddings[j].model != embeddings[i].model) continue;
      return check.fail("embeddings", fmt::format("embeddings has model {} twice; one vector per "
                                                  "model",
                                                  in_quotes(embeddings[i].model)));
    }
  }
  return true;
}

// A memory may have an external_id, but not one that reads as an id; and it says something.
bool check_whole(Checker& check, const Memory& memory) {
  if (Uuid::parse(memory.external_id)) {
    return check.fail("external_id", fmt::format("external_id is the UUID {}; a UUID goes in id",
                                                 memory.external_id));
  }
  if (!memory.text.empty()) return true;
  return (!memory.content.empty() && has_a_member(memory.content)) ||
         check.fail("text", "text is empty; a memory needs a text or other content");
}

}  // namespace

template <>
Status check_record(const Memory& memory, const Limits& limits) {
  Checker check(limits.text_bytes_max);
  if (check_fields(check, memory) && check_whole(check, memory) &&
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
