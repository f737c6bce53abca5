#include "tools/serve/rest/arguments_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/json/json_text.h"
#include "core/json/text/json_writer.h"
#include "tools/serve/rest/routes.h"

namespace tulving::serve::rest {
namespace {

const Param* param_of(const Operation& operation, std::string_view name) {
  const auto found = std::ranges::find(operation.params, name, &Param::name);
  return found == operation.params.end() ? nullptr : &*found;
}

Error refused(std::string message, std::string field) {
  return {ErrorCode::kInvalidArgument, std::move(message), std::move(field)};
}

bool is_text(ValueType type) {
  return type == ValueType::kText || type == ValueType::kWord || type == ValueType::kTime ||
         type == ValueType::kUuid;
}

/// What is no JSON where JSON is meant becomes a string, which is then refused by its name.
void append_query_value(std::string& out, const Param* param, const std::string& text) {
  const bool is_json = param != nullptr && !is_text(param->type) && !scan_json(text);
  is_json ? out += text : (json::append_value(out, text), out);
}

/// The query as an object; a parameter that is a list may come several times.
Result<std::string> object_of(const Operation& operation, const http::Pairs& query) {
  std::string text;
  json::ObjectWriter out(text);
  std::vector<std::string> done;
  std::string name, value;
  const auto malformed = [] { return refused("the query has a malformed escape", "query"); };
  for (const auto& pair : query) {
    if (!http::unescape(pair.first, name)) return malformed();
    const Param* param = param_of(operation, name);
    if (param == nullptr || !param->is_list || param->type == ValueType::kVector) {
      if (!http::unescape(pair.second, value)) return malformed();
      append_query_value(out.key(name), param, value);
      continue;
    }
    if (std::ranges::count(done, pair.first) > 0) continue;
    done.push_back(pair.first);
    std::string& list = out.key(name) += '[';
    for (const auto& other : query) {
      if (other.first != pair.first) continue;
      if (!http::unescape(other.second, value)) return malformed();
      if (list.back() != '[') list += ',';
      append_query_value(list, param, value);
    }
    list += ']';
  }
  out.close();
  return text;
}

/// `object`, if it is one, with one member more in front.
template <class Value>
void add(std::string& object, std::string_view name, const Value& value) {
  const std::size_t open = object.find_first_not_of(kJsonBlanks);
  if (open == std::string::npos || object[open] != '{') return;  // Refused by who reads it.
  const std::size_t next = object.find_first_not_of(kJsonBlanks, open + 1);
  std::string member;
  json::append_value(member, name);
  member += ':';
  json::append_value(member, value);
  if (next != std::string::npos && object[next] != '}') member += ',';
  object.insert(open + 1, member);
}

Status add_key(const Operation& operation, const std::string& key, std::string& object) {
  if (param_of(operation, "idempotency_key") != nullptr) {
    add(object, "idempotency_key", key);
  } else if (!operation.is_idempotent) {
    return refused(
        fmt::format("{} keeps no keys of requests; called twice it is done twice", operation.name),
        "Idempotency-Key");
  }
  return {};
}

Status add_condition(const Operation& operation, std::string_view tag, std::string& object) {
  const Param* param = param_of(operation, "expected_revision");
  if (param == nullptr) param = param_of(operation, "revision");
  if (param == nullptr) {
    return refused(fmt::format("{} has no condition on a revision", operation.name), "If-Match");
  }
  if (tag.size() > 2 && tag.front() == '"' && tag.back() == '"')
    tag = tag.substr(1, tag.size() - 2);
  std::uint64_t revision = 0;
  const auto read = std::from_chars(tag.data(), tag.data() + tag.size(), revision);
  if (read.ec != std::errc() || read.ptr != tag.data() + tag.size()) {
    return refused("If-Match must be a revision, a number", "If-Match");
  }
  add(object, param->name, revision);
  return {};
}

Status add_deadline(const Operation& operation, const std::string& text, ArgumentsJson& out) {
  double ms = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !(ms > 0 && ms <= 1e9)) {
    return refused("Tulving-Deadline-Ms must be milliseconds, above 0", "Tulving-Deadline-Ms");
  }
  if (param_of(operation, "deadline_ms") != nullptr) {
    add(out.text, "deadline_ms", ms);
  } else {
    out.deadline_ms = ms;
  }
  return {};
}

}  // namespace

Result<ArgumentsJson> arguments_json(const Operation& operation, const http::Request& request) {
  ArgumentsJson out;
  const http::RequestHead& head = request.head;
  if (head.method == "GET" || takes_lines(operation)) {
    auto object = object_of(operation, head.query);
    if (!object) return object.error();
    out.text = *std::move(object);
  } else if (!head.query.empty()) {
    return refused("parameters come in the body or in the query, not in both", "query");
  } else {
    out.text = request.body.empty() ? "{}" : request.body;
  }
  if (const std::string* key = head.header("Idempotency-Key")) {
    if (auto status = add_key(operation, *key, out.text); !status) return status.error();
  }
  if (const std::string* tag = head.header("If-Match")) {
    out.is_conditional = true;
    if (auto status = add_condition(operation, *tag, out.text); !status) return status.error();
  }
  if (const std::string* text = head.header("Tulving-Deadline-Ms")) {
    if (auto status = add_deadline(operation, *text, out); !status) return status.error();
  }
  return out;
}

}  // namespace tulving::serve::rest
