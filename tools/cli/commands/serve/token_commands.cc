// token: who may speak to tulving serve. No store is opened.

#include <fmt/core.h>

#include <algorithm>

#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tools/serve/auth/token_file.h"

namespace tulving::tools {
namespace {

struct TokenCommand {
  std::string file;  // --tokens.
  std::string tenant, scope = "read,write", expires, id;
};

Result<std::filesystem::path> file_of(const GlobalOptions& globals, const TokenCommand& command) {
  if (!command.file.empty()) return std::filesystem::path(command.file);
  if (!globals.db.empty()) return serve::auth::tokens_beside(globals.db);
  return Error{ErrorCode::kInvalidArgument,
               "--tokens FILE, --db DIR or TULVING_DB is needed: where the tokens are"};
}

std::string tenant_shown(const serve::auth::Token& token) {
  return token.tenant.empty() ? "*" : token.tenant;
}

void print_token(const serve::auth::Token& token, const std::string& presented) {
  std::string text;
  tulving::json::ObjectWriter out(text);
  out.member("id", token.id);
  out.member("tenant", tenant_shown(token));
  out.member("scope", serve::auth::to_text(token.scopes));
  out.member("created_at", token.created_at);
  if (token.expires_at) out.member("expires_at", *token.expires_at);
  if (!presented.empty()) out.member("token", presented);
  out.close();
  print_json_line(text);
}

Result<int> run_create(const GlobalOptions& globals, const TokenCommand& command) {
  auto file = file_of(globals, command);
  if (!file) return file.error();
  auto scopes = serve::auth::parse_scopes(command.scope);
  if (!scopes) return scopes.error();
  std::optional<Timestamp> expires;
  if (!command.expires.empty()) {
    auto time = parse_time(command.expires);
    if (!time) return time.error();
    expires = *time;
  }
  auto made =
      serve::auth::make_token(command.tenant == "*" ? "" : command.tenant, *scopes, expires);
  if (!made) return made.error();
  auto status = serve::auth::change_tokens(*file, [&](std::vector<serve::auth::Token>& tokens) {
    tokens.push_back(made->token);
    return Status();
  });
  if (!status) return status.error();
  if (globals.json) {
    print_token(made->token, made->presented);
  } else {
    fmt::print("{}\n", made->presented);
    report("this is the only time that it is shown; a server that runs reads it at SIGHUP");
  }
  return kDone;
}

Result<int> run_list_tokens(const GlobalOptions& globals, const TokenCommand& command) {
  auto file = file_of(globals, command);
  if (!file) return file.error();
  auto tokens = serve::auth::read_tokens(*file);
  if (!tokens) return tokens.error();
  Table table({"ID", "TENANT", "SCOPE", "CREATED", "EXPIRES"});
  for (const serve::auth::Token& token : *tokens) {
    if (globals.json) {
      print_token(token, {});
      continue;
    }
    table.add_row({token.id, tenant_shown(token), serve::auth::to_text(token.scopes),
                   format_time(token.created_at),
                   token.expires_at ? format_time(*token.expires_at) : std::string("never")});
  }
  if (!globals.json) table.print();
  return kDone;
}

Result<int> run_revoke(const GlobalOptions& globals, const TokenCommand& command) {
  auto file = file_of(globals, command);
  if (!file) return file.error();
  auto status =
      serve::auth::change_tokens(*file, [&](std::vector<serve::auth::Token>& tokens) -> Status {
        if (std::erase_if(tokens, [&](const auto& token) { return token.id == command.id; }) > 0) {
          return {};
        }
        return Error{ErrorCode::kNotFound, "there is no token " + command.id, "id"};
      });
  if (!status) return status.error();
  return kDone;
}

}  // namespace

void add_token_commands(const CommandLine& line) {
  CLI::App* group = line.app.add_subcommand("token", "Tokens of clients of tulving serve");
  group->fallthrough();
  group->require_subcommand(1);
  auto options = std::make_shared<TokenCommand>();
  group->add_option("--tokens", options->file, "File of tokens; default: STORE.tokens")
      ->check(check_not_empty)
      ->type_name("FILE");
  CLI::App* create =
      add_command(*group, line, "create", "Makes a token and prints it, once", options, run_create);
  create->add_option("--tenant", options->tenant, "The one tenant that it is for; '*': all")
      ->required()
      ->check(check_not_empty)
      ->type_name("ID");
  create->add_option("--scope", options->scope, "Some of read, write, keeper and admin")
      ->capture_default_str()
      ->type_name("LIST");
  create->add_option("--expires", options->expires, "When it ends, RFC 3339; default: never")
      ->check(check_not_empty)
      ->type_name("TIME");
  add_command(*group, line, "list", "Lists the tokens, without their secrets", options,
              run_list_tokens);
  CLI::App* revoke = add_command(*group, line, "revoke", "Takes a token back", options, run_revoke);
  revoke->add_option("token", options->id, "Its id, as list shows it")
      ->required()
      ->check(check_not_empty)
      ->type_name("ID");
}

}  // namespace tulving::tools
