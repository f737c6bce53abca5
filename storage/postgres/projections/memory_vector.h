#pragma once

#include <string>
#include <utility>

#include "storage/postgres/columns.h"
#include "storage/postgres/table.h"

namespace tulving::storage::postgres {

// A vector that is a column of its memory's row: of one model, whose name the row does not have.

inline Field memory_vector(const Row& row) {
  return row.record.vector.empty() ? Field() : Field(row.record.vector);
}

/// It comes back as one of the default model.
[[nodiscard]] inline std::string add_memory_vector(Field&& value, Reading& to) {
  Embedding embedding;
  auto why = columns::put(std::move(value), embedding.vector);
  if (!why.empty() || embedding.vector.empty()) return why;
  std::get<Memory>(to.record).embeddings.push_back(std::move(embedding));
  return {};
}

[[nodiscard]] inline Column memory_vector_column(std::string_view name) {
  return made_column(name, "embeddings.vector", &memory_vector, &add_memory_vector,
                     "of the schema's one model, whose name is lost; comes back as the default's");
}

}  // namespace tulving::storage::postgres
