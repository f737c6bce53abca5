// call, operations: the table of operations itself.

#include <fmt/core.h>

#include <cstdio>
#include <iterator>

#include "tools/cli/call/run_call.h"
#include "tools/cli/print/missing.h"
#include "tools/cli/print/output.h"
#include "tools/cli/process/ending.h"
#include "tools/cli/transfer/line_reader.h"
#include "tools/cli/usage.h"

namespace tulving::tools {

namespace {

struct CallCommand {
  std::string operation;
  std::string arguments = "{}";
};
struct Nothing {};

/// The argument itself; what a file holds for "@FILE", what standard input holds for "-".
Result<std::string> text_of(const std::string& argument) {
  if (argument != "-" && !argument.starts_with('@')) return argument;
  const std::string path = argument == "-" ? argument : argument.substr(1);
  auto lines = LineReader::open(path, false);
  if (!lines) return lines.error();
  std::string text;
  while (true) {
    auto line = lines->next();
    if (!line) return line.error();
    if (!*line) return text;
    text.append(**line).append("\n");
    constexpr std::size_t kBytesMax = std::size_t{512} << 20U;
    if (text.size() > kBytesMax) {
      return Error{ErrorCode::kResourceExhausted,
                   fmt::format("{} has more than {} bytes", argument, kBytesMax)};
    }
  }
}

Error no_operation(const std::string& name) {
  std::vector<std::string> names;
  for (const auto table : {operation_table(), more_operations()}) {
    for (const Operation& operation : table) names.emplace_back(operation.name);
  }
  const std::string meant = nearest(name, names);
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("there is no operation \"{}\"{}", name,
                           meant.empty() ? "; tulving operations lists them"
                                         : fmt::format("; did you mean {}?", meant)),
               "operation"};
}

/// A stream's lines come from standard input, its answers go to standard output.
Result<int> run_stream(const GlobalOptions& globals, const OperationCall& call) {
  auto lines = LineReader::open("-", false);
  if (!lines) return lines.error();
  auto service = open_service(globals, call);
  if (!service) return service.error();
  const StreamEnds ends{
      .next = [&]() -> Result<std::optional<StreamLine>> {
        auto line = lines->next();
        if (!line) return line.error();
        if (!*line) return std::optional<StreamLine>();
        return std::optional(StreamLine{.text = **line, .number = lines->number()});
      },
      .put = [](const StreamLine& line) -> Status {
        print_json_line(line.text);
        return {};
      }};
  Answer summary;
  auto status = stream(*service, call, ends, summary);
  if (status) status = finish(*service, call);
  if (!summary.json.empty()) report(summary.json);
  if (!status) return status.error();
  return kDone;
}

Result<int> run_call_command(const GlobalOptions& globals, const CallCommand& command) {
  const Operation* operation = operation_named(command.operation);
  if (operation == nullptr) return no_operation(command.operation);
  auto text = text_of(command.arguments);
  if (!text) return text.error();
  const OperationCall call(*operation, *std::move(text));
  if (auto arguments = call.read(); !arguments) {
    return in_operation(*operation, arguments.error());
  }
  if (operation->stream != nullptr) return run_stream(globals, call);
  if (operation->effect == Effect::kRead) end_in_order_on_signals(command.operation);
  GlobalOptions as_json = globals;
  as_json.json = true;
  return run_call(as_json, call, {});
}

Result<int> run_operations(const GlobalOptions& globals, const Nothing&) {
  if (globals.json) {
    print_json_line(operations_schema(more_operations()));
    return kDone;
  }
  Table table({"OPERATION", "EFFECT", "WHAT"});
  for (const auto operations : {operation_table(), more_operations()}) {
    for (const Operation& operation : operations) {
      table.add_row({std::string(operation.name), std::string(to_string(operation.effect)),
                     std::string(operation.help)});
    }
  }
  table.print();
  return kDone;
}

}  // namespace

void add_operation_commands(const CommandLine& line) {
  auto call = std::make_shared<CallCommand>();
  CLI::App* command =
      add_command(line.app, line, "call", "Calls an operation with JSON, answers with JSON", call,
                  run_call_command);
  command->add_option("OPERATION", call->operation, "Its name, as memory.get")
      ->required()
      ->type_name("");
  command
      ->add_option("JSON", call->arguments,
                   "Its parameters, an object; @FILE, or - for standard input")
      ->capture_default_str()
      ->type_name("");
  add_command(line.app, line, "operations",
              "Lists what can be called; with --json the whole table as JSON Schema",
              std::make_shared<Nothing>(), run_operations);
}

}  // namespace tulving::tools
