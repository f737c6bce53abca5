#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/check.h"

// One body, two uses: under clang's libFuzzer it is given what the fuzzer makes up; in every test
// run the files of corpus/NAME are, whatever the compiler (replay_test.cc).
//
// TULVING_FUZZER(filter) { ... what is done with `input`, a std::string_view ... }

namespace tulving::fuzz {

struct Fuzzer {
  std::string name;
  void (*body)(std::string_view input);
};
/// Those that are linked into the program.
std::vector<Fuzzer>& fuzzers();
struct Registered {
  Registered(const char* name, void (*body)(std::string_view)) {
    fuzzers().push_back({name, body});
  }
};

/// Takes an input apart from its start. What is not there any more is 0, or empty.
class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  std::uint8_t byte() {
    const auto first = take(1);
    return first.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(first[0]);
  }
  std::uint16_t number() {
    const unsigned high = byte();
    return static_cast<std::uint16_t>(high << 8U | byte());
  }
  std::string_view take(std::size_t count) {
    const auto taken = bytes_.substr(0, count);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  [[nodiscard]] std::string_view rest() const { return bytes_; }
  [[nodiscard]] bool is_empty() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

/// A file in RAM, for what reads files by their paths.
class ScratchFile {
 public:
  explicit ScratchFile(std::string_view bytes);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  [[nodiscard]] std::filesystem::path path() const;

 private:
  int file_ = -1;
};

}  // namespace tulving::fuzz

#ifdef TULVING_LIBFUZZER
#define TULVING_FUZZER(name)                                                            \
  static void fuzz_##name(std::string_view input);                                      \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) { \
    fuzz_##name({reinterpret_cast<const char*>(bytes), count});                         \
    return 0;                                                                           \
  }                                                                                     \
  static void fuzz_##name(std::string_view input)
#else
#define TULVING_FUZZER(name)                                                       \
  static void fuzz_##name(std::string_view input);                                 \
  static const ::tulving::fuzz::Registered registered_##name(#name, &fuzz_##name); \
  static void fuzz_##name(std::string_view input)
#endif
