#include "tools/cli/call/operation_call.h"

#include <fmt/core.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/base/text/utf8.h"
#include "tulving/json.h"
#ifdef TULVING_WITH_POSTGRES
#include "tulving/postgres.h"
#endif

namespace tulving::tools {

std::span<const Operation> more_operations() {
#ifdef TULVING_WITH_POSTGRES
  return postgres_operations();
#else
  return {};
#endif
}

const Operation* operation_named(std::string_view name) {
  return find_operation(name, more_operations());
}

Status add_filter(OperationCall& call, const std::string& filter) {
  if (filter.empty()) return {};
  // Read here too: text that is no JSON must not become part of the call's.
  auto read = parse_filter(filter);
  if (!read) return read.error();
  call.json("filter", filter);
  return {};
}

OperationCall::OperationCall(std::string_view operation) : operation_(operation_named(operation)) {
  TULVING_CHECK(operation_ != nullptr);
}

std::string& OperationCall::next(std::string_view name, std::string_view option) {
  if (!option.empty()) options_.push_back({name, option});
  arguments_.pop_back();
  if (arguments_.size() > 1) arguments_ += ',';
  tulving::json::append_value(arguments_, name);
  return arguments_ += ':';
}

OperationCall& OperationCall::text(std::string_view name, std::string_view value,
                                   std::string_view option) {
  if (first_invalid_utf8(value) && !error_) {
    error_ = Error{ErrorCode::kInvalidArgument,
                   fmt::format("{} is not valid UTF-8", option.empty() ? name : option),
                   std::string(name)};
    return *this;
  }
  tulving::json::append_value(next(name, option), value);
  arguments_ += '}';
  return *this;
}

OperationCall& OperationCall::texts(std::string_view name, const std::vector<std::string>& values,
                                    std::string_view option) {
  if (values.empty()) return *this;
  for (const std::string& value : values) {
    if (first_invalid_utf8(value)) return text(name, value, option);  // Refused there.
  }
  tulving::json::append_value(next(name, option), values);
  arguments_ += '}';
  return *this;
}

OperationCall& OperationCall::flag(std::string_view name, bool value) {
  if (value) next(name, {}) += "true}";
  return *this;
}

OperationCall& OperationCall::json(std::string_view name, std::string_view value,
                                   std::string_view option) {
  next(name, option).append(value).append("}");
  return *this;
}

OperationCall& OperationCall::vector(std::string_view name, std::vector<float> values) {
  vectors_.push_back({name, floats_.emplace_back(std::move(values))});
  return *this;
}

Call OperationCall::call() const {
  return {.operation = operation_->name, .arguments = arguments_, .vectors = vectors_};
}

Result<Arguments> OperationCall::read() const {
  if (error_) return *error_;
  auto arguments = Arguments::read(*operation_, {}, call());
  if (!arguments) return by_option(arguments.error());
  return arguments;
}

// "sort is \"x\"; must be ..." becomes "--sort is ...".
Error OperationCall::by_option(Error error) const {
  const auto found = std::ranges::find(options_, error.field, &Option::parameter);
  if (found == options_.end() || !error.message.starts_with(error.field)) return error;
  error.message.replace(0, error.field.size(), found->option);
  return error;
}

}  // namespace tulving::tools
