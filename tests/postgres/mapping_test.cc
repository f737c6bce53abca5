// The table of what maps where says what the projections do: it is made of them.
// TULVING_WRITE_MAPPING=1 writes it anew.

#include "storage/postgres/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace tulving::storage::postgres {
namespace {

using ::testing::IsEmpty;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Mapping, IsWhatTheDeclarationsSay) {
  const auto path = std::filesystem::path(TULVING_SOURCE_DIR) / "storage/postgres/MAPPING.md";
  const std::string made = mapping_markdown();
  if (std::getenv("TULVING_WRITE_MAPPING") != nullptr) {
    std::ofstream(path, std::ios::binary) << made;
  }
  // Not EXPECT_EQ, which would compare all lines by the square of their number to show them.
  EXPECT_TRUE(read(path) == made) << path.string()
                                  << " is out of date; TULVING_WRITE_MAPPING=1 writes it anew";
}

TEST(Mapping, NamesOnlyFieldsThatThereAre) { EXPECT_THAT(unknown_mapping_fields(), IsEmpty()); }

}  // namespace
}  // namespace tulving::storage::postgres
