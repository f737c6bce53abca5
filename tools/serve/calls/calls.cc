#include "tools/serve/calls/calls.h"

#include <fmt/format.h>

#include <chrono>

namespace tulving::serve {
namespace {

Outcome forbidden(std::string message, std::string field) {
  return {.error = {ErrorCode::kInvalidArgument, std::move(message), std::move(field)},
          .is_forbidden = true};
}

/// Notes when the call begins, and counts it at its end.
class Clocked {
 public:
  Clocked(Metrics& metrics, const Operation& operation)
      : metrics_(metrics), operation_(operation), began_(Clock::now()) {}
  void count(const ErrorCode* code) { metrics_.count(operation_, code, Clock::now() - began_); }

 private:
  using Clock = std::chrono::steady_clock;
  Metrics& metrics_;
  const Operation& operation_;
  const Clock::time_point began_;
};

}  // namespace

Outcome Calls::call(const auth::Access& access, const std::string& tenant_id, const Call& call) {
  return run(access, tenant_id, call, nullptr);
}

Outcome Calls::stream(const auth::Access& access, const std::string& tenant_id, const Call& call,
                      const StreamEnds& lines) {
  return run(access, tenant_id, call, &lines);
}

Outcome Calls::run(const auth::Access& access, const std::string& tenant_id, const Call& call,
                   const StreamEnds* lines) {
  const Operation* operation = service_.find(call.operation);
  if (operation == nullptr) {
    return {.error = {ErrorCode::kNotFound,
                      fmt::format("there is no operation \"{}\"", call.operation), "operation"}};
  }
  if (!access.tenant_id.empty() && !tenant_id.empty() && tenant_id != access.tenant_id) {
    return forbidden("the token is another tenant's", "tenant_id");
  }
  const Caller caller{tenant_id.empty() ? access.tenant_id : tenant_id};
  if (!caller.tenant_id.empty() && operation->is_about_store()) {
    return forbidden(fmt::format("{} is about the whole store, and the caller is of one tenant",
                                 operation->name),
                     {});
  }
  Clocked clocked(metrics_, *operation);
  const auto arguments = Arguments::read(*operation, caller, call);
  if (!arguments) {
    clocked.count(&arguments.error().code);
    return {.error = in_operation(*operation, arguments.error())};
  }
  const auth::Scope needed = auth::scope_of(*operation, *arguments);
  if (!auth::covers(access.scopes, needed)) {
    return forbidden(fmt::format("{} needs the scope {}", operation->name, auth::to_text(needed)),
                     "scope");
  }
  Outcome outcome;
  Status status;
  if (lines == nullptr) {
    auto answer = service_.run(caller, call, *arguments);
    if (answer) {
      outcome.answer = *std::move(answer);
    } else {
      status = answer.error();
    }
  } else {
    status = service_.run_stream(caller, call, *arguments, *lines, outcome.answer.emplace());
  }
  clocked.count(status ? nullptr : &status.error().code);
  if (status) return outcome;
  outcome.error = status.error();
  if (lines != nullptr && outcome.answer->json.empty()) outcome.answer.reset();
  if (operation->effect != Effect::kRead) health_.look_after(service_.store(), outcome.error);
  return outcome;
}

}  // namespace tulving::serve
