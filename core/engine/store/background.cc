#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <shared_mutex>
#include <system_error>

#include "core/base/check.h"
#include "core/base/thread_priority.h"
#include "core/engine/store/store_impl.h"

// The store's two threads: one fsyncs the log every sync_interval, and notes how far that came once
// nobody writes; one builds the vector graphs of tenants that have outgrown the scan, and takes
// helpers where there is much to build. All only hurry along what would be right without them.

namespace tulving {
namespace {

// Rows inserted between two looks at the stop flag: some 10 ms.
constexpr std::uint32_t kRowsPerStep = 64;

// How long an index is built before the next has its turn: many times what starting threads costs.
constexpr std::chrono::milliseconds kTurn(100);

// With fewer rows to insert, some second's work, no helper is taken: the graph comes soon enough,
// and is the same of the same writes, so that copies of a store answer alike.
constexpr std::uint64_t kRowsForHelpers = 10'000;

// How much lower the helpers' priority is: where all processors are busy they get a third of what
// a search gets.
constexpr int kHelpersNice = 5;

// After this long without a write the store is taken to be idle.
constexpr std::chrono::milliseconds kIdle(100);

/// Notes once after each burst of writes how far the log was made durable.
class IdleNote {
 public:
  explicit IdleNote(storage::Journal& journal) : journal_(journal) {}

  /// To be called now and then, with the revisions as they are.
  void look(std::uint64_t revision, std::uint64_t durable) {
    const auto now = std::chrono::steady_clock::now();
    if (revision != revision_) {
      revision_ = revision;
      since_ = now;
    } else if ((is_first_ || noted_ != durable) && now - since_ >= kIdle) {
      // Not tried again if it fails: nothing depends on it, and the next burst brings another.
      is_first_ = false;
      noted_ = durable;
      (void)journal_.note_durable().has_value();
    }
  }

