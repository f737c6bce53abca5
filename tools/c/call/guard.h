#pragma once

#include <memory>
#include <string_view>

#include "tools/c/handles/objects.h"
#include "tools/c/include/tulving_c.h"
#include "tulving/result.h"

namespace tulving::c {

/// From now on a process that is forked off is told from this one.
void watch_forks();
/// Whether this process was forked off since.
[[nodiscard]] bool is_forked() noexcept;

/// The status that C knows the code by.
[[nodiscard]] tulving_status status_of(ErrorCode code) noexcept;
/// The code of a status that a callback returned; of what is none, kIo.
[[nodiscard]] ErrorCode code_of(tulving_status status) noexcept;

/// Gives the error to the caller, where he wants it, and says its status.
tulving_status report(const Error& error, tulving_error** out) noexcept;
/// Likewise of the exception that is being handled.
tulving_status report_exception(tulving_error** out) noexcept;
/// Of a call in a process that was forked off.
[[nodiscard]] Error forked_error();

/// Runs `body`, which returns a Status, as the inside of a function of C.
template <class Body>
tulving_status guarded(tulving_error** error, const Body& body) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    const Status status = is_forked() ? Status(forked_error()) : body();
    if (!status) return report(status.error(), error);
    return TULVING_OK;
  } catch (...) {
    return report_exception(error);
  }
}

/// Runs `body` as the inside of one that returns no status: `none` where it cannot.
template <class T, class Body>
T guarded_value(T none, const Body& body) noexcept {
  if (is_forked()) return none;
  try {
    return body();
  } catch (...) {
    return none;
  }
}

/// Frees a handle. In a process that was forked off nothing goes: what stands behind it is of
/// threads that are not there.
template <class Object>
void free_handle(const typename Object::Handle* handle) noexcept {
  if (!is_forked()) take_object<Object>(handle).reset();
}

[[nodiscard]] Error refused(std::string_view field, std::string_view reason);

/// What the handle `name` stands for.
template <class Object>
Result<std::shared_ptr<Object>> known(const typename Object::Handle* handle,
                                      std::string_view name) {
  auto object = object_of<Object>(handle);
  if (object == nullptr) return refused(name, "is no such handle, or was freed");
  return object;
}

/// Of a store that is open.
Result<std::shared_ptr<StoreObject>> open_store(const tulving_store* store);
/// Of a tenant whose store is open.
Result<std::shared_ptr<TenantObject>> open_tenant(const tulving_tenant* tenant);

}  // namespace tulving::c
