#include "tools/record_flags.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

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

Result<Json> value_of(const RecordFlag& flag, const std::vector<std::string>& values) {
  switch (flag.kind) {
    case Kind::kText:
      return Json(values.back());
    case Kind::kWords:
      return Json(values);
    case Kind::kTrue:
      return Json(true);
    case Kind::kNumber:
    case Kind::kJson:
      break;
  }
  auto value = parse_json(values.back(), flag.option);
  if (!value) return value.error();
  if (flag.kind == Kind::kNumber && !value->is_number()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is \"{}\"; must be a number", flag.option, values.back())};
  }
  return value;
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

Status RecordFlags::apply_to(Json& record) const {
  for (const Given& given : given_) {
    if (given.values.empty() && !given.set) continue;
    if (record.contains(given.flag->member)) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{} is given twice: in {} and in the JSON", given.flag->member,
                               given.flag->option),
                   given.flag->member};
    }
    auto value = value_of(*given.flag, given.values);
    if (!value) return value.error();
    record[given.flag->member] = *std::move(value);
  }
  return {};
}

}  // namespace tulving::tools
