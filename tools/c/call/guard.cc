#include "tools/c/call/guard.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <exception>
#include <new>
#include <system_error>

namespace tulving::c {

namespace {

std::atomic<bool> was_forked = false;

/// What stands for want of memory, made while there was some; it may be freed, and is then made
/// anew.
std::shared_ptr<ErrorObject> no_memory() {
  static const auto kNoMemory = std::make_shared<ErrorObject>(
      ErrorObject{{ErrorCode::kResourceExhausted, "there is not enough memory"}});
  return kNoMemory;
}

tulving_status publish_error(std::shared_ptr<ErrorObject> object, tulving_error** out) {
  const tulving_status status = status_of(object->error.code);
  if (out != nullptr) *out = publish(std::move(object));
  return status;
}

}  // namespace

void watch_forks() {
  // The object is made here, where a failure can still be told.
  (void)no_memory();
  static const int kRegistered =
      ::pthread_atfork(nullptr, nullptr, [] { was_forked.store(true, std::memory_order_relaxed); });
  if (kRegistered != 0) throw std::bad_alloc();
}

bool is_forked() noexcept { return was_forked.load(std::memory_order_relaxed); }

tulving_status status_of(ErrorCode code) noexcept { return static_cast<tulving_status>(code) + 1; }

ErrorCode code_of(tulving_status status) noexcept {
  const bool is_known = status > TULVING_OK && status <= TULVING_IN_DOUBT;
  return is_known ? static_cast<ErrorCode>(status - 1) : ErrorCode::kIo;
}

static_assert(static_cast<tulving_status>(ErrorCode::kInvalidArgument) + 1 ==
              TULVING_INVALID_ARGUMENT);
static_assert(static_cast<tulving_status>(ErrorCode::kIo) + 1 == TULVING_IO);
static_assert(static_cast<tulving_status>(ErrorCode::kInDoubt) + 1 == TULVING_IN_DOUBT);

tulving_status report(const Error& error, tulving_error** out) noexcept {
  const tulving_status status = status_of(error.code);
  if (out == nullptr) return status;
  try {
    return publish_error(std::make_shared<ErrorObject>(ErrorObject{error}), out);
  } catch (...) {
    return status;  // What there is no memory for is not said.
  }
}

tulving_status report_exception(tulving_error** out) noexcept {
  try {
    try {
      throw;
    } catch (const std::bad_alloc&) {
      return publish_error(no_memory(), out);
    } catch (const std::length_error&) {
      return publish_error(no_memory(), out);
    } catch (const std::exception& exception) {
      return report({ErrorCode::kIo, fmt::format("unexpected: {}", exception.what())}, out);
    } catch (...) {
      return report({ErrorCode::kIo, "unexpected: an exception of an unknown type"}, out);
    }
  } catch (...) {
    return TULVING_RESOURCE_EXHAUSTED;
  }
}

Error forked_error() {
  return refused(
      "process",
      "was forked off after a store was opened, and nothing works in it: start a program "
      "instead, or fork first");
}

Error refused(std::string_view field, std::string_view reason) {
  return {ErrorCode::kInvalidArgument, fmt::format("{} {}", field, reason), std::string(field)};
}

Result<std::shared_ptr<StoreObject>> open_store(const tulving_store* store) {
  auto object = known<StoreObject>(store, "store");
  if (object && (*object)->is_closed) return refused("store", "is closed");
  return object;
}

Result<std::shared_ptr<TenantObject>> open_tenant(const tulving_tenant* tenant) {
  auto object = known<TenantObject>(tenant, "tenant");
  if (object && (*object)->store->is_closed) return refused("store", "is closed");
  if (object && (*object)->tenant.is_dropped()) {
    // Operations go by its name, and would meet a new tenant of that name.
    return Error{ErrorCode::kNotFound,
                 fmt::format("tenant \"{}\" was dropped; ask the store for it again to begin anew",
                             (*object)->tenant.id()),
                 "tenant_id"};
  }
  return object;
}

}  // namespace tulving::c
