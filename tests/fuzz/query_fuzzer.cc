// Lines of `search --queries`, and texts to search for. The first byte chooses.

#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/small_store.h"

namespace tulving::fuzz {

TULVING_FUZZER(query) {
  Input parts(input);
  SearchRequest request;
  request.k = 5;
  if (parts.byte() % 2 == 0) {
    const auto line = parse_query(parts.rest());
    if (!line) return;
    TULVING_CHECK(!line->query_id.empty());
    request.text = line->text;
    request.vector = line->vector;
    if (line->filter) request.filter = *line->filter;
  } else {
    request.text = std::string(parts.rest());
  }
  const auto found = small_tenant().search(request);
  if (found) TULVING_CHECK(found->hits.size() <= 5);
}

}  // namespace tulving::fuzz
