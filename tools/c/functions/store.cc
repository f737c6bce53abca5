// Stores and tenants: opened, closed, freed.

#include <utility>

#include "tools/c/call/given.h"
#include "tools/c/call/store_options.h"
#include "tulving/json.h"

using namespace tulving;
using namespace tulving::c;

namespace {

Result<Store> open_at(const char* directory, const StoreOptions& options) {
  return directory == nullptr ? Store::open_in_memory(options) : Store::open(directory, options);
}

/// Lets no later call in, and waits for those that run.
Status close(StoreObject& object) {
  object.is_closed = true;
  return object.service.store().close();
}

/// The answer's handle, where it is wanted.
void give(std::string json, tulving_doc** out) {
  if (out != nullptr) *out = publish(std::make_shared<DocObject>(DocObject{std::move(json)}));
}

}  // namespace

tulving_status tulving_store_open(const char* directory, const tulving_store_options* options,
                                  tulving_store** store, tulving_error** error) {
  if (store != nullptr) *store = nullptr;
  return guarded(error, [&]() -> Status {
    auto given = open_options(options);
    if (!given) return given.error();
    if (store == nullptr) return refused("store", "is missing: where the handle is to go");
    watch_forks();
    auto opened = open_at(directory, given->store);
    if (!opened) return opened.error();
    *store = publish(std::make_shared<StoreObject>(*std::move(opened), std::move(given->service)));
    return {};
  });
}

tulving_status tulving_store_close(tulving_store* store, tulving_error** error) {
  return guarded(error, [&]() -> Status {
    auto object = known<StoreObject>(store, "store");
    if (!object) return object.error();
    return close(**object);
  });
}

void tulving_store_free(tulving_store* store) {
  guarded_value(0, [&] {
    // It closes now, though handles of its tenants keep it in memory.
    if (const auto object = take_object<StoreObject>(store)) (void)close(*object);
    return 0;
  });
}

tulving_status tulving_store_tenant(tulving_store* store, tulving_text id, tulving_tenant** tenant,
                                    tulving_error** error) {
  if (tenant != nullptr) *tenant = nullptr;
  return guarded(error, [&]() -> Status {
    auto object = open_store(store);
    if (!object) return object.error();
    if (tenant == nullptr) return refused("tenant", "is missing: where the handle is to go");
    auto name = view_of(id, "tenant_id");
    if (!name) return name.error();
    auto found = (*object)->service.store().tenant(*name);
    if (!found) return found.error();
    *tenant = publish(std::make_shared<TenantObject>(TenantObject{*object, *std::move(found)}));
    return {};
  });
}

void tulving_tenant_free(tulving_tenant* tenant) { free_handle<TenantObject>(tenant); }

tulving_status tulving_store_wait_for_indexing(tulving_store* store, tulving_error** error) {
  return guarded(error, [&]() -> Status {
    auto object = open_store(store);
    if (!object) return object.error();
    (*object)->service.store().wait_for_indexing();
    return {};
  });
}

tulving_status tulving_store_wait_for_embedding(tulving_store* store, tulving_error** error) {
  return guarded(error, [&]() -> Status {
    auto object = open_store(store);
    if (!object) return object.error();
    return (*object)->service.store().wait_for_embedding();
  });
}

tulving_status tulving_store_make_durable(tulving_store* store, tulving_error** error) {
  return guarded(error, [&]() -> Status {
    auto object = open_store(store);
    if (!object) return object.error();
    return (*object)->service.store().make_durable();
  });
}

tulving_status tulving_restore(const char* snapshot, const char* directory, tulving_doc** info,
                               tulving_error** error) {
  if (info != nullptr) *info = nullptr;
  return guarded(error, [&]() -> Status {
    auto from = view_of_name(snapshot, "snapshot");
    if (!from) return from.error();
    auto to = view_of_name(directory, "directory");
    if (!to) return to.error();
    watch_forks();
    auto restored = Store::restore(*from, *to);
    if (!restored) return restored.error();
    give(to_json(*restored), info);
    return {};
  });
}
