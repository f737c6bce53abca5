#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/text/json_reader.h"

namespace tulving::json {

/// The members of a memory, or of its patch, that stand for more than one field: text and content,
/// embedding and embedding_model. They may come in any order, so they are gathered first.
class MemoryContent {
 public:
  /// Reads the member when it is one of these; `taken` says so.
  Status take(const FieldValue& in, bool& taken);

  /// The text, from text or content.text, which must not differ.
  Result<std::optional<std::string>> text();
  /// The content object's other members; "" when it has none, empty when it was not given.
  std::optional<std::string> content() { return std::move(content_); }
  /// The embedding, of `default_model` when no model was named.
  Result<std::optional<Embedding>> embedding(std::string_view default_model);

 private:
  std::optional<std::string> text_;
  std::optional<std::string> content_;
  std::optional<std::string> content_text_;
  std::optional<std::string> model_;
  std::optional<std::vector<float>> vector_;
};

}  // namespace tulving::json
