#include "tools/serve/rest/problem.h"

#include <algorithm>
#include <array>

#include "core/base/text/utf8.h"
#include "core/json/text/json_writer.h"

namespace tulving::serve::rest {
namespace {

struct Title {
  int status;
  std::string_view text;
};
constexpr std::array kTitles = {Title{400, "invalid request"},
                                Title{401, "a token is needed"},
                                Title{403, "not allowed"},
                                Title{404, "not found"},
                                Title{405, "another method is needed"},
                                Title{409, "conflict"},
                                Title{412, "the condition does not hold"},
                                Title{413, "too long"},
                                Title{415, "another content type is needed"},
                                Title{429, "too many requests"},
                                Title{500, "the server failed"},
                                Title{503, "not now"},
                                Title{507, "a limit was reached"}};

std::string_view title_of(int status) {
  const auto found = std::ranges::find(kTitles, status, &Title::status);
  return found == kTitles.end() ? "problem" : found->text;
}

std::string joined(std::string_view words, char with) {
  std::string text(words);
  std::ranges::replace(text, ' ', with);
  return text;
}

std::string document(int status, std::string_view type, std::string_view detail, const Error* error,
                     std::string_view field) {
  std::string text;
  json::ObjectWriter out(text);
  out.member("type", "urn:tulving:problem:" + joined(type, '-'));
  out.member("title", title_of(status));
  out.member("status", status);
  // A message may quote what is no UTF-8: a path, a header.
  out.member("detail", first_invalid_utf8(detail) ? title_of(status) : detail);
  out.member("code", joined(error == nullptr ? title_of(status) : to_string(error->code), '_'));
  if (!field.empty() && !first_invalid_utf8(field)) out.member("field", field);
  if (error != nullptr && error->position) {
    out.member("position", std::uint64_t{*error->position});
  }
  out.close();
  return text;
}

http::Response made(int status, std::string body) {
  http::Response response{.status = status, .body = std::move(body)};
  response.headers.emplace_back("Content-Type", kProblem);
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kBusy:
      return 503;
    case ErrorCode::kResourceExhausted:
      return 507;
    case ErrorCode::kIo:
    case ErrorCode::kCorruption:
    case ErrorCode::kInDoubt:
      break;
  }
  return 500;
}

std::string problem_json(int status, const Error& error) {
  return document(status, to_string(error.code), error.message, &error, error.field);
}

http::Response problem(int status, const Error& error) {
  return made(status, problem_json(status, error));
}

http::Response problem(int status, std::string_view detail, std::string_view field) {
  return made(status, document(status, title_of(status), detail, nullptr, field));
}

http::Response problem_of(const Outcome& outcome, bool is_conditional) {
  if (outcome.is_forbidden) return problem(403, outcome.error.message, outcome.error.field);
  const bool is_condition = is_conditional && outcome.error.code == ErrorCode::kConflict;
  return problem(is_condition ? 412 : status_of(outcome.error.code), outcome.error);
}

}  // namespace tulving::serve::rest
