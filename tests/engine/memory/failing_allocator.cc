#include "tests/engine/memory/failing_allocator.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <string>

namespace {

using Mode = tulving::testing::FailingAllocator::Mode;

std::atomic<bool> is_armed{false};
std::atomic<std::uint64_t> left{0};
std::atomic<bool> fails_for_good{false};
std::atomic<bool> has_one_failed{false};

// The threads that were there when it was asked for, by the system's numbers: one of RocksDB's may
// be there and not yet have asked for memory.
constexpr std::size_t kThreadsMax = 64;
std::array<pid_t, kThreadsMax> spared;
std::size_t spared_count = 0;
std::atomic<bool> spares_all{false};
thread_local const pid_t own_number = gettid();
thread_local bool is_asking = false;

bool is_spared() {
  return !is_asking &&
         (spares_all.load() || std::find(spared.begin(), spared.begin() + spared_count,
                                         own_number) != spared.begin() + spared_count);
}

void spare_threads() {
  spared_count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    if (spared_count == kThreadsMax) std::abort();  // Raise it.
    spared[spared_count++] = static_cast<pid_t>(std::stol(entry.path().filename().string()));
  }
}

bool must_fail() {
  if (!is_armed.load()) return false;
  if (is_spared()) return false;
  if (has_one_failed.load()) return fails_for_good.load();
  if (left.fetch_sub(1) != 0) return false;
  has_one_failed.store(true);
  return true;
}

void* allocate(std::size_t size) {
  void* const memory = must_fail() ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* allocate(std::size_t size, std::size_t alignment) {
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* const memory = must_fail() ? nullptr : std::aligned_alloc(alignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
// Those that throw nothing are asked for too: a sanitizer has its own of what is not here.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return must_fail() ? nullptr : std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t& nothrow) noexcept {
  return operator new(size, nothrow);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace tulving::testing {

FailingAllocator::FailingAllocator(std::uint64_t nth, Mode mode, Who who) {
  is_asking = true;
  spares_all.store(who == Who::kThisThread);
  spare_threads();
  left.store(nth);
  fails_for_good.store(mode == Mode::kForGood);
  has_one_failed.store(false);
  is_armed.store(true);
}

FailingAllocator::~FailingAllocator() {
  is_armed.store(false);
  is_asking = false;
}

bool FailingAllocator::has_failed() const { return has_one_failed.load(); }

}  // namespace tulving::testing
