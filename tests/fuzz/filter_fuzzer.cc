// Filters: what is read can be asked, and lets no more through than there is.

#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/small_store.h"

namespace tulving::fuzz {

TULVING_FUZZER(filter) {
  auto filter = parse_filter(input);
  if (!filter) return;
  ListRequest request;
  request.filter = *std::move(filter);
  const auto page = small_tenant().list(request);
  if (page) TULVING_CHECK(page->memories.size() == page->matching && page->matching <= 40);
}

}  // namespace tulving::fuzz
