#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "tools/serve/calls/calls.h"
#include "tulving/operations.h"

namespace tulving::serve::mcp {

/// The way into the store, as the caller that it is for.
class Way {
 public:
  Way(Calls& calls, const auth::Access& access, const std::string& tenant_id)
      : calls_(calls), access_(access), tenant_id_(tenant_id) {}

  [[nodiscard]] Store& store() const { return calls_.store(); }
  /// Calls an operation of the caller's tenant.
  [[nodiscard]] Outcome ask(std::string_view operation, std::string_view arguments) const {
    return calls_.call(access_, tenant_id_, {.operation = operation, .arguments = arguments});
  }
  /// Writes a record of the caller's tenant as an import does that lets what was forgotten come
  /// back.
  [[nodiscard]] Outcome import(std::string_view line) const;

 private:
  Calls& calls_;
  const auth::Access& access_;
  const std::string& tenant_id_;
};

/// A call of a tool: the way, and what it was given.
class ToolCall : public Way {
 public:
  ToolCall(const Way& way, const Arguments& arguments, std::string_view text)
      : Way(way), arguments_(arguments), text_(text) {}

  [[nodiscard]] const Arguments& given() const { return arguments_; }
  /// A parameter as JSON, as it was written; empty: not given.
  [[nodiscard]] std::string_view raw(std::string_view name) const;

 private:
  const Arguments& arguments_;
  const std::string_view text_;
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
