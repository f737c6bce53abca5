#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/journal.h"

// The layout that block_file_writer.cc writes and block_file_reader.cc reads.

namespace tulving::storage {

inline constexpr std::string_view kBlockFileMagic = "TULVSNAP";
inline constexpr std::uint32_t kBlockFileVersion = 1;
inline constexpr std::size_t kFileHeaderBytes = 16;       // magic:8 version:4 table:4
inline constexpr std::size_t kBlockHeaderBytes = 16;      // length:4 entries:4 checksum:8
inline constexpr std::size_t kEntryHeaderBytes = 8;       // key length:4 value length:4
inline constexpr std::size_t kBlockBytesMax = 1U << 20U;  // A longer entry has a block of its own.
inline constexpr std::size_t kEntryBytesMax = (1U << 31U) + 1024U;  // FlatBuffers' longest, a key.

template <class Integer>
void put_little_endian(std::string& bytes, Integer value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * i))));
  }
}

template <class Integer>
Integer take_little_endian(std::string_view& bytes) {
  Integer value = 0;
  for (std::size_t i = sizeof value; i-- > 0;) {
    value = static_cast<Integer>((value << 8U) | static_cast<unsigned char>(bytes[i]));
  }
  bytes.remove_prefix(sizeof value);
  return value;
}

inline std::string file_header(Table table) {
  std::string header(kBlockFileMagic);
  put_little_endian(header, kBlockFileVersion);
  put_little_endian(header, std::uint32_t{static_cast<std::uint8_t>(table)});
  return header;
}

}  // namespace tulving::storage
