#include "core/engine/embed/wanting_rows.h"

#include "core/engine/record/searched_words.h"

namespace tulving::engine {

Roaring rows_without_vector(const TenantState& tenant) {
  TenantState::Visibility shown;
  shown.expired = true;
  Roaring rows = tenant.visible_rows(shown);
  for (const auto& [number, index] : tenant.vectors) rows -= index->rows();
  return rows;
}

Roaring rows_without_vector_of(const TenantState& tenant, std::optional<std::uint16_t> model) {
  TenantState::Visibility shown;
  shown.expired = true;
  shown.archived = true;
  Roaring rows = tenant.visible_rows(shown);
  if (!model) return rows;
  const auto index = tenant.vectors.find(*model);
  if (index != tenant.vectors.end()) rows -= index->second->rows();
  return rows;
}

std::string text_to_embed(const storage::MemoryRecord& record) {
  return std::string(SearchedWords(record).text());
}

}  // namespace tulving::engine
