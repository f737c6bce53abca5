#pragma once

#include <string>
#include <string_view>

#include "tools/serve/calls/calls.h"
#include "tools/serve/http/message.h"
#include "tulving/result.h"

namespace tulving::serve::rest {

inline constexpr const char* kJson = "application/json";
inline constexpr const char* kProblem = "application/problem+json";
inline constexpr const char* kLines = "application/x-ndjson";

/// The status that says what an error's code says.
[[nodiscard]] int status_of(ErrorCode code);

/// A problem as RFC 9457 has it, with our code, field and position beside its own members.
[[nodiscard]] std::string problem_json(int status, const Error& error);
[[nodiscard]] http::Response problem(int status, const Error& error);
/// Of a request that no error of the engine stands for.
[[nodiscard]] http::Response problem(int status, std::string_view detail,
                                     std::string_view field = {});

/// Of what came of a call, where there is no answer. With `is_conditional` a conflict is the
/// request's own condition that does not hold.
[[nodiscard]] http::Response problem_of(const Outcome& outcome, bool is_conditional);

}  // namespace tulving::serve::rest
