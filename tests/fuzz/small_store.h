#pragma once

#include "tulving/tulving.h"

namespace tulving::fuzz {

/// A tenant in RAM with a few memories of many kinds, to be asked.
inline const Tenant& small_tenant() {
  static Store* const store = [] {
    auto* made = new Store(std::move(Store::open_in_memory({})).value());
    Tenant tenant = made->tenant("acme").value();
    for (int i = 0; i < 40; ++i) {
      Memory memory;
      memory.text = "Words of number " + std::to_string(i) + ": naïve café, 東京, don't";
      memory.tags = {"t" + std::to_string(i % 3)};
      memory.metadata = R"({"a":{"b":)" + std::to_string(i) + R"(},"c":"d"})";
      memory.priority = 1 + i % 10;
      memory.embeddings = {{"default", {1.0F, static_cast<float>(i), 2.0F}}};
      (void)tenant.add(memory).has_value();
    }
    return made;
  }();
  static const Tenant tenant = store->tenant("acme").value();
  return tenant;
}

}  // namespace tulving::fuzz
