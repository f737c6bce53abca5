#pragma once

#include <string>

#include "tools/serve/http/message.h"
#include "tulving/operations.h"
#include "tulving/result.h"

namespace tulving::serve::rest {

/// A call's arguments as one JSON object, of a query or a body and of the headers that stand for
/// parameters: Idempotency-Key, If-Match, Tulving-Deadline-Ms.
struct ArgumentsJson {
  std::string text;
  bool is_conditional = false;  ///< If-Match was given.
  /// Milliseconds that the call may take, where that is no parameter of it. 0: any.
  double deadline_ms = 0;
};

/// kInvalidArgument: a header that the operation has no use for, or that is malformed; a query with
/// a malformed escape. What else is wrong, Arguments::read() finds.
Result<ArgumentsJson> arguments_json(const Operation& operation, const http::Request& request);

}  // namespace tulving::serve::rest
