#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace tulving {

/// XXH3, 64 bits: the checksum of every file of ours (RocksDB keeps its own), and a fast hash.
[[nodiscard]] std::uint64_t xxh3(std::span<const std::byte> bytes) noexcept;
[[nodiscard]] std::uint64_t xxh3(std::string_view bytes) noexcept;

using Md5 = std::array<std::uint8_t, 16>;
[[nodiscard]] Md5 md5(std::string_view bytes) noexcept;

/// For whatever decides by a digest alone that two texts are one: no two of an equal SHA-256 are
/// known, while anybody makes two of an equal MD5.
using Sha256 = std::array<std::uint8_t, 32>;
[[nodiscard]] Sha256 sha256(std::string_view bytes) noexcept;
/// Of the parts, each with its length before it as eight bytes, the least significant first: other
/// parts that spell the same text together have another digest.
[[nodiscard]] Sha256 sha256_of_parts(std::initializer_list<std::string_view> parts) noexcept;
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace tulving
