#include "core/json/text/json_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "core/base/json/decimal.h"
#include "core/base/text/utf8.h"
#include "core/model/metadata/metadata.h"

namespace tulving::json {
namespace {

std::string shortened(std::string_view raw) {
  const std::string_view shown = utf8_prefix(raw, 60);
  return fmt::format("{}{}", shown, shown.size() < raw.size() ? "…" : "");
}

// The member whose string a fault at `offset` is in: "name": "...; empty when that cannot be told,
// as in text that is no JSON it often cannot.
std::string member_around(std::string_view text, std::size_t offset) {
  const std::size_t opening = text.substr(0, offset).rfind('"');
  if (opening == std::string_view::npos || opening == 0) return {};
  const std::size_t colon = text.find_last_not_of(" \t", opening - 1);
  if (colon == std::string_view::npos || colon == 0 || text[colon] != ':') return {};
  const std::size_t name_end = text.find_last_not_of(" \t", colon - 1);
  if (name_end == std::string_view::npos || name_end == 0 || text[name_end] != '"') return {};
  const std::size_t name_start = text.rfind('"', name_end - 1);
  if (name_start == std::string_view::npos) return {};
  return std::string(text.substr(name_start + 1, name_end - name_start - 1));
}

// The digits of a number without a fraction, however it is written: 7.0 and 70e-1 are "7".
// Languages whose numbers are all floats write integers so. Other numbers stay as they are.
std::string integer_digits(std::string_view raw) {
  const std::string canonical = model::canonical_scalar(raw).value_or("");
  const std::size_t digits_end = std::min(canonical.find('e'), canonical.size());
  std::string digits = canonical.substr(0, digits_end);
  if (digits_end == canonical.size()) return digits;
  int zeros = 0;
  std::from_chars(canonical.data() + digits_end + 1, canonical.data() + canonical.size(), zeros);
  constexpr int kZerosMax = 20;  // Of any 64-bit integer.
  if (zeros < 0 || zeros > kZerosMax) return std::string(raw);
  return digits.append(static_cast<std::size_t>(zeros), '0');
}

template <class Integer>
Status read_integer(const FieldValue& in, Integer& out) {
  const std::string raw =
      in.value.kind() == JsonKind::kNumber ? integer_digits(in.value.raw()) : std::string();
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), out);
  if (in.value.kind() == JsonKind::kNumber && error == std::errc() &&
      end == raw.data() + raw.size()) {
    return {};
  }
  return in.must_be(fmt::format("an integer of {}..{}", std::numeric_limits<Integer>::min(),
                                std::numeric_limits<Integer>::max()));
}

// A number too small for the type is 0, as in any arithmetic; one too large is refused.
bool is_below_one(std::string_view raw) { return Decimal::of_json(raw).point <= 0; }

template <class Real>
Status read_real(const FieldValue& in, Real& out) {
  if (in.value.kind() != JsonKind::kNumber) return in.must_be("a number");
  const std::string_view raw = in.value.raw();
  const auto error = std::from_chars(raw.data(), raw.data() + raw.size(), out).ec;
  if (error == std::errc() && std::isfinite(out)) return {};
  if (!is_below_one(raw)) {
    return in.must_be(fmt::format("a number of at most {:g}", std::numeric_limits<Real>::max()));
  }
  out = 0;
  return {};
}

void append_member(std::string& object, std::string_view key, std::string_view raw) {
  object += object.empty() ? '{' : ',';
  append_json_string(object, key);
  object += ':';
  object += raw;
}

}  // namespace

Error refusal(std::string message, std::string_view field) {
  return Error{ErrorCode::kInvalidArgument, std::move(message), std::string(field)};
}

Error unknown_field(std::string_view name) {
  std::string quoted;
  append_json_string(quoted, name);
  return refusal(fmt::format("unknown field {}", quoted), name);
}

Error given_twice(std::string_view name) {
  return refusal(fmt::format("{} is given twice", name), name);
}

