#include "tools/serve/http/request_rules.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace tulving::serve::http {
namespace {

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7F;
  });
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 18 &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::string_view> fault_of(const RequestHead& head, std::string_view version) {
  for (const auto& [name, value] : head.headers) {
    if (!is_token(name)) return "a header's name is no token";
    if (has_control(value)) return "a header has a control character";
  }
  if (!is_token(head.method)) return "the method is no token";
  if (!head.path.starts_with('/') || has_control(head.path)) return "the target is no path";
  const std::size_t lengths = head.count("Content-Length");
  const std::size_t codings = head.count("Transfer-Encoding");
  if (lengths > 1) return "Content-Length is given twice";
  if (lengths == 1 && !is_number(*head.header("Content-Length"))) {
    return "Content-Length is no number";
  }
  if (codings > 0 && lengths > 0) return "Content-Length and Transfer-Encoding exclude each other";
  if (codings > 0 && version != "HTTP/1.1") return "Transfer-Encoding needs HTTP/1.1";
  if (codings > 1 || (codings == 1 && !same_name(*head.header("Transfer-Encoding"), "chunked"))) {
    return "Transfer-Encoding must be chunked";
  }
  const std::size_t hosts = head.count("Host");
  if (hosts > 1) return "Host is given twice";
  if (hosts == 0 && version != "HTTP/1.0") return "Host is missing";
  return std::nullopt;
}

std::optional<std::size_t> content_length(const RequestHead& head) {
  const std::string* text = head.header("Content-Length");
  std::size_t length = 0;
  if (text == nullptr) return std::nullopt;
  std::from_chars(text->data(), text->data() + text->size(), length);
  return length;
}

}  // namespace tulving::serve::http
