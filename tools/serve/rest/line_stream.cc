#include "tools/serve/rest/line_stream.h"

#include <algorithm>

#include "core/base/json/json_text.h"
#include "core/json/text/json_writer.h"
#include "tools/serve/rest/problem.h"
#include "tools/serve/rest/rest_api.h"

namespace tulving::serve::rest {
namespace {

constexpr std::size_t kBlock = 16 << 10;

}  // namespace

StreamEnds LineStream::ends() {
  return {.next = [this] { return next(); },
          .put = [this](const StreamLine& line) { return put(line.text); }};
}

Result<std::optional<StreamLine>> LineStream::next() {
  while (!left_.empty()) {
    const std::size_t end = std::min(left_.find('\n'), left_.size());
    const std::string_view line = left_.substr(0, end);
    left_.remove_prefix(std::min(end + 1, left_.size()));
    ++number_;
    if (std::ranges::all_of(line, is_json_blank)) continue;
    return std::optional(StreamLine{.text = line, .number = number_});
  }
  return std::optional<StreamLine>();
}

Status LineStream::put(std::string_view line) {
  buffer_.append(line).append("\n");
  return buffer_.size() < kBlock ? Status() : flush();
}

Status LineStream::flush() {
  if (!has_begun_) {
    http::Response head{.headers = {{"Content-Type", kLines}}};
    add_revision(head, store_);
    out_.begin(std::move(head));
    has_begun_ = true;
  }
  auto status = out_.write(buffer_);
  buffer_.clear();
  return status;
}

void LineStream::finish(const Outcome& outcome) {
  json::ObjectWriter last(buffer_);
  if (outcome.answer) {
    last.key("answer") += outcome.answer->json;
    if (!outcome.answer->remarks.empty()) last.member("remarks", outcome.answer->remarks);
  }
  if (!outcome.error.message.empty()) {
    last.key("problem") += problem_json(status_of(outcome.error.code), outcome.error);
  }
  last.close();
  buffer_ += '\n';
  // Who does not listen any more needs no end.
  const Status ignored = flush();
  static_cast<void>(ignored);
}

}  // namespace tulving::serve::rest
