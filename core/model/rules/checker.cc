#include "core/model/rules/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/json/json_text.h"
#include "core/base/text/utf8.h"

namespace tulving::model {
namespace {

constexpr std::size_t kRecordFactor = 16;
constexpr Timestamp kFirstTime = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
constexpr Timestamp kEndOfTime = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);

// Below this comparing all pairs beats sorting a copy.
constexpr std::size_t kPairwiseMax = 16;

bool is_version_4(const Uuid& id) {
  return (id.bytes[6] & 0xF0U) == 0x40U && (id.bytes[8] & 0xC0U) == 0x80U;
}

const std::string* find_duplicate(const std::vector<std::string>& values) {
  if (values.size() <= kPairwiseMax) {
    for (auto a = values.begin(); a != values.end(); ++a) {
      if (std::find(values.begin(), a, *a) != a) return &*a;
    }
    return nullptr;
  }
  std::vector<const std::string*> sorted;
  sorted.reserve(values.size());
  for (const auto& value : values) sorted.push_back(&value);
  std::ranges::sort(sorted, {},
                    [](const std::string* value) -> const std::string& { return *value; });
  const auto found = std::ranges::adjacent_find(
      sorted, [](const std::string* a, const std::string* b) { return *a == *b; });
  return found == sorted.end() ? nullptr : *found;
}

// Sees whether the outermost value is an object, and whether it has a member `forbidden`.
class TopLevel : public JsonHandler {
 public:
  explicit TopLevel(std::string_view forbidden) : forbidden_(forbidden) {}

  void on_begin(JsonKind kind) override {
    if (depth_++ == 0) is_object = kind == JsonKind::kObject;
  }
  void on_end() override { --depth_; }
  void on_key(std::string_view raw) override {
    if (depth_ == 1 && !forbidden_.empty() && decode_json_string(raw) == forbidden_) {
      has_forbidden = true;
    }
  }
  void on_scalar(JsonKind /*kind*/, std::string_view /*raw*/) override {}

  bool is_object = false;
  bool has_forbidden = false;

 private:
  std::string_view forbidden_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string in_quotes(std::string_view value) {
  const std::string_view shown = utf8_prefix(value, 40);
  return fmt::format("\"{}{}\"", shown, shown.size() < value.size() ? "…" : "");
}

bool Checker::fail(std::string_view field, std::string message) {
  error_ = Error{ErrorCode::kInvalidArgument, std::move(message), std::string(field)};
  return false;
}

bool Checker::well_formed(std::string_view field, std::string_view value) {
  if (const auto offset = first_invalid_utf8(value)) {
    return fail(field, fmt::format("{} is not UTF-8 without NUL at byte {}", field, *offset));
  }
  bytes_ += value.size();
  return true;
}

bool Checker::long_text(std::string_view field, std::string_view value) {
  if (value.size() > bytes_max_) {
    return fail(
        field, fmt::format("{} has {} bytes; at most {} allowed", field, value.size(), bytes_max_));
  }
  return well_formed(field, value);
}

bool Checker::short_text(std::string_view field, std::string_view value, std::size_t most) {
  // No character has more than four bytes, and none less than one.
  if (value.size() <= most) return well_formed(field, value);
  if (value.size() <= 4 * most && !well_formed(field, value)) return false;
  const std::size_t count = utf8_length(value);
  if (count <= most) return true;
  return fail(field, fmt::format("{} has {} characters; at most {} allowed", field, count, most));
}

bool Checker::name(std::string_view field, std::string_view value, std::size_t most) {
  if (value.empty()) {
    return fail(field, fmt::format("{} is empty; 1..{} characters needed", field, most));
  }
  return short_text(field, value, most);
}

bool Checker::texts(std::string_view field, const std::vector<std::string>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!long_text(field, values[i])) return in_entry(field, i);
    bytes_ += sizeof(std::string);
  }
  return true;
}

bool Checker::unique_names(std::string_view field, const std::vector<std::string>& values,
                           std::size_t most) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!name(field, values[i], most)) return in_entry(field, i);
    bytes_ += sizeof(std::string);
  }
  const std::string* twice = find_duplicate(values);
  return twice == nullptr || duplicate(field, *twice);
}

