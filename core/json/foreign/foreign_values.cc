#include "core/json/foreign/foreign_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/json/decimal.h"
#include "core/base/text/utf8.h"
#include "core/json/text/json_writer.h"

namespace tulving::json {
namespace {

constexpr std::size_t kNameMax = 64;  // Characters of Memory::external_id.

// Microseconds since 1970 that the number of seconds is, what is finer cut off: earlier, not nearer
// to zero. Empty beyond some 30,000 years.
std::optional<std::int64_t> micros_of(const Decimal& seconds) {
  if (seconds.point > 12) return std::nullopt;
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(seconds.point + 6, 0));
  std::int64_t micros = 0;
  for (std::size_t i = 0; i < wanted; ++i) {
    micros = 10 * micros + (i < seconds.digits.size() ? seconds.digits[i] - '0' : 0);
  }
  const bool is_cut = wanted < seconds.digits.size();
  return seconds.negative ? -micros - (is_cut ? 1 : 0) : micros;
}

bool is_number(std::string_view text) {
  return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) &&
         !scan_json(text);
}

// The texts of a message's parts, [{"type": "text", "text": "..."}, ...], a line each. Empty: they
// are no such parts.
std::optional<std::string> text_of_parts(const JsonValue& parts) {
  std::optional<std::string> joined = std::string();
  bool is_first = true;
  parts.each_element([&](JsonValue part) {
    std::optional<std::string> text;
    if (part.kind() == JsonKind::kString) text = part.as_string();
    if (part.kind() == JsonKind::kObject) {
      std::size_t others = 0;
      part.each_member([&](std::string_view key, JsonValue value) {
        const bool is_text = value.kind() == JsonKind::kString;
        if (key == "text" && is_text) text = value.as_string();
        others += key == "text" || (key == "type" && is_text) ? 0 : 1;
        return true;
      });
      if (others > 0) text.reset();  // It would be lost.
    }
    if (!text) {
      joined.reset();
      return false;
    }
    if (!std::exchange(is_first, false)) *joined += '\n';
    *joined += *text;
    return true;
  });
  return is_first ? std::nullopt : joined;
}

}  // namespace

Status ForeignMetadata::add_object(std::string_view name, JsonValue value) {
  std::string holder;
  const JsonValue object = unwrapped(value, holder);
  if (object.kind() != JsonKind::kObject) return add(name, value);
  object.each_member([&](std::string_view key, JsonValue member) {
    own_.emplace_back(key, member.raw());
    return true;
  });
  return {};
}

Status ForeignMetadata::add(std::string_view name, JsonValue value) {
  if (!names_beside_.emplace(name).second) return given_twice(name);
  beside_.emplace_back(name, value.raw());
  return {};
}

Result<std::string> ForeignMetadata::json(std::string_view format) const {
  if (own_.empty() && beside_.empty()) return std::string();
  std::set<std::string_view> names;
  std::string text;
  ObjectWriter out(text);
  for (const auto& [name, value] : own_) {
    if (!names.insert(name).second) return given_twice(name);
    out.key(name) += value;
  }
  std::string within;
  ObjectWriter inner(within);
  bool any_within = false;
  for (const auto& [name, value] : beside_) {
    const bool is_taken = names.contains(name) || name == format;
    any_within = any_within || is_taken;
    (is_taken ? inner : out).key(name) += value;
  }
  inner.close();
  if (any_within && names.contains(format)) return given_twice(format);
  if (any_within) out.key(format) += within;
  out.close();
  return text;
}

Status read_foreign_time(const FieldValue& in, std::optional<Timestamp>& out) {
  const bool is_text = in.value.kind() == JsonKind::kString;
  if (!is_text && in.value.kind() != JsonKind::kNumber) {
    return in.must_be("a time: RFC 3339, \"2026-05-01 10:00:00\", or seconds since 1970");
  }
  const std::string text = is_text ? in.value.as_string() : std::string(in.value.raw());
  if (!is_number(text)) {
    const auto time = parse_time(text, in.zone.value_or(TimeZone()));
    if (!time) return refusal(fmt::format("{}: {}", in.field, time.error().message), in.field);
    out = *time;
    return {};
  }
  constexpr Timestamp kFirst = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
  constexpr Timestamp kEnd = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);
  const auto micros = micros_of(Decimal::of_json(text));
  const Timestamp time(std::chrono::microseconds(micros.value_or(0)));
  if (!micros || time < kFirst || time >= kEnd) {
    return in.must_be("seconds since 1970, within the years 1 to 9999");
  }
  out = time;
  return {};
}

