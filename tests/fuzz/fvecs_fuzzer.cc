// Files of vectors: one that opens can be read to its last row.

#include "tests/fuzz/fuzzer.h"
#include "tools/cli/transfer/fvecs.h"

namespace tulving::fuzz {

TULVING_FUZZER(fvecs) {
  const ScratchFile scratch(input);
  auto file = tools::VectorFile::open(scratch.path());
  if (!file) return;
  TULVING_CHECK(file->rows() * (4 + 4 * std::uint64_t{file->dim()}) == input.size());
  for (std::uint64_t row = 0; row < file->rows(); ++row) {
    const auto values = file->read(row);
    TULVING_CHECK(values && values->size() == file->dim());
  }
  (void)tools::parse_vector(input, "the vector").has_value();
}

}  // namespace tulving::fuzz
