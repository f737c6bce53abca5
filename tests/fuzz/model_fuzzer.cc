// Models of the built-in embedder. After an even first byte the rest is a file as it is. After an
// odd one it is what a sound container is made of: the shape, eight numbers of two bytes; two bytes
// of length and so many bytes, thrice, for the pieces' lengths, the pieces and their scores; and
// the rest over and over for the weights. What opens makes vectors of numbers, or says that it
// cannot.

#include <stdlib.h>

#include <cmath>
#include <cstring>
#include <span>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/embedding/model_file.h"
#include "tests/fuzz/fuzzer.h"
#include "tulving/embedder.h"

namespace tulving::fuzz {
namespace {

using embedding::ModelShape;
using embedding::ModelWeights;

constexpr std::size_t kFloatsMax = 300'000;  // More would take their time, and tell nothing.

std::filesystem::path scratch_path() {
  static const std::filesystem::path made = [] {
    std::string name = (std::filesystem::temp_directory_path() / "tulving-model-XXXXXX").string();
    TULVING_CHECK(::mkdtemp(name.data()) != nullptr);
    return std::filesystem::path(name) / "model";
  }();
  return made;
}

template <class T>
void write_section(CheckpointWriter& writer, std::span<const T> elements) {
  TULVING_CHECK(writer.write_array(elements).has_value());
}

ModelShape take_shape(Input& parts) {
  ModelShape shape;
  for (std::uint32_t* field : {&shape.rows, &shape.reserved, &shape.pieces_max, &shape.heads,
                               &shape.piece_width, &shape.width, &shape.inner, &shape.dim}) {
    *field = parts.number();
  }
  return shape;
}

// False: it would be too large.
bool write_container(const std::filesystem::path& file, Input parts) {
  ModelWeights weights;
  weights.shape = take_shape(parts);
  auto writer = CheckpointWriter::open(file, {embedding::kModelKind, embedding::kModelVersion, {}});
  TULVING_CHECK(writer.has_value());
  write_section(*writer, std::span<const ModelShape>(&weights.shape, 1));
  for (int section = 0; section < 3; ++section) {
    write_section<char>(*writer, parts.take(parts.number()));
  }
  const std::string_view seed = parts.rest();
  std::size_t total = 0;
  bool fits = true;
  each_array(weights, [&](const std::string&, const std::vector<float>&, std::size_t count) {
    fits = fits && (total += count) <= kFloatsMax;
    if (!fits) return;
    std::vector<float> floats(count);
    for (std::size_t i = 0; i < count && seed.size() >= sizeof(float); ++i) {
      const std::size_t at = i * sizeof(float) % (seed.size() / sizeof(float) * sizeof(float));
      std::memcpy(&floats[i], seed.data() + at, sizeof(float));
    }
    write_section<float>(*writer, floats);
  });
  if (fits) TULVING_CHECK(writer->finish().has_value());
  return fits;
}

void open_and_embed(const std::filesystem::path& file) {
  for (const auto precision : {UseLitePrecision::kInt8, UseLitePrecision::kFloat}) {
    const auto embedder = open_use_lite(file, precision);
    if (!embedder) {
      TULVING_CHECK(!embedder.error().message.empty());
      continue;
    }
    const std::vector<std::string_view> texts = {"the cat", "", "caf\xC3\xA9 caf\xC3\xA9"};
    const auto rows = (*embedder)->embed_documents(texts);
    if (!rows) continue;
    TULVING_CHECK(rows->size() == texts.size() * (*embedder)->identity().dim);
    for (const float x : *rows) TULVING_CHECK(std::abs(x) <= 1.001F);
  }
}

}  // namespace

TULVING_FUZZER(model) {
  Input parts(input);
  if (parts.byte() % 2 == 0) return open_and_embed(ScratchFile(parts.rest()).path());
  if (write_container(scratch_path(), parts)) open_and_embed(scratch_path());
}

}  // namespace tulving::fuzz
