// What becomes of a file that is broken: how much of it is skipped, and where lines end.

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/base/json/entry_stream.h"

namespace tulving {
namespace {

constexpr std::string_view kCutLine = "the line ends within an object";

}  // namespace

/// Whether the rows that are open lie in an array or object of rows.
bool EntryStream::holds_rows() const {
  return std::ranges::any_of(frames_, [](const Frame& f) { return f.role == Role::kRows; });
}

/// The byte `c` must not be here.
bool EntryStream::fault(std::string_view what, char c, Entry& out) {
  const bool begins_line = !std::exchange(any_on_line_, true);
  std::string said = "not JSON: ";
  said += what;
  if (holds_rows() && frames_.back().role != Role::kRows) {
    return skip_row(std::move(said), c) && finish_row(out);
  }
  if (layout_ == Layout::kLines || (layout_ == Layout::kUnknown && !any_rows_seen_)) {
    return fault_of_line(std::move(said), out);
  }
  if (c == '{' && begins_line && !any_rows_seen_ && !any_row_put_ && !frames_.empty()) {
    // The first line was not the beginning of a document, but a line that is cut.
    put(Entry::Kind::kFault, frames_.front(), std::string(kCutLine), out);
    layout_ = Layout::kLines;
    any_row_put_ = true;
    reset();
    open(Role::kRow, true, {});
    return true;
  }
  out = Entry{Entry::Kind::kEnd,
              std::move(said),
              {},
              {},
              0,
              line_,
              frames_.empty() ? std::string() : frames_.back().place};
  is_over_ = true;
  return true;
}

bool EntryStream::fault_of_line(std::string what, Entry& out) {
  out = Entry{Entry::Kind::kFault, std::move(what), {}, {}, 0, line_, {}};
  layout_ = Layout::kLines;
  is_skipping_line_ = true;
  any_row_put_ = true;
  reset();
  return true;
}

/// The row is broken: its end is looked for by counting brackets. Whether `c` is the end.
bool EntryStream::skip_row(std::string what, char c) {
  const bool in_list = frames_.back().role == Role::kList;
  if (in_list) frames_.pop_back();
  TULVING_DCHECK(frames_.back().role == Role::kRow);
  frames_.back().fault = std::move(what);
  begin_capture(c, false);
  capture_.is_skipped = true;
  capture_.text.clear();
  capture_.depth = in_list ? 2 : 1;
  if (c == '{' || c == '[') ++capture_.depth;
  if (c == '}' || c == ']') --capture_.depth;
  if (capture_.depth > 0) {
    capture_.kind = Capture::Kind::kBrackets;
    return false;
  }
  capture_ = {};
  return true;
}

bool EntryStream::end_line(Entry& out) {
  if (std::exchange(is_skipping_line_, false) || is_over_) {
    any_on_line_ = false;
    return false;
  }
  const bool is_open = !frames_.empty();
  if (layout_ == Layout::kUnknown && any_on_line_) {
    // A string does not go on behind the end of a line.
    const bool is_document = any_rows_seen_ || (is_open && !capture_.in_string);
    layout_ = is_document ? Layout::kDocument : Layout::kLines;
  }
  any_on_line_ = false;
  if (layout_ == Layout::kLines) {
    if (!is_open) return false;
    put(Entry::Kind::kFault, frames_.front(), std::string(kCutLine), out);
    any_row_put_ = true;
    reset();
    return true;
  }
  std::string_view blank = "\n";
  const bool is_there = next(blank, line_, out);
  any_on_line_ = false;
  return is_there;
}

bool EntryStream::end(Entry& out) {
  if (is_over_ || frames_.empty()) return false;
  const Frame& within = frames_.back();
  const bool in_value =
      capture_.kind != Capture::Kind::kNone && !capture_.is_key && within.role != Role::kRow;
  out = Entry{Entry::Kind::kEnd,
              "the file ends within what begins here: it was cut",
              {},
              {},
              0,
              in_value ? capture_.line : within.line,
              in_value ? place_in(within) : within.place};
  is_over_ = true;
  reset();
  return true;
}

void EntryStream::reset() {
  frames_.clear();
  capture_ = {};
}

}  // namespace tulving
