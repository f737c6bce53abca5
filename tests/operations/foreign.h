#pragma once

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <vector>

#include "tests/operations/called.h"

namespace tulving::testing {

/// Imports files of other systems into stores in RAM.
class ForeignStore {
 public:
  ForeignStore() : service_(opened()) {}

  /// The summary. The file comes line by line, in parts of up to `part` bytes; it is stopped before
  /// part number `stop_at`.
  Json import(const std::string& format, std::string_view file, std::size_t part = 1 << 16U,
              Json more = Json::object(), std::size_t stop_at = 0) {
    Json arguments = {{"format", format}, {"tenant_id", "t"}};
    arguments.update(more);
    const std::string text = arguments.dump();
    std::string_view line;
    bool in_line = false;
    std::size_t parts = 0;
    std::atomic<bool> stop = false;
    const StreamEnds ends{.next = [&]() -> Result<std::optional<StreamLine>> {
                            stop = ++parts == stop_at;
                            if (!in_line && file.empty()) return std::optional<StreamLine>();
                            if (!std::exchange(in_line, true)) {
                              const std::size_t end = std::min(file.find('\n'), file.size());
                              line = file.substr(0, end);
                              file.remove_prefix(std::min(end + 1, file.size()));
                            }
                            const std::string_view piece = line.substr(0, part);
                            line.remove_prefix(piece.size());
                            in_line = !line.empty();
                            return std::optional(StreamLine{.text = piece, .is_part = in_line});
                          },
                          .put = [](const StreamLine&) -> Status { return {}; },
                          .stop = &stop};
    Answer summary;
    status_ = service_.stream({}, {.operation = "import", .arguments = text}, ends, summary);
    return Json::parse(summary.json, nullptr, false);
  }

  /// All records, as lines of export, in order.
  std::vector<Json> records() {
    std::vector<Json> all;
    Answer summary;
    const StreamEnds ends{.put = [&](const StreamLine& line) -> Status {
      all.push_back(Json::parse(line.text));
      return {};
    }};
    EXPECT_TRUE(service_.stream(
        {}, {.operation = "export", .arguments = R"({"with_embeddings":true})"}, ends, summary));
    std::ranges::sort(all, {}, [](const Json& record) { return record.dump(); });
    return all;
  }

  [[nodiscard]] const Status& status() const { return status_; }
  Service& service() { return service_; }

 private:
  static Store opened() {
    StoreOptions options;
    // Of what an entry has no time for.
    options.clock = [] {
      return Timestamp(std::chrono::sys_days(std::chrono::year(2030) / 1 / 1));
    };
    auto store = Store::open_in_memory(options);
    if (!store) std::abort();
    return *std::move(store);
  }

  Service service_;
  Status status_;
};

}  // namespace tulving::testing
