#include "core/merging/text/dated_statement.h"

namespace tulving::merging {
namespace {

constexpr std::string_view kAsOf = "(as of ";

struct Note {
  std::string_view text;
  Timestamp time;
};

std::size_t before_final_stops(std::string_view statement) {
  constexpr std::string_view kStops[] = {".", "!", "。", "！", "…"};
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view stop : kStops) {
      if (!statement.ends_with(stop)) continue;
      statement.remove_suffix(stop.size());
      found = true;
    }
  }
  return statement.size();
}

bool ends_a_block_of_code(std::string_view statement) {
  return statement.ends_with("```") || statement.ends_with("~~~");
}

Note find_note(std::string_view statement) {
  const std::string_view body = statement.substr(0, before_final_stops(statement));
  const std::size_t start = body.rfind(kAsOf);
  if (!body.ends_with(')') || start == std::string_view::npos || start == 0) return {};
  if (body[start - 1] != ' ' && body[start - 1] != '\n') return {};
  const std::size_t begin = start + kAsOf.size();
  const auto time = parse_time(body.substr(begin, body.size() - 1 - begin));
  if (!time) return {};
  return {body.substr(start - 1), *time};
}

}  // namespace

std::string_view as_of_note(std::string_view statement) { return find_note(statement).text; }

std::optional<Timestamp> noted_time(std::string_view statement) {
  const Note note = find_note(statement);
  return note.text.empty() ? std::nullopt : std::optional(note.time);
}

std::string as_of_time(Timestamp time, bool to_the_second) {
  constexpr std::size_t kDateBytes = 10;
  const std::string written = format_time(time);
  return to_the_second ? written : written.substr(0, kDateBytes);
}

std::string with_as_of(std::string_view statement, std::string_view time) {
  const std::size_t position = before_final_stops(statement);
  std::string dated(statement.substr(0, position));
  dated += ends_a_block_of_code(dated) ? '\n' : ' ';
  dated += kAsOf;
  dated += time;
  dated += ')';
  dated += statement.substr(position);
  return dated;
}

}  // namespace tulving::merging
