// record put, get, list, update, erase: the operations KIND.put ... of any kind of record.

#include <algorithm>

#include "core/base/text/utf8.h"
#include "tools/cli/call/run_call.h"
#include "tulving/json_members.h"

namespace tulving::tools {

namespace {

struct RecordCommand {
  std::string tenant;
  std::string kind;
  std::string id;
  std::string record;
  std::optional<std::uint64_t> revision;
  std::vector<std::string> where;
  std::uint32_t limit = 1000;
  std::string cursor;
};

/// A memory is added, and not put, since it may be known by what it says.
const Operation& operation_of(const std::string& kind, std::string_view verb) {
  const std::string_view name = kind == "memory" && verb == "put" ? "add" : verb;
  const Operation* operation = operation_named(kind + '.' + std::string(name));
  TULVING_CHECK(operation != nullptr);  // KIND was checked.
  return *operation;
}

/// What the operation calls the record's id.
std::string_view key_of(const Operation& operation) {
  const auto is_key = [](const Param& param) {
    return param.name != "tenant_id" &&
           (param.type == ValueType::kText || param.type == ValueType::kUuid);
  };
  return std::ranges::find_if(operation.params, is_key)->name;
}

OperationCall call_of(const RecordCommand& command, std::string_view verb) {
  OperationCall call(operation_of(command.kind, verb), "{}");
  call.text("tenant_id", command.tenant, "--tenant");
  return call;
}

OperationCall call_of_one(const RecordCommand& command, std::string_view verb) {
  OperationCall call = call_of(command, verb);
  const std::string_view key = key_of(call.operation());
  const Param& param = *std::ranges::find(call.operation().params, key, &Param::name);
  if (param.is_list) {
    call.texts(key, {command.id});
  } else {
    call.text(key, command.id, "ID");
  }
  return call;
}

/// A link is put by its ends, which its record calls source_id and target_id.
Status add_relation(OperationCall& call, std::string_view record) {
  JsonValue::whole(record).each_member([&](std::string_view name, JsonValue value) {
    if (name == "kind") return true;
    call.json(name == "source_id" ? "source" : name == "target_id" ? "target" : name, value.raw());
    return true;
  });
  return {};
}

Result<int> run_put(const GlobalOptions& globals, const RecordCommand& command) {
  if (auto status = check_json("RECORD", command.record); !status) return status.error();
  OperationCall call = call_of(command, "put");
  if (command.kind == "relation") {
    if (auto status = add_relation(call, command.record); !status) return status.error();
    return run_call(globals, call, {&print_members});
  }
  const auto is_record = [](const Param& param) { return param.type == ValueType::kRecord; };
  call.json(std::ranges::find_if(call.operation().params, is_record)->name, command.record,
            "RECORD");
  if (command.revision) call.number("expected_revision", *command.revision);
  return run_call(globals, call, {&print_members});
}

Result<int> run_update(const GlobalOptions& globals, const RecordCommand& command) {
  if (auto status = check_json("PATCH", command.record); !status) return status.error();
  OperationCall call = call_of_one(command, "update");
  call.json("patch", command.record, "PATCH");
  if (command.revision) {
    call.number(command.kind == "memory" ? "revision" : "expected_revision", *command.revision);
  }
  return run_call(globals, call, {&print_members});
}

Result<int> run_get(const GlobalOptions& globals, const RecordCommand& command) {
  return run_call(globals, call_of_one(command, "get"), {&print_members});
}

Result<int> run_erase(const GlobalOptions& globals, const RecordCommand& command) {
  return run_call(globals, call_of_one(command, "erase"), {&print_members});
}

/// "FIELD=VALUE", as the list's parameter of that name takes it.
Status add_where(OperationCall& call, const std::string& where) {
  const std::size_t equals = where.find('=');
  const std::string name = where.substr(0, equals);
  const auto& params = call.operation().params;
  const auto param = std::ranges::find(params, name, &Param::name);
  if (equals == std::string::npos || param == params.end() || name == "tenant_id") {
    std::string known;
    for (const Param& one : params) {
      if (one.name == "tenant_id" || one.name == "limit" || one.name == "cursor") continue;
      known.append(known.empty() ? "" : ", ").append(one.name);
    }
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("--where is \"{}\"; must be FIELD=VALUE, of {}", where,
                             known.empty() ? "no field" : known),
                 "where"};
  }
  const std::string value = where.substr(equals + 1);
  if (param->type == ValueType::kText || param->type == ValueType::kWord) {
    call.text(param->name, value, "--where");
    return {};
  }
  if (auto status = check_json("where", value); !status) return status;
  call.json(param->name, value, "--where");
  return {};
}

Result<int> run_list(const GlobalOptions& globals, const RecordCommand& command) {
  OperationCall call = call_of(command, "list");
  for (const std::string& where : command.where) {
    if (auto status = add_where(call, where); !status) return status.error();
  }
  call.number("limit", command.limit).text_if_any("cursor", command.cursor, "--cursor");
  return run_call(globals, call, {&print_records});
}

/// What can be listed and erased: plans and notes, say, cannot.
std::vector<std::string_view> record_kinds() {
  std::vector<std::string_view> kinds;
  for (const Operation& operation : operation_table()) {
    constexpr std::string_view kList = ".list";
    if (!operation.name.ends_with(kList)) continue;
    const auto kind = operation.name.substr(0, operation.name.size() - kList.size());
    if (find_operation(std::string(kind) + ".erase") != nullptr) kinds.push_back(kind);
  }
  return kinds;
}

std::string check_kind(const std::string& kind) {
  const auto kinds = record_kinds();
  if (std::ranges::find(kinds, kind) != kinds.end()) return {};
  std::string known;
  for (const std::string_view one : kinds) known.append(known.empty() ? "" : ", ").append(one);
  return fmt::format("\"{}\" is no kind of record; must be one of {}", kind, known);
}

}  // namespace

