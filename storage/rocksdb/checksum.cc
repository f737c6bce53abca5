#include "storage/rocksdb/checksum.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <string>

#include "core/base/check.h"

namespace tulving::storage {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78U;  // Reflected.

constexpr std::array<std::array<std::uint32_t, 256>, 4> make_tables() {
  std::array<std::array<std::uint32_t, 256>, 4> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ (crc % 2 == 1 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t i = 1; i < tables.size(); ++i) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[i - 1][byte];
      tables[i][byte] = (before >> 8U) ^ tables[0][before & 0xFFU];
    }
  }
  return tables;
}

std::uint32_t extend_by_tables(std::uint32_t crc, std::string_view bytes) {
  static constexpr auto kTables = make_tables();
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  for (; end - at >= 4; at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, at, sizeof word);
    crc ^= word;
    crc = kTables[3][crc & 0xFFU] ^ kTables[2][crc >> 8U & 0xFFU] ^ kTables[1][crc >> 16U & 0xFFU] ^
          kTables[0][crc >> 24U];
  }
  for (; at != end; ++at) {
    crc = (crc >> 8U) ^ kTables[0][(crc ^ static_cast<unsigned char>(*at)) & 0xFFU];
  }
  return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) std::uint32_t extend_by_instruction(std::uint32_t crc,
                                                                      std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  std::uint64_t wide = crc;
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  crc = static_cast<std::uint32_t>(wide);
  for (; at != end; ++at) crc = __builtin_ia32_crc32qi(crc, static_cast<unsigned char>(*at));
  return crc;
}
#endif

using Extend = std::uint32_t (*)(std::uint32_t, std::string_view);

Extend extend_here() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) return &extend_by_instruction;
#endif
  return &extend_by_tables;
}

class FileChecksum final : public rocksdb::FileChecksumGenerator {
 public:
  void Update(const char* data, std::size_t n) override { crc_ = crc32c(crc_, {data, n}); }
  void Finalize() override {
    for (unsigned shift = 24; checksum_.size() < sizeof crc_; shift -= 8) {
      checksum_.push_back(static_cast<char>(crc_ >> shift & 0xFFU));
    }
  }
  [[nodiscard]] std::string GetChecksum() const override {
    TULVING_DCHECK(checksum_.size() == sizeof crc_);  // Finalized.
    return checksum_;
  }
  [[nodiscard]] const char* Name() const override { return kName; }

  static constexpr const char* kName = "FileChecksumCrc32c";

 private:
  std::uint32_t crc_ = 0;
  std::string checksum_;
};

class FileChecksums final : public rocksdb::FileChecksumGenFactory {
 public:
  std::unique_ptr<rocksdb::FileChecksumGenerator> CreateFileChecksumGenerator(
      const rocksdb::FileChecksumGenContext& context) override {
    const std::string& wanted = context.requested_checksum_func_name;
    if (!wanted.empty() && wanted != FileChecksum::kName) return nullptr;
    return std::make_unique<FileChecksum>();
  }
  [[nodiscard]] const char* Name() const override { return "FileChecksumGenCrc32cFactory"; }
};

}  // namespace

std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes) {
  static const Extend extend = extend_here();
  return ~extend(~crc, bytes);
}

std::uint32_t crc32c_by_tables(std::uint32_t crc, std::string_view bytes) {
  return ~extend_by_tables(~crc, bytes);
}

std::shared_ptr<rocksdb::FileChecksumGenFactory> file_checksums() {
  return std::make_shared<FileChecksums>();
}

}  // namespace tulving::storage
