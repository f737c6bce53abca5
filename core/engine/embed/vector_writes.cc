#include "core/engine/embed/vector_writes.h"

#include <algorithm>
#include <utility>

#include "core/engine/embed/wanting_rows.h"

namespace tulving::engine {
namespace {

bool is_there_still(const RecordPtr& present, const RecordPtr& read) {
  if (!present || present->status() == MemoryStatus::kDeleted) return false;
  return present == read || text_to_embed(*present) == text_to_embed(*read);
}

// What drop_vectors() keeps is named by the models alone.
std::vector<Embedding> all_but(std::span<const std::string> models, const std::string& dropped) {
  std::vector<Embedding> kept;
  for (const std::string& model : models) {
    if (model != dropped) kept.push_back({model, {}, 1});
  }
  return kept;
}

// True: something was staged.
Result<bool> stage_one(Transaction& transaction, VectorOfText& made, const VectorWrite& write) {
  const RecordPtr present = transaction.memory(made.of->id());
  if (!is_there_still(present, made.of)) return false;
  std::vector<std::string> models = transaction.models_before(present->id());
  const bool has_one = std::ranges::find(models, write.model) != models.end();
  const bool is_put = !made.vector.empty() && !has_one && (models.empty() || write.beside_others);
  const bool drops =
      (has_one || is_put) && std::ranges::find(models, write.drop_model) != models.end();
  if (!is_put && !drops) return false;
  std::vector<Embedding> embeddings;
  if (is_put) embeddings.push_back({write.model, std::move(made.vector), made.passages});
  if (auto status = transaction.put_embeddings(present, std::move(embeddings)); !status) {
    return status.error();
  }
  if (drops) {
    models.push_back(write.model);
    transaction.drop_vectors(present->id(), all_but(models, write.drop_model));
  }
  return true;
}

}  // namespace

Result<std::uint64_t> stage_vectors(Transaction& transaction, std::span<VectorOfText> vectors,
                                    const VectorWrite& write) {
  std::uint64_t staged = 0;
  for (VectorOfText& made : vectors) {
    auto one = stage_one(transaction, made, write);
    if (!one) return one.error();
    staged += *one ? 1 : 0;
  }
  return staged;
}

}  // namespace tulving::engine
