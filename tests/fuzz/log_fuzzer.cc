// Logs as bytes, one or several. An even first byte: they are taken as they are; an odd one: each
// is a row of records, which are given RocksDB's frames and checksums, so that what is in them is
// met.

#include <fmt/format.h>
#include <rocksdb/file_checksum.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "storage/rocksdb/log/log_audit.h"
#include "tests/fuzz/fuzzer.h"

namespace tulving::fuzz {
namespace {

// As RocksDB frames a record that fits into a block.
std::string framed(std::string_view record) {
  std::string body(1, '\1');
  body += record;
  const auto generator =
      rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({});
  generator->Update(body.data(), body.size());
  generator->Finalize();
  std::uint32_t crc = 0;
  for (const char c : generator->GetChecksum()) crc = crc << 8U | static_cast<unsigned char>(c);
  const std::uint32_t masked = ((crc >> 15U) | (crc << 17U)) + 0xa282ead8U;
  std::string frame;
  for (unsigned shift = 0; shift < 32; shift += 8) frame += static_cast<char>(masked >> shift);
  frame += static_cast<char>(record.size());
  frame += static_cast<char>(record.size() >> 8U);
  return frame + body;
}

}  // namespace

TULVING_FUZZER(log) {
  static const std::filesystem::path directory = [] {
    std::string name = (std::filesystem::temp_directory_path() / "tulving-log-XXXXXX").string();
    TULVING_CHECK(::mkdtemp(name.data()) != nullptr);
    return std::filesystem::path(name);
  }();
  Input parts(input);
  const auto mode = parts.byte();
  const auto put = [&](const std::string& name, std::string_view bytes) {
    std::ofstream(directory / name, std::ios::binary) << bytes;
  };
  put("CURRENT", "MANIFEST-000001\n");
  put("MANIFEST-000001", "");
  const int logs = 1 + mode / 2 % 3;
  for (int i = 0; i < logs; ++i) {
    std::string bytes;
    if (mode % 2 == 0) {
      bytes = parts.take(i + 1 == logs ? input.size() : parts.number());
    } else {
      for (auto left = parts.byte() % 8; left > 0; --left) {
        bytes += framed(parts.take(parts.byte()));
      }
    }
    put(fmt::format("{:06}.log", i + 2), bytes);
  }
  for (const std::uint64_t promised : {std::uint64_t{0}, std::uint64_t{5}}) {
    const auto audit = storage::audit_log(FileSystem::machine(), directory, promised);
    TULVING_CHECK(audit.has_value());  // Whatever is in the files, they can be read.
  }
  for (int i = 0; i < logs; ++i)
    std::filesystem::remove(directory / fmt::format("{:06}.log", i + 2));
}

}  // namespace tulving::fuzz
