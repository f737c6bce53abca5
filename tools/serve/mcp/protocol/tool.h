#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "tools/serve/calls/calls.h"
#include "tulving/operations.h"

namespace tulving::serve::mcp {

/// A call of a tool: what it was given, and the way into the store, as the caller it is for.
class ToolCall {
 public:
  ToolCall(Calls& calls, const auth::Access& access, const std::string& tenant_id,
           const Arguments& arguments, std::string_view text)
      : arguments_(arguments), text_(text), calls_(calls), access_(access), tenant_id_(tenant_id) {}

  [[nodiscard]] const Arguments& given() const { return arguments_; }
  /// A parameter as JSON, as it was written; empty: not given.
  [[nodiscard]] std::string_view raw(std::string_view name) const;
  [[nodiscard]] Store& store() const { return calls_.store(); }
  /// Calls an operation of the caller's tenant.
  [[nodiscard]] Outcome ask(std::string_view operation, std::string_view arguments) const {
    return calls_.call(access_, tenant_id_, {.operation = operation, .arguments = arguments});
  }
  /// Writes a record of the caller's tenant as an import does that lets what was forgotten come
  /// back.
  [[nodiscard]] Outcome import(std::string_view line) const;

 private:
  const Arguments& arguments_;
  const std::string_view text_;
  Calls& calls_;
  const auth::Access& access_;
  const std::string& tenant_id_;
};

/// What a model may call. Its parameters and its answer are declared as an operation's are, so its
/// schemas and its checks are made as theirs.
struct Tool {
  Operation face = {};  ///< name, help, params, answer, effect, is_idempotent.
  std::string_view title = {};
  bool recalls = false;  ///< The answer holds what somebody once said.
  Outcome (*run)(const ToolCall& call) = nullptr;
};

/// Some tools, in the order in which they are shown.
using Toolbox = std::span<const Tool>;

}  // namespace tulving::serve::mcp
