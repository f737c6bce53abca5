#include "index/vectors/rows/vector_sketch.h"

#include <bit>
#include <cstdlib>
#include <cstring>

#include "index/kernels/sketch_kernels.h"

namespace tulving::index {
namespace {

static_assert(std::endian::native == std::endian::little, "byte i of a word is its bits from 8 i");

// Bit `bit` of 64 bytes. The product brings the lowest bits of eight bytes to the top one.
std::uint64_t bits_of(const std::uint8_t* bytes, unsigned bit) {
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < 64; i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes + i, sizeof(eight));
    const std::uint64_t lowest = eight >> bit & 0x0101'0101'0101'0101U;
    bits |= lowest * 0x0102'0408'1020'4080U >> 56 << i;
  }
  return bits;
}

}  // namespace

SketchHeader make_sketch(const std::uint8_t* codes, std::size_t code_stride, float scale,
                         std::uint64_t* bits) {
  std::int32_t magnitudes = 0;
  for (std::size_t i = 0; i < code_stride; ++i) {
    magnitudes += std::abs(std::int32_t{codes[i]} - 128);
  }
  std::uint32_t ones = 0;
  for (std::size_t word = 0; word < sketch_words(code_stride); ++word) {
    bits[word] = bits_of(codes + 64 * word, 7);
    ones += static_cast<std::uint32_t>(std::popcount(bits[word]));
  }
  const float sum = scale * static_cast<float>(magnitudes);
  return {sum > 0.0F ? 1.0F / sum : 0.0F, ones};
}

void QuerySketch::weigh(const std::uint64_t* const* rows, std::size_t count,
                        std::int32_t* weights) const {
  sketch_kernels().weigh(rows, count, planes_.data(), words_, weights);
}

void QuerySketch::set(const CodedQuery& query, float scale, std::size_t code_stride) {
  // Codes are -63..63, or -127..127 of a stored row: u are the highest four of their seven or eight
  // bits, and stand for the middle of what has the same.
  const std::int32_t offset = query.is_wide ? 128 : 64;
  const unsigned lowest = query.is_wide ? 4 : 3;
  step_ = 1 << lowest;
  twice_least_ = step_ - 1 - 2 * offset;
  scale_ = scale;
  words_ = sketch_words(code_stride);
  planes_.resize(kSketchPlanes * words_);
  std::int32_t total = 0;
  for (std::size_t word = 0; word < words_; ++word) {
    std::uint8_t shifted[64];
    for (std::size_t i = 0; i < 64; ++i) {
      shifted[i] = static_cast<std::uint8_t>(query.high[64 * word + i] + offset);
      total += shifted[i] >> lowest;
    }
    for (std::size_t plane = 0; plane < kSketchPlanes; ++plane) {
      planes_[plane * words_ + word] = bits_of(shifted, lowest + static_cast<unsigned>(plane));
    }
  }
  base_ = step_ * total + twice_least_ * static_cast<std::int32_t>(code_stride / 2);
  const auto n = static_cast<float>(code_stride);
  least_square_ = 1.0F / n;
  // Rounding to steps leaves step^2 / 12 a component.
  own_ = n * scale * scale * static_cast<float>(step_ * step_) / 12.0F;
}

}  // namespace tulving::index
