#include "tools/cli/shell/man_page.h"

#include <fmt/format.h>

namespace tulving::tools {
namespace {

// As roff has it: '-' is a hyphen there, and a line that begins with '.' or "'" a request.
std::string roff(std::string_view text) {
  std::string out;
  bool is_line_begin = true;
  for (const char c : text) {
    if (is_line_begin && (c == '.' || c == '\'')) out += "\\&";
    is_line_begin = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

void append_option(std::string& out, const OptionText& option) {
  out += ".TP\n";
  for (std::size_t i = 0; i < option.names.size(); ++i) {
    out += (i == 0 ? "\\fB" : ", \\fB") + roff(option.names[i]) + "\\fR";
  }
  if (!option.value.empty()) out += " \\fI" + roff(option.value) + "\\fR";
  out += '\n' + roff(option.description) + '\n';
}

void append_command(std::string& out, const CommandText& command, const std::string& path) {
  if (!path.empty()) {
    out += ".SS \"" + roff(path);
    for (const OptionText& argument : command.arguments) {
      out += " [" + roff(argument.names.front()) + ']';
    }
    out += "\"\n" + roff(command.description) + ".\n";
    for (const OptionText& argument : command.arguments) append_option(out, argument);
    for (const OptionText& option : command.options) {
      if (option.names.front() != "--help") append_option(out, option);
    }
  }
  for (const CommandText& part : command.commands) {
    append_command(out, part, path.empty() ? part.name : path + ' ' + part.name);
  }
}

}  // namespace

std::string man_page(const CommandText& program, std::string_view version) {
  std::string out = fmt::format(".TH TULVING 1 \"\" \"tulving {}\" \"User Commands\"\n", version);
  out += ".SH NAME\ntulving \\- an agent's memories in RAM, found in microseconds, never lost\n";
  out += ".SH SYNOPSIS\n.B tulving\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n";
  out += ".SH DESCRIPTION\n" + roff(program.description) +
         "\nEach command does one thing to the store of\n.BR \\-\\-db .\nThe options below may "
         "stand before or after a command.\n.SH OPTIONS\n";
  for (const OptionText& option : program.options) append_option(out, option);
  out += ".SH COMMANDS\n";
  append_command(out, program, {});
  out +=
      ".SH EXIT STATUS\n0: done. 1: failed, the reason is on standard error. 2: wrong arguments or "
      "input.\n.SH ENVIRONMENT\n.TP\n\\fBTULVING_DB\\fR, \\fBTULVING_TENANT\\fR, "
      "\\fBTULVING_EMBEDDER\\fR\nStand for \\-\\-db, \\-\\-tenant and \\-\\-embedder.\n.TP\n"
      "\\fBTULVING_MODELS\\fR\nThe folder of the built\\-in embedder's model.\n.TP\n"
      "\\fBOPENAI_API_KEY\\fR\nThe key of an embedder that is a server.\n";
  return out;
}

}  // namespace tulving::tools
