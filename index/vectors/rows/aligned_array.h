#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace tulving::index {

inline constexpr std::size_t kCacheLine = 64;

[[nodiscard]] constexpr std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

struct FreeAligned {
  void operator()(void* memory) const noexcept { std::free(memory); }
};

/// Trivial elements that start on a cache line, so that no row straddles one more than it must. Not
/// initialised: pages that no row has used yet cost no RAM.
template <class T>
using AlignedArray = std::unique_ptr<T[], FreeAligned>;

template <class T>
[[nodiscard]] AlignedArray<T> make_aligned(std::size_t count) {
  const std::size_t bytes = round_up(count * sizeof(T), kCacheLine);
  void* memory = std::aligned_alloc(kCacheLine, bytes == 0 ? kCacheLine : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return AlignedArray<T>(static_cast<T*>(memory));
}

}  // namespace tulving::index
