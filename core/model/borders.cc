#include "core/model/borders.h"

#include <algorithm>
#include <string>

namespace tulving::model {
namespace {

bool has_model(const Memory& memory, const std::string& model) {
  return std::ranges::find(memory.embeddings, model, &Embedding::model) != memory.embeddings.end();
}

}  // namespace

std::string_view scope_border(const Memory& a, const Memory& b) {
  if (a.user_id != b.user_id) return "user_id";
  if (a.agent_id != b.agent_id) return "agent_id";
  if (a.project_id != b.project_id) return "project_id";
  return {};
}

std::string_view merge_border(const Memory& a, const Memory& b) {
  const std::string_view scope = scope_border(a, b);
  if (!scope.empty()) return scope;
  return a.expires_at == b.expires_at ? std::string_view() : "expires_at";
}

std::string_view border_within(std::span<const Memory> memories) {
  const Memory* embedded = nullptr;  // The first with vectors.
  for (const Memory& memory : memories) {
    const std::string_view border = merge_border(memories.front(), memory);
    if (!border.empty()) return border;
    if (embedded == nullptr && !memory.embeddings.empty()) embedded = &memory;
  }
  if (embedded == nullptr) return {};
  // One model that all who have vectors have.
  const bool have_one = std::ranges::any_of(embedded->embeddings, [&](const Embedding& embedding) {
    return std::ranges::all_of(memories, [&](const Memory& memory) {
      return memory.embeddings.empty() || has_model(memory, embedding.model);
    });
  });
  return have_one ? std::string_view() : "embeddings";
}

}  // namespace tulving::model
