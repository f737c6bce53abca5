#pragma once

#include <mutex>
#include <shared_mutex>
#include <string>

#include "core/base/mutex.h"
#include "core/engine/state/tenant_state.h"

namespace tulving::engine {

/// A tenant's state behind its lock: what it holds is reached through read(), write() and
/// seen_by_writer() alone, so no reader can forget the lock. Taken after the store's write mutex
/// and before the catalog's. The background indexer calls VectorIndex::build_step without it.
class SharedTenant {
 public:
  /// Access to the state while it lives: shared with other readers (const), or alone.
  template <class State, class Lock>
  class Access {
   public:
    State& operator*() const { return *state_; }
    State* operator->() const { return state_; }

   private:
    friend class SharedTenant;
    Access(State& state, FairSharedMutex& mutex) : lock_(mutex), state_(&state) {}
    Lock lock_;
    State* state_;
  };
  using Reading = Access<const TenantState, std::shared_lock<FairSharedMutex>>;
  using Writing = Access<TenantState, std::unique_lock<FairSharedMutex>>;

  SharedTenant(std::string id, const VectorIndexOptions& options)
      : state_(std::move(id), options) {}

  [[nodiscard]] const std::string& id() const { return state_.id; }
  [[nodiscard]] Reading read() const { return {state_, mutex_}; }
  [[nodiscard]] Writing write() { return {state_, mutex_}; }
  /// Without the lock, for the store's one writer: it holds the write mutex, so nobody changes what
  /// it sees but itself.
  [[nodiscard]] const TenantState& seen_by_writer() const { return state_; }

 private:
  mutable FairSharedMutex mutex_;
  TenantState state_;
};

}  // namespace tulving::engine
