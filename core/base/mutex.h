#pragma once

#include <absl/base/thread_annotations.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

// The standard library's mutexes, annotated: what is ABSL_GUARDED_BY one of them cannot be touched
// without it, which clang checks (the preset `locks`).

namespace tulving {

class ABSL_LOCKABLE Mutex {
 public:
  void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

 private:
  friend class ConditionVariable;
  std::mutex mutex_;
};

class ABSL_LOCKABLE SharedMutex {
 public:
  void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }
  void lock_shared() ABSL_SHARED_LOCK_FUNCTION() { mutex_.lock_shared(); }
  void unlock_shared() ABSL_UNLOCK_FUNCTION() { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
};

/// A shared mutex whose writers are not starved: std::shared_mutex on Linux prefers readers, so
/// that searches which overlap without a gap would hold a write off for ever. Here a waiting writer
/// closes the gate, and new readers queue behind it. Costs a reader one uncontended lock, ~15 ns.
/// Meets the SharedMutex requirements that std::unique_lock and std::shared_lock use.
class ABSL_LOCKABLE FairSharedMutex {
 public:
  void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    gate_.lock();
    mutex_.lock();
  }
  void unlock() ABSL_UNLOCK_FUNCTION() {
    mutex_.unlock();
    gate_.unlock();
  }
  void lock_shared() ABSL_SHARED_LOCK_FUNCTION() {
    gate_.lock();
    mutex_.lock_shared();
    gate_.unlock();
  }
  void unlock_shared() ABSL_UNLOCK_FUNCTION() { mutex_.unlock_shared(); }

 private:
  std::mutex gate_;
  std::shared_mutex mutex_;
};

/// Holds a Mutex while it lives, but for the time between unlock() and lock().
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() {
    if (is_locked_) mutex_.unlock();
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    mutex_.lock();
    is_locked_ = true;
  }
  void unlock() ABSL_UNLOCK_FUNCTION() {
    mutex_.unlock();
    is_locked_ = false;
  }

 private:
  Mutex& mutex_;
  bool is_locked_ = true;
};

/// Holds a shared mutex with other readers while it lives.
template <class AnyShared>
class ABSL_SCOPED_LOCKABLE ReaderLock {
 public:
  explicit ReaderLock(AnyShared& mutex) ABSL_SHARED_LOCK_FUNCTION(mutex) : mutex_(mutex) {
    mutex_.lock_shared();
  }
  ~ReaderLock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock_shared(); }
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

 private:
  AnyShared& mutex_;
};

/// Holds a shared mutex alone while it lives.
template <class AnyShared>
class ABSL_SCOPED_LOCKABLE WriterLock {
 public:
  explicit WriterLock(AnyShared& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) {
    mutex_.lock();
  }
  ~WriterLock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  AnyShared& mutex_;
};

/// std::condition_variable for Mutex. Waits may end without a reason: ask again in a loop.
class ConditionVariable {
 public:
  void wait(Mutex& mutex) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    wake_.wait(lock);
    lock.release();
  }
  /// False: the time has come.
  bool wait_until(Mutex& mutex, std::chrono::steady_clock::time_point time)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    const bool woken = wake_.wait_until(lock, time) == std::cv_status::no_timeout;
    lock.release();
    return woken;
  }
  void notify_all() { wake_.notify_all(); }

 private:
  std::condition_variable wake_;
};

}  // namespace tulving
