#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/c/handles/handles.h"
#include "tools/c/include/tulving_c.h"
#include "tulving/operations.h"
#include "tulving/search.h"
#include "tulving/store.h"

namespace tulving::c {

// What stands behind each kind of handle. `Handle` is its name in C.

struct StoreObject {
  using Handle = tulving_store;
  static constexpr HandleKind kKind = HandleKind::kStore;

  explicit StoreObject(Store store, ServiceOptions options = {})
      : service(std::move(store), std::move(options)) {}

  Service service;
  std::atomic<bool> is_closed = false;
};

struct TenantObject {
  using Handle = tulving_tenant;
  static constexpr HandleKind kKind = HandleKind::kTenant;

  std::shared_ptr<StoreObject> store;  // Outlives the tenant.
  Tenant tenant;
};

struct DocObject {
  using Handle = tulving_doc;
  static constexpr HandleKind kKind = HandleKind::kDoc;

  std::string json;
  std::vector<std::string> remarks = {};
};

struct ErrorObject {
  using Handle = tulving_error;
  static constexpr HandleKind kKind = HandleKind::kError;

  Error error;
};

struct ReplyObject {
  using Handle = tulving_reply;
  static constexpr HandleKind kKind = HandleKind::kReply;

  std::mutex mutex;
  std::optional<std::string> text;
  std::string message;
};

/// The hits of one search. What is shown of them in another form than views have it is made when it
/// is first asked for, and kept.
class HitsObject {
 public:
  using Handle = tulving_hits;
  static constexpr HandleKind kKind = HandleKind::kHits;

  HitsObject(std::string tenant_id, SearchResponse found);

  [[nodiscard]] const SearchResponse& found() const { return found_; }
  [[nodiscard]] const float* scores();
  [[nodiscard]] const std::uint8_t* uuids();
  /// As tulving_hits_text(); of a position that is there.
  [[nodiscard]] std::optional<std::string_view> text(std::size_t position, std::uint32_t field);
  [[nodiscard]] std::string_view plan();

 private:
  struct Made {
    std::unique_ptr<const std::string> id, record, json;
  };
  [[nodiscard]] std::string_view made(std::size_t position, std::uint32_t field);

  const std::string tenant_id_;
  const SearchResponse found_;
  std::mutex mutex_;  // Guards what follows.
  std::vector<float> scores_;
  std::vector<std::uint8_t> uuids_;
  std::vector<Made> made_;
  std::unique_ptr<const std::string> plan_;
};

/// A new handle of the object.
template <class Object>
typename Object::Handle* publish(std::shared_ptr<Object> object) {
  const std::uintptr_t handle = Handles::instance().add(Object::kKind, std::move(object));
  // Never followed: see Handles.
  return reinterpret_cast<typename Object::Handle*>(handle);
}

/// What the handle stands for; null: nothing of that kind.
template <class Object>
std::shared_ptr<Object> object_of(const typename Object::Handle* handle) noexcept {
  return std::static_pointer_cast<Object>(
      Handles::instance().find(Object::kKind, reinterpret_cast<std::uintptr_t>(handle)));
}

/// Likewise, and frees the handle.
template <class Object>
std::shared_ptr<Object> take_object(const typename Object::Handle* handle) noexcept {
  return std::static_pointer_cast<Object>(
      Handles::instance().take(Object::kKind, reinterpret_cast<std::uintptr_t>(handle)));
}

}  // namespace tulving::c