Status read_foreign_id(const FieldValue& in, std::string& out) {
  const bool is_text = in.value.kind() == JsonKind::kString;
  const std::string_view raw = in.value.raw();
  const bool is_integer = in.value.kind() == JsonKind::kNumber &&
                          raw.find_first_of(".eE") == std::string_view::npos &&
                          raw.size() <= kNameMax;
  if (is_text) out = in.value.as_string();
  if (is_integer) out = raw;
  if ((is_text && !out.empty()) || is_integer) return {};
  return in.must_be("a text that is not empty, or an integer");
}

Status read_foreign_tags(const FieldValue& in, std::vector<std::string>& out) {
  std::string holder;
  std::vector<std::string> given;
  auto status = read(FieldValue{in.field, unwrapped(in.value, holder)}, given);
  if (!status) return status;
  std::set<std::string> known;
  for (std::string& tag : given) {
    if (known.insert(tag).second) out.push_back(std::move(tag));
  }
  return {};
}

Status read_foreign_vector(const FieldValue& in, std::string_view model,
                           std::vector<Embedding>& out) {
  std::string holder;
  Embedding embedding;
  embedding.model = model;
  auto status = read(FieldValue{in.field, unwrapped(in.value, holder)}, embedding.vector);
  if (status) out.push_back(std::move(embedding));
  return status;
}

Status read_foreign_content(const FieldValue& in, std::string_view name, Memory& out) {
  std::string holder;
  const JsonValue value = unwrapped(in.value, holder);
  if (value.kind() == JsonKind::kString) {
    out.text = value.as_string();
    return {};
  }
  if (value.kind() == JsonKind::kArray) {
    if (auto text = text_of_parts(value)) {
      out.text = *std::move(text);
      return {};
    }
  }
  if (value.kind() != JsonKind::kObject) {
    ObjectWriter content(out.content);
    content.key(name) += value.raw();
    content.close();
    return {};
  }
  std::optional<std::string> text;
  auto status = read_content(FieldValue{in.field, value}, text, out.content);
  if (text) out.text = *std::move(text);
  return status;
}

void say_content(Memory& memory) {
  if (!memory.text.empty() || memory.content.empty()) return;
  JsonValue::whole(memory.content).each_member([&](std::string_view key, JsonValue value) {
    if (value.kind() != JsonKind::kString) return true;
    if (!memory.text.empty()) memory.text += '\n';
    memory.text.append(key).append(": ").append(value.as_string());
    return true;
  });
}

JsonValue unwrapped(JsonValue value, std::string& holder) {
  if (value.kind() != JsonKind::kString) return value;
  std::string text = value.as_string();
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || (text[first] != '{' && text[first] != '[')) return value;
  if (scan_json(text)) return value;
  holder = std::move(text);
  return JsonValue::whole(holder);
}

Status identify(std::string_view tenant_id, const std::string& name, std::string_view member,
                Memory& memory, ForeignMetadata& metadata) {
  if (name.empty()) return {};
  if (const auto id = Uuid::parse(name)) {
    memory.id = *id;
  } else if (utf8_length(name) <= kNameMax) {
    memory.external_id = name;
  } else {
    memory.id = id_named(tenant_id, name);
    std::string json;
    append_json_string(json, name);
    return metadata.add(member, JsonValue::whole(json));
  }
  return {};
}

Uuid id_named(std::string_view tenant_id, std::string_view name) {
  if (const auto id = Uuid::parse(name)) return *id;
  return Uuid::derive(tenant_id, name);
}

Uuid id_within(std::string_view tenant_id, std::string_view format, std::string_view owner,
               std::string_view name) {
  return Uuid::derive(tenant_id, fmt::format("{} {}:{}{}", format, owner.size(), owner, name));
}

}  // namespace tulving::json
