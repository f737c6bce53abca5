#pragma once

#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/files/file_system.h"
#include "storage/rocksdb/log/log_file.h"

namespace tulving::storage {

// A log or manifest taken apart and put together again with right checksums, whatever is in it.

/// The records of a log file.
inline std::vector<std::string> records_of(const std::filesystem::path& path) {
  class Collector final : public LogVisitor {
   public:
    void begin_record(std::uint64_t) override { records.emplace_back(); }
    void add(std::string_view bytes) override { records.back() += bytes; }
    void end_record() override {}
    bool gap(const LogGap&) override { return false; }
    std::vector<std::string> records;
  };
  Collector collector;
  const auto file = Descriptor::open(FileSystem::machine(), path, O_RDONLY);
  return read_log(file, collector) == 0 ? collector.records : std::vector<std::string>();
}

/// A fragment as RocksDB writes it.
inline std::string log_fragment(unsigned type, std::string_view bytes) {
  std::string typed(1, static_cast<char>(type));
  typed += bytes;
  const auto generator =
      rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({});
  generator->Update(typed.data(), typed.size());
  generator->Finalize();
  std::uint32_t crc = 0;
  for (const char byte : generator->GetChecksum()) {
    crc = crc << 8U | static_cast<unsigned char>(byte);
  }
  const std::uint32_t masked = (crc >> 15U | crc << 17U) + 0xa282ead8U;
  std::string made;
  for (unsigned shift = 0; shift < 32; shift += 8) {
    made += static_cast<char>(static_cast<unsigned char>(masked >> shift));
  }
  made += static_cast<char>(static_cast<unsigned char>(bytes.size()));
  made += static_cast<char>(static_cast<unsigned char>(bytes.size() >> 8U));
  return made + typed;
}

/// A log file of these records.
inline std::string log_of(const std::vector<std::string>& records) {
  constexpr std::size_t block = 32768;
  constexpr std::size_t header = 7;
  std::string log;
  for (const std::string_view record : records) {
    std::size_t at = 0;
    do {
      if (block - log.size() % block < header) log.resize(log.size() + block - log.size() % block);
      const auto taken = std::min(block - log.size() % block - header, record.size() - at);
      const bool is_last = at + taken == record.size();
      const unsigned type = at == 0 ? (is_last ? 1U : 2U) : (is_last ? 4U : 3U);
      log += log_fragment(type, record.substr(at, taken));
      at += taken;
    } while (at < record.size());
  }
  return log;
}

}  // namespace tulving::storage
