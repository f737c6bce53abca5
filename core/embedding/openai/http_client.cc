#include "core/embedding/openai/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <utility>

namespace tulving::embedding {
namespace {

constexpr std::chrono::milliseconds kConnectTimeout(5'000);

void init_curl() {
  static const CURLcode kOnce = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)kOnce;
}

/// What a request's answer comes into.
struct Sink {
  HttpAnswer answer;
  std::size_t bytes_max = 0;
  bool is_too_long = false;
};

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* to) {
  auto& sink = *static_cast<Sink*>(to);
  const std::size_t more = size * count;
  if (sink.answer.body.size() + more > sink.bytes_max) {
    sink.is_too_long = true;
    return CURL_WRITEFUNC_ERROR;
  }
  sink.answer.body.append(bytes, more);
  return more;
}

}  // namespace

/// An easy handle and the error text that libcurl writes beside it.
class HttpClient::Handle {
 public:
  Handle() : curl_(curl_easy_init()) {}
  ~Handle() {
    curl_slist_free_all(headers_);
    if (curl_ != nullptr) curl_easy_cleanup(curl_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  [[nodiscard]] bool is_open() const { return curl_ != nullptr; }
  [[nodiscard]] const char* error() const { return error_.data(); }
  [[nodiscard]] CURL* curl() const { return curl_; }

  /// Once, for all requests of this handle.
  void prepare(const HttpClient& client) {
    add_header("Content-Type: application/json");
    add_header("Accept: application/json");
    if (!client.key_.empty()) add_header("Authorization: Bearer " + client.key_);
    curl_easy_setopt(curl_, CURLOPT_URL, client.url_.c_str());
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);  // Signals are the host program's.
    curl_easy_setopt(curl_, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kConnectTimeout.count()));
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, static_cast<long>(client.timeout_.count()));
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &take_body);
  }

 private:
  void add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_, line.c_str());
    if (longer != nullptr) headers_ = longer;
  }

  CURL* curl_;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

HttpClient::HttpClient(std::string url, std::string key, std::chrono::milliseconds timeout,
                       std::size_t answer_bytes_max)
    : url_(std::move(url)),
      key_(std::move(key)),
      timeout_(timeout),
      answer_bytes_max_(answer_bytes_max) {
  init_curl();
}

HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Handle> HttpClient::take() const {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto handle = std::move(idle_.back());
      idle_.pop_back();
      return handle;
    }
  }
  auto handle = std::make_unique<Handle>();
  if (handle->is_open()) handle->prepare(*this);
  return handle;
}

Result<HttpAnswer> HttpClient::post(const std::string& json) const {
  auto handle = take();
  if (!handle->is_open()) return Error{ErrorCode::kResourceExhausted, "libcurl gives no handle"};
  Sink sink;
  sink.bytes_max = answer_bytes_max_;
  CURL* curl = handle->curl();
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, json.c_str());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json.size()));
  const CURLcode code = curl_easy_perform(curl);
  if (sink.is_too_long) {
    return Error{ErrorCode::kIo,
                 fmt::format("{}: the answer has more than {} bytes", url_, answer_bytes_max_)};
  }
  if (code != CURLE_OK) {
    const std::string why = *handle->error() != '\0' ? handle->error() : curl_easy_strerror(code);
    return Error{ErrorCode::kIo, fmt::format("{}: {}", url_, why)};
  }
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &sink.answer.status);
  curl_off_t wait = 0;
  if (curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait) == CURLE_OK && wait > 0) {
    sink.answer.retry_after = std::chrono::seconds(wait);
  }
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(handle));
  return std::move(sink.answer);
}

}  // namespace tulving::embedding
