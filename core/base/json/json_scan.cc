#include <bitset>
#include <charconv>

#include "core/base/json/json_text.h"
#include "core/base/text/utf8.h"

namespace tulving {
namespace {

// Limits of Postgres' numeric, which holds jsonb's numbers ("up to 131072 digits before the decimal
// point; up to 16383 digits after").
constexpr std::int64_t kWholeDigitsMax = 131'072;
constexpr std::int64_t kFractionDigitsMax = 16'383;
constexpr std::int64_t kExponentMax = 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Scanner {
 public:
  Scanner(std::string_view text, JsonHandler* handler) : text_(text), handler_(handler) {}

  std::optional<JsonFault> run() {
    if (const auto bad = first_invalid_utf8(text_)) {
      return JsonFault{*bad, "expected well-formed UTF-8 without NUL"};
    }
    if (!document()) return JsonFault{offset_, what_};
    return std::nullopt;
  }

 private:
  // Each reader moves past what it read and returns true, or leaves the fault in offset_ and what_.
  bool fail(std::string_view what) {
    what_ = what;
    return false;
  }

  [[nodiscard]] bool at_end() const { return offset_ == text_.size(); }
  [[nodiscard]] char next() const { return at_end() ? '\0' : text_[offset_]; }
  bool take(char c) {
    if (next() != c || at_end()) return false;
    ++offset_;
    return true;
  }
  void skip_blanks() {
    while (!at_end() && is_json_blank(text_[offset_])) ++offset_;
  }

  bool document() {
    skip_blanks();
    if (!value()) return false;
    while (depth_ > 0) {
      skip_blanks();
      if (!after_value()) return false;
    }
    skip_blanks();
    return at_end() || fail("expected the end of the text");
  }

  // A scalar, an empty container, or the opening of a container and, of its first value, as much
  // again.
  bool value() {
    while (true) {
      const char c = next();
      if (c == '"') return string(false);
      if (c != '{' && c != '[') return c == '-' || is_digit(c) ? number() : literal();
      if (!open(c == '{')) return false;
      skip_blanks();
      if (take(c == '{' ? '}' : ']')) return close();
      if (c == '{' && !key()) return false;
    }
  }

  // Inside a container, after one of its values.
  bool after_value() {
    const bool object = is_object_[depth_ - 1];
    if (take(object ? '}' : ']')) return close();
    if (!take(',')) return fail(object ? "expected ',' or '}'" : "expected ',' or ']'");
    skip_blanks();
    if (object && !key()) return false;
    return value();
  }

  bool open(bool object) {
    if (depth_ == kJsonDepthMax) return fail("nested too deep: at most 500 levels are allowed");
    is_object_[depth_++] = object;
    ++offset_;
    if (handler_ != nullptr) handler_->on_begin(object ? JsonKind::kObject : JsonKind::kArray);
    return true;
  }

  bool close() {
    --depth_;
    if (handler_ != nullptr) handler_->on_end();
    return true;
  }

  bool key() {
    if (next() != '"') return fail("expected a member name in quotes");
    if (!string(true)) return false;
    skip_blanks();
    if (!take(':')) return fail("expected ':'");
    skip_blanks();
    return true;
  }

  bool string(bool is_key) {
    const std::size_t start = offset_++;
    while (!take('"')) {
      if (at_end()) return fail("the string has no closing quote");
      if (static_cast<unsigned char>(text_[offset_]) < 0x20) {
        return fail("a control character must be escaped");
      }
      if (text_[offset_] != '\\') {
        ++offset_;
      } else if (!escape()) {
        return false;
      }
    }
    if (handler_ == nullptr) return true;
    const std::string_view raw = text_.substr(start, offset_ - start);
    is_key ? handler_->on_key(raw) : handler_->on_scalar(JsonKind::kString, raw);
    return true;
  }

  bool escape() {
    const std::size_t start = offset_++;
    if (next() == 'u') {
      unsigned unit = 0;
      if (!code_unit(unit)) return false;
      if (unit == 0) return fail_at(start, "\\u0000 is not allowed: Postgres cannot store it");
      if (unit >= 0xDC00 && unit <= 0xDFFF) return fail_at(start, "a surrogate without its pair");
      if (unit < 0xD800 || unit > 0xDBFF) return true;
      unsigned low = 0;
      if (!take('\\') || next() != 'u') return fail_at(start, "a surrogate without its pair");
      if (!code_unit(low)) return false;
      if (low < 0xDC00 || low > 0xDFFF) return fail_at(start, "a surrogate without its pair");
      return true;
    }
    if (at_end() || std::string_view("\"\\/bfnrt").find(next()) == std::string_view::npos) {
      return fail_at(start, "an unknown escape");
    }
    ++offset_;
    return true;
  }

  // "uXXXX", the backslash being behind us.
  bool code_unit(unsigned& unit) {
    const std::size_t start = offset_ + 1;
    const char* first = text_.data() + start;
    if (text_.size() - start < 4 || std::from_chars(first, first + 4, unit, 16).ptr != first + 4) {
      return fail("expected four hexadecimal digits");
    }
    offset_ = start + 4;
    return true;
  }

  bool fail_at(std::size_t offset, std::string_view what) {
    offset_ = offset;
    return fail(what);
  }

  std::int64_t digits() {
    const std::size_t start = offset_;
    while (is_digit(next())) ++offset_;
    return static_cast<std::int64_t>(offset_ - start);
  }

  bool number() {
    const std::size_t start = offset_;
    take('-');
    const std::size_t whole_start = offset_;
    const bool leading_zero = next() == '0';
    std::int64_t whole_digits = digits();
    if (whole_digits == 0) return fail("expected a digit");
    if (leading_zero && whole_digits > 1) return fail_at(start, "a number with a leading zero");
    std::int64_t fraction_digits = 0;
    if (take('.') && (fraction_digits = digits()) == 0) return fail("expected a digit");
    const std::string_view mantissa = text_.substr(whole_start, offset_ - whole_start);
    std::int64_t exponent = 0;
    if ((next() == 'e' || next() == 'E') && !read_exponent(exponent)) return false;
    // Digits before the point once the exponent has moved it, zeros in front not counted.
    bool zero = true;
    for (const char c : mantissa) {
      zero = c == '0' || c == '.';
      if (!zero) break;
      if (c == '0') --whole_digits;
    }
    if ((!zero && whole_digits + exponent > kWholeDigitsMax) ||
        fraction_digits - exponent > kFractionDigitsMax) {
      return fail_at(start, "a number outside what Postgres' numeric holds");
    }
    if (handler_ != nullptr) {
      handler_->on_scalar(JsonKind::kNumber, text_.substr(start, offset_ - start));
    }
    return true;
  }

  bool read_exponent(std::int64_t& exponent) {
    ++offset_;
    const bool negative = take('-');
    if (!negative) take('+');
    const std::size_t start = offset_;
    if (digits() == 0) return fail("expected a digit");
    const auto read = std::from_chars(text_.data() + start, text_.data() + offset_, exponent);
    if (read.ec != std::errc() || exponent > kExponentMax) {
      return fail_at(start, "an exponent outside what Postgres' numeric holds");
    }
    if (negative) exponent = -exponent;
    return true;
  }

  bool literal() {
    for (const std::string_view word : {"true", "false", "null"}) {
      if (!text_.substr(offset_).starts_with(word)) continue;
      offset_ += word.size();
      if (handler_ != nullptr) {
        handler_->on_scalar(word == "null" ? JsonKind::kNull : JsonKind::kBoolean, word);
      }
      return true;
    }
    return fail(at_end() ? "the text ends where a value is expected" : "expected a value");
  }

  std::string_view text_;
  JsonHandler* handler_;
  std::size_t offset_ = 0;
  std::string_view what_;
  std::bitset<kJsonDepthMax> is_object_;
  std::size_t depth_ = 0;
};

}  // namespace

std::optional<JsonFault> scan_json(std::string_view text, JsonHandler* handler) {
  return Scanner(text, handler).run();
}

}  // namespace tulving
