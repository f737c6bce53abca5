#include "tools/serve/calls/health.h"

namespace tulving::serve {

std::string Health::fault() const {
  if (is_draining_) return "the server is ending";
  if (!is_failed_) return {};
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Health::look_after(Store& store, const Error& error) {
  if (error.code != ErrorCode::kIo || is_failed_) return;
  const Status status = store.make_durable();
  if (status) return;
  const std::lock_guard lock(mutex_);
  failure_ = "a write failed, and the store takes no others until it is opened again: " +
             status.error().message;
  is_failed_ = true;
}

}  // namespace tulving::serve
