#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <vector>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/hash.h"

namespace tulving::index::testing {

using Sections = std::vector<std::vector<std::byte>>;

/// Makes right the checksums that a vector checkpoint has of its single rows, as far as there are
/// as many as rows: so that what lies is believed to be what was written.
inline void make_row_checksums_right(Sections& sections) {
  constexpr std::size_t kNodes = 3, kNodeSums = 7, kResidualSums = 11;
  if (sections.size() <= kResidualSums) return;
  const auto put = [](std::vector<std::byte>& sums, std::size_t first,
                      std::span<const std::byte> rows, std::size_t row_bytes) {
    for (std::size_t i = 0; i * row_bytes < rows.size(); ++i) {
      const std::uint64_t sum = xxh3(rows.subspan(i * row_bytes, row_bytes));
      std::memcpy(sums.data() + (first + i) * sizeof(sum), &sum, sizeof(sum));
    }
  };
  const auto rows_in = [&](std::size_t section) {
    return sections[section].size() / sizeof(std::uint64_t);
  };
  if (const std::size_t nodes = rows_in(kNodeSums);
      nodes != 0 && !sections[kNodes].empty() && sections[kNodes].size() % nodes == 0) {
    put(sections[kNodeSums], 0, sections[kNodes], sections[kNodes].size() / nodes);
  }
  constexpr std::size_t kChunkRows = 1024;
  const std::size_t slots = rows_in(kResidualSums);
  const std::size_t chunks = (slots + kChunkRows - 1) / kChunkRows;
  if (slots == 0 || sections.size() < kResidualSums + 1 + chunks) return;
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    const auto& rows = sections[sections.size() - chunks + chunk];
    const std::size_t count = std::min(kChunkRows, slots - chunk * kChunkRows);
    if (rows.empty() || rows.size() % count != 0) continue;
    put(sections[kResidualSums], chunk * kChunkRows, rows, rows.size() / count);
  }
}

/// All bytes of a file, and a file of other ones.
inline std::vector<char> read_bytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}
inline void write_bytes(const std::filesystem::path& file, const std::vector<char>& bytes) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// The sections of a file, and a file of other ones under right checksums.
inline Sections read_sections(const std::filesystem::path& file) {
  auto reader = CheckpointReader::open(file, "VECT", 3);
  EXPECT_TRUE(reader.has_value());
  Sections all;
  for (std::size_t i = 0; i < reader->sections(); ++i) {
    auto section = reader->read_array<std::byte>(i);
    EXPECT_TRUE(section.has_value());
    all.push_back(std::move(*section));
  }
  return all;
}
inline void write_sections(const std::filesystem::path& file, Sections sections) {
  make_row_checksums_right(sections);
  auto writer = CheckpointWriter::open(file, {"VECT", 3, {.revision = 5}});
  ASSERT_TRUE(writer.has_value());
  for (const auto& section : sections) {
    ASSERT_TRUE(writer->write_array(std::span<const std::byte>(section)).has_value());
  }
  ASSERT_TRUE(writer->finish().has_value());
}

}  // namespace tulving::index::testing