 private:
  storage::Journal& journal_;
  std::uint64_t revision_ = 0;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  std::uint64_t noted_ = 0;
  bool is_first_ = true;  // Nothing is noted yet: the log may be one that a killed process left.
};

// By the options, which nobody writes: the thread itself is close()'s to join meanwhile. Of a store
// that is only read it brings in what opening left in the checkpoints.
bool has_indexer(const StoreOptions& options) { return options.background_indexing; }

std::size_t build_threads(const StoreOptions& options) {
  if (options.vectors.build_threads != 0) return options.vectors.build_threads;
  return std::max(1U, std::thread::hardware_concurrency());
}

// A graph that is full has room made, and one that was rebuilt takes its place, by reclaim() alone:
// of that a helper may have made the need after the turn's last look, when nothing can be built.
// A store that is only read stays as it was written.
bool has_work(const index::VectorIndex& index, bool read_only) {
  return index.wants_building() || (!read_only && index.wants_reclaim());
}

}  // namespace

Status Store::Impl::start_background() {
  TULVING_DCHECK(!sync_thread_.joinable() && !index_thread_.joinable());  // Once.
  try {
    const bool writes = !options.read_only;
    if (writes && (options.durability == Durability::kProcess || !directory.empty())) {
      sync_thread_ = std::thread([this] { sync_loop(); });
    }
    if (has_indexer(options) && (writes || !directory.empty())) {
      index_thread_ = std::thread([this] { index_loop(); });
    }
  } catch (const std::system_error& error) {
    stop_background();  // The one that was started.
    return Error{ErrorCode::kResourceExhausted,
                 fmt::format("no thread for the store's background work: {}", error.what())};
  }
  return {};
}

void Store::Impl::stop_background() {
  {
    const MutexLock lock(background_mutex_);
    stopping_ = true;
  }
  background_wake_.notify_all();
  if (sync_thread_.joinable()) sync_thread_.join();
  if (index_thread_.joinable()) index_thread_.join();
}

void Store::Impl::sync_loop() {
  // In the other modes it has only to see when nobody writes.
  const bool syncs = options.durability == Durability::kProcess;
  const auto interval = syncs ? std::chrono::milliseconds(options.sync_interval_ms) : kIdle;
  TULVING_DCHECK(interval.count() > 0);  // check_options(); else it would spin.
  IdleNote note(*journal);
  MutexLock lock(background_mutex_);
  while (true) {
    const auto next = std::chrono::steady_clock::now() + interval;
    while (!stopping_ && background_wake_.wait_until(background_mutex_, next)) {
    }
    if (stopping_) return;
    lock.unlock();
    // A failure stops the store's writes (wait_durable), and the next writer is told.
    bool is_sound = false;
    try {
      is_sound = !syncs || wait_durable(revision_.load()).has_value();
      if (is_sound) note.look(revision_.load(), durable_revision_.load());
    } catch (const std::exception&) {  // No memory, for an error's words maybe.
    }
    lock.lock();
    if (!is_sound) return;
  }
}

void Store::Impl::request_indexing() {
  if (!has_indexer(options)) return;
  {
    const MutexLock lock(background_mutex_);
    if (indexing_requested_) return;
    indexing_requested_ = true;
  }
  background_wake_.notify_all();
}

void Store::Impl::index_loop() {
  MutexLock lock(background_mutex_);
  while (true) {
    while (!stopping_ && !indexing_requested_) background_wake_.wait(background_mutex_);
    if (stopping_) return;
    indexing_requested_ = false;
    indexing_busy_ = true;
    lock.unlock();
    bool more = false;
    bool has_failed = false;
    try {
      more = index_once();
    } catch (const std::exception&) {
      // No memory: a graph has a node that nothing leads to, and is built no further. Searches scan
      // what it lacks, and no checkpoint is made of it.
      has_failed = true;
    }
    lock.lock();
    indexing_busy_ = false;
    if (more) indexing_requested_ = true;
    background_wake_.notify_all();
    if (has_failed) {
      indexing_failed_ = true;
      return;
    }
  }
}

bool Store::Impl::is_stopping() const {
  const MutexLock lock(background_mutex_);
  return stopping_;
}

bool Store::Impl::build_for_a_turn(index::VectorIndex& index) const {
  // Most often a few rows wait.
  if (!index.build_step(kRowsPerStep)) return false;
  const auto end = std::chrono::steady_clock::now() + kTurn;
  const auto build = [&] {
    while (std::chrono::steady_clock::now() < end && !is_stopping()) {
      if (!index.build_step(kRowsPerStep)) return false;
    }
    return true;
  };
  std::vector<std::future<void>> helpers;  // Each is waited for when it goes.
  const std::size_t wanted =
      index.rows_to_build() < kRowsForHelpers ? 0 : build_threads(options) - 1;
  helpers.reserve(wanted);
  try {
    while (helpers.size() < wanted) {
      helpers.push_back(std::async(std::launch::async, [&build] {
        lower_thread_priority(kHelpersNice);
        build();
      }));
    }
  } catch (const std::system_error&) {  // No thread: as many as there are.
  }
  const bool more = build();
  for (auto& helper : helpers) helper.get();  // With what it threw.
  return more;
}

// Of a store that is only read. A graph that was damaged is made anew there, too.
bool Store::Impl::load_once(engine::SharedTenant& tenant, index::VectorIndex& index) const {
  while (!is_stopping()) {
    if (index.load_step()) continue;
    const auto alone = tenant.write();
    index.finish_loading();
    return index.is_damaged();
  }
  return false;
}

// One turn for every index that wants one; true while any has more.
bool Store::Impl::index_once() {
  bool more = false;
  for (const auto& tenant : catalog.tenants()) {
    std::vector<std::shared_ptr<index::VectorIndex>> indexes;
    {
      const auto state = tenant->read();
      if (!is_whole()) return false;
      for (const auto& [model, index] : state->vectors) {
        if (has_work(*index, options.read_only)) indexes.push_back(index);
      }
    }
    for (const auto& index : indexes) {
      if (options.read_only && !index->is_damaged()) {
        more = load_once(*tenant, *index) || more;
      } else if (build_for_a_turn(*index)) {
        more = true;
      } else {
        const auto alone = tenant->write();
        index->reclaim();
        more = more || index->wants_building();
      }
    }
  }
  return more;
}

bool Store::Impl::indexing_caught_up() const {
  for (const auto& tenant : catalog.tenants()) {
    const auto state = tenant->read();
    if (!is_whole()) return false;
    for (const auto& [model, index] : state->vectors) {
      if (has_work(*index, options.read_only)) return false;
    }
  }
  return true;
}

void Store::Impl::wait_for_indexing() const {
  if (!has_indexer(options) || (options.read_only && directory.empty())) return;
  const MutexLock lock(background_mutex_);
  while (!stopping_ && !indexing_failed_ && (indexing_requested_ || indexing_busy_)) {
    background_wake_.wait(background_mutex_);
  }
}

}  // namespace tulving
