#include "index/text/postings/posting_digest.h"

#include <cstring>

#include "tulving/uuid.h"

namespace tulving::index {
namespace {

std::uint64_t random_odd() {
  std::uint64_t number = 0;
  std::memcpy(&number, Uuid::random().bytes.data() + 8, sizeof(number));
  return number | 1U;
}

}  // namespace

PostingDigest::PostingDigest()
    : term_key_(random_odd()),
      place_key_(random_odd()),
      times_key_(random_odd()),
      mix_key_(random_odd()) {}

}  // namespace tulving::index
