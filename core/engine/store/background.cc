#include <chrono>
#include <shared_mutex>

#include "core/engine/store/store_impl.h"

// The store's two threads: one fsyncs the log every sync_interval, one builds the vector graphs of
// tenants that have outgrown the scan. Both only hurry along what would be right without them.

namespace tulving {
namespace {

// Rows inserted between two looks at the stop flag: some 10 ms.
constexpr std::uint32_t kRowsPerStep = 64;

// By the options, which nobody writes: the thread itself is close()'s to join meanwhile.
bool has_indexer(const StoreOptions& options) {
  return options.background_indexing && !options.read_only;
}

}  // namespace

void Store::Impl::start_background() {
  if (options.read_only) return;
  if (options.durability == Durability::kProcess) {
    sync_thread_ = std::thread([this] { sync_loop(); });
  }
  if (has_indexer(options)) {
    index_thread_ = std::thread([this] { index_loop(); });
  }
}

void Store::Impl::stop_background() {
  {
    const std::lock_guard lock(background_mutex_);
    stopping_ = true;
  }
  background_wake_.notify_all();
  if (sync_thread_.joinable()) sync_thread_.join();
  if (index_thread_.joinable()) index_thread_.join();
}

void Store::Impl::sync_loop() {
  const auto interval = std::chrono::milliseconds(options.sync_interval_ms);
  std::unique_lock lock(background_mutex_);
  while (!background_wake_.wait_for(lock, interval, [this] { return stopping_; })) {
    lock.unlock();
    // A failure stops the store's writes (wait_durable), and the next writer is told.
    if (!wait_durable(revision_.load())) return;
    lock.lock();
  }
}

void Store::Impl::request_indexing() {
  if (!has_indexer(options)) return;
  {
    const std::lock_guard lock(background_mutex_);
    if (indexing_requested_) return;
    indexing_requested_ = true;
  }
  background_wake_.notify_all();
}

void Store::Impl::index_loop() {
  std::unique_lock lock(background_mutex_);
  while (true) {
    background_wake_.wait(lock, [this] { return stopping_ || indexing_requested_; });
    if (stopping_) return;
    indexing_requested_ = false;
    indexing_busy_ = true;
    lock.unlock();
    const bool more = index_once();
    lock.lock();
    indexing_busy_ = false;
    if (more) indexing_requested_ = true;
    background_wake_.notify_all();
  }
}

// One step for every index that wants one; true while any has more.
bool Store::Impl::index_once() {
  bool more = false;
  for (const auto& tenant : catalog.tenants()) {
    std::vector<std::shared_ptr<index::VectorIndex>> indexes;
    {
      const std::shared_lock lock(tenant->mutex);
      for (const auto& [model, index] : tenant->vectors) {
        if (index->wants_building()) indexes.push_back(index);
      }
    }
    for (const auto& index : indexes) {
      if (index->build_step(kRowsPerStep)) {
        more = true;
      } else {
        const std::unique_lock lock(tenant->mutex);
        index->reclaim();
        more = more || index->wants_building();
      }
    }
  }
  return more;
}

bool Store::Impl::indexing_caught_up() const {
  for (const auto& tenant : catalog.tenants()) {
    const std::shared_lock lock(tenant->mutex);
    for (const auto& [model, index] : tenant->vectors) {
      if (index->wants_building()) return false;
    }
  }
  return true;
}

void Store::Impl::wait_for_indexing() const {
  if (!has_indexer(options)) return;
  std::unique_lock lock(background_mutex_);
  background_wake_.wait(lock,
                        [this] { return stopping_ || (!indexing_requested_ && !indexing_busy_); });
}

}  // namespace tulving
