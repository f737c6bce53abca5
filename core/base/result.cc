#include "tulving/result.h"

#include <cstdio>
#include <cstdlib>

namespace tulving {

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid argument";
    case ErrorCode::kNotFound:
      return "not found";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kBusy:
      return "busy";
    case ErrorCode::kResourceExhausted:
      return "resource exhausted";
    case ErrorCode::kIo:
      return "input/output error";
    case ErrorCode::kCorruption:
      return "corruption";
    case ErrorCode::kInDoubt:
      return "in doubt";
  }
  return "unknown error";
}

void detail::read_wrong_side(const Error* error) noexcept {
  if (error == nullptr) {
    std::fputs("a Result's error was read where it has none\n", stderr);
  } else {
    const std::string code(to_string(error->code));
    std::fprintf(stderr, "a Result's value was read in place of its error (%s): %s\n", code.c_str(),
                 error->message.c_str());
  }
  std::abort();
}

}  // namespace tulving
