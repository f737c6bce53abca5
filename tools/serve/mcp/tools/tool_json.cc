#include "tools/serve/mcp/tools/tool_json.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/json/json_text.h"

namespace tulving::serve::mcp {
namespace {

const Param& param_named(const Arguments& given, std::string_view name) {
  const auto params = given.operation().params;
  const auto found = std::ranges::find(params, name, &Param::name);
  TULVING_CHECK(found != params.end());
  return *found;
}

bool has_value(const Arguments& given, const Param& param) {
  return given.has(param.name) || !param.fallback.empty();
}

}  // namespace

void add_given(json::ObjectWriter& out, const Arguments& given, std::string_view name,
               std::string_view as) {
  const Param& param = param_named(given, name);
  if (!has_value(given, param)) return;
  const std::string_view key = as.empty() ? name : as;
  if (param.is_list) {
    out.member(key, given.texts(name));
    return;
  }
  switch (param.type) {
    case ValueType::kBoolean:
      out.member(key, given.flag(name));
      break;
    case ValueType::kInteger:
      out.member(key, given.integer(name));
      break;
    case ValueType::kNumber:
      out.member(key, given.number(name));
      break;
    case ValueType::kTime:
      out.member(key, given.time(name));
      break;
    case ValueType::kJson:
      out.key(key) += given.json(name);
      break;
    default:
      out.member(key, given.text(name));
  }
}

void add_all(json::ObjectWriter& out, const Arguments& given,
             std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) add_given(out, given, name);
}

void Conditions::add(std::string_view filter) {
  if (filter.empty()) return;
  if (count_++ > 0) text_ += ',';
  text_ += filter;
}

void Conditions::add_equals(std::string_view field, const std::string& value) {
  if (value.empty()) return;
  std::string filter;
  json::ObjectWriter out(filter);
  out.member(field, value);
  out.close();
  add(filter);
}

void Conditions::add_any_tag(const std::vector<std::string>& tags) {
  if (tags.empty()) return;
  std::string filter;
  json::ObjectWriter out(filter);
  out.key("tags") += list_of("any", tags);
  out.close();
  add(filter);
}

std::string list_of(std::string_view member, const std::vector<std::string>& names) {
  std::string text;
  json::ObjectWriter out(text);
  out.member(member, names);
  out.close();
  return text;
}

std::vector<std::string_view> elements_of(std::string_view array) {
  std::vector<std::string_view> elements;
  if (!array.starts_with('[')) return elements;
  JsonValue::whole(array).each_element([&](JsonValue element) {
    elements.push_back(element.raw());
    return true;
  });
  return elements;
}

const Param& answer_of(std::string_view operation) {
  const Operation* found = find_operation(operation);
  TULVING_CHECK(found != nullptr);
  return found->answer;
}

Outcome answered(std::string json) { return {.answer = Answer{.json = std::move(json)}}; }

}  // namespace tulving::serve::mcp
