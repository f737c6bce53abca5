// mcp: the Model Context Protocol over standard input and output, for a client that starts
// programs.

#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tools/serve/mcp/stdio/proxy.h"
#include "tools/serve/mcp/stdio/starter.h"
#include "tools/serve/site/site.h"

namespace tulving::tools {
namespace {

struct McpCommand {
  std::string tenant, profile, socket;
  std::uint32_t idle_seconds = 900, start_seconds = 60;
  bool no_start = false;
};

const std::vector<std::string> kProfiles = {"memory", "graph", "keeper"};

/// The server that is started where none is: it takes this store, listens on its socket alone, and
/// ends when nobody has asked anything for a while.
std::vector<std::string> server_arguments(const GlobalOptions& globals, const McpCommand& command,
                                          const std::string& socket) {
  return {"--db",       globals.db,       "--durability",    globals.durability,
          "--embedder", globals.embedder, "serve",           "--no-tcp",
          "--socket",   socket,           "--end-when-idle", std::to_string(command.idle_seconds)};
}

bool put_line(std::string_view line) {
  std::string text(line);
  text += '\n';
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<int> run_mcp(const GlobalOptions& globals, const McpCommand& command) {
  if (globals.db.empty() && command.socket.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "--db DIR, TULVING_DB or --socket FILE is needed: whose memories they are"};
  }
  // It goes into a header.
  for (const char c : command.tenant) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) continue;
    return Error{ErrorCode::kInvalidArgument, "--tenant has a control character", "tenant"};
  }
  serve::mcp::ProxyOptions options;
  options.socket = command.socket;
  if (command.socket.empty()) options.socket = serve::socket_beside(globals.db).string();
  options.tenant = command.tenant;
  options.profile = command.profile;
  if (const char* token = std::getenv("TULVING_TOKEN")) options.token = token;
  const std::string socket = options.socket;
  options.start = [&globals, &command, socket]() -> Status {
    if (command.no_start || globals.db.empty()) {
      return Error{ErrorCode::kNotFound, "no server listens on " + socket, "socket"};
    }
    return serve::mcp::start_server(server_arguments(globals, command, socket), socket,
                                    socket + ".log", std::chrono::seconds(command.start_seconds));
  };
  if (auto status = serve::mcp::Proxy(std::move(options)).run(STDIN_FILENO, put_line); !status) {
    return status.error();
  }
  return kDone;
}

}  // namespace

void add_mcp_command(const CommandLine& line) {
  auto options = std::make_shared<McpCommand>();
  CLI::App* mcp = add_command(line.app, line, "mcp",
                              "Speaks MCP on standard input and output; serves the store to all "
                              "clients of it, starting a server where there is none",
                              options, run_mcp);
  mcp->add_option("--tenant", options->tenant, "Whose memories; default: \"default\"")
      ->check(check_not_empty)
      ->type_name("ID");
  mcp->add_option("--profile", options->profile, "Which tools: memory, graph or keeper")
      ->check(CLI::IsMember(kProfiles))
      ->type_name("NAME");
  mcp->add_option("--socket", options->socket, "The server's unix socket; default: STORE.sock")
      ->check(check_not_empty)
      ->type_name("FILE");
  mcp->add_flag("--no-start", options->no_start, "Start no server");
  mcp->add_option("--start-seconds", options->start_seconds,
                  "How long a server that it starts may take to open the store")
      ->capture_default_str()
      ->type_name("N");
  mcp->add_option("--end-when-idle", options->idle_seconds,
                  "A server that it starts ends after so many seconds without a request")
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace tulving::tools
