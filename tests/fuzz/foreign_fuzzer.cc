// Files of other systems: the first byte says whose, the rest is the file, in pieces. A second
// import of what was imported changes nothing, whatever it was.

#include <algorithm>
#include <optional>

#include "tests/fuzz/fuzzer.h"
#include "tulving/operations.h"

namespace tulving::fuzz {
namespace {

constexpr std::string_view kForeignFormats[] = {"mem0",
                                                "mcp_memory",
                                                "cortexgraph",
                                                "session_memory_agent",
                                                "contextual_memory_pc2",
                                                "jarvis_memory_pc2"};

/// The summary, as JSON.
std::string import_foreign(Service& service, std::string_view format, std::string_view file) {
  std::string_view line;
  bool in_line = false;
  const StreamEnds ends{.next = [&]() -> Result<std::optional<StreamLine>> {
                          if (!in_line && file.empty()) return std::optional<StreamLine>();
                          if (!in_line) {
                            const std::size_t end = std::min(file.find('\n'), file.size());
                            line = file.substr(0, end);
                            file.remove_prefix(std::min(end + 1, file.size()));
                          }
                          const std::string_view part = line.substr(0, 64);
                          line.remove_prefix(part.size());
                          in_line = !line.empty();
                          return std::optional(StreamLine{.text = part, .is_part = in_line});
                        },
                        .put = [](const StreamLine&) -> Status { return {}; }};
  std::string arguments = R"({"tenant_id":"t","format":")";
  arguments.append(format).append("\"}");
  Answer summary;
  TULVING_CHECK(service.stream({}, {.operation = "import", .arguments = arguments}, ends, summary));
  return summary.json;
}

}  // namespace

TULVING_FUZZER(foreign) {
  if (input.empty()) return;
  const auto picked = static_cast<unsigned char>(input.front()) % std::size(kForeignFormats);
  Service service(std::move(Store::open_in_memory({})).value());
  import_foreign(service, kForeignFormats[picked], input.substr(1));
  const std::uint64_t revision = service.store().revision();
  const std::string again = import_foreign(service, kForeignFormats[picked], input.substr(1));
  TULVING_CHECK(again.starts_with(R"({"imported":0,)"));
  TULVING_CHECK(service.store().revision() == revision);
}

}  // namespace tulving::fuzz
