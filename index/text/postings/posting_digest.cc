#include "index/text/postings/posting_digest.h"

#include "core/base/random.h"

namespace tulving::index {

PostingDigest::PostingDigest()
    : term_key_(random_number() | 1U),
      place_key_(random_number() | 1U),
      times_key_(random_number() | 1U),
      mix_key_(random_number() | 1U) {}

}  // namespace tulving::index
