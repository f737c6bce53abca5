#include "tests/architecture/source_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace tulving::architecture {
namespace {

const std::filesystem::path kRoot = TULVING_SOURCE_DIR;

}  // namespace

std::string text_of(std::string_view path) {
  std::ifstream file(kRoot / path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> sources_under(const std::vector<std::string_view>& folders) {
  std::vector<std::string> paths;
  for (const std::string_view folder : folders) {
    if (!std::filesystem::is_directory(kRoot / folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kRoot / folder)) {
      const auto extension = entry.path().extension();
      if (extension == ".h" || extension == ".cc") {
        paths.push_back(entry.path().lexically_relative(kRoot).generic_string());
      }
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace tulving::architecture
