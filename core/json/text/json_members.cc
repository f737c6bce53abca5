#include "tulving/json_members.h"

#include <fmt/format.h>

#include "core/base/text/utf8.h"
#include "core/json/text/json_reader.h"

namespace tulving {
namespace {

// Remembers the first scalar that stands under `name` in the outermost object.
class Peeker : public JsonHandler {
 public:
  explicit Peeker(std::string_view name) : name_(name) {}

  void on_begin(JsonKind kind) override {
    at_member_ = false;
    in_object_ = depth_ == 0 ? kind == JsonKind::kObject : in_object_;
    ++depth_;
  }
  void on_end() override { --depth_; }
  void on_key(std::string_view raw) override {
    at_member_ = depth_ == 1 && in_object_ && decode_json_string(raw) == name_;
  }
  void on_scalar(JsonKind /*kind*/, std::string_view raw) override {
    if (at_member_ && !found_) found_ = raw;
    at_member_ = false;
  }

  [[nodiscard]] std::optional<std::string> take() { return std::move(found_); }

 private:
  std::string_view name_;
  std::optional<std::string> found_;
  std::size_t depth_ = 0;
  bool in_object_ = false;
  bool at_member_ = false;
};

}  // namespace

Result<std::vector<JsonMember>> json_members(std::string_view what, std::string_view json_object) {
  const auto object = json::parse_object(what, json_object);
  if (!object) return object.error();
  std::vector<JsonMember> members;
  object->each_member([&](std::string_view key, JsonValue value) {
    members.push_back({std::string(key), std::string(value.raw())});
    return true;
  });
  return members;
}

std::optional<std::string> peek_json_member(std::string_view json_object, std::string_view name) {
  Peeker peeker(name);
  const auto bad = first_invalid_utf8(json_object);
  (void)scan_json(json_object.substr(0, bad.value_or(json_object.size())), &peeker);
  return peeker.take();
}

std::string json_shown(std::string_view json_value) {
  if (scan_json(json_value)) return std::string(json_value);
  const JsonValue value = JsonValue::whole(json_value);
  return value.kind() == JsonKind::kString ? value.as_string() : std::string(value.raw());
}

Status check_json(std::string_view what, std::string_view json) {
  const auto fault = scan_json(json);
  if (!fault) return {};
  return json::refusal(
      fmt::format("{} is not JSON at byte {}: {}", what, fault->offset, fault->what), {});
}

}  // namespace tulving
