#include "core/json/record/memory_content.h"

#include <utility>

namespace tulving::json {
namespace {

template <class T>
Status read_once(const FieldValue& in, std::optional<T>& out) {
  if (out) return given_twice(in.field);
  return read(in, out.emplace());
}

}  // namespace

Status MemoryContent::take(const FieldValue& in, bool& taken) {
  taken = true;
  if (in.field == "text") return read_once(in, text_);
  if (in.field == "embedding") return read_once(in, vector_);
  if (in.field == "embedding_model") return read_once(in, model_);
  if (in.field == "content") {
    if (content_) return given_twice(in.field);
    return read_content(in, content_text_, content_.emplace());
  }
  taken = false;
  return {};
}

Result<std::optional<std::string>> MemoryContent::text() {
  if (text_ && content_text_ && *text_ != *content_text_) {
    return refusal("text and content.text are both given and differ", "text");
  }
  return text_ ? std::move(text_) : std::move(content_text_);
}

Result<std::optional<Embedding>> MemoryContent::embedding(std::string_view default_model) {
  if (!vector_) {
    if (!model_) return std::optional<Embedding>();
    return refusal("embedding_model is given without embedding", "embedding_model");
  }
  return std::optional(Embedding{model_.value_or(std::string(default_model)), *std::move(vector_)});
}

}  // namespace tulving::json
