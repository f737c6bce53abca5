#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tulving::index {

// Small numbers in few bits, four side by side: number i is in lane i % 4, and each lane is a
// stream of 32-bit words, the first of all lanes first. So four are unpacked by one instruction of
// any processor that has vectors of 16 bytes (the layout of "Decoding billions of integers per
// second through vectorization", Lemire and Boytsov 2015).

inline constexpr std::size_t kLanes = 4;
/// Compilers have the operators of numbers for it.
using Lanes = std::uint32_t __attribute__((vector_size(16)));
static_assert(sizeof(Lanes) == kLanes * sizeof(std::uint32_t));

/// Words that `count` numbers of `bits` bits take, 0 to 32.
[[nodiscard]] constexpr std::size_t packed_words(std::size_t count, unsigned bits) {
  const std::size_t each = (count + kLanes - 1) / kLanes;
  return (each * bits + 31) / 32 * kLanes;
}

/// Into words that are 0.
void pack_bits(std::span<const std::uint32_t> numbers, unsigned bits, std::uint32_t* words);
/// The first `count` numbers, and up to three more that are 0.
void unpack_bits(const std::uint32_t* words, std::size_t count, unsigned bits, Lanes* numbers);

}  // namespace tulving::index