void Faults::add(const Error& fault) {
  if (count_++ == 0) {
    all_ = fault;
  } else {
    all_.message += "; " + fault.message;
  }
}

Status Faults::status() const {
  if (count_ == 0) return {};
  return all_;
}

Error FieldValue::must_be(std::string_view expected) const {
  return refusal(fmt::format("{} is {}; must be {}", field, shortened(value.raw()), expected),
                 field);
}

Status read_each_once(
    std::string_view within, const JsonValue& object,
    const std::function<Status(std::string_view key, JsonValue value)>& read_member) {
  std::set<std::string, std::less<>> names;
  Status status;
  object.each_member([&](std::string_view key, JsonValue value) {
    if (names.emplace(key).second) {
      status = read_member(key, value);
    } else if (within.empty()) {
      status = given_twice(key);
    } else {
      status = refusal(fmt::format("{}: {} is given twice", within, key), within);
    }
    return status.has_value();
  });
  return status;
}

Result<JsonValue> parse_object(std::string_view what, std::string_view text) {
  if (const auto fault = scan_json(text)) {
    return refusal(
        fmt::format("{} is not valid JSON at byte {}: {}", what, fault->offset, fault->what),
        member_around(text, fault->offset));
  }
  const JsonValue value = JsonValue::whole(text);
  if (value.kind() != JsonKind::kObject) {
    return refusal(fmt::format("{} is {}; must be a JSON object", what, describe(value.kind())),
                   {});
  }
  return value;
}

Status read(const FieldValue& in, std::string& out) {
  if (in.value.kind() != JsonKind::kString) return in.must_be("a string");
  out = in.value.as_string();
  return {};
}

Status read(const FieldValue& in, bool& out) {
  if (in.value.kind() != JsonKind::kBoolean) return in.must_be("true or false");
  out = in.value.is_true();
  return {};
}

Status read(const FieldValue& in, std::int32_t& out) { return read_integer(in, out); }
Status read(const FieldValue& in, std::uint32_t& out) { return read_integer(in, out); }
Status read(const FieldValue& in, std::uint64_t& out) { return read_integer(in, out); }
Status read(const FieldValue& in, float& out) { return read_real(in, out); }
Status read(const FieldValue& in, double& out) { return read_real(in, out); }

Status read(const FieldValue& in, Number& out) {
  if (in.value.kind() != JsonKind::kNumber) return in.must_be("a number");
  auto number = Number::parse(in.value.raw());
  if (!number) return number.error();
  out = *std::move(number);
  return {};
}

Status read(const FieldValue& in, Timestamp& out) {
  const bool is_number = in.value.kind() == JsonKind::kNumber;
  if (in.value.kind() != JsonKind::kString && !is_number) {
    return in.must_be("an RFC 3339 time such as \"2026-03-01T09:30:00Z\"");
  }
  // A number is no time either, and is told what it may mean.
  const auto time =
      parse_time(is_number ? std::string(in.value.raw()) : in.value.as_string(), in.zone);
  if (!time) return refusal(fmt::format("{}: {}", in.field, time.error().message), in.field);
  out = *time;
  return {};
}

Status read(const FieldValue& in, Uuid& out) {
  if (in.value.kind() != JsonKind::kString) return in.must_be("a UUID or a memory's own name");
  const std::string name = in.value.as_string();
  if (const auto id = Uuid::parse(name)) {
    out = *id;
    return {};
  }
  constexpr std::size_t kNameMax = 64;  // As external_id.
  if (name.empty() || utf8_length(name) > kNameMax) {
    return in.must_be("a UUID or a memory's own name of 1..64 characters");
  }
  if (in.tenant_id.empty()) {
    return refusal(fmt::format("{} is {}, a name within a tenant; tenant_id is missing", in.field,
                               shortened(in.value.raw())),
                   in.field);
  }
  out = Uuid::derive(in.tenant_id, name);
  return {};
}

