// Index checkpoints. The first byte says of which index, and whether the rest is a file as it is or
// the contents of sections, which are then put into a sound container: two bytes of length, so many
// bytes. What is loaded keeps its invariants.

#include <stdlib.h>

#include <span>

#include "core/base/checkpoint/checkpoint_file.h"
#include "index/text/text_index.h"
#include "index/vectors/graph/hnsw_graph.h"
#include "index/vectors/vector_index.h"
#include "tests/fuzz/fuzzer.h"

namespace tulving::fuzz {
namespace {

constexpr std::uint32_t kDim = 4;

std::filesystem::path scratch_path() {
  static const std::filesystem::path made = [] {
    std::string name = (std::filesystem::temp_directory_path() / "tulving-ckpt-XXXXXX").string();
    TULVING_CHECK(::mkdtemp(name.data()) != nullptr);
    return std::filesystem::path(name) / "checkpoint";
  }();
  return made;
}

void write_container(Input parts, const CheckpointStamp& stamp) {
  auto writer = CheckpointWriter::open(scratch_path(), stamp);
  TULVING_CHECK(writer.has_value());
  while (!parts.is_empty()) {
    const auto section = parts.take(parts.number());
    TULVING_CHECK(writer->write_array(std::as_bytes(std::span(section))).has_value());
  }
  TULVING_CHECK(writer->finish().has_value());
}

void load_text(const std::filesystem::path& file) {
  CheckpointOrigin origin;
  const auto index = index::TextIndex::load(file, origin);
  if (!index) return;
  for (const std::uint32_t row : (*index)->rows()) TULVING_CHECK((*index)->digest(row).has_value());
  (*index)->set(1, "other words");
  (*index)->erase(1);
}

void load_vectors(const std::filesystem::path& file) {
  CheckpointOrigin origin;
  const auto index = index::VectorIndex::load(file, kDim, {}, origin);
  if (!index) return;
  TULVING_CHECK((*index)->check_invariants().broken.empty());
  (*index)->set(1, std::vector<float>{1, 2, 3, 4});
  (*index)->erase(1);
}

}  // namespace

TULVING_FUZZER(checkpoint) {
  Input parts(input);
  const auto mode = parts.byte();
  const bool is_text = mode % 2 == 0;
  const auto load = is_text ? load_text : load_vectors;
  if (mode / 2 % 2 == 0) {
    const ScratchFile file(parts.rest());
    return load(file.path());
  }
  write_container(parts, {is_text ? "TEXT" : "VECT", is_text ? 4U : parts.byte() % 4U, 1});
  load(scratch_path());
}

}  // namespace tulving::fuzz
