#include "tools/c/callbacks/callback.h"

#include <fmt/format.h>

#include "core/operations/answer.h"
#include "tools/c/call/guard.h"

namespace tulving::c {

Context::~Context() {
  if (destroy_ == nullptr || is_forked()) return;
  try {
    destroy_(value_);
  } catch (...) {  // It must throw nothing; who does is not told.
  }
}

OpenReply::OpenReply() : object_(std::make_shared<ReplyObject>()), handle_(publish(object_)) {}

OpenReply::~OpenReply() { free_handle<ReplyObject>(handle_); }

std::optional<std::string> OpenReply::text() const {
  const std::lock_guard lock(object_->mutex);
  return object_->text;
}

Error OpenReply::error(std::string_view who, tulving_status status) const {
  const std::lock_guard lock(object_->mutex);
  std::string message = object_->message.empty() ? fmt::format("it answered with status {}", status)
                                                 : operations::well_formed(object_->message);
  return {code_of(status), fmt::format("{}: {}", who, message)};
}

}  // namespace tulving::c
