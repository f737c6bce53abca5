#include "core/base/files/io_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace tulving {

Error io_error(std::string_view what, std::string_view name, int cause) {
  return {ErrorCode::kIo,
          fmt::format("cannot {} {}: {}", what, name, std::generic_category().message(cause)),
          {}};
}

Error disk_error(std::string_view what, std::string_view name, int cause) {
  Error error = io_error(what, name, cause);
  if (cause == ENOSPC || cause == EDQUOT) error.code = ErrorCode::kResourceExhausted;
  return error;
}

}  // namespace tulving
