// add, update.

#include <fmt/core.h>

#include <array>

#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
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

/// A vector of no named model is of the tenant's usual one, else of the store's.
void name_model(Embedding& embedding, const Tenant& tenant) {
  if (embedding.model.empty()) embedding.model = tenant.usual_model();
  if (embedding.model.empty()) embedding.model = Embedding().model;
}

Result<Embedding> embedding_of(const std::string& vector, const std::string& model) {
  auto values = parse_vector(vector, "--vector");
  if (!values) return values.error();
  return Embedding{model, *std::move(values)};
}

Result<OnDuplicate> parse_on_duplicate(const std::string& name) {
  if (name == "default") return OnDuplicate::kDefault;
  if (name == "reinforce") return OnDuplicate::kReinforce;
  if (name == "reject") return OnDuplicate::kReject;
  if (name == "keep") return OnDuplicate::kKeep;
  return Error{
      ErrorCode::kInvalidArgument,
      fmt::format("--on-duplicate is \"{}\"; must be default, reinforce, reject or keep", name)};
}

/// The memory that the command's flags and --json-record describe, and its tenant.
Result<TenantRecord> memory_of(const AddCommand& command) {
  auto text =
      with_flags(command.json_record, "--json-record", command.flags, R"({"kind":"memory"})");
  if (!text) return text.error();
  const std::string tenant = command.tenant.empty() ? tenant_of_environment() : command.tenant;
  auto record = parse_record(*text, {tenant, command.model});
  if (!record) return record.error();
  auto* memory = std::get_if<Memory>(&record->record);
  if (memory == nullptr) {
    return Error{ErrorCode::kInvalidArgument, "add takes a record of kind \"memory\"", "kind"};
  }
  if (!command.tenant.empty() && record->tenant_id != command.tenant) {
    return Error{ErrorCode::kInvalidArgument, "--tenant and the record's tenant_id differ",
                 "tenant_id"};
  }
  if (record->tenant_id.empty()) {
    return Error{ErrorCode::kInvalidArgument, "--tenant is needed", "tenant_id"};
  }
  if (!command.vector.empty()) {
    auto embedding = embedding_of(command.vector, command.model);
    if (!embedding) return embedding.error();
    memory->embeddings.push_back(*std::move(embedding));
  }
  return record;
}

void print_write(const GlobalOptions& globals, const AddResult& result) {
  if (globals.json) {
    print_json(write_json(result));
  } else {
    fmt::print("{} {}, revision {}\n", result.id.to_string(), to_string(result.effect),
               result.revision);
    for (const Uuid& id : result.followed) {
      fmt::print("{} was made of it, and has followed\n", id.to_string());
    }
  }
}

Result<int> run_add(const GlobalOptions& globals, const AddCommand& command) {
  auto on_duplicate = parse_on_duplicate(command.on_duplicate);
  if (!on_duplicate) return on_duplicate.error();
  auto record = memory_of(command);  // Before the store is opened: a mistake makes no directory.
  if (!record) return record.error();
  auto opened = open_tenant(globals, Access::kCreate, record->tenant_id);
  if (!opened) return opened.error();
  Memory& memory = std::get<Memory>(record->record);
  for (Embedding& embedding : memory.embeddings) name_model(embedding, opened->tenant);
  const AddOptions options{*on_duplicate, command.idempotency_key, command.allow_erased};
  auto result = opened->tenant.add(memory, options);
  if (!result) return result.error();
  if (auto closed = close_store(opened->store); !closed) return closed.error();
  print_write(globals, *result);
  return kDone;
}

Result<int> run_update(const GlobalOptions& globals, const UpdateCommand& command) {
  if (command.set.empty() && !command.flags.any_given() && command.vector.empty()) {
    return Error{ErrorCode::kInvalidArgument, "nothing to update: give --set or a field's option"};
  }
  auto text = with_flags(command.set, "--set", command.flags, "{}");
  if (!text) return text.error();
  auto patch = parse_patch(*text, {command.tenant, command.model});
  if (!patch) return patch.error();
  if (!command.vector.empty()) {
    auto embedding = embedding_of(command.vector, command.model);
    if (!embedding) return embedding.error();
    patch->embedding = *std::move(embedding);
  }
  patch->keep_vectors = command.keep_vectors;
  auto opened = open_tenant(globals, Access::kWrite, command.tenant);
  if (!opened) return opened.error();
  auto id = opened->tenant.resolve(command.name);
  if (!id) return id.error();
  if (patch->embedding) name_model(*patch->embedding, opened->tenant);
  auto result = opened->tenant.update(*id, *patch, command.revision);
  if (!result) return result.error();
  if (auto closed = close_store(opened->store); !closed) return closed.error();
  print_write(globals, *result);
  return kDone;
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
