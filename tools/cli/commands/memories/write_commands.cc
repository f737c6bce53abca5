// add, update.

#include <array>

#include "tools/cli/call/run_call.h"
#include "tools/cli/record_flags.h"
#include "tools/cli/transfer/fvecs.h"
#include "tulving/json.h"

namespace tulving::tools {

namespace {

using Kind = RecordFlag::Kind;

/// What only a new memory can be given.
constexpr std::array kAddFlags = {
    RecordFlag{"--id", "id", Kind::kText, "A UUID; default: derived, or random"},
    RecordFlag{"--external-id", "external_id", Kind::kText, "Your own name for it"},
    RecordFlag{"--agent", "agent_id", Kind::kText, "Whose memory it is"},
    RecordFlag{"--session", "session_id", Kind::kText, "A session of the tenant"},
    RecordFlag{"--source-type", "source_type", Kind::kText,
               "conversation, tool_output, document, observation or external"},
    RecordFlag{"--source-agent", "source_agent", Kind::kText, "The agent it came from"},
    RecordFlag{"--source-id", "source_id", Kind::kText, "The data source it came from"},
    RecordFlag{"--created-at", "created_at", Kind::kText, "RFC 3339; default: now"},
};

struct AddCommand {
  std::string tenant;
  std::string json_record;
  RecordFlags flags;
  std::string vector;
  std::string model;
  std::string on_duplicate = "default";
  std::string idempotency_key;
  bool allow_erased = false;
};

struct UpdateCommand {
  std::string tenant;
  std::string name;
  std::string set;
  RecordFlags flags;
  std::string vector;
  std::string model;
  std::optional<std::uint64_t> revision;
  bool keep_vectors = false;
};

/// `text`, a JSON object, with the members that the flags stand for; `empty` is what is there
/// without `text`. Without flags the text stays as it is, for the library's parser to judge.
Result<std::string> with_flags(const std::string& text, const char* option,
                               const RecordFlags& flags, const char* empty) {
  if (!flags.any_given() && !text.empty()) return text;
  return flags.added_to(text.empty() ? std::string_view(empty) : text, option);
}

/// Adds --vector and --model to the call.
Status add_vector(OperationCall& call, const std::string& vector, const std::string& model) {
  call.text_if_any("model", model);
  if (vector.empty()) return {};
  auto values = parse_vector(vector, "--vector");
  if (!values) return values.error();
  call.vector("vector", *std::move(values));
  return {};
}

/// The tenant of the memory that `text` describes.
Result<std::string> tenant_of(const AddCommand& command, const std::string& text) {
  const std::string tenant = command.tenant.empty() ? tenant_of_environment() : command.tenant;
  // Read here too: a line of another system's file is refused for what it is.
  auto record = parse_record(text, {tenant, command.model});
  if (!record) return record.error();
  if (!std::holds_alternative<Memory>(record->record)) {
    return Error{ErrorCode::kInvalidArgument, "add takes a record of kind \"memory\"", "kind"};
  }
  if (!command.tenant.empty() && record->tenant_id != command.tenant) {
    return Error{ErrorCode::kInvalidArgument, "--tenant and the record's tenant_id differ",
                 "tenant_id"};
  }
  if (record->tenant_id.empty()) {
    return Error{ErrorCode::kInvalidArgument, "--tenant is needed", "tenant_id"};
  }
  return record->tenant_id;
}

Result<int> run_add(const GlobalOptions& globals, const AddCommand& command) {
  auto text =
      with_flags(command.json_record, "--json-record", command.flags, R"({"kind":"memory"})");
  if (!text) return text.error();
  auto tenant = tenant_of(command, *text);
  if (!tenant) return tenant.error();
  OperationCall call("memory.add");
  call.text("tenant_id", *tenant)
      .json("memory", *text)
      .text("on_duplicate", command.on_duplicate, "--on-duplicate")
      .text_if_any("idempotency_key", command.idempotency_key)
      .flag("allow_erased", command.allow_erased);
  if (auto status = add_vector(call, command.vector, command.model); !status) {
    return status.error();
  }
  return run_call(globals, call, {&print_written});
}

Result<int> run_update(const GlobalOptions& globals, const UpdateCommand& command) {
  if (command.set.empty() && !command.flags.any_given() && command.vector.empty()) {
    return Error{ErrorCode::kInvalidArgument, "nothing to update: give --set or a field's option"};
  }
  auto text = with_flags(command.set, "--set", command.flags, "{}");
  if (!text) return text.error();
  if (auto patch = parse_patch(*text, {command.tenant, command.model}); !patch) {
    return patch.error();
  }
  OperationCall call("memory.update");
  call.text("tenant_id", command.tenant)
      .text("id", command.name)
      .json("patch", *text)
      .number("revision", command.revision)
      .flag("keep_vectors", command.keep_vectors);
  if (auto status = add_vector(call, command.vector, command.model); !status) {
    return status.error();
  }
  return run_call(globals, call, {&print_written});
}

void add_vector_options(CLI::App& command, std::string& vector, std::string& model) {
  command.add_option("--vector", vector, "The embedding: 0.1,0.2,...")
      ->check(check_not_empty)
      ->type_name("FLOATS");
  command
      .add_option("--model", model,
                  "The embedding's model; default: the only one that the tenant has vectors of, "
                  "else \"default\"")
      ->check(check_not_empty)
      ->type_name("NAME");
}

}  // namespace

void add_write_commands(const CommandLine& line) {
  auto add = std::make_shared<AddCommand>();
  CLI::App* command = add_command(line.app, line, "add", "Adds one memory", add, run_add);
  command->add_option("--tenant", add->tenant, "The tenant")
      ->check(check_not_empty)
      ->type_name("T");
  add->flags.add_to(*command, memory_flags());
  add->flags.add_to(*command, kAddFlags);
  add_vector_options(*command, add->vector, add->model);
  command->add_option("--json-record", add->json_record, "The record, as a line of an import file")
      ->check(check_not_empty)
      ->type_name("JSON");
  command->add_option("--on-duplicate", add->on_duplicate,
                      "For a text that is there: default, reinforce, reject or keep");
  command->add_option("--idempotency-key", add->idempotency_key, "Makes a retry write once")
      ->check(check_not_empty);
  command->add_flag("--allow-erased", add->allow_erased, "Let what was erased come back");

  auto update = std::make_shared<UpdateCommand>();
  command = add_command(line.app, line, "update", "Changes fields of a memory", update, run_update);
  command->add_option("--tenant", update->tenant, "The tenant")
      ->check(check_not_empty)
      ->required()
      ->type_name("T");
  command->add_option("ID", update->name, "Id or external id")->required()->type_name("");
  command->add_option("--set", update->set, "The patch: a JSON object of fields")
      ->check(check_not_empty)
      ->type_name("JSON");
  update->flags.add_to(*command, memory_flags());
  add_vector_options(*command, update->vector, update->model);
  command->add_flag("--keep-vectors", update->keep_vectors,
                    "A new text drops the old one's vectors; keep them");
  command->add_option("--revision", update->revision, "Only if the memory is at this revision");
}

}  // namespace tulving::tools
