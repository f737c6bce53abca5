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

void store(std::uint32_t* words, const Lanes& lanes) { std::memcpy(words, &lanes, sizeof(lanes)); }

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
  std::size_t at = 0;
  const auto pack_four = [&](const Lanes& four) {
    std::uint32_t* const word = words + at / 32 * kLanes;
    const auto used = static_cast<std::uint32_t>(at % 32);
    store(word, load(word) | four << used);
    if (used + bits > 32) store(word + kLanes, four >> (32 - used));
    at += bits;
  };
  const std::size_t whole = numbers.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) pack_four(load(&numbers[i]));
  if (whole == numbers.size()) return;
  std::array<std::uint32_t, kLanes> rest = {};
  std::ranges::copy(numbers.subspan(whole), rest.begin());
  pack_four(load(rest.data()));
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
