#include "tools/cli/record_flags.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "core/base/text/utf8.h"
#include "core/json/text/json_writer.h"
#include "tulving/json_members.h"
#include "tulving/number.h"

namespace tulving::tools {

namespace {

using Kind = RecordFlag::Kind;

constexpr std::array kMemoryFlags = {
    RecordFlag{"--text", "text", Kind::kText, "What is remembered"},
    RecordFlag{"--content", "content", Kind::kJson, "The content object: JSON"},
    RecordFlag{"--summary", "summary", Kind::kText, "Default: the text's first sentences"},
    RecordFlag{"--type", "memory_type", Kind::kText, "user_preference, decision, ... or your own"},
    RecordFlag{"--layer", "layer", Kind::kText, "working, episodic, semantic or procedural"},
    RecordFlag{"--tag", "tags", Kind::kWords, "May be repeated"},
    RecordFlag{"--entity", "entities", Kind::kWords, "May be repeated"},
    RecordFlag{"--fact", "facts", Kind::kWords, "May be repeated"},
    RecordFlag{"--keyword", "keywords", Kind::kWords, "May be repeated"},
    RecordFlag{"--metadata", "metadata", Kind::kJson, "A JSON object"},
    RecordFlag{"--user", "user_id", Kind::kText, "Whom it is about"},
    RecordFlag{"--project", "project_id", Kind::kText, "The project"},
    RecordFlag{"--task", "task_id", Kind::kText, "The task"},
    RecordFlag{"--stage", "stage_id", Kind::kText, "The stage of the task"},
    RecordFlag{"--goal", "goal", Kind::kText, "What was to be reached"},
    RecordFlag{"--result", "result", Kind::kText, "What came of it"},
    RecordFlag{"--outcome", "outcome", Kind::kText, "How it ended"},
    RecordFlag{"--priority", "priority", Kind::kNumber, "1..10"},
    RecordFlag{"--strength", "strength", Kind::kNumber, "0..2"},
    RecordFlag{"--critical", "is_critical", Kind::kTrue, "Never dropped by compression"},
    RecordFlag{"--expires-at", "expires_at", Kind::kText, "RFC 3339"},
};

/// The value as JSON; what the caller wrote as JSON, as it was written.
Result<std::string> value_of(const RecordFlag& flag, const std::vector<std::string>& values) {
  std::string text;
  switch (flag.kind) {
    case Kind::kText:
    case Kind::kWords:
      for (const std::string& value : values) {
        if (!first_invalid_utf8(value)) continue;
        return Error{ErrorCode::kInvalidArgument, fmt::format("{} is not valid UTF-8", flag.option),
                     flag.member};
      }
      if (flag.kind == Kind::kText) {
        json::append_value(text, values.back());
      } else {
        json::append_value(text, values);
      }
      return text;
    case Kind::kTrue:
      return std::string("true");
    case Kind::kNumber:
      if (!Number::parse(values.back())) {
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("{} is \"{}\"; must be a number", flag.option, values.back())};
      }
      break;
    case Kind::kJson:
      if (auto status = check_json(flag.option, values.back()); !status) return status.error();
  }
  return values.back();
}

/// The members of `object`, a JSON object, as they are written.
std::string_view members_of(std::string_view object) {
  const std::size_t first = object.find('{') + 1;
  const std::string_view members = object.substr(first, object.rfind('}') - first);
  return members.find_first_not_of(" \t") == std::string_view::npos ? std::string_view() : members;
}

}  // namespace

std::span<const RecordFlag> memory_flags() { return kMemoryFlags; }

void RecordFlags::add_to(CLI::App& command, std::span<const RecordFlag> flags) {
  for (const RecordFlag& flag : flags) {
    Given& given = given_.emplace_back();
    given.flag = &flag;
    if (flag.kind == Kind::kTrue) {
      command.add_flag(flag.option, given.set, flag.help);
      continue;
    }
    CLI::Option* option = command.add_option(flag.option, given.values, flag.help);
    // One value an occurrence: "--tag a b" must not take the next argument for a tag.
    option->allow_extra_args(false)->type_name("")->type_size(1);
    option->expected(flag.kind == Kind::kWords ? CLI::detail::expected_max_vector_size : 1);
  }
}

bool RecordFlags::any_given() const {
  return std::ranges::any_of(given_,
                             [](const Given& given) { return given.set || !given.values.empty(); });
}

Result<std::string> RecordFlags::added_to(std::string_view object, const char* what) const {
  const auto members = json_members(what, object);
  if (!members) return members.error();
  std::string record = "{";
  record += members_of(object);
  for (const Given& given : given_) {
    if (given.values.empty() && !given.set) continue;
    const std::string_view name = given.flag->member;
    if (std::ranges::find(*members, name, &JsonMember::name) != members->end()) {
      return Error{
          ErrorCode::kInvalidArgument,
          fmt::format("{} is given twice: in {} and in the JSON", name, given.flag->option),
          std::string(name)};
    }
    auto value = value_of(*given.flag, given.values);
    if (!value) return value.error();
    if (record.size() > 1) record += ',';
    json::append_value(record, name);
    record.append(":").append(*value);
  }
  return record + '}';
}

}  // namespace tulving::tools
