#pragma once

#include <string>
#include <string_view>

#include "tools/serve/calls/calls.h"
#include "tools/serve/http/handler.h"
#include "tulving/operations.h"

namespace tulving::serve::rest {

/// The two ends of a stream over HTTP: lines of JSON from a body, lines of JSON as the response,
/// which begins with the first of them. Its last line is {"answer": ...}, the operation's own
/// answer, or {"problem": ...}; where neither stands at the end, the response was cut.
class LineStream {
 public:
  /// All must outlive it.
  LineStream(std::string_view lines, http::ResponseStream& out, const Store& store)
      : left_(lines), out_(out), store_(store) {}

  [[nodiscard]] StreamEnds ends();
  [[nodiscard]] bool has_begun() const { return has_begun_; }
  /// Writes the last line.
  void finish(const Outcome& outcome);

 private:
  Result<std::optional<StreamLine>> next();
  Status put(std::string_view line);
  Status flush();

  std::string_view left_;
  std::uint64_t number_ = 0;
  http::ResponseStream& out_;
  const Store& store_;
  std::string buffer_;
  bool has_begun_ = false;
};

}  // namespace tulving::serve::rest
