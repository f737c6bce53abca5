#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

#include "core/base/errors.h"
#include "core/base/text/utf8.h"
#include "core/embedding/openai/embedding_answer.h"
#include "core/embedding/openai/http_client.h"
#include "tulving/embedders.h"

namespace tulving {
namespace {

using embedding::HttpAnswer;
using embedding::HttpClient;

constexpr std::chrono::milliseconds kFirstPause(250);
constexpr std::chrono::seconds kLongestPause(30);
// Of an answer: a number of 1,536 takes 20 bytes at most where it is no base64, and as much beside.
constexpr std::size_t kAnswerBytesMax = std::size_t{256} << 20;

bool is_for_now(long status) { return status == 429 || status >= 500; }

Error error_of(const HttpClient& client, const HttpAnswer& answer) {
  const bool refuses_texts = answer.status == 400 || answer.status == 413 || answer.status == 422;
  const bool refuses_key = answer.status == 401 || answer.status == 403;
  return {refuses_texts          ? ErrorCode::kInvalidArgument
          : answer.status == 429 ? ErrorCode::kBusy
                                 : ErrorCode::kIo,
          fmt::format("{}: HTTP {}{}: {}", client.url(), answer.status,
                      refuses_key ? ", the key is refused" : "",
                      embedding::message_of_answer(answer.body))};
}

class OpenAiEmbedder : public Embedder {
 public:
  OpenAiEmbedder(const OpenAiOptions& options, const std::string& key)
      : options_(options),
        client_(options.url + "/embeddings", key, options.timeout, kAnswerBytesMax),
        identity_{options.model, options.dim, false} {}

  /// Of one whose dimension is not known yet.
  Status find_dimension() {
    auto floats = ask({options_.document_prefix + "dimension"});
    if (!floats) return floats.error();
    if (floats->size() > 4096) {
      return Error{ErrorCode::kIo, fmt::format("{}: its vectors have {} components; at most 4096",
                                               client_.url(), floats->size())};
    }
    identity_.dim = static_cast<std::uint32_t>(floats->size());
    return {};
  }

  [[nodiscard]] const EmbedderIdentity& identity() const noexcept override { return identity_; }
  [[nodiscard]] std::size_t batch_limit() const noexcept override { return options_.batch; }
  [[nodiscard]] TextLength text_limit() const noexcept override {
    return {options_.text_bytes_max, TextUnit::kBytes};
  }
  [[nodiscard]] Result<std::size_t> length_of(std::string_view text) const override {
    return text.size();
  }

  [[nodiscard]] Result<std::vector<float>> embed_documents(
      std::span<const std::string_view> texts) const override {
    if (texts.empty()) return std::vector<float>();
    if (texts.size() > options_.batch) {
      return invalid(fmt::format("texts: {} in one call; at most {}", texts.size(), options_.batch),
                     "texts");
    }
    std::vector<std::string> sent;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      auto text = sendable(options_.document_prefix, texts[i]);
      if (!text) {
        Error error = text.error();
        error.position = i;
        return error;
      }
      sent.push_back(*std::move(text));
    }
    return ask(sent);
  }

  [[nodiscard]] Result<std::vector<float>> embed_query(std::string_view text) const override {
    auto sent = sendable(options_.query_prefix, text);
    if (!sent) return sent.error();
    return ask({*std::move(sent)});
  }

 private:
  // Cut where a character ends. Servers refuse an empty text.
  [[nodiscard]] Result<std::string> sendable(const std::string& prefix,
                                             std::string_view text) const {
    if (const auto bad = first_invalid_utf8(text)) {
      return invalid(fmt::format("text is not UTF-8 at byte {}", *bad), "text");
    }
    text = text.substr(0, options_.text_bytes_max);
    if (const auto bad = first_invalid_utf8(text)) text = text.substr(0, *bad);
    std::string sent = prefix;
    sent += text;
    return sent.empty() ? std::string(" ") : sent;
  }

