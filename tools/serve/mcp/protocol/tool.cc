#include "tools/serve/mcp/protocol/tool.h"

#include "tools/serve/mcp/protocol/message.h"

namespace tulving::serve::mcp {

std::string_view ToolCall::raw(std::string_view name) const { return member_of(text_, name); }

Outcome Way::import(std::string_view line) const {
  bool is_read = false;
  const StreamEnds ends{.next = [&]() -> Result<std::optional<StreamLine>> {
                          if (std::exchange(is_read, true)) return std::optional<StreamLine>();
                          return std::optional(StreamLine{.text = line});
                        },
                        .put = [](const StreamLine&) { return Status(); }};
  return calls_.stream(access_, tenant_id_,
                       {.operation = "import", .arguments = R"({"allow_erased":true})"}, ends);
}

}  // namespace tulving::serve::mcp
