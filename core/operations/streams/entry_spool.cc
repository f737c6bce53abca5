#include "core/operations/streams/entry_spool.h"

#include <array>
#include <string>

#include "core/base/check.h"

namespace tulving::operations {

namespace {

constexpr std::size_t kFrontBytesMax = 1U << 20U;

Error spool_is_unusable(const char* what) {
  return {ErrorCode::kIo, std::string("cannot ") + what + " a temporary file: no room?"};
}

// The numbers of an entry, and how long its texts are.
using Head = std::array<std::uint64_t, 7>;

}  // namespace

Status EntrySpool::add(Entry entry) {
  TULVING_DCHECK(!is_taking_);
  const std::size_t bytes = entry.text.size() + entry.place.size() + sizeof(Entry);
  if (file_ || front_bytes_ + bytes > kFrontBytesMax) return write(entry);
  front_bytes_ += bytes;
  front_.push_back(std::move(entry));
  return {};
}

Status EntrySpool::write(const Entry& entry) {
  if (!file_) file_.reset(std::tmpfile());
  if (!file_) return spool_is_unusable("make");
  const Head head = {static_cast<std::uint64_t>(entry.kind),
                     entry.index,
                     entry.line,
                     entry.text.size(),
                     entry.within.size(),
                     entry.key.size(),
                     entry.place.size()};
  bool is_written = std::fwrite(head.data(), sizeof head, 1, file_.get()) == 1;
  for (const std::string* text : {&entry.text, &entry.within, &entry.key, &entry.place}) {
    is_written =
        is_written && std::fwrite(text->data(), 1, text->size(), file_.get()) == text->size();
  }
  if (!is_written) return spool_is_unusable("write");
  ++in_file_;
  return {};
}

Result<Entry> EntrySpool::read() {
  Head head{};
  Entry entry;
  bool is_read = std::fread(head.data(), sizeof head, 1, file_.get()) == 1;
  entry.kind = static_cast<Entry::Kind>(head[0]);
  entry.index = head[1];
  entry.line = head[2];
  std::size_t i = 3;
  for (std::string* text : {&entry.text, &entry.within, &entry.key, &entry.place}) {
    text->resize(head[i++]);
    is_read = is_read && std::fread(text->data(), 1, text->size(), file_.get()) == text->size();
  }
  if (!is_read) return spool_is_unusable("read");
  return entry;
}

Result<std::optional<Entry>> EntrySpool::take() {
  if (!front_.empty()) {
    is_taking_ = true;
    Entry entry = std::move(front_.front());
    front_.pop_front();
    return std::optional(std::move(entry));
  }
  if (in_file_ == 0) {
    clear();
    return std::optional<Entry>();
  }
  if (!std::exchange(is_taking_, true) || front_bytes_ > 0) {
    front_bytes_ = 0;
    if (std::fflush(file_.get()) != 0) return spool_is_unusable("write");
    std::rewind(file_.get());
  }
  --in_file_;
  auto entry = read();
  if (!entry) return entry.error();
  return std::optional(*std::move(entry));
}

}  // namespace tulving::operations
