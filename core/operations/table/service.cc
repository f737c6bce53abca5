#include <fmt/format.h>

#include <algorithm>

#include "core/base/json/json_text.h"
#include "core/operations/table/groups.h"
#include "tulving/operations.h"

namespace tulving {

namespace {

Error unknown(std::string_view name) {
  return Error{ErrorCode::kNotFound, fmt::format("there is no operation \"{}\"", name),
               "operation"};
}

/// The kind of call that the operation takes is the other one.
Error wrong_call(const Operation& operation) {
  return in_operation(operation,
                      Error{ErrorCode::kInvalidArgument,
                            operation.stream == nullptr ? "it is called, and is no stream of lines"
                                                        : "it is a stream of lines, and not called",
                            "operation"});
}

const Operation* find_in(std::span<const Operation> table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Operation::name);
  return found == table.end() ? nullptr : &*found;
}

std::vector<Operation> joined() {
  std::vector<Operation> table;
  for (const auto group : operations::groups()) {
    table.insert(table.end(), group.begin(), group.end());
  }
  std::ranges::sort(table, {}, &Operation::name);
  return table;
}

}  // namespace

std::string_view to_string(Effect effect) noexcept {
  switch (effect) {
    case Effect::kRead:
      return "read";
    case Effect::kWrite:
      return "write";
    case Effect::kDestroy:
      return "destroy";
  }
  return "unknown";
}

Store& Running::store() const { return service.store(); }

Result<Tenant> Running::tenant() const { return store().tenant(arguments.text("tenant_id")); }

bool Operation::is_about_store() const {
  return std::ranges::count(params, "tenant_id", &Param::name) == 0;
}

Effect Operation::effect_of(const Arguments& arguments) const {
  return !turned_by.empty() && arguments.flag(turned_by) ? turned_to : effect;
}

std::span<const Operation> operation_table() {
  static const std::vector<Operation> kTable = joined();
  return kTable;
}

const Operation* find_operation(std::string_view name, std::span<const Operation> more) {
  const Operation* found = find_in(operation_table(), name);
  return found != nullptr ? found : find_in(more, name);
}

Error in_operation(const Operation& operation, Error error) {
  error.message = fmt::format("{}: {}", operation.name, error.message);
  return error;
}

const Operation* Service::find(std::string_view name) const {
  return find_operation(name, options_.more);
}

Result<Answer> Service::call(const Caller& caller, const Call& call) {
  const Operation* operation = find(call.operation);
  if (operation == nullptr) return unknown(call.operation);
  auto arguments = Arguments::read(*operation, caller, call);
  if (!arguments) return in_operation(*operation, arguments.error());
  return run(caller, call, *arguments);
}

Result<Answer> Service::run(const Caller& caller, const Call& call, const Arguments& arguments) {
  const Operation& operation = arguments.operation();
  if (operation.run == nullptr) return wrong_call(operation);
  Answer answer;
  auto status = operation.run({*this, arguments, caller, call, answer});
  if (!status) return status.error();
  return answer;
}

Status Service::stream(const Caller& caller, const Call& call, const StreamEnds& lines,
                       Answer& answer) {
  const Operation* operation = find(call.operation);
  if (operation == nullptr) return unknown(call.operation);
  auto arguments = Arguments::read(*operation, caller, call);
  if (!arguments) return in_operation(*operation, arguments.error());
  return run_stream(caller, call, *arguments, lines, answer);
}

Status Service::run_stream(const Caller& caller, const Call& call, const Arguments& arguments,
                           const StreamEnds& lines, Answer& answer) {
  const Operation& operation = arguments.operation();
  if (operation.stream == nullptr) return wrong_call(operation);
  return operation.stream({*this, arguments, caller, call, answer}, lines);
}

}  // namespace tulving
