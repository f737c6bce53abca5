#pragma once

#include <string>
#include <string_view>

#include "tulving/result.h"

namespace tulving::tools {

/// The connection string of `command`: `given`, by --OPTION, or that in `file`, by --OPTION-file.
/// The file may hold a password: nobody else may read it, as ssh wants it of its keys. A pipe is as
/// good, and belongs to who made it. kInvalidArgument: none or both; or the file is no such file.
Result<std::string> postgres_address(std::string_view command, std::string_view option,
                                     const std::string& given, const std::string& file);

}  // namespace tulving::tools
