#pragma once

#include <concepts>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/text/json_writer.h"
#include "tulving/operations.h"

namespace tulving::tools {

/// The longest page that a list gives: a command without pages asks for it.
inline constexpr std::uint32_t kAll = 1'000'000;

/// A call of an operation, made of flags.
class OperationCall {
 public:
  explicit OperationCall(std::string_view operation);
  /// With arguments that are JSON already, or are refused when they are read.
  OperationCall(const Operation& operation, std::string arguments)
      : operation_(&operation), arguments_(std::move(arguments)) {}
  OperationCall(OperationCall&&) = default;

  // Each gives a parameter its value. `option` is what the command line calls the parameter, for
  // messages about it; empty: what the operation calls it.
  OperationCall& text(std::string_view name, std::string_view value, std::string_view option = {});
  /// An empty value is not given; so is an empty list.
  OperationCall& text_if_any(std::string_view name, std::string_view value,
                             std::string_view option = {}) {
    return value.empty() ? *this : text(name, value, option);
  }
  OperationCall& texts(std::string_view name, const std::vector<std::string>& values,
                       std::string_view option = {});
  OperationCall& flag(std::string_view name, bool value);
  template <class T>
  requires(std::integral<T> || std::floating_point<T>) OperationCall& number(std::string_view name,
                                                                             T value) {
    std::string text;
    json::append_value(text, value);
    // What is no number, the operation is to refuse, and not to take for nothing.
    return json(name, text == "null" ? "\"nan\"" : text);
  }
  template <class T>
  OperationCall& number(std::string_view name, const std::optional<T>& value) {
    return value ? number(name, *value) : *this;
  }
  /// `value` must be JSON.
  OperationCall& json(std::string_view name, std::string_view value, std::string_view option = {});
  OperationCall& vector(std::string_view name, std::vector<float> values);

  /// All of it as the operation takes it; lives as long as this.
  [[nodiscard]] Call call() const;
  [[nodiscard]] const Operation& operation() const { return *operation_; }
  /// Reads the arguments, so that a mistake is told before a store is opened. The message names
  /// options.
  [[nodiscard]] Result<Arguments> read() const;
  /// The error with the option in place of the parameter that it begins with.
  [[nodiscard]] Error by_option(Error error) const;

 private:
  struct Option {
    std::string_view parameter;
    std::string_view option;
  };

  std::string& next(std::string_view name, std::string_view option);

  const Operation* operation_;
  std::string arguments_ = "{}";
  std::vector<Option> options_;
  std::deque<std::vector<float>> floats_;
  std::vector<NamedVector> vectors_;
  std::optional<Error> error_;
};

/// Adds the filter of --filter, where there is one. kInvalidArgument: as parse_filter() says.
Status add_filter(OperationCall& call, const std::string& filter);

/// The operation of that name, of all that this program has; null: there is none.
[[nodiscard]] const Operation* operation_named(std::string_view name);

/// The operations that come from libraries beside libtulving.
[[nodiscard]] std::span<const Operation> more_operations();

}  // namespace tulving::tools
