// The tracker's issues.jsonl: its lines are the file, and a task that is read is the same when it
// is written and read again.

#include "core/consolidation/tracker/beads.h"
#include "tests/fuzz/fuzzer.h"

namespace tulving::fuzz {

TULVING_FUZZER(issues) {
  std::string joined;
  for (const auto& line : consolidation::read_beads("acme", input)) {
    joined += line.text;
    TULVING_CHECK(!(line.task && line.fault));
    if (!line.task) continue;
    const std::string written = consolidation::to_beads_line("acme", line.task->task);
    const auto again = consolidation::from_beads_line("acme", written);
    TULVING_CHECK(again && consolidation::to_beads_line("acme", again->task) == written);
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const bool is_marked = input.starts_with(kByteOrderMark);
  TULVING_CHECK(joined == (is_marked ? input.substr(kByteOrderMark.size()) : input));
}

}  // namespace tulving::fuzz
