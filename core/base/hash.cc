#include "core/base/hash.h"

#include <md5.h>
#include <sha2.h>
#include <xxhash.h>

namespace tulving {

std::uint64_t xxh3(std::span<const std::byte> bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t xxh3(std::string_view bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

Md5 md5(std::string_view bytes) noexcept {
  MD5_CTX context;
  MD5Init(&context);
  MD5Update(&context, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  Md5 digest;
  MD5Final(digest.data(), &context);
  return digest;
}

Sha256 sha256(std::string_view bytes) noexcept {
  SHA2_CTX context;
  SHA256Init(&context);
  SHA256Update(&context, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  Sha256 digest;
  SHA256Final(digest.data(), &context);
  return digest;
}

Sha256 sha256_of_parts(std::initializer_list<std::string_view> parts) noexcept {
  SHA2_CTX context;
  SHA256Init(&context);
  for (const std::string_view part : parts) {
    std::array<std::uint8_t, 8> length{};
    for (std::size_t i = 0; i < length.size(); ++i) {
      length[i] = static_cast<std::uint8_t>(std::uint64_t{part.size()} >> (8 * i));
    }
    SHA256Update(&context, length.data(), length.size());
    SHA256Update(&context, reinterpret_cast<const std::uint8_t*>(part.data()), part.size());
  }
  Sha256 digest;
  SHA256Final(digest.data(), &context);
  return digest;
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 15U];
  }
  return hex;
}

}  // namespace tulving
