#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>

#include "core/base/mutex.h"
#include "core/engine/state/tenant_state.h"

namespace tulving::engine {

/// A tenant's state behind its lock: what it holds is reached through read(), write() and
/// seen_by_writer() alone, so no reader can forget the lock. Taken after the store's write mutex
/// and before the catalog's. The background indexer calls VectorIndex::build_step without it.
///
/// A tenant that nobody wrote to has no state: a name that somebody asks for costs a lock and the
/// name. Who reads it gets an empty state of their own. Nor has one that was dropped: whoever still
/// holds it reads nothing, and writes nothing that lasts (Tenant::Impl and Store::Impl::write() say
/// so); a new tenant of its name is another SharedTenant.
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
    Access(State& state, Lock lock) : lock_(std::move(lock)), state_(&state) {}
    explicit Access(std::unique_ptr<State> own) : own_(std::move(own)), state_(own_.get()) {}
    Lock lock_;
    std::unique_ptr<State> own_;
    State* state_;
  };
  using Reading = Access<const TenantState, std::shared_lock<FairSharedMutex>>;
  using Writing = Access<TenantState, std::unique_lock<FairSharedMutex>>;

  SharedTenant(std::string id, const VectorIndexOptions& options)
      : id_(std::move(id)), options_(options) {}

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] Reading read() const {
    std::shared_lock lock(mutex_);
    if (state_) return {*state_, std::move(lock)};
    return Reading(std::make_unique<const TenantState>(id_, options_));
  }
  [[nodiscard]] Writing write() {
    std::unique_lock lock(mutex_);
    make_state();
    return {*state_, std::move(lock)};
  }
  /// Without the lock, for the store's one writer: it holds the write mutex, so nobody changes what
  /// it sees but itself.
  [[nodiscard]] const TenantState& seen_by_writer() {
    if (!state_) {
      const std::unique_lock lock(mutex_);  // Readers look whether there is one.
      make_state();
    }
    return *state_;
  }
  /// Whether anybody wrote to it, or tried to.
  [[nodiscard]] bool has_state() const {
    const std::shared_lock lock(mutex_);
    return state_ != nullptr;
  }

  /// By the store's one writer, once the log has none of it. Waits for readers. What was in RAM, to
  /// be freed where nobody waits.
  [[nodiscard]] std::unique_ptr<TenantState> drop() {
    const std::unique_lock lock(mutex_);
    is_dropped_.store(true);
    return std::move(state_);
  }
  /// It stays as it was while a Reading is held, and for whoever holds the store's write mutex.
  [[nodiscard]] bool is_dropped() const { return is_dropped_.load(); }

 private:
  void make_state() {
    if (!state_) state_ = std::make_unique<TenantState>(id_, options_);
  }

  const std::string id_;
  const VectorIndexOptions options_;
  mutable FairSharedMutex mutex_;
  std::unique_ptr<TenantState> state_;
  std::atomic<bool> is_dropped_ = false;
};

}  // namespace tulving::engine
