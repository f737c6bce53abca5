#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tulving/result.h"

namespace tulving::embedding {

struct HttpAnswer {
  long status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after;
};

/// POSTs JSON to one URL, over connections that are kept. Thread-safe: as many at once as callers.
class HttpClient {
 public:
  /// `key` is sent as a bearer token where it is not empty, and shown nowhere.
  HttpClient(std::string url, std::string key, std::chrono::milliseconds timeout,
             std::size_t answer_bytes_max);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  [[nodiscard]] const std::string& url() const { return url_; }
  /// Whatever status the answer has. kIo: there is none, or it is too long.
  [[nodiscard]] Result<HttpAnswer> post(const std::string& json) const;

 private:
  class Handle;
  [[nodiscard]] std::unique_ptr<Handle> take() const;

  const std::string url_;
  const std::string key_;
  const std::chrono::milliseconds timeout_;
  const std::size_t answer_bytes_max_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Handle>> idle_;
};

}  // namespace tulving::embedding
