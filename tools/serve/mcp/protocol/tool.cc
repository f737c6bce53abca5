#include "tools/serve/mcp/protocol/tool.h"

#include "tools/serve/mcp/protocol/message.h"

namespace tulving::serve::mcp {

std::string_view ToolCall::raw(std::string_view name) const { return member_of(text_, name); }

std::string_view Way::param(std::string_view name) const { return member_of(params_, name); }

std::string_view Way::meta(std::string_view name) const {
  return member_of(member_of(params_, "_meta"), name);
}

std::string Way::argument(std::string_view name) const {
  return text_of(member_of(params_, "arguments"), name);
}

Outcome Way::ask(std::string_view operation, std::string_view arguments) const {
  Call call{.operation = operation, .arguments = arguments};
  if (progress_ != nullptr && progress_->is_wanted()) {
    call.progress = [this](std::uint64_t done, std::uint64_t total) {
      return progress_->tell(done, total);
    };
  }
  return calls_.call(access_, tenant_id_, call);
}

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
