// Logs as bytes, one or several. An even first byte: they are taken as they are; an odd one: each
// is a row of records, which are given RocksDB's frames and checksums, so that what is in them is
// met.

#include <fmt/format.h>
#include <rocksdb/env.h>
#include <rocksdb/file_checksum.h>

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
  static rocksdb::Env* const env = rocksdb::NewMemEnv(rocksdb::Env::Default());
  const std::string directory = "/log";
  (void)env->CreateDirIfMissing(directory).ok();
  Input parts(input);
  const auto mode = parts.byte();
  const auto put = [&](const std::string& name, std::string_view bytes) {
    TULVING_CHECK(
        rocksdb::WriteStringToFile(env, {bytes.data(), bytes.size()}, directory + "/" + name).ok());
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
    const auto audit = storage::audit_log(env, directory, promised);
    if (audit && audit->must_know_tables) {
      (void)storage::audit_log(env, directory, promised, 3).has_value();
    }
  }
  std::vector<std::string> names;
  (void)env->GetChildren(directory, &names).ok();
  for (const auto& name : names) (void)env->DeleteFile(directory + "/" + name).ok();
}

}  // namespace tulving::fuzz
