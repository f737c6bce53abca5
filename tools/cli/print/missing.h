#pragma once

#include <string>

#include "tulving/store.h"

namespace tulving::tools {

/// As report(), but each message once: a file of queries asks for the same again and again.
void report_once(const std::string& message);

/// An empty answer may be a misspelt name: a tenant that the store does not have is said on stderr,
/// once; the answer and the exit code stay as they are.
void tell_missing_tenant(const Store& store, const std::string& tenant_id);

}  // namespace tulving::tools
