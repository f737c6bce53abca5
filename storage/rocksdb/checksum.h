#pragma once

#include <rocksdb/file_checksum.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace tulving::storage {

/// CRC-32C of `bytes` behind others of which it is `crc`; 0: of none. By the processor's own
/// instruction where it has one: a RocksDB that was built for every processor, as distributions do,
/// goes by tables, at a tenth of the speed.
[[nodiscard]] std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes);

/// The same without that instruction.
[[nodiscard]] std::uint32_t crc32c_by_tables(std::uint32_t crc, std::string_view bytes);

/// Makes the checksums of whole files: the same, under the same names, as RocksDB's own
/// GetFileChecksumGenCrc32cFactory().
[[nodiscard]] std::shared_ptr<rocksdb::FileChecksumGenFactory> file_checksums();

}  // namespace tulving::storage
