#include "tools/cli/command.h"

#include <cstdlib>
#include <filesystem>
#include <map>

#include "tools/cli/print/missing.h"
#include "tulving/embedder.h"
#ifdef TULVING_WITH_EMBEDDERS
#include "tulving/embedders.h"
#endif

namespace tulving::tools {

namespace {

Result<Durability> parse_durability(const std::string& name) {
  static const std::map<std::string, Durability> kNames = {{"durable", Durability::kDurable},
                                                           {"process", Durability::kProcess},
                                                           {"none", Durability::kNone}};
  const auto found = kNames.find(name);
  if (found == kNames.end()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--durability is \"" + name + "\"; must be durable, process or none"};
  }
  return found->second;
}

Status set_thresholds(ThresholdOptions& options, const std::vector<std::string>& given) {
  for (const std::string& one : given) {
    const std::size_t sign = one.find('=');
    if (sign == std::string::npos) {
      return Error{ErrorCode::kInvalidArgument,
                   "--threshold is \"" + one + "\"; must be NAME=VALUE"};
    }
    if (auto status = set_threshold(options, one.substr(0, sign), one.substr(sign + 1)); !status) {
      return status.error();
    }
  }
  return {};
}

Status set_embedder(const GlobalOptions& globals, Embeds embeds, StoreOptions& options) {
  auto embedder = embedder_named(globals.embedder);
  if (!embedder) return embedder.error();
  if (*embedder != nullptr) options.embedders.push_back(*std::move(embedder));
  options.embed = embeds == Embeds::kStays ? EmbedWrites::kBackground : EmbedWrites::kWait;
  return {};
}

}  // namespace

#ifdef TULVING_WITH_EMBEDDERS
Result<std::shared_ptr<const Embedder>> embedder_named(const std::string& name) {
  return open_embedder(name);
}
#else
// Built without libcurl: those of servers are not there.
Result<std::shared_ptr<const Embedder>> embedder_named(const std::string& name) {
  std::shared_ptr<const Embedder> none;
  if (name == "none") return none;
  if (name != "auto" && name != "use-lite") {
    return Error{ErrorCode::kInvalidArgument,
                 "--embedder is \"" + name + "\"; this build has none, auto and use-lite"};
  }
  const auto file = find_model("use-lite");
  if (file) return open_use_lite(*file);
  if (name == "auto" && file.error().code == ErrorCode::kNotFound) return none;
  return file.error();
}
#endif

void for_list_alone(CLI::App* group, const std::vector<CLI::Option*>& options) {
  for (CLI::App* command : group->get_subcommands([](CLI::App*) { return true; })) {
    for (CLI::Option* option : options) command->excludes(option);
  }
}

std::string check_not_empty(const std::string& value) {
  return value.empty() ? "must not be empty" : "";  // CLI11 takes a text for a refusal.
}

std::string tenant_of_environment() {
  const char* tenant = std::getenv("TULVING_TENANT");
  return tenant == nullptr ? std::string() : tenant;
}

Result<Store> open_store(const GlobalOptions& globals, Access access, Embeds embeds,
                         StoreOptions options) {
  if (globals.db.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--db DIR or TULVING_DB is needed: the store's directory"};
  }
  auto durability = parse_durability(globals.durability);
  if (!durability) return durability.error();
  options.durability = *durability;
  options.create_if_missing = access == Access::kCreate;
  options.read_only = access == Access::kRead;
  options.embedding_dim = globals.dim;
  if (auto status = set_thresholds(options.thresholds, globals.thresholds); !status) {
    return status.error();
  }
  options.memory_max = globals.memory_max;
  if (globals.text_bytes_max) options.text_bytes_max = *globals.text_bytes_max;
  if (embeds != Embeds::kNo) {
    if (auto status = set_embedder(globals, embeds, options); !status) return status.error();
  }
  return Store::open(globals.db, options);
}

std::vector<std::string> tenants_asked_for(const Store& store, const std::string& tenant_id) {
  if (tenant_id.empty()) return store.tenants();
  tell_missing_tenant(store, tenant_id);
  return {tenant_id};
}

int exit_code_of(const Error& error) {
  return error.code == ErrorCode::kInvalidArgument ? kWrongInput : kFailed;
}

}  // namespace tulving::tools
