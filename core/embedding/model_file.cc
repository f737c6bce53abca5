#include "core/embedding/model_file.h"

#include <array>
#include <span>

#include "core/base/checkpoint/checkpoint_file.h"
#include "core/base/errors.h"

namespace tulving::embedding {
namespace {

constexpr std::size_t kShapeSection = 0;
constexpr std::size_t kLengthSection = 1;
constexpr std::size_t kPieceSection = 2;
constexpr std::size_t kScoreSection = 3;
constexpr std::size_t kFirstArray = 4;

static_assert(CheckpointElement<ModelShape>);

// The container speaks of checkpoints, its user of models.
Error of_model(Error error) {
  constexpr std::string_view kContainer = "checkpoint ";
  const std::size_t at = error.message.find(kContainer);
  if (at != std::string::npos) error.message.replace(at, kContainer.size(), "model ");
  return error;
}

Result<ModelShape> read_shape(const CheckpointReader& reader) {
  const auto shapes = reader.read_array<ModelShape>(kShapeSection);
  if (!shapes) return shapes.error();
  if (shapes->size() != 1) return reader.corruption("its shape is missing");
  const std::string rule = broken_rule(shapes->front());
  if (!rule.empty()) return reader.corruption(rule);
  return shapes->front();
}

Result<std::vector<std::string>> read_pieces(const CheckpointReader& reader) {
  const auto lengths = reader.read_array<std::uint8_t>(kLengthSection);
  if (!lengths) return lengths.error();
  const auto bytes = reader.read_array<char>(kPieceSection);
  if (!bytes) return bytes.error();
  std::string_view left(bytes->data(), bytes->size());
  std::vector<std::string> pieces;
  pieces.reserve(lengths->size());
  for (const std::uint8_t length : *lengths) {
    if (length > left.size()) return reader.corruption("its pieces end too early");
    pieces.emplace_back(left.substr(0, length));
    left.remove_prefix(length);
  }
  if (!left.empty()) return reader.corruption("its pieces are followed by something");
  return pieces;
}

Result<ModelWeights> read_sections(const CheckpointReader& reader) {
  auto shape = read_shape(reader);
  if (!shape) return shape.error();
  ModelWeights weights;
  weights.shape = *shape;
  auto pieces = read_pieces(reader);
  if (!pieces) return pieces.error();
  weights.pieces = *std::move(pieces);
  auto scores = reader.read_array<double>(kScoreSection);
  if (!scores) return scores.error();
  weights.scores = *std::move(scores);

  Status read;
  std::size_t section = kFirstArray;
  each_array(weights, [&](const std::string& name, std::vector<float>& floats, std::size_t count) {
    if (!read) return;
    // Before it is read: a size that does not fit need not fit RAM either.
    if (reader.section_bytes(section) != count * sizeof(float)) {
      read = reader.corruption("the size of \"" + name + "\" does not fit");
      return;
    }
    auto array = reader.read_array<float>(section++);
    if (array) {
      floats = *std::move(array);
    } else {
      read = array.error();
    }
  });
  if (!read) return read.error();
  if (reader.sections() != section) return reader.corruption("it has sections too many");
  const std::string rule = broken_rule(weights);
  if (!rule.empty()) return reader.corruption(rule);
  return weights;
}

Status write_sections(CheckpointWriter& writer, const ModelWeights& weights) {
  std::vector<std::uint8_t> lengths;
  std::string pieces;
  for (const std::string& piece : weights.pieces) {
    lengths.push_back(static_cast<std::uint8_t>(piece.size()));
    pieces += piece;
  }
  if (auto status = writer.write_array(std::span(&weights.shape, 1)); !status) return status;
  if (auto status = writer.write_array<std::uint8_t>(lengths); !status) return status;
  if (auto status = writer.write_array<char>(pieces); !status) return status;
  if (auto status = writer.write_array<double>(weights.scores); !status) return status;
  Status written;
  each_array(weights, [&](const std::string&, const std::vector<float>& floats, std::size_t) {
    if (written) written = writer.write_array<float>(floats);
  });
  return written ? writer.finish() : written;
}

}  // namespace

Status write_model(const std::filesystem::path& file, const ModelWeights& weights) {
  const std::string rule = broken_rule(weights);
  if (!rule.empty()) return invalid("this is no model to write: " + rule, "weights");
  auto writer = CheckpointWriter::open(file, {kModelKind, kModelVersion, {}});
  if (!writer) return of_model(writer.error());
  const Status written = write_sections(*writer, weights);
  if (!written) return of_model(written.error());
  return {};
}

Result<ModelWeights> read_model(const std::filesystem::path& file) {
  const auto reader = CheckpointReader::open(file, kModelKind, kModelVersion);
  if (!reader) return of_model(reader.error());
  auto weights = read_sections(*reader);
  if (!weights) return of_model(weights.error());
  return weights;
}

}  // namespace tulving::embedding
