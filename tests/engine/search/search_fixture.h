#pragma once

#include <string>
#include <vector>

#include "tests/engine/one_tenant.h"

namespace tulving::testing {

/// A tenant that is searched.
class Searched : public OneTenantInRam {
 protected:
  Uuid add(const Memory& memory) { return value_of(tenant_->add(memory)).id; }
  std::vector<std::string> found(const SearchRequest& request) {
    return texts_of(value_of(tenant_->search(request)));
  }
};

}  // namespace tulving::testing
