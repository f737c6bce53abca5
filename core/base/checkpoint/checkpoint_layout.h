#pragma once

// The checkpoint container. All integers are little-endian.
//
//   file    := header section* table footer
//   header  := "TULVCKP2" kind[4] version:u32 store[16] incarnation[16] revision:u64 tenant:u32
//              part:u32 zero:u64[3] xxh3(header before this):u64
//   section := block*   ; each block has 4 MiB but the last, which has the rest (never 0)
//   table   := entry*   ; one a section, in order
//   entry   := bytes:u64 xxh3(block):u64*
//   footer  := table_offset:u64 table_bytes:u64 sections:u64 file_bytes:u64
//              xxh3(table):u64 xxh3(header):u64 xxh3(footer before this):u64 "TULVDONE"
//
// The header has 96 bytes, the footer 64. Nothing lies between the parts, so that a checksum covers
// every byte and a section's place follows from the sizes before it. The footer repeats the
// header's checksum, so that the ends of two files do not make a third. A file without its footer
// was never finished. Before format 3 the first eight bytes were "TULVCKPT" and no store was named.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/hash.h"

namespace tulving::checkpoint {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr std::array<char, 8> kHeaderMagic = {'T', 'U', 'L', 'V', 'C', 'K', 'P', '2'};
constexpr std::array<char, 8> kFooterMagic = {'T', 'U', 'L', 'V', 'D', 'O', 'N', 'E'};

struct Header {
  std::array<char, 8> magic = kHeaderMagic;
  std::array<char, 4> kind{};
  std::uint32_t version = 0;
  Uuid store_id;
  Uuid incarnation;
  std::uint64_t revision = 0;
  std::uint32_t tenant = 0, part = 0;
  std::array<std::uint64_t, 3> zero{};
  std::uint64_t checksum = 0;
};
struct Footer {
  std::uint64_t table_offset = 0, table_bytes = 0, sections = 0, file_bytes = 0;
  std::uint64_t table_checksum = 0, header_checksum = 0;
  std::uint64_t checksum = 0;
  std::array<char, 8> magic = kFooterMagic;
};
static_assert(sizeof(Header) == 96 && sizeof(Footer) == 64);
static_assert(CheckpointElement<Header> && CheckpointElement<Footer>);

struct Section {
  std::uint64_t offset = 0, bytes = 0;
  std::vector<std::uint64_t> checksums;
};

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

inline std::uint64_t checksum_of(const Header& header) {
  return xxh3(bytes_of(header).first(offsetof(Header, checksum)));
}
inline std::uint64_t checksum_of(const Footer& footer) {
  return xxh3(bytes_of(footer).first(offsetof(Footer, checksum)));
}

constexpr std::uint64_t blocks_of(std::uint64_t bytes) {
  return bytes / kCheckpointBlockBytes + (bytes % kCheckpointBlockBytes != 0 ? 1 : 0);
}

}  // namespace tulving::checkpoint
