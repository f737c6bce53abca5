#include <algorithm>

#include "core/operations/streams/import.h"

namespace tulving::operations {

namespace {

void add_error(ObjectWriter& out, const LineError& refused) {
  out.member("line", refused.line);
  out.member("field", well_formed(refused.error.field));
  out.member("error", well_formed(refused.error.message));
}

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
  const LineError& kept = errors_.emplace_back(std::move(refused));
  return lines_.put({.text = text, .number = kept.line, .error = &kept.error});
}

void ImportReport::finish() {
  std::ranges::sort(errors_, {}, &LineError::line);
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
