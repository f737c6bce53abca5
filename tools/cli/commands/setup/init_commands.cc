// init: the lines that an MCP client's configuration wants, and with --write the file with them.

#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/files/atomic_file.h"
#include "tools/cli/command.h"
#include "tools/cli/print/output.h"

namespace tulving::tools {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct InitOptions {
  std::string client = "claude";
  std::string tenant;
  std::string file;
  bool write = false;
};

/// Where a client looks, and under which member servers stand there.
struct Client {
  fs::path file;
  const char* servers;
};

Result<Client> client_named(const std::string& name) {
  const char* home = std::getenv("HOME");
  if (name == "claude") return Client{".mcp.json", "mcpServers"};
  if (name == "vscode") return Client{".vscode/mcp.json", "servers"};
  if (home == nullptr) {
    return Error{ErrorCode::kInvalidArgument, "HOME is not set; --file names the file"};
  }
  return Client{fs::path(home) / ".cursor/mcp.json", "mcpServers"};
}

Json entry_of(const GlobalOptions& globals, const InitOptions& options) {
  std::error_code ignored;
  Json arguments = Json::array({"--db", fs::absolute(globals.db, ignored).string(), "mcp"});
  if (!options.tenant.empty()) {
    arguments.push_back("--tenant");
    arguments.push_back(options.tenant);
  }
  return {{"command", "tulving"}, {"args", arguments}};
}

// What is there stays, other servers above all. A file that is no such JSON is not touched.
Result<Json> present_in(const fs::path& file, const std::string& servers) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Json::object();
  std::ostringstream text;
  text << in.rdbuf();
  Json present = Json::parse(text.str(), nullptr, false);
  const bool is_sound =
      present.is_object() && (!present.contains(servers) || present[servers].is_object());
  if (is_sound) return present;
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{} is no JSON object with an object \"{}\"; it stays as it is",
                           file.string(), servers)};
}

Status write_whole(const fs::path& file, const std::string& text) {
  std::error_code failed;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), failed);
  auto out = AtomicFile::create(file);
  if (!out) return out.error();
  if (auto status = out->write(text); !status) return status;
  return out->commit();
}

Result<int> run_init(const GlobalOptions& globals, const InitOptions& options) {
  if (globals.db.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--db DIR or TULVING_DB is needed: the store that the client is to have"};
  }
  auto client = client_named(options.client);
  if (!client) return client.error();
  if (!options.file.empty()) client->file = options.file;
  Json whole = Json::object();
  if (options.write) {
    auto present = present_in(client->file, client->servers);
    if (!present) return present.error();
    whole = *std::move(present);
  }
  whole[client->servers]["tulving"] = entry_of(globals, options);
  const std::string text = whole.dump(2) + '\n';
  if (!options.write) {
    fmt::print("{}", text);
    return kDone;
  }
  if (auto status = write_whole(client->file, text); !status) return status.error();
  fmt::print("{} has the server \"tulving\" now\n", shown(client->file.string()));
  return kDone;
}

}  // namespace

void add_init_command(const CommandLine& line) {
  auto options = std::make_shared<InitOptions>();
  CLI::App* init = add_command(line.app, line, "init",
                               "Prints what an MCP client's configuration wants to have this store",
                               options, run_init);
  init->add_option("--client", options->client, "claude, cursor or vscode")
      ->check(CLI::IsMember({"claude", "cursor", "vscode"}))
      ->capture_default_str()
      ->type_name("NAME");
  init->add_option("--tenant", options->tenant, "Whose memories; default: \"default\"")
      ->check(check_not_empty)
      ->type_name("ID");
  init->add_option("--file", options->file, "Another file than the client's own")
      ->check(check_not_empty)
      ->type_name("FILE");
  init->add_flag("--write", options->write, "Write it into the file, beside what is there");
}

}  // namespace tulving::tools
