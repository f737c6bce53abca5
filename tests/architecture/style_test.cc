// What a reader may count on in every source: an error is passed on in one spelling, and where RAM
// and log must agree the invariants are written down as checks, ten in a thousand lines at least.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <string>

#include "tests/architecture/source_files.h"

namespace tulving::architecture {
namespace {

std::ptrdiff_t matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  return std::distance(std::sregex_iterator(text.begin(), text.end(), regex), {});
}

// A ratchet: raise it when there are more, never lower it.
constexpr double kChecksPerThousandLines = 10;

TEST(Style, InvariantsAreWrittenDownAsChecks) {
  for (const char* folder : {"core/engine", "storage"}) {
    std::ptrdiff_t lines = 0, checks = 0;
    for (const std::string& path : sources_under({folder})) {
      const std::string text = text_of(path);
      lines += std::count(text.begin(), text.end(), '\n');
      checks += matches(text, R"(\bTULVING_D?CHECK\()");
    }
    ASSERT_GT(lines, 1000) << folder;
    EXPECT_GE(static_cast<double>(checks) * 1000 / static_cast<double>(lines),
              kChecksPerThousandLines)
        << folder << ": " << checks << " checks in " << lines << " lines";
  }
}

// `return x.error();`, and not `return std::move(x).error();`: the rare path is not worth the
// noise, and nothing is left moved from.
TEST(Style, AnErrorIsPassedOnInOneSpelling) {
  for (const std::string& path : sources_under({"core", "index", "storage", "tools"})) {
    EXPECT_EQ(matches(text_of(path), R"(std::move\(\*?\w+\)\.error\(\))"), 0) << path;
  }
}

}  // namespace
}  // namespace tulving::architecture
