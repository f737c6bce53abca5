#include "core/json/text/json_writer.h"

#include <charconv>
#include <cmath>

#include "core/base/json/json_text.h"

namespace tulving::json {
namespace {

template <class Number>
void append_number(std::string& out, Number value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  out.append(text, end);
}

template <class Number>
void append_real(std::string& out, Number value) {
  if (std::isfinite(value)) {
    append_number(out, value);
  } else {
    out += "null";
  }
}

}  // namespace

void append_value(std::string& out, std::string_view text) { append_json_string(out, text); }
void append_value(std::string& out, bool value) { out += value ? "true" : "false"; }
void append_value(std::string& out, std::int64_t value) { append_number(out, value); }
void append_value(std::string& out, std::uint64_t value) { append_number(out, value); }
void append_value(std::string& out, float value) { append_real(out, value); }
void append_value(std::string& out, double value) { append_real(out, value); }
void append_value(std::string& out, const Uuid& id) { append_value(out, id.to_string()); }
void append_value(std::string& out, Timestamp time) { append_value(out, format_time(time)); }

}  // namespace tulving::json
