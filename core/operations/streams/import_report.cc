#include <algorithm>

#include "core/operations/streams/import.h"

namespace tulving::operations {

namespace {

void add_error(ObjectWriter& out, const LineError& refused) {
  out.member("line", refused.line);
  out.member("field", well_formed(refused.error.field));
  out.member("error", well_formed(refused.error.message));
  if (!refused.place.empty()) out.member("place", refused.place);
}

// A file of another system may be bad from end to end, and of any size: what is kept of that for
// the summary has a bound. Each error was put out when it came.
constexpr std::size_t kForeignErrorsKept = 10'000;

}  // namespace

bool is_line_error(const Error& error) {
  return error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound ||
         error.code == ErrorCode::kConflict;
}

Status ImportReport::written(std::uint64_t line, const AddResult& result) {
  if (result.effect == WriteEffect::kUnchanged) {
    ++unchanged_;
  } else if (result.effect == WriteEffect::kUpdated) {
    ++updated_;
  } else {
    ++imported_;
  }
  if (!ack_) return {};
  return lines_.put({.text = std::to_string(line), .number = line});
}

Status ImportReport::refused(LineError refused) {
  ++rejected_;
  if (!refused.format.empty() && ++formats_[refused.format] > 1) return {};
  std::string text;
  ObjectWriter out(text);
  add_error(out, refused);
  out.close();
  auto status = lines_.put({.text = text, .number = refused.line, .error = &refused.error});
  if (!is_foreign_ || errors_.size() < kForeignErrorsKept) errors_.push_back(std::move(refused));
  return status;
}

void ImportReport::finish() {
  std::ranges::stable_sort(errors_, {}, &LineError::line);
  ObjectWriter out(answer_.json);
  out.member("imported", imported_);
  out.member("unchanged", unchanged_);
  out.member("updated", updated_);
  out.member("rejected", rejected_);
  json::append_array(out.key("errors"), errors_, [this](std::string& to, const LineError& refused) {
    ObjectWriter object(to);
    add_error(object, refused);
    if (!refused.format.empty()) object.member("lines", formats_[refused.format]);
    object.close();
  });
  out.close();
}

}  // namespace tulving::operations
