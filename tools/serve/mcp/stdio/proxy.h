#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "tulving/result.h"

namespace tulving::serve::mcp {

/// Where messages go, and how a server is had.
struct ProxyOptions {
  std::string socket;           ///< Of the server.
  std::string tenant, profile;  ///< Empty: the server's own.
  std::string token;            ///< Empty: none.
  /// Brings a server up; returns when it listens, or why it does not.
  std::function<Status()> start;
  std::size_t message_bytes_max = 8 << 20;
  std::size_t threads = 4;  ///< Messages under way at once.
};

/// MCP over standard input and output: carries each line to the server, and its answer back. It
/// opens no store, so any number of clients may run one.
class Proxy {
 public:
  explicit Proxy(ProxyOptions options) : options_(std::move(options)) {}

  /// Reads lines of `in` until its end. `put` writes a line, of one thread at a time.
  Status run(int in, const std::function<bool(std::string_view line)>& put);

  using Told = std::function<void(std::string_view message)>;
  /// The answer to a message; empty: there is none. What is told before it goes to `told`.
  [[nodiscard]] std::string answer(std::string_view line, const Told& told);

 private:
  Result<std::string> send(std::string_view line, const Told& told);

  const ProxyOptions options_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> cancelled_;  // Ids, as JSON, of requests under way.
  std::mutex starting_;
};

}  // namespace tulving::serve::mcp
