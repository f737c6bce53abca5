#include "tests/fuzz/fuzzer.h"

#include <sys/mman.h>
#include <unistd.h>

namespace tulving::fuzz {

std::vector<Fuzzer>& fuzzers() {
  static std::vector<Fuzzer> all;
  return all;
}

ScratchFile::ScratchFile(std::string_view bytes) : file_(::memfd_create("input", MFD_CLOEXEC)) {
  TULVING_CHECK(file_ >= 0);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    TULVING_CHECK(written > 0);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}
ScratchFile::~ScratchFile() { ::close(file_); }
std::filesystem::path ScratchFile::path() const { return "/proc/self/fd/" + std::to_string(file_); }

}  // namespace tulving::fuzz
