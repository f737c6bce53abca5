#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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
[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace tulving
