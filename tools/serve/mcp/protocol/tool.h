#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tools/serve/calls/calls.h"
#include "tools/serve/mcp/protocol/content.h"
#include "tools/serve/mcp/protocol/progress.h"
#include "tulving/operations.h"

namespace tulving::serve::mcp {

/// The way into the store, as the caller that it is for, and what the request says.
class Way {
 public:
  /// `params`: of the request, JSON. `progress` null: nobody asks for it. All must outlive it.
  Way(Calls& calls, const auth::Access& access, const std::string& tenant_id,
      std::string_view params = {}, Progress* progress = nullptr)
      : calls_(calls),
        access_(access),
        tenant_id_(tenant_id),
        params_(params),
        progress_(progress) {}

  [[nodiscard]] Store& store() const { return calls_.store(); }
  /// Calls an operation of the caller's tenant. How far it is, where it says so, is told to whoever
  /// asked for that; what can be stopped is, once he has gone.
  [[nodiscard]] Outcome ask(std::string_view operation, std::string_view arguments) const;
  /// Writes a record of the caller's tenant as an import does that lets what was forgotten come
  /// back.
  [[nodiscard]] Outcome import(std::string_view line) const;

  /// A member of the request's params, as JSON; empty: there is none. inputResponses and
  /// requestState are such.
  [[nodiscard]] std::string_view param(std::string_view name) const;
  /// One of its _meta.
  [[nodiscard]] std::string_view meta(std::string_view name) const;
  /// The characters of an argument that is a text.
  [[nodiscard]] std::string argument(std::string_view name) const;
  /// Tells how far it is; false: nobody listens any more.
  [[nodiscard]] bool tell_progress(std::uint64_t done, std::uint64_t total) const {
    return progress_ == nullptr || progress_->tell(done, total);
  }

 private:
  Calls& calls_;
  const auth::Access& access_;
  const std::string& tenant_id_;
  const std::string_view params_;
  Progress* const progress_;
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
  /// In place of `run`: then `face.answer` is not looked at.
  Content (*make)(const ToolCall& call) = nullptr;
  /// Of the arguments, as JSON, in place of `face.params`: the tool itself checks them.
  std::string_view input_schema = {};
};

/// Some tools, in the order in which they are shown.
using Toolbox = std::span<const Tool>;

}  // namespace tulving::serve::mcp
