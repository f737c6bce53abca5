#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace tulving::testing {

using Json = nlohmann::json;
using Headers = std::vector<std::pair<std::string, std::string>>;

/// What came back. Status 0: the connection was closed without a word.
struct Reply {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< Names in lower case.
  std::string body;

  [[nodiscard]] Json json() const { return Json::parse(body, nullptr, false); }
  /// Of a body of lines.
  [[nodiscard]] std::vector<Json> lines() const;
};

/// A client that says exactly what it is told to, on a connection that stays.
class Client {
 public:
  explicit Client(std::uint16_t port);
  explicit Client(const std::string& socket_path);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] bool is_connected() const { return socket_ >= 0; }
  /// False: the server has closed.
  bool send(const std::string& bytes);
  void half_close();
  bool hears_within(std::chrono::milliseconds time);
  /// The next response; waits for thirty seconds at most.
  Reply read(bool of_head = false);
  /// Whether the server has closed, waiting for it.
  bool is_closed();

  Reply ask(const std::string& method, const std::string& target, const std::string& body = {},
            const Headers& headers = {});
  Reply get(const std::string& target, const Headers& headers = {}) {
    return ask("GET", target, {}, headers);
  }
  Reply post(const std::string& target, const Json& body, const Headers& headers = {}) {
    return ask("POST", target, body.dump(), headers);
  }

 private:
  bool fill();
  std::string take_line();
  std::string take(std::size_t bytes);
  std::string take_chunks();

  int socket_ = -1;
  std::string buffer_;
  bool is_at_end_ = false;
};

}  // namespace tulving::testing
