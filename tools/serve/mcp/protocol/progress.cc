#include "tools/serve/mcp/protocol/progress.h"

#include "core/json/text/json_writer.h"
#include "tools/serve/mcp/protocol/message.h"

namespace tulving::serve::mcp {

Progress::Progress(std::string_view params, const Teller& tell) : tell_(tell) {
  const std::string_view token = member_of(member_of(params, "_meta"), "progressToken");
  if (tell != nullptr && is_id(token)) token_ = token;
}

bool Progress::tell(std::uint64_t done, std::uint64_t total) {
  if (!is_wanted() || !is_heard_) return is_heard_;
  const auto now = static_cast<std::int64_t>(done);
  const auto least = static_cast<std::int64_t>(total / 100);
  const bool is_news = now > told_ && (told_ < 0 || now - told_ >= least || done == total);
  if (!is_news) return true;
  told_ = now;
  std::string text;
  json::ObjectWriter out(text);
  out.member("jsonrpc", "2.0");
  out.member("method", "notifications/progress");
  json::ObjectWriter params(out.key("params"));
  params.key("progressToken") += token_;
  params.member("progress", done);
  if (total > 0) params.member("total", total);
  params.close();
  out.close();
  is_heard_ = tell_(text);
  return is_heard_;
}

}  // namespace tulving::serve::mcp
