#include "tulving/result.h"

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

}  // namespace tulving
