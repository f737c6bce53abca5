// use-lite as it is opened by a program: the model as it was published, on 200 texts whose pieces
// and vectors the npm package made (reference/make_reference.js); and what any model file must
// keep.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/embedding/model_file.h"
#include "core/embedding/tokenizer.h"
#include "tests/base/files/scratch_folder.h"
#include "tests/embedding/small_model.h"
#include "tulving/embedder.h"

namespace tulving {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::filesystem::path kReference =
    std::filesystem::path(TULVING_SOURCE_DIR) / "tests/embedding/reference";
constexpr std::size_t kDim = 512;

nlohmann::json json_of(const char* name) {
  return nlohmann::json::parse(std::ifstream(kReference / name));
}

/// The installed model and what it must say.
class UseLiteReference : public testing::Test {
 protected:
  void SetUp() override {
    const auto found = find_model("use-lite");
    if (!found) GTEST_SKIP() << found.error().message;
    file_ = *found;
    texts_ = json_of("texts.json").get<std::vector<std::string>>();
    ASSERT_EQ(texts_.size(), 200U);
    const std::string bytes = read_bytes(kReference / "vectors.f32");
    vectors_.resize(texts_.size() * kDim);
    ASSERT_EQ(bytes.size(), vectors_.size() * sizeof(float));
    std::memcpy(vectors_.data(), bytes.data(), bytes.size());
  }
  [[nodiscard]] std::vector<float> vectors_of(UseLitePrecision precision) const {
    const auto embedder = open_use_lite(file_, precision);
    EXPECT_TRUE(embedder) << embedder.error().message;
    const std::vector<std::string_view> views(texts_.begin(), texts_.end());
    auto vectors = (*embedder)->embed_documents(views);
    EXPECT_TRUE(vectors) << vectors.error().message;
    return *std::move(vectors);
  }

  std::filesystem::path file_;
  std::vector<std::string> texts_;
  std::vector<float> vectors_;
};

TEST_F(UseLiteReference, SpellsAsTheModelsOwnTokenizer) {
  const auto weights = embedding::read_model(file_);
  ASSERT_TRUE(weights) << weights.error().message;
  const embedding::Tokenizer tokenizer(weights->pieces, weights->scores, weights->shape.reserved);
  const auto pieces = json_of("pieces.json").get<std::vector<std::vector<std::uint32_t>>>();
  for (std::size_t t = 0; t < texts_.size(); ++t) {
    EXPECT_EQ(tokenizer.pieces_of(texts_[t], 1'000'000), pieces[t]) << texts_[t].substr(0, 99);
  }
}

TEST_F(UseLiteReference, IsWithinAHundredThousandthInFloats) {
  const std::vector<float> vectors = vectors_of(UseLitePrecision::kFloat);
  float worst = 0;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    worst = std::max(worst, std::abs(vectors[i] - vectors_[i]));
    ASSERT_NEAR(vectors[i], vectors_[i], 1e-5) << texts_[i / kDim].substr(0, 99);
  }
  RecordProperty("worst", std::to_string(worst));
}

TEST_F(UseLiteReference, IsNearlyParallelInBytes) {
  const std::vector<float> vectors = vectors_of(UseLitePrecision::kInt8);
  double sum = 0;
  for (std::size_t t = 0; t < texts_.size(); ++t) {
    double cosine = 0;
    for (std::size_t i = t * kDim; i < (t + 1) * kDim; ++i) {
      cosine += double{vectors[i]} * double{vectors_[i]};
    }
    EXPECT_GE(cosine, 0.9985) << texts_[t].substr(0, 99);  // Measured: 0.99896.
    sum += cosine;
  }
  EXPECT_GE(sum / static_cast<double>(texts_.size()), 0.9995);  // Measured: 0.99958.
}

TEST_F(UseLiteReference, FindsByMeaning) {
  const auto embedder = open_use_lite(file_);
  ASSERT_TRUE(embedder) << embedder.error().message;
  EXPECT_EQ((*embedder)->identity(), (EmbedderIdentity{"use-lite", 512, true}));
  const std::vector<std::string_view> documents = {
      "My sister is a surgeon at the children's hospital.", "The recipe needs two cups of flour.",
      "Our flight to Lisbon was delayed by three hours."};
  const auto rows = (*embedder)->embed_documents(documents);
  const auto nearest = [&](std::string_view query) {
    const auto vector = (*embedder)->embed_query(query);
    std::vector<double> cosines(documents.size());
    for (std::size_t i = 0; i < rows->size(); ++i) {
      cosines[i / kDim] += double{(*rows)[i]} * double{(*vector)[i % kDim]};
    }
    return std::max_element(cosines.begin(), cosines.end()) - cosines.begin();
  };
  EXPECT_EQ(nearest("Which relative works as a doctor?"), 0);
  EXPECT_EQ(nearest("ingredients for baking"), 1);
  EXPECT_EQ(nearest("the plane was late"), 2);
}

