#include "tests/engine/memory/failing_allocator.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

using Mode = tulving::testing::FailingAllocator::Mode;

std::atomic<bool> is_armed{false};
std::atomic<std::uint64_t> left{0};
std::atomic<bool> fails_for_good{false};
std::atomic<bool> has_one_failed{false};

// Threads are told apart by when they first asked for memory.
std::atomic<std::uint64_t> threads{0};
std::atomic<std::uint64_t> threads_spared{0};
thread_local const std::uint64_t own_number = threads.fetch_add(1);
thread_local bool is_asking = false;

bool must_fail() {
  if (!is_armed.load(std::memory_order_relaxed)) return false;
  if (!is_asking && own_number < threads_spared.load()) return false;
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

FailingAllocator::FailingAllocator(std::uint64_t nth, Mode mode, Who who) {
  is_asking = true;
  threads_spared.store(who == Who::kThisThread ? ~std::uint64_t{0} : threads.load());
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
