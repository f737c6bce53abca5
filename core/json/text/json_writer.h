#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/json.h"

namespace tulving::json {

// Each appends one value as JSON. Floats are written with the fewest digits that read back as the
// same float; one that is no number, which no rule lets in, as null.
void append_value(std::string& out, std::string_view text);
void append_value(std::string& out, bool value);
void append_value(std::string& out, std::int64_t value);
void append_value(std::string& out, std::uint64_t value);
void append_value(std::string& out, float value);
void append_value(std::string& out, double value);
void append_value(std::string& out, const Uuid& id);
void append_value(std::string& out, Timestamp time);

// So that no literal becomes a bool, and no number takes a detour through a wider type.
inline void append_value(std::string& out, const char* text) {
  append_value(out, std::string_view(text));
}
inline void append_value(std::string& out, const std::string& text) {
  append_value(out, std::string_view(text));
}
inline void append_value(std::string& out, std::int32_t value) {
  append_value(out, std::int64_t{value});
}
inline void append_value(std::string& out, std::uint32_t value) {
  append_value(out, std::uint64_t{value});
}

/// An enumerator, by its name.
template <class Enum>
requires std::is_enum_v<Enum>
void append_value(std::string& out, Enum value) { append_value(out, to_string(value)); }

/// An array of what `append(out, value)` writes of each value.
template <class T, class Append>
void append_array(std::string& out, const std::vector<T>& values, const Append& append) {
  out += '[';
  for (const T& value : values) {
    if (&value != values.data()) out += ',';
    append(out, value);
  }
  out += ']';
}

template <class T>
void append_value(std::string& out, const std::vector<T>& values) {
  append_array(out, values, [](std::string& to, const T& value) { append_value(to, value); });
}

/// An empty optional is null.
template <class T>
void append_value(std::string& out, const std::optional<T>& value) {
  if (value) {
    append_value(out, *value);
  } else {
    out += "null";
  }
}

/// Writes one object, member by member, into `out`; closed by close().
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }

  /// Begins a member; its value is appended to what is returned.
  std::string& key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_value(out_, name);
    out_ += ':';
    return out_;
  }
  template <class T>
  void member(std::string_view name, const T& value) {
    append_value(key(name), value);
  }
  void counts(std::string_view name, const std::map<std::string, std::uint64_t>& counts) {
    ObjectWriter object(key(name));
    for (const auto& [what, count] : counts) object.member(what, count);
    object.close();
  }
  void close() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace tulving::json
