#include "tools/serve/rest/rest_api.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

#include "tools/serve/rest/arguments_json.h"
#include "tools/serve/rest/line_stream.h"
#include "tools/serve/rest/problem.h"

namespace tulving::serve::rest {
namespace {

/// A remark names what somebody asked for, in any letters; a header has but some.
std::string escaped(std::string_view remark) {
  std::string out;
  for (const char c : remark) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F || c == '%' || c == ',') {
      fmt::format_to(std::back_inserter(out), "%{:02X}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

void add_remarks(http::Response& response, const std::vector<std::string>& remarks) {
  std::string all;
  for (const std::string& remark : remarks) {
    if (all.size() > 2000) break;
    if (!all.empty()) all += ", ";
    all += escaped(remark);
  }
  if (!all.empty()) response.headers.emplace_back("Tulving-Remarks", std::move(all));
}

}  // namespace

void add_revision(http::Response& response, const Store& store) {
  response.headers.emplace_back("Tulving-Revision", std::to_string(store.revision()));
}

http::Response RestApi::answer(const Route& route, const auth::Access& access,
                               const http::Request& request, http::ResponseStream& stream) {
  const Operation& operation = *route.operation;
  auto arguments = arguments_json(operation, request);
  if (!arguments) return problem(400, arguments.error());
  Call call{.operation = operation.name, .arguments = arguments->text};
  if (arguments->deadline_ms > 0) {
    const auto until =
        std::chrono::steady_clock::now() +
        std::chrono::microseconds(static_cast<std::int64_t>(arguments->deadline_ms * 1000));
    call.progress = [until](std::uint64_t, std::uint64_t) {
      return std::chrono::steady_clock::now() < until;
    };
  }
  if (operation.stream != nullptr) {
    return answer_stream(route, access, call, request, stream);
  }
  Outcome outcome = calls_.call(access, route.tenant_id, call);
  http::Response response;
  if (outcome.answer) {
    response.headers.emplace_back("Content-Type", kJson);
    response.body = std::move(outcome.answer->json);
    add_remarks(response, outcome.answer->remarks);
  } else {
    response = problem_of(outcome, arguments->is_conditional);
  }
  add_revision(response, calls_.store());
  return response;
}

http::Response RestApi::answer_stream(const Route& route, const auth::Access& access,
                                      const Call& call, const http::Request& request,
                                      http::ResponseStream& stream) {
  const std::string_view lines =
      takes_lines(*route.operation) ? std::string_view(request.body) : std::string_view();
  LineStream ends(lines, stream, calls_.store());
  const Outcome outcome = calls_.stream(access, route.tenant_id, call, ends.ends());
  if (!outcome.answer && !ends.has_begun()) {
    http::Response response = problem_of(outcome, false);
    add_revision(response, calls_.store());
    return response;
  }
  ends.finish(outcome);
  return {};
}

}  // namespace tulving::serve::rest
