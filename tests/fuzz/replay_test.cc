// Every input that was kept, given to its fuzzer's body: seeds made by the real encoders, and what
// fuzzing has found; then each of them with some bytes changed, TULVING_FUZZ_ROUNDS times (100). A
// body ends the process where something is wrong: the input is then in TMPDIR/tulving-fuzz-NAME.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/fuzz/fuzzer.h"

namespace tulving::fuzz {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class Replay : public ::testing::TestWithParam<Fuzzer> {};

TEST_P(Replay, TakesEveryInputThatWasKept) {
  const fs::path folder = fs::path(TULVING_SOURCE_DIR) / "tests/fuzz/corpus" / GetParam().name;
  int inputs = 0;
  for (const auto& file : fs::directory_iterator(folder)) {
    SCOPED_TRACE(file.path().string());
    GetParam().body(bytes_of(file.path()));
    ++inputs;
  }
  EXPECT_GE(inputs, 2) << "seeds are missing in " << folder;
  GetParam().body("");
}

// As libFuzzer does, without its eyes.
std::string changed(std::string bytes, std::mt19937& random) {
  const auto below = [&](std::size_t bound) { return bound == 0 ? 0 : random() % bound; };
  for (auto times = 1 + below(4); times > 0; --times) {
    const auto at = below(bytes.size() + 1);
    switch (below(5)) {
      case 0:
        if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1U << below(8)));
        break;
      case 1:
        if (at < bytes.size()) bytes[at] = static_cast<char>(below(3) == 0 ? 255 : below(256));
        break;
      case 2:
        bytes.erase(at, 1 + below(8));
        break;
      case 3:
        bytes.insert(at, bytes.substr(below(bytes.size() + 1), below(24)));
        break;
      default:
        bytes.resize(below(4) == 0 ? at : bytes.size());
    }
  }
  return bytes;
}

TEST_P(Replay, TakesThemWithBytesChanged) {
  const char* const wanted = std::getenv("TULVING_FUZZ_ROUNDS");
  const int rounds = wanted == nullptr ? 100 : std::atoi(wanted);
  const fs::path folder = fs::path(TULVING_SOURCE_DIR) / "tests/fuzz/corpus" / GetParam().name;
  const fs::path last = fs::temp_directory_path() / ("tulving-fuzz-" + GetParam().name);
  std::mt19937 random(20'260'101);
  for (const auto& file : fs::directory_iterator(folder)) {
    const std::string bytes = bytes_of(file.path());
    for (int round = 0; round < rounds; ++round) {
      const std::string input = changed(bytes, random);
      std::ofstream(last, std::ios::binary) << input;
      GetParam().body(input);
    }
  }
  fs::remove(last);
}

INSTANTIATE_TEST_SUITE_P(Fuzzers, Replay, ::testing::ValuesIn(fuzzers()),
                         [](const auto& param) { return param.param.name; });

TEST(Replay, KnowsEveryFolderOfInputs) {
  for (const auto& folder :
       fs::directory_iterator(fs::path(TULVING_SOURCE_DIR) / "tests/fuzz/corpus")) {
    const std::string name = folder.path().filename().string();
    EXPECT_TRUE(std::ranges::any_of(fuzzers(), [&](const Fuzzer& one) { return one.name == name; }))
        << name;
  }
}

}  // namespace
}  // namespace tulving::fuzz
