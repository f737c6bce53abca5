// A checkpoint gives back the bytes that were put in, or says that it is damaged: every byte of the
// file is under a checksum, so each one is flipped, and the file cut at each length. And it appears
// whole or not at all.

#include "core/base/checkpoint/checkpoint_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <random>

#include "tests/base/files/scratch_folder.h"

namespace tulving {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr CheckpointStamp kStamp{.kind = "TEST", .version = 3, .origin = {.revision = 77}};

std::vector<std::uint32_t> numbers(std::size_t count) {
  std::vector<std::uint32_t> values(count);
  std::iota(values.begin(), values.end(), 1U);
  return values;
}

template <class T>
std::span<const T> view(const std::vector<T>& values) {
  return values;
}

void write_small(const std::filesystem::path& file) {
  auto writer = CheckpointWriter::open(file, kStamp);
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->write_array(view(numbers(10))));
  ASSERT_TRUE(writer->end_section());
  ASSERT_TRUE(writer->write_array(view(numbers(3))));
  ASSERT_TRUE(writer->finish());
}

/// The error of opening the file and reading all of it.
Status read_all(const std::filesystem::path& file) {
  auto reader = CheckpointReader::open(file, kStamp.kind, kStamp.version);
  if (!reader) return reader.error();
  for (std::size_t i = 0; i < reader->sections(); ++i) {
    auto bytes = reader->read_array<std::byte>(i);
    if (!bytes) return bytes.error();
  }
  return {};
}

TEST(CheckpointFile, GivesBackItsSectionsAndStamp) {
  const ScratchFolder folder;
  write_small(folder / "a");

  auto reader = CheckpointReader::open(folder / "a", "TEST", 3);

  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->origin(), kStamp.origin);
  ASSERT_EQ(reader->sections(), 3U);
  EXPECT_EQ(*reader->read_array<std::uint32_t>(0), numbers(10));
  EXPECT_EQ(reader->section_bytes(1), 0U);
  EXPECT_EQ(*reader->read_array<std::uint32_t>(2), numbers(3));
  EXPECT_EQ(reader->read_array<std::uint64_t>(2).error().code, ErrorCode::kCorruption);
  EXPECT_FALSE(reader->read(3, 0, std::span<std::byte>()));
}

TEST(CheckpointFile, GivesBackLargeSectionsWrittenAndReadInAnyPortions) {
  const ScratchFolder folder;
  const auto values = numbers(3 * kCheckpointBlockBytes / 4 + 1001);
  const auto all = std::as_bytes(std::span(values));
  std::mt19937 random(7);
  auto writer = CheckpointWriter::open(folder / "a", kStamp);
  ASSERT_TRUE(writer);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t part = std::min<std::size_t>(all.size() - at, random() % (9U << 20));
    ASSERT_TRUE(writer->append(all.subspan(at, part)));
    at += part;
  }
  ASSERT_TRUE(writer->end_section());
  ASSERT_TRUE(writer->write_array(view(values)));
  ASSERT_TRUE(writer->finish());

  auto reader = CheckpointReader::open(folder / "a", "TEST", 3);

  ASSERT_TRUE(reader);
  EXPECT_EQ(*reader->read_array<std::uint32_t>(0), values);
  std::vector<std::byte> tail(all.size() - kCheckpointBlockBytes);
  ASSERT_TRUE(reader->read(1, kCheckpointBlockBytes, tail));
  EXPECT_TRUE(std::equal(tail.begin(), tail.end(), all.begin() + kCheckpointBlockBytes));
  EXPECT_FALSE(reader->read(1, 64, std::span(tail).first(64)));
}

TEST(CheckpointFile, NoticesEveryFlippedByte) {
  const ScratchFolder folder;
  write_small(folder / "a");
  const std::string good = read_bytes(folder / "a");
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ flip);
      write_bytes(folder / "a", bad);
      const auto status = read_all(folder / "a");
      ASSERT_FALSE(status) << "byte " << at;
      ASSERT_EQ(status.error().code, ErrorCode::kCorruption) << "byte " << at;
      ASSERT_THAT(status.error().message, HasSubstr((folder / "a").string()));
    }
  }
}

TEST(CheckpointFile, NoticesEveryTruncationAndWhatIsAppended) {
  const ScratchFolder folder;
  write_small(folder / "a");
  const std::string good = read_bytes(folder / "a");
  for (std::size_t size = 0; size < good.size(); ++size) {
    write_bytes(folder / "a", good.substr(0, size));
    ASSERT_EQ(read_all(folder / "a").error().code, ErrorCode::kCorruption) << size << " bytes";
  }
  write_bytes(folder / "a", good + "x");
  EXPECT_EQ(read_all(folder / "a").error().code, ErrorCode::kCorruption);
}

TEST(CheckpointFile, NoticesTheHeadOfOneFileOnTheRestOfAnother) {
  const ScratchFolder folder;
  write_small(folder / "a");
  const std::string old_file = read_bytes(folder / "a");
  auto writer = CheckpointWriter::open(folder / "a",
                                       {.kind = "TEST", .version = 3, .origin = {.revision = 78}});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->write_array(view(numbers(13))));
  ASSERT_TRUE(writer->finish());
  const std::string new_file = read_bytes(folder / "a");
  write_bytes(folder / "a", new_file.substr(0, 96) + old_file.substr(96));
  EXPECT_EQ(read_all(folder / "a").error().code, ErrorCode::kCorruption);
}

TEST(CheckpointFile, TellsAMissingFileAnotherKindAndAnotherVersionApart) {
  const ScratchFolder folder;
  write_small(folder / "a");
  EXPECT_EQ(CheckpointReader::open(folder / "b", "TEST", 3).error().code, ErrorCode::kNotFound);
  const auto kind = CheckpointReader::open(folder / "a", "ELSE", 3);
  EXPECT_EQ(kind.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(kind.error().message, HasSubstr("kind"));
  const auto version = CheckpointReader::open(folder / "a", "TEST", 2);
  EXPECT_EQ(version.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(version.error().message, HasSubstr("version 3"));
  EXPECT_EQ(CheckpointReader::open(folder.path(), "TEST", 3).error().code, ErrorCode::kCorruption);
}

TEST(CheckpointFile, LeavesTheOldFileWhenNotFinished) {
  const ScratchFolder folder;
  write_small(folder / "a");
  const std::string before = read_bytes(folder / "a");
  {
    auto writer = CheckpointWriter::open(folder / "a", kStamp);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->write_array(view(numbers(100))));
  }
  EXPECT_EQ(read_bytes(folder / "a"), before);
  EXPECT_FALSE(std::filesystem::exists(folder / "a.tmp"));
  EXPECT_EQ(CheckpointWriter::open(folder / "no/such", kStamp).error().code, ErrorCode::kIo);
  EXPECT_EQ(CheckpointWriter::open(folder / "a", {.kind = "?", .origin = {}}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(CheckpointFile, SaysWhenTheDiskIsFull) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  const ScratchFolder folder;
  std::filesystem::create_symlink("/dev/full", folder / "a.tmp");
  auto writer = CheckpointWriter::open(folder / "a", kStamp);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().code, ErrorCode::kIo);
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
}

}  // namespace
}  // namespace tulving
