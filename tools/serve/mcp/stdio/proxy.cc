#include "tools/serve/mcp/stdio/proxy.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <thread>

#include "tools/serve/http/workers.h"
#include "tools/serve/mcp/http/endpoint.h"
#include "tools/serve/mcp/protocol/message.h"
#include "tools/serve/mcp/stdio/local_http.h"

namespace tulving::serve::mcp {
namespace {

/// Lines of a descriptor, each up to a length; of a longer one the rest is thrown away.
class Lines {
 public:
  Lines(int in, std::size_t bytes_max) : in_(in), bytes_max_(bytes_max) {}

  /// False: the input has ended.
  bool next(std::string& line, bool& is_too_long) {
    line.clear();
    is_too_long = false;
    while (true) {
      const std::size_t end = buffer_.find('\n');
      const std::size_t taken = std::min(end, buffer_.size());
      is_too_long = is_too_long || line.size() + taken > bytes_max_;
      if (!is_too_long) line.append(buffer_, 0, taken);
      buffer_.erase(0, end == std::string::npos ? taken : end + 1);
      if (end != std::string::npos) return true;
      if (!fill()) return !line.empty() || is_too_long;  // The last line may lack its end.
    }
  }

 private:
  bool fill() {
    std::array<char, 65536> bytes{};
    ssize_t n = -1;
    do {
      n = read(in_, bytes.data(), bytes.size());
    } while (n < 0 && errno == EINTR);
    if (n <= 0) return false;
    buffer_.assign(bytes.data(), static_cast<std::size_t>(n));
    return true;
  }

  const int in_;
  const std::size_t bytes_max_;
  std::string buffer_;
};

}  // namespace

Result<std::string> Proxy::send(std::string_view line, const Told& told) {
  std::string target(Endpoint::kStdioPath);
  if (!options_.profile.empty()) target += "?profile=" + options_.profile;
  std::string headers;
  if (!options_.tenant.empty()) headers += "Tulving-Tenant: " + options_.tenant + "\r\n";
  if (!options_.token.empty()) headers += "Authorization: Bearer " + options_.token + "\r\n";
  const auto told_before = [&](std::string_view event) {  // The last is the answer.
    if (!member_of(event, "method").empty()) told(event);
  };
  constexpr int kAttempts = 20;
  for (int attempt = 0;; ++attempt) {
    auto reply = post_local(options_.socket, target, headers, line, told_before);
    const bool is_absent = !reply && reply.error().code == ErrorCode::kNotFound;
    const bool is_ending = reply && reply->status == 503;
    if (reply && !is_ending) {
      if (reply->status == 202) return std::string();
      // Refused before any message was looked at: a token, a tenant.
      if (member_of(reply->body, "jsonrpc").empty()) {
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("the server refuses: {} {}", reply->status,
                                 text_of(reply->body, "detail"))};
      }
      return std::move(reply->body);
    }
    if (!is_absent && !is_ending) return reply.error();
    if (attempt == kAttempts) {
      return Error{ErrorCode::kBusy, "the server is ending, and no other comes up"};
    }
    if (is_ending) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    const std::lock_guard lock(starting_);
    if (is_served(options_.socket)) continue;  // Another message's thread started it meanwhile.
    if (auto status = options_.start(); !status) return status.error();
  }
}

std::string Proxy::answer(std::string_view line, const Told& told) {
  const Message message = read_message(line);
  if (message.kind == MessageKind::kMalformed) {
    return error_message(message.id, message.code, message.fault);
  }
  if (message.kind == MessageKind::kNotification && message.method == "notifications/cancelled") {
    const std::lock_guard lock(mutex_);
    cancelled_.emplace(member_of(message.params, "requestId"));
    if (cancelled_.size() > 1000) cancelled_.clear();  // Of requests that were answered before.
    return {};
  }
  if (message.kind != MessageKind::kRequest) return {};
  auto reply = send(line, told);
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_.erase(std::string(message.id)) > 0) return {};
  }
  if (reply) return *std::move(reply);
  return error_message(message.id, kInternalError, reply.error().message);
}

Status Proxy::run(int in, const std::function<bool(std::string_view line)>& put) {
  std::mutex putting;
  const auto put_one = [&](std::string_view text) {
    const std::lock_guard lock(putting);
    if (!text.empty()) static_cast<void>(put(text));
  };
  Lines lines(in, options_.message_bytes_max);
  std::string line;
  bool is_too_long = false;
  http::Workers workers(options_.threads, 10'000);
  while (lines.next(line, is_too_long)) {
    if (is_too_long) {
      put_one(error_message({}, kInvalidRequest, "the message is too long"));
    } else if (line.find_first_not_of(" \t\r") != std::string::npos) {
      const bool is_taken =
          workers.submit([this, put_one, line] { put_one(answer(line, put_one)); });
      if (!is_taken) put_one(answer(line, put_one));
    }
  }
  return {};
}

}  // namespace tulving::serve::mcp
