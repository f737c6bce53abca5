#include "tulving/number.h"

#include <charconv>
#include <cmath>

#include "core/base/json/decimal.h"
#include "core/base/json/json_text.h"

namespace tulving {
namespace {

template <class Real>
std::string shortest(Real value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

// -1 and 1 for the infinities, 0 for what lies between.
int end_of(const std::string& text) { return text == "inf" ? 1 : text == "-inf" ? -1 : 0; }

}  // namespace

Number::Number(float value) : text_(shortest(value)) {}

double Number::widened(float value) {
  const std::string text = shortest(value);
  double wide = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), wide);
  return read.ec == std::errc() ? wide : static_cast<double>(value);
}
Number::Number(double value) : text_(shortest(value)) {}

Result<Number> Number::parse(std::string_view json) {
  // A text that begins and ends with a digit, and is JSON, is a number without blanks around it.
  const auto fault = scan_json(json);
  if (!fault && JsonValue::whole(json).kind() == JsonKind::kNumber &&
      JsonValue::whole(json).raw().size() == json.size()) {
    return Number(std::string(json));
  }
  std::string quoted;
  append_json_string(quoted, json.substr(0, 60));
  return Error{ErrorCode::kInvalidArgument, quoted + " is not a number such as 7, -0.5 or 1e3"};
}

std::partial_ordering operator<=>(const Number& a, const Number& b) {
  if (a.is_nan() || b.is_nan()) return std::partial_ordering::unordered;
  const int end_a = end_of(a.text_);
  const int end_b = end_of(b.text_);
  if (end_a != 0 || end_b != 0) return end_a <=> end_b;
  return Decimal::of_json(a.text_) <=> Decimal::of_json(b.text_);
}

}  // namespace tulving