void add_record_command(const CommandLine& line) {
  CLI::App* group = line.app.add_subcommand("record", "Records of any kind, as JSON");
  group->fallthrough();
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* description,
                       Result<int> (*run)(const GlobalOptions&, const RecordCommand&)) {
    auto options = std::make_shared<RecordCommand>();
    CLI::App* command = add_command(*group, line, name, description, options, run);
    command->add_option("--tenant", options->tenant, "The tenant")
        ->check(check_not_empty)
        ->required()
        ->type_name("T");
    command->add_option("KIND", options->kind, "Its kind: task, stage, user_profile, ...")
        ->check(CLI::Validator(check_kind, ""))
        ->required()
        ->type_name("");
    return std::pair{command, options};
  };
  const auto with_id = [](const auto& made) {
    made.first->add_option("ID", made.second->id, "Its id")->required()->type_name("");
    return made;
  };
  const auto with_json = [](const auto& made, const char* name, const char* help) {
    made.first->add_option(name, made.second->record, help)->required()->type_name("");
    made.first
        ->add_option("--revision", made.second->revision, "Refuse unless it stands there; 0: new")
        ->type_name("N");
  };
  with_json(add("put", "Adds or replaces a record", run_put), "RECORD", "A JSON object");
  with_id(add("get", "Shows a record", run_get));
  with_json(with_id(add("update", "Changes members of a record", run_update)), "PATCH",
            "A JSON object of the members that change; null empties one");
  with_id(add("erase", "Removes a record for good, with what is its own", run_erase));
  const auto [list, options] = add("list", "Lists records of a kind", run_list);
  list->add_option("--where", options->where, "A field and its value; may be repeated")
      ->allow_extra_args(false)
      ->type_name("FIELD=VALUE");
  list->add_option("--limit", options->limit, "Records a page")
      ->capture_default_str()
      ->type_name("N");
  list->add_option("--cursor", options->cursor, "The page to show, as the last one said")
      ->type_name("TEXT");
}

}  // namespace tulving::tools