// Says of the fault, which begins with the field's name, in which of its entries it is.
bool Checker::in_entry(std::string_view field, std::size_t i) {
  error_.message.insert(field.size(), fmt::format("[{}]", i));
  return false;
}

bool Checker::duplicate(std::string_view field, const std::string& value) {
  return fail(field,
              fmt::format("{} has {} twice; each may be given once", field, in_quotes(value)));
}

bool Checker::json(std::string_view field, std::string_view value) {
  if (value.empty()) return true;
  if (!long_text(field, value)) return false;
  if (const auto fault = scan_json(value)) {
    return fail(field, fmt::format("{} is not valid JSON at byte {}: {}", field, fault->offset,
                                   fault->what));
  }
  return true;
}

bool Checker::json_object(std::string_view field, std::string_view value,
                          std::string_view forbidden) {
  if (value.empty()) return true;
  if (!long_text(field, value)) return false;
  TopLevel top(forbidden);
  if (const auto fault = scan_json(value, &top)) {
    return fail(field, fmt::format("{} is not valid JSON at byte {}: {}", field, fault->offset,
                                   fault->what));
  }
  if (!top.is_object) {
    return fail(field, fmt::format("{} is {}; must be a JSON object", field, in_quotes(value)));
  }
  if (top.has_forbidden) {
    return fail(field,
                fmt::format("{} has a member \"{}\"; it is a field of its own", field, forbidden));
  }
  return true;
}

bool Checker::in_range(std::string_view field, std::int64_t value, std::int64_t low,
                       std::int64_t high) {
  if (value >= low && value <= high) return true;
  return fail(field, fmt::format("{} is {}; must be {}..{}", field, value, low, high));
}

// Written so that NaN fails.
bool Checker::in_range(std::string_view field, double value, double low, double high) {
  if (value >= low && value <= high) return true;
  return fail(field, fmt::format("{} is {}; must be {}..{}", field, value, low, high));
}

bool Checker::not_negative(std::string_view field, std::int64_t value) {
  return value >= 0 || fail(field, fmt::format("{} is {}; must be 0 or more", field, value));
}

bool Checker::finite(std::string_view field, double value) {
  return std::isfinite(value) ||
         fail(field, fmt::format("{} is {}; must be a finite number", field, value));
}

bool Checker::time(std::string_view field, const std::optional<Timestamp>& value) {
  if (!value || (*value >= kFirstTime && *value < kEndOfTime)) return true;
  return fail(field, fmt::format("{} is {}; must be within the years 1 to 9999", field,
                                 format_time(*value)));
}

bool Checker::id(std::string_view field, const Uuid& value) {
  return value.is_nil() || is_version_4(value) ||
         fail(field, fmt::format("{} is {}; must be an RFC 4122 version 4 UUID", field,
                                 value.to_string()));
}

bool Checker::ids(std::string_view field, const std::vector<Uuid>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (is_version_4(values[i])) continue;
    return fail(field, fmt::format("{}[{}] is {}; must be an RFC 4122 version 4 UUID", field, i,
                                   values[i].to_string()));
  }
  bytes_ += values.size() * sizeof(Uuid);
  return true;
}

bool Checker::ascending_ids(std::string_view field, const std::vector<Uuid>& values) {
  if (!ids(field, values)) return false;
  if (std::ranges::adjacent_find(values, std::greater_equal<>()) == values.end()) return true;
  return fail(field, fmt::format("{} are not ascending, or hold one twice", field));
}

bool Checker::count(std::string_view field, std::size_t count, std::size_t least,
                    std::size_t most) {
  return (count >= least && count <= most) ||
         fail(field, fmt::format("{} has {} entries; must have {}..{}", field, count, least, most));
}

bool Checker::total() {
  const std::size_t allowed = kRecordFactor * bytes_max_;
  return bytes_ <= allowed ||
         fail("", fmt::format("the record has {} bytes; at most {} allowed", bytes_, allowed));
}

}  // namespace tulving::model