Status read_name(const FieldValue& in, std::span<const std::string_view> names,
                 std::size_t& place) {
  if (in.value.kind() == JsonKind::kString) {
    const auto found = std::ranges::find(names, in.value.as_string());
    place = static_cast<std::size_t>(found - names.begin());
    if (found != names.end()) return {};
  }
  return in.must_be(fmt::format("one of {}", fmt::join(names, ", ")));
}

namespace {

bool has_arrays(JsonValue value) {
  bool found = false;
  value.each_element([&](JsonValue first) {
    found = first.kind() == JsonKind::kArray;
    return false;
  });
  return found;
}

// An array of numbers, or one of those for each passage, as long as each other.
Status read_vectors(const FieldValue& in, Embedding& out) {
  if (in.value.kind() != JsonKind::kArray || !has_arrays(in.value)) return read(in, out.vector);
  std::uint32_t passages = 0;
  Status status;
  std::vector<float> passage;
  in.value.each_element([&](JsonValue element) {
    passage.clear();
    status = read(FieldValue{in.field, element, in.tenant_id, in.zone}, passage);
    if (!status) return false;
    ++passages;
    out.vector.insert(out.vector.end(), passage.begin(), passage.end());
    if (passages > kPassagesMax) {
      status = in.must_be(fmt::format("at most {} passages", kPassagesMax));
    } else if (passage.empty() || out.vector.size() != passages * passage.size()) {
      status = in.must_be("passages of one length");
    }
    return status.has_value();
  });
  out.passages = passages;
  return status;
}

}  // namespace

Status read(const FieldValue& in, Embedding& out) {
  if (in.value.kind() != JsonKind::kObject) return in.must_be("an object {\"model\", \"vector\"}");
  bool has_model = false;
  bool has_vector = false;
  std::optional<std::uint32_t> passages;
  Status status;
  in.value.each_member([&](std::string_view key, JsonValue value) {
    const FieldValue member{in.field, value, in.tenant_id, in.zone};
    if (key == "model" && !has_model) {
      has_model = true;
      status = read(member, out.model);
    } else if (key == "vector" && !has_vector) {
      has_vector = true;
      status = read_vectors(member, out);
    } else if (key == "passages" && !passages) {
      status = read(member, passages.emplace());
    } else {
      status = in.must_be(
          "an object with one \"model\", one \"vector\", maybe \"passages\", and nothing else");
    }
    return status.has_value();
  });
  if (status && !(has_model && has_vector)) {
    return in.must_be("an object with a \"model\" and a \"vector\"");
  }
  if (status && passages) {
    if (out.passages != 1 && out.passages != *passages) {
      return in.must_be("of as many passages as its vector has arrays");
    }
    out.passages = *passages;
  }
  return status;
}

Status read_json_text(const FieldValue& in, std::string& out, bool object) {
  if (object && in.value.kind() != JsonKind::kObject) return in.must_be("an object");
  out = in.value.raw();
  return {};
}

Status read_content(const FieldValue& in, std::optional<std::string>& text, std::string& others) {
  if (in.value.kind() == JsonKind::kString) {
    return in.must_be("an object; a text goes in \"text\"");
  }
  if (in.value.kind() != JsonKind::kObject) return in.must_be("an object");
  std::string without_text;
  Status status;
  in.value.each_member([&](std::string_view key, JsonValue value) {
    if (key != "text") {
      append_member(without_text, key, value.raw());
      return true;
    }
    if (text) {
      status = refusal("content has two members \"text\"", in.field);
    } else {
      status = read(FieldValue{"content.text", value}, text.emplace());
    }
    return status.has_value();
  });
  if (!status) return status;
  // Without a text it stays as it was written, blanks and all.
  others = text ? without_text + (without_text.empty() ? "" : "}") : std::string(in.value.raw());
  return {};
}

}  // namespace tulving::json
