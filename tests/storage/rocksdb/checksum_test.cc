// The checksums of files are RocksDB's own, whoever computes them: of any bytes, in any pieces.

#include "storage/rocksdb/checksum.h"

#include <gtest/gtest.h>
#include <rocksdb/file_checksum.h>

#include <algorithm>
#include <random>
#include <string>

namespace tulving::storage {
namespace {

std::string random_bytes(std::mt19937& random, std::size_t count) {
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string checksum_in_pieces(rocksdb::FileChecksumGenFactory& factory, const std::string& bytes,
                               std::mt19937& random) {
  const auto generator = factory.CreateFileChecksumGenerator({});
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t count = std::min<std::size_t>(random() % 100, bytes.size() - at);
    generator->Update(bytes.data() + at, count);
    at += count;
  }
  generator->Finalize();
  return generator->GetChecksum();
}

TEST(Checksum, IsTheStandardsExample) {
  EXPECT_EQ(crc32c(0, "123456789"), 0xE3069283U);  // RFC 3720, as its polynomial is checked.
  EXPECT_EQ(crc32c_by_tables(0, "123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(0, ""), 0U);
}

TEST(Checksum, OfAFileIsWhatRocksdbMakes) {
  const unsigned seed = std::random_device()();
  std::mt19937 random(seed);
  const auto ours = file_checksums();
  const auto its = rocksdb::GetFileChecksumGenCrc32cFactory();
  EXPECT_STREQ(ours->Name(), its->Name());
  EXPECT_STREQ(ours->CreateFileChecksumGenerator({})->Name(),
               its->CreateFileChecksumGenerator({})->Name());
  for (std::size_t round = 0; round < 300; ++round) {
    const std::string bytes = random_bytes(random, round < 50 ? round : random() % 5000);
    const std::string expected = checksum_in_pieces(*its, bytes, random);
    ASSERT_EQ(checksum_in_pieces(*ours, bytes, random), expected) << "seed " << seed;
    ASSERT_EQ(crc32c(0, bytes), crc32c_by_tables(0, bytes)) << "seed " << seed;
  }
}

TEST(Checksum, OfAnotherNameIsNotMade) {
  rocksdb::FileChecksumGenContext context;
  context.requested_checksum_func_name = "another";
  EXPECT_EQ(file_checksums()->CreateFileChecksumGenerator(context), nullptr);
}

}  // namespace
}  // namespace tulving::storage
