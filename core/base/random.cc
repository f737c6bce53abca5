#include "core/base/random.h"

#include <span>

#include "core/base/hash.h"
#include "tulving/uuid.h"

namespace tulving {

// Six of a random id's 128 bits are always the same: a hash spreads the others.
std::uint64_t random_number() {
  const Uuid id = Uuid::random();
  return xxh3(std::as_bytes(std::span(id.bytes)));
}

}  // namespace tulving
