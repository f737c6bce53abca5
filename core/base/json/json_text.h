#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tulving {

/// What may stand between the tokens of JSON.
inline constexpr std::string_view kJsonBlanks = " \t\n\r";
[[nodiscard]] constexpr bool is_json_blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// JSON as text, read in place. Records keep JSON as the caller wrote it, so what is needed of a
// reader is what a document model loses: where each value's text lies, numbers past a double's
// reach, a member given twice. And "valid" means what Postgres' jsonb takes, which is less than
// RFC 8259 (no \u0000, no lone surrogate) and more than a double holds (1e400).

enum class JsonKind : std::uint8_t { kObject, kArray, kString, kNumber, kBoolean, kNull };

/// "an object", "a string" and so on, for messages.
[[nodiscard]] std::string_view describe(JsonKind kind) noexcept;

/// Why a text is not JSON that jsonb takes.
struct JsonFault {
  std::size_t offset = 0;
  std::string_view what;  ///< "expected ':'". Text of static lifetime.
};

inline constexpr std::size_t kJsonDepthMax = 500;

/// What scan_json() meets, in the order of the text. `raw` is the text itself, quotes included.
class JsonHandler {
 public:
  virtual ~JsonHandler() = default;
  virtual void on_begin(JsonKind kind) = 0;  ///< kObject or kArray.
  virtual void on_end() = 0;
  virtual void on_key(std::string_view raw) = 0;
  virtual void on_scalar(JsonKind kind, std::string_view raw) = 0;
};

/// Reads one JSON value and nothing after it, in one pass, O(bytes), without recursion. The fault
/// is the first one; empty when there is none.
[[nodiscard]] std::optional<JsonFault> scan_json(std::string_view text,
                                                 JsonHandler* handler = nullptr);

/// The characters a JSON string stands for. `raw` must have passed scan_json().
[[nodiscard]] std::string decode_json_string(std::string_view raw);

/// Appends `text`, well-formed UTF-8, as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

/// A value within a text that passed scan_json(); the text must outlive it.
class JsonValue {
 public:
  /// The whole of `text`, blanks around it left out.
  [[nodiscard]] static JsonValue whole(std::string_view text);

  [[nodiscard]] JsonKind kind() const noexcept;
  /// The value's own text, without blanks around it.
  [[nodiscard]] std::string_view raw() const noexcept { return raw_; }

  /// A kString's characters.
  [[nodiscard]] std::string as_string() const { return decode_json_string(raw_); }
  [[nodiscard]] bool is_true() const noexcept { return raw_ == "true"; }

  /// Calls `visit` with each member of a kObject, in order, those given twice included, until it
  /// returns false. O(bytes).
  void each_member(const std::function<bool(std::string_view key, JsonValue value)>& visit) const;
  /// Likewise with each element of a kArray.
  void each_element(const std::function<bool(JsonValue value)>& visit) const;
  /// The first member of that name; empty: there is none, or it is no object. O(bytes).
  [[nodiscard]] std::optional<JsonValue> member(std::string_view name) const;

 private:
  explicit JsonValue(std::string_view raw) : raw_(raw) {}

  std::string_view raw_;
};

}  // namespace tulving
