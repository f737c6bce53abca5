#pragma once

#include "tools/c/include/tulving_c.h"
#include "tulving/operations.h"
#include "tulving/options.h"
#include "tulving/result.h"

namespace tulving::c {

struct OpenOptions {
  StoreOptions store;
  ServiceOptions service;
};

/// What the struct says; null: the defaults.
Result<OpenOptions> open_options(const tulving_store_options* given);

}  // namespace tulving::c
