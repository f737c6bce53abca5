// Lines of an import: what is read as a record is the same when it is written and read again.

#include "tests/fuzz/fuzzer.h"
#include "tulving/json.h"

namespace tulving::fuzz {

TULVING_FUZZER(jsonl) {
  const auto first = parse_record(input);
  if (!first) return;
  const std::string line = to_json_line(first->tenant_id, first->record);
  const auto again = parse_record(line);
  TULVING_CHECK(again && again->tenant_id == first->tenant_id);
  TULVING_CHECK(to_json_line(again->tenant_id, again->record) == line);
}

}  // namespace tulving::fuzz