  [[nodiscard]] Result<std::vector<float>> ask(const std::vector<std::string>& texts) const {
    const std::string request = embedding::embedding_request(options_.model, texts);
    std::chrono::milliseconds pause = kFirstPause;
    for (std::uint32_t attempt = 0;; ++attempt) {
      const auto answer = client_.post(request);
      if (answer && answer->status == 200) {
        auto floats = embedding::vectors_of_answer(answer->body, texts.size(), identity_.dim);
        if (!floats) return Error{ErrorCode::kIo, client_.url() + ": " + floats.error().message};
        return floats;
      }
      const Error error = answer ? error_of(client_, *answer) : answer.error();
      if (answer && !is_for_now(answer->status)) return error;
      if (attempt >= options_.retries) return error;
      std::chrono::milliseconds wait = pause;
      if (answer && answer->retry_after) wait = *answer->retry_after;
      if (wait > kLongestPause) return error;
      std::this_thread::sleep_for(wait);
      pause *= 2;
    }
  }

  const OpenAiOptions options_;
  const HttpClient client_;
  EmbedderIdentity identity_;  ///< Constant once it is opened.
};

Result<std::string> key_of(const OpenAiOptions& options) {
  std::string key;
  if (options.key_file.empty()) {
    const char* variable = std::getenv("OPENAI_API_KEY");
    if (variable != nullptr) key = variable;
  } else {
    std::ifstream file(options.key_file);
    if (!file) {
      return Error{ErrorCode::kNotFound,
                   "key_file " + options.key_file.string() + " cannot be read", "key_file"};
    }
    std::getline(file, key);
    while (!key.empty() && (key.back() == '\r' || key.back() == ' ')) key.pop_back();
  }
  const bool is_header = std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!is_header) return invalid("the key has a character that no key has", "key_file");
  return key;
}

Status check(const OpenAiOptions& options) {
  const bool is_http = options.url.starts_with("http://") || options.url.starts_with("https://");
  if (!is_http || options.url.ends_with('/') ||
      std::ranges::any_of(options.url, [](char c) { return c <= ' ' || c >= '\x7f'; })) {
    return invalid(fmt::format("url is \"{}\"; it must be http:// or https://, without blanks, and "
                               "end without '/', as in http://127.0.0.1:11434/v1",
                               options.url),
                   "url");
  }
  if (options.url.find('@') != std::string::npos) {
    return invalid("url has an '@': a key belongs into key_file or OPENAI_API_KEY", "url");
  }
  const auto in_range = [](std::string_view field, std::uint64_t value, std::uint64_t least,
                           std::uint64_t most) -> Status {
    if (value >= least && value <= most) return {};
    return invalid(fmt::format("{} is {}; must be {}..{}", field, value, least, most),
                   std::string(field));
  };
  if (auto status = in_range("model", options.model.size(), 1, 64); !status) {
    return invalid("model is a name of 1..64 characters", "model");
  }
  if (auto status = in_range("dim", options.dim, 0, 4096); !status) return status;
  if (auto status = in_range("batch", options.batch, 1, 2048); !status) return status;
  if (auto status = in_range("text_bytes_max", options.text_bytes_max, 1, 1'000'000); !status) {
    return status;
  }
  const auto timeout =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, options.timeout.count()));
  if (auto status = in_range("timeout", timeout, 1, 600'000); !status) return status;
  return in_range("retries", options.retries, 0, 10);
}

}  // namespace

Result<std::shared_ptr<const Embedder>> open_openai(const OpenAiOptions& options) {
  if (auto status = check(options); !status) return status.error();
  const auto key = key_of(options);
  if (!key) return key.error();
  const auto embedder = std::make_shared<OpenAiEmbedder>(options, *key);
  if (options.dim == 0) {
    if (auto status = embedder->find_dimension(); !status) return status.error();
  }
  return std::shared_ptr<const Embedder>(embedder);
}

}  // namespace tulving
