#pragma once

#include <string>
#include <string_view>

#include "tools/serve/mcp/protocol/tool.h"
#include "tools/serve/mcp/tools/tool_json.h"

namespace tulving::serve::mem0 {

/// Mem0's names of whose memories are meant; empty ones are not given.
struct Scope {
  std::string user_id, agent_id, run_id;

  [[nodiscard]] bool is_empty() const {
    return user_id.empty() && agent_id.empty() && run_id.empty();
  }
  [[nodiscard]] mcp::Conditions conditions() const;
};
[[nodiscard]] Scope scope_in(std::string_view object);

// Each answers with Mem0's own document. The way is that of the caller.
[[nodiscard]] Outcome add_messages(const mcp::Way& way, std::string_view body);
[[nodiscard]] Outcome search(const mcp::Way& way, std::string_view body);
[[nodiscard]] Outcome list(const mcp::Way& way, const Scope& scope, const std::string& limit);
[[nodiscard]] Outcome get(const mcp::Way& way, const std::string& id);
[[nodiscard]] Outcome update(const mcp::Way& way, const std::string& id, std::string_view body);
[[nodiscard]] Outcome history(const mcp::Way& way, const std::string& id);
[[nodiscard]] Outcome forget(const mcp::Way& way, const std::string& id);
[[nodiscard]] Outcome forget_all(const mcp::Way& way, const Scope& scope);
/// Erases every memory of the tenant.
[[nodiscard]] Outcome reset(const mcp::Way& way);

}  // namespace tulving::serve::mem0
