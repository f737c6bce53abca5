#include "tests/engine/memory/failing_allocator.h"

#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

using Mode = tulving::testing::FailingAllocator::Mode;

std::atomic<bool> is_armed{false};
std::atomic<std::uint64_t> left{0};
std::atomic<bool> fails_for_good{false};
std::atomic<bool> has_one_failed{false};

bool is_rocksdb_thread() {
  static thread_local int known = 0;
  if (known == 0) {
    char name[16] = {};
    pthread_getname_np(pthread_self(), name, sizeof name);
    known = std::strncmp(name, "rocksdb", 7) == 0 ? 1 : 2;
  }
  return known == 1;
}

bool must_fail() {
  if (!is_armed.load(std::memory_order_relaxed) || is_rocksdb_thread()) return false;
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
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace tulving::testing {

FailingAllocator::FailingAllocator(std::uint64_t nth, Mode mode) {
  left.store(nth);
  fails_for_good.store(mode == Mode::kForGood);
  has_one_failed.store(false);
  is_armed.store(true);
}

FailingAllocator::~FailingAllocator() { is_armed.store(false); }

bool FailingAllocator::has_failed() const { return has_one_failed.load(); }

}  // namespace tulving::testing
