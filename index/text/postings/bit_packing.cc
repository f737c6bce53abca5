#include "index/text/postings/bit_packing.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>
#include <utility>

namespace tulving::index {
namespace {

Lanes load(const std::uint32_t* words) {
  Lanes lanes;
  std::memcpy(&lanes, words, sizeof(lanes));
  return lanes;
}

/// Fours that are unpacked at once, which end with a word.
constexpr std::size_t kTogether = 32;

template <unsigned kBits>
void unpack_together(const std::uint32_t* words, Lanes* numbers) {
  constexpr std::uint32_t kMask = kBits == 32 ? UINT32_MAX : (1U << kBits) - 1;
  Lanes word = load(words);
  const auto unpack_one = [&](auto index) {
    constexpr std::size_t kAt = index() * kBits, kUsed = kAt % 32;
    if constexpr (kAt > 0 && kUsed == 0) word = load(words + kAt / 32 * kLanes);
    Lanes value = word >> static_cast<std::uint32_t>(kUsed);
    if constexpr (kUsed + kBits > 32) {
      word = load(words + (kAt / 32 + 1) * kLanes);
      value |= word << static_cast<std::uint32_t>(32 - kUsed);
    }
    numbers[index()] = value & kMask;
  };
  [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    (unpack_one(std::integral_constant<std::size_t, kIndex>()), ...);
  }
  (std::make_index_sequence<kTogether>());
}

using Unpack = void (*)(const std::uint32_t*, Lanes*);
constexpr auto kUnpack = []<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
  return std::array<Unpack, 32>{&unpack_together<kIndex + 1>...};
}
(std::make_index_sequence<32>());

}  // namespace

void pack_bits(std::span<const std::uint32_t> numbers, unsigned bits, std::uint32_t* words) {
  if (bits == 0) return;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t at = i / kLanes * bits;
    const std::uint64_t shifted = std::uint64_t{numbers[i]} << (at % 32);
    std::uint32_t* const word = words + at / 32 * kLanes + i % kLanes;
    word[0] |= static_cast<std::uint32_t>(shifted);
    if (at % 32 + bits > 32) word[kLanes] |= static_cast<std::uint32_t>(shifted >> 32);
  }
}

void unpack_bits(const std::uint32_t* words, std::size_t count, unsigned bits, Lanes* numbers) {
  const std::size_t fours = (count + kLanes - 1) / kLanes;
  if (bits == 0) {
    std::fill_n(numbers, fours, Lanes{});
    return;
  }
  std::size_t i = 0;
  for (; i + kTogether <= fours; i += kTogether, words += bits * kLanes) {
    kUnpack[bits - 1](words, numbers + i);
  }
  const std::uint32_t mask = bits == 32 ? UINT32_MAX : (1U << bits) - 1;
  for (std::size_t at = 0; i < fours; ++i, at += bits) {
    const std::uint32_t* const word = words + at / 32 * kLanes;
    const auto used = static_cast<std::uint32_t>(at % 32);
    Lanes value = load(word) >> used;
    if (used + bits > 32) value |= load(word + kLanes) << (32 - used);
    numbers[i] = value & mask;
  }
}

}  // namespace tulving::index
