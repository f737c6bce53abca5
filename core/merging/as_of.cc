#include "core/merging/as_of.h"

#include <cstddef>

namespace tulving::merging {
namespace {

constexpr std::string_view kAsOf = " (as of ";

std::size_t before_final_stops(std::string_view sentence) {
  constexpr std::string_view kStops[] = {".", "!", "。", "！", "…"};
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view stop : kStops) {
      if (!sentence.ends_with(stop)) continue;
      sentence.remove_suffix(stop.size());
      found = true;
    }
  }
  return sentence.size();
}

}  // namespace

std::string_view as_of_note(std::string_view sentence) {
  const std::string_view body = sentence.substr(0, before_final_stops(sentence));
  const std::size_t start = body.rfind(kAsOf);
  if (!body.ends_with(')') || start == std::string_view::npos) return {};
  return body.find(')', start) == body.size() - 1 ? body.substr(start) : std::string_view();
}

std::string as_of_time(Timestamp time, bool to_the_second) {
  constexpr std::size_t kDateBytes = 10;
  const std::string written = format_time(time);
  return to_the_second ? written : written.substr(0, kDateBytes);
}

std::string with_as_of(std::string_view sentence, std::string_view time) {
  const std::size_t position = before_final_stops(sentence);
  std::string dated(sentence.substr(0, position));
  dated += kAsOf;
  dated += time;
  dated += ')';
  dated += sentence.substr(position);
  return dated;
}

}  // namespace tulving::merging
