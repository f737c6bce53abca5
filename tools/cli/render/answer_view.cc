#include "tools/cli/render/answer_view.h"

#include <charconv>

namespace tulving::tools {

namespace {

template <class Number>
Number read_number(const std::optional<JsonValue>& value) {
  Number number{};
  if (value) {
    const std::string_view raw = value->raw();
    std::from_chars(raw.data(), raw.data() + raw.size(), number);
  }
  return number;
}

}  // namespace

AnswerView AnswerView::operator[](std::string_view name) const {
  AnswerView found;
  if (!value_ || value_->kind() != JsonKind::kObject) return found;
  value_->each_member([&](std::string_view key, JsonValue value) {
    if (key == name) found.value_ = value;
    return key != name;
  });
  return found;
}

std::vector<AnswerView> AnswerView::elements() const {
  std::vector<AnswerView> all;
  if (!value_ || value_->kind() != JsonKind::kArray) return all;
  value_->each_element([&](JsonValue value) {
    all.push_back(AnswerView(value));
    return true;
  });
  return all;
}

std::vector<std::pair<std::string, AnswerView>> AnswerView::members() const {
  std::vector<std::pair<std::string, AnswerView>> all;
  if (!value_ || value_->kind() != JsonKind::kObject) return all;
  value_->each_member([&](std::string_view key, JsonValue value) {
    all.emplace_back(key, AnswerView(value));
    return true;
  });
  return all;
}

AnswerView::operator bool() const { return value_ && value_->kind() != JsonKind::kNull; }

std::string AnswerView::text() const {
  if (!value_) return {};
  return value_->kind() == JsonKind::kString ? value_->as_string() : std::string(value_->raw());
}

std::uint64_t AnswerView::count() const { return read_number<std::uint64_t>(value_); }
double AnswerView::number() const { return read_number<double>(value_); }
float AnswerView::real() const { return read_number<float>(value_); }

std::string name_of(const AnswerView& memory) {
  const AnswerView name = memory["external_id"];
  return name ? name.text() : memory["id"].text();
}

}  // namespace tulving::tools
