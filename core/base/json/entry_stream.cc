// Grammar is looked at only where entries are told apart, at most four levels deep. What lies
// within an entry is gathered by counting brackets outside of strings: a fault in there is found by
// whoever reads the entry, and costs nothing but it.

#include "core/base/json/entry_stream.h"

#include <algorithm>
#include <utility>

#include "core/base/json/json_text.h"

namespace tulving {
namespace {

bool ends_word(char c) {
  return is_json_blank(c) || std::string_view(",:[]{}\"").find(c) != std::string_view::npos;
}

// What a JSON pointer has for the member `key`, whose JSON may be no JSON.
std::string pointer_part(std::string_view key) {
  const std::string name = scan_json(key) ? std::string(key) : decode_json_string(key);
  std::string part;
  for (const char c : name) {
    if (c == '~') {
      part += "~0";
    } else if (c == '/') {
      part += "~1";
    } else {
      part += c;
    }
  }
  return part;
}

}  // namespace

bool EntryStream::next(std::string_view& text, std::uint64_t line, Entry& out) {
  line_ = line;
  while (!text.empty()) {
    if (is_over_ || is_skipping_line_) {
      text = {};
      break;
    }
    if (capture_.kind != Capture::Kind::kNone) {
      any_on_line_ = true;
      if (read_capture(text) && finish_capture(out)) return true;
      continue;
    }
    const char c = text.front();
    text.remove_prefix(1);
    if (is_json_blank(c)) continue;
    if (step(c, out)) return true;
  }
  return false;
}

// One byte outside of an entry.
bool EntryStream::step(char c, Entry& out) {
  if (frames_.empty()) return step_root(c, out);
  Frame& frame = frames_.back();
  switch (frame.expect) {
    case Expect::kKeyOrEnd:
    case Expect::kKey:
      if (c == '}' && frame.expect == Expect::kKeyOrEnd) return close(c, out);
      if (c != '"') return fault("expected a member name in quotes", c, out);
      begin_capture(c, true);
      break;
    case Expect::kColon:
      if (c != ':') return fault("expected ':'", c, out);
      frame.expect = Expect::kValue;
      break;
    case Expect::kValueOrEnd:
      if (c == ']') return close(c, out);
      [[fallthrough]];
    case Expect::kValue:
      return begin_value(c, out);
    case Expect::kCommaOrEnd:
      if (c == '}' || c == ']') return close(c, out);
      if (c != ',') {
        return fault(frame.is_object ? "expected ',' or '}'" : "expected ',' or ']'", c, out);
      }
      frame.expect = frame.is_object ? Expect::kKey : Expect::kValue;
      break;
  }
  any_on_line_ = true;
  return false;
}

bool EntryStream::step_root(char c, Entry& out) {
  if (c != '{' && c != '[') return fault("expected '{' or '['", c, out);
  any_on_line_ = true;
  open(c == '[' ? Role::kRows : Role::kRow, c == '{', {});
  return false;
}

bool EntryStream::begin_value(char c, Entry& out) {
  if (std::string_view(",:]}").find(c) != std::string_view::npos) {
    return fault("expected a value", c, out);
  }
  any_on_line_ = true;
  Frame& frame = frames_.back();
  const bool is_bracket = c == '{' || c == '[';
  if (frame.role == Role::kRows && c == '{') {
    open(Role::kRow, true, frame.within);
    return false;
  }
  if (frame.role == Role::kRow && is_bracket) {
    const auto list = take_list(frame);
    const auto envelope =
        frames_.size() == 1 ? listed(shape_.envelopes, frame.key) : std::string_view();
    if (!list.empty() || !envelope.empty()) {
      frame.has_envelope = frame.has_envelope || list.empty();
      open(list.empty() ? Role::kRows : Role::kList, c == '{', list.empty() ? envelope : list);
      return false;
    }
  }
  begin_capture(c, false);
  return false;
}

void EntryStream::open(Role role, bool is_object, std::string_view within) {
  Frame frame;
  frame.role = role;
  frame.is_object = is_object;
  frame.expect = is_object ? Expect::kKeyOrEnd : Expect::kValueOrEnd;
  frame.line = line_;
  frame.within = within;
  if (!frames_.empty()) {
    Frame& parent = frames_.back();
    frame.place = place_in(parent);
    frame.own_key = parent.is_object ? parent.key : std::string();
    frame.own_index = parent.index;
    ++parent.index;
    parent.expect = Expect::kCommaOrEnd;  // Once this one is closed.
  }
  any_rows_seen_ = any_rows_seen_ || role == Role::kRows;
  frames_.push_back(std::move(frame));
}

bool EntryStream::close(char c, Entry& out) {
  if ((c == '}') != frames_.back().is_object) return fault("the brackets do not match", c, out);
  any_on_line_ = true;
  if (frames_.back().role == Role::kRow) return finish_row(out);
  frames_.pop_back();
  return false;
}

bool EntryStream::finish_row(Entry& out) {
  Frame row = std::move(frames_.back());
  frames_.pop_back();
  if (!row.fault.empty()) {
    put(Entry::Kind::kFault, row, std::move(row.fault), out);
  } else if (row.is_too_long) {
    put(Entry::Kind::kFault, row,
        "the entry is longer than " + std::to_string(entry_bytes_max_) + " bytes", out);
  } else if (row.has_envelope) {
    return false;  // What else it has is about the rows together: a page's number.
  } else {
    put(Entry::Kind::kRow, row, (row.text.empty() ? "{" : row.text) + "}", out);
  }
  any_row_put_ = true;
  return true;
}

void EntryStream::put(Entry::Kind kind, const Frame& of, std::string text, Entry& out) const {
  out = Entry{kind, std::move(text), of.within, of.own_key, of.own_index, of.line, of.place};
}

void EntryStream::begin_capture(char c, bool is_key) {
  using Kind = Capture::Kind;
  Kind kind = Kind::kWord;
  if (c == '"') kind = Kind::kString;
  if (c == '{' || c == '[') kind = Kind::kBrackets;
  capture_ = {};
  capture_.kind = kind;
  capture_.is_key = is_key;
  capture_.in_string = c == '"';
  capture_.depth = kind == Kind::kBrackets ? 1 : 0;
  capture_.line = line_;
  capture_.text = c;
  any_on_line_ = true;
}

/// Reads to the end of the value, or of `text`. Whether the value is whole.
bool EntryStream::read_capture(std::string_view& text) {
  std::size_t used = 0;
  bool is_done = false;
  while (used < text.size() && !is_done) {
    const char c = text[used];
    if (capture_.kind == Capture::Kind::kWord && ends_word(c)) {
      is_done = true;
      break;  // It belongs to what comes after.
    }
    ++used;
    if (std::exchange(capture_.is_escaped, false)) continue;
    if (capture_.in_string) {
      capture_.is_escaped = c == '\\';
      if (c == '"') {
        capture_.in_string = false;
        is_done = capture_.kind == Capture::Kind::kString;
      }
    } else if (capture_.kind == Capture::Kind::kBrackets) {
      capture_.in_string = c == '"';
      if (c == '{' || c == '[') ++capture_.depth;
      if (c == '}' || c == ']') is_done = --capture_.depth == 0;
    }
  }
  if (!capture_.is_skipped) {
    capture_.is_too_long = capture_.is_too_long || capture_.text.size() + used > entry_bytes_max_;
    if (!capture_.is_too_long) capture_.text.append(text.substr(0, used));
  }
  text.remove_prefix(used);
  return is_done;
}

bool EntryStream::finish_capture(Entry& out) {
  Frame& frame = frames_.back();
  capture_.kind = Capture::Kind::kNone;
  if (capture_.is_skipped) return finish_row(out);
  if (capture_.is_key) {
    frame.is_too_long = frame.is_too_long || capture_.is_too_long;
    frame.key = std::exchange(capture_.text, {});
    frame.expect = Expect::kColon;
    return false;
  }
  frame.expect = Expect::kCommaOrEnd;
  if (frame.role == Role::kRow) {
    add_member(frame);
    return false;
  }
  // An element, or what stands where a row should.
  const bool is_element = frame.role == Role::kList;
  out = Entry{is_element ? Entry::Kind::kElement : Entry::Kind::kRow,
              std::exchange(capture_.text, {}),
              frame.within,
              frame.is_object ? frame.key : std::string(),
              frame.index,
              capture_.line,
              place_in(frame)};
  ++frame.index;
  if (capture_.is_too_long) {
    out.kind = is_element ? Entry::Kind::kElementFault : Entry::Kind::kFault;
    out.text = "the entry is longer than " + std::to_string(entry_bytes_max_) + " bytes";
  }
  any_row_put_ = any_row_put_ || !is_element;
  return true;
}

void EntryStream::add_member(Frame& row) {
  row.is_too_long = row.is_too_long || capture_.is_too_long ||
                    row.text.size() + row.key.size() + capture_.text.size() + 2 > entry_bytes_max_;
  if (row.is_too_long) {
    row.text = {};
    return;
  }
  row.text += row.text.empty() ? '{' : ',';
  row.text.append(row.key).append(":").append(capture_.text);
  capture_.text.clear();
}

std::string EntryStream::place_in(const Frame& parent) const {
  std::string place = parent.place;
  place += '/';
  return place += parent.is_object ? pointer_part(parent.key) : std::to_string(parent.index);
}

/// The list that the member of the row begins. A second one of its name is left in the row, whose
/// reader refuses it.
std::string_view EntryStream::take_list(Frame& row) const {
  const auto list = listed(shape_.lists, row.key);
  const auto is_it = [&](std::string_view given) { return given == list; };
  if (list.empty() || std::ranges::any_of(row.lists_given, is_it)) return {};
  row.lists_given.push_back(list);
  return list;
}

std::string_view EntryStream::listed(std::span<const std::string_view> names,
                                     std::string_view key) const {
  if (key.size() < 2) return {};
  const auto found = std::ranges::find(names, key.substr(1, key.size() - 2));
  return found == names.end() ? std::string_view() : *found;
}

}  // namespace tulving
