#include "core/operations/streams/foreign_entries.h"

#include <cstring>

#include "core/base/hash.h"
#include "core/base/json/json_text.h"

namespace tulving::operations {

EntryKey entry_key(std::string_view kind, std::string_view id) {
  const Sha256 digest = sha256_of_parts({kind, id});
  EntryKey key{};
  std::memcpy(key.data(), digest.data(), sizeof key);
  return key;
}

Result<std::optional<Entry>> ForeignEntries::next_of_stream() {
  Entry entry;
  while (!is_at_end_ && !stream_.is_over()) {
    if (has_line_) {
      if (stream_.next(rest_, line_.number, entry)) return std::optional(std::move(entry));
      has_line_ = false;
      if (!line_.is_part && stream_.end_line(entry)) return std::optional(std::move(entry));
      continue;
    }
    auto line = next_line_();
    if (!line) return line.error();
    if (!*line) {
      is_at_end_ = true;
      if (stream_.end(entry)) return std::optional(std::move(entry));
      break;
    }
    line_ = **line;
    if (!line_.vectors.empty()) {
      return Error{ErrorCode::kInvalidArgument,
                   "a vector stands beside a line; entries of another format have their own",
                   "embedding"};
    }
    rest_ = line_.text;
    has_line_ = true;
  }
  return std::optional<Entry>();
}

/// Puts the entry aside when it is a version of something; `now` is it when it is not.
Status ForeignEntries::keep_version(Entry entry, std::optional<Entry>& now) {
  const bool is_row = entry.kind == Entry::Kind::kRow && !scan_json(entry.text);
  std::optional<json::ForeignVersion> version;
  if (is_row) {
    const JsonValue row = JsonValue::whole(entry.text);
    if (row.kind() == JsonKind::kObject) version = format_.version(row);
  }
  if (!version) {
    now = std::move(entry);
    return {};
  }
  const EntryKey key = entry_key({}, version->id);
  if (version->is_gone) {
    last_.erase(key);
    return {};
  }
  last_[key] = in_log_++;
  return log_.add(std::move(entry));
}

Result<std::optional<Entry>> ForeignEntries::next_of_log() {
  while (true) {
    auto entry = log_.take();
    if (!entry || !*entry) return entry;
    const std::uint64_t number = taken_++;
    const auto version = format_.version(JsonValue::whole((*entry)->text));
    const auto last = last_.find(entry_key({}, version->id));
    if (last != last_.end() && last->second == number) return entry;
  }
}

Result<std::optional<Entry>> ForeignEntries::next() {
  while (true) {
    if (format_.version != nullptr && is_at_end_) return next_of_log();
    auto entry = next_of_stream();
    if (!entry) return entry;
    if (format_.version == nullptr) return entry;
    if (!*entry) {
      is_at_end_ = true;
      continue;
    }
    std::optional<Entry> now;
    if (auto status = keep_version(**std::move(entry), now); !status) return status.error();
    if (now) return now;
  }
}

}  // namespace tulving::operations