/// A small model, which needs nothing to be installed.
class UseLiteSmall : public testing::TestWithParam<UseLitePrecision> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(embedding::write_model(file_, embedding::small_model()));
    auto opened = open_use_lite(file_, GetParam());
    ASSERT_TRUE(opened) << opened.error().message;
    embedder_ = *std::move(opened);
  }
  ScratchFolder folder_;
  const std::filesystem::path file_ = folder_ / "m.tulving-model";
  std::shared_ptr<const Embedder> embedder_;
};

TEST_P(UseLiteSmall, SaysWhatItIs) {
  EXPECT_EQ(embedder_->identity(), (EmbedderIdentity{"use-lite", 32, true}));
  EXPECT_EQ(embedder_->text_limit(), (TextLength{12, TextUnit::kPieces}));
  EXPECT_GE(embedder_->batch_limit(), 1U);
  EXPECT_EQ(*embedder_->length_of("the cat"), 2U);
  EXPECT_EQ(*embedder_->length_of(""), 0U);
  EXPECT_EQ(*embedder_->length_of(std::string(100'000, 'a')), 13U);  // More than it reads.
}

TEST_P(UseLiteSmall, GivesARowATextOfLengthOne) {
  const std::vector<std::string_view> texts = {"the cat", "", "a", "the cat"};
  const auto rows = embedder_->embed_documents(texts);
  ASSERT_TRUE(rows && rows->size() == 4 * 32);
  for (std::size_t t = 0; t < texts.size(); ++t) {
    const std::vector<float> row(rows->begin() + static_cast<std::ptrdiff_t>(32 * t),
                                 rows->begin() + static_cast<std::ptrdiff_t>(32 * (t + 1)));
    double squares = 0;
    for (const float x : row) squares += double{x} * double{x};
    EXPECT_NEAR(squares, 1, 1e-6);
    EXPECT_EQ(*embedder_->embed_query(texts[t]), row);
  }
  EXPECT_TRUE(embedder_->embed_documents({})->empty());
}

TEST_P(UseLiteSmall, RefusesWhatIsNotUtf8) {
  using std::string_literals::operator""s;
  for (const std::string& bad : {"\xFF"s, "a\xC3"s, "\xED\xA0\x80"s, "\xC0\xAF"s, "nul\0"s,
                                 "\xF4\x90\x80\x80"s, std::string(70'000, 'a') + "\x80"}) {
    const auto query = embedder_->embed_query(bad);
    ASSERT_FALSE(query) << bad.substr(0, 20);
    EXPECT_EQ(query.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(query.error().field, "text");
    const std::vector<std::string_view> texts = {"fine", bad};
    const auto rows = embedder_->embed_documents(texts);
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().position, 1U);
    EXPECT_FALSE(embedder_->length_of(bad));
  }
}

TEST_P(UseLiteSmall, ABatchHasALimit) {
  const std::vector<std::string_view> texts(embedder_->batch_limit() + 1, "a");
  EXPECT_TRUE(embedder_->embed_documents(std::span(texts).first(texts.size() - 1)));
  const auto rows = embedder_->embed_documents(texts);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, ErrorCode::kInvalidArgument);
}

TEST_P(UseLiteSmall, WeightsThatMakeNoNumbersAreCorruption) {
  embedding::ModelWeights weights = embedding::small_model();
  // Of both signs: what is below 0 goes on as 0.
  std::vector<float>& kernel = weights.layers[1].inner_in.kernel;
  for (std::size_t i = 0; i < kernel.size(); ++i) kernel[i] = i % 2 == 0 ? 3e38F : -3e38F;
  ASSERT_TRUE(embedding::write_model(file_, weights));
  const auto embedder = open_use_lite(file_, GetParam());
  ASSERT_TRUE(embedder);
  const auto vector = (*embedder)->embed_query("the cat");
  ASSERT_FALSE(vector);
  EXPECT_EQ(vector.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(vector.error().message, HasSubstr(file_.string()));
}

INSTANTIATE_TEST_SUITE_P(All, UseLiteSmall,
                         testing::Values(UseLitePrecision::kInt8, UseLitePrecision::kFloat),
                         [](const auto& param) {
                           return param.param == UseLitePrecision::kInt8 ? "Int8" : "Float";
                         });

TEST(FindModel, LooksWhereItSays) {
  const ScratchFolder folder;
  const char* const before = std::getenv("TULVING_MODELS");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TULVING_MODELS", folder.path().c_str(), 1);
  const auto missing = find_model("use-lite");
  folder.put("use-lite.tulving-model", "");
  const auto found = find_model("use-lite");
  const auto directories = model_directories();
  ::unsetenv("TULVING_MODELS");
  const auto usual = model_directories();
  if (before != nullptr) ::setenv("TULVING_MODELS", kept.c_str(), 1);

  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message,
              AllOf(HasSubstr(folder.path().string()), HasSubstr("install_use_lite.sh")));
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, folder / "use-lite.tulving-model");
  EXPECT_EQ(directories, std::vector{folder.path()});
  EXPECT_THAT(usual, testing::Contains("/usr/share/tulving/models"));
  EXPECT_EQ(find_model("../x").error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(find_model("").error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace tulving
