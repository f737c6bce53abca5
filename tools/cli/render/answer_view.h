#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json/json_text.h"

namespace tulving::tools {

/// A value of an answer, for those who print it. What is not there is empty, and 0. The answer's
/// text must outlive it.
class AnswerView {
 public:
  AnswerView() = default;
  /// `json` must be JSON.
  explicit AnswerView(std::string_view json) : value_(JsonValue::whole(json)) {}

  /// The member of that name.
  [[nodiscard]] AnswerView operator[](std::string_view name) const;
  [[nodiscard]] std::vector<AnswerView> elements() const;
  [[nodiscard]] std::vector<std::pair<std::string, AnswerView>> members() const;

  /// It is there, and not null.
  [[nodiscard]] explicit operator bool() const;
  [[nodiscard]] bool is_text() const { return value_ && value_->kind() == JsonKind::kString; }
  [[nodiscard]] bool is_true() const { return value_ && value_->is_true(); }
  /// A string's characters; of anything else its JSON.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] double number() const;
  [[nodiscard]] float real() const;

 private:
  explicit AnswerView(const JsonValue& value) : value_(value) {}
  std::optional<JsonValue> value_;
};

/// How people call the memory that the object shows: its external id, or its id where it has none.
[[nodiscard]] std::string name_of(const AnswerView& memory);

}  // namespace tulving::tools
