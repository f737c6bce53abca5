// A model file gives back what was written, or says which file breaks which rule: whatever was cut
// off it, whichever byte was changed, and whoever made it.

#include "core/embedding/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "core/base/checkpoint/checkpoint_file.h"
#include "tests/base/files/scratch_folder.h"
#include "tests/embedding/small_model.h"

namespace tulving::embedding {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ModelFile : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(write_model(file_, weights_)); }
  void expect_refused(const std::string& rule) {
    const auto read = read_model(file_);
    ASSERT_FALSE(read) << rule;
    EXPECT_EQ(read.error().code, ErrorCode::kCorruption);
    EXPECT_THAT(read.error().message, AllOf(HasSubstr("model " + file_.string()), HasSubstr(rule)));
  }

  ScratchFolder folder_;
  const std::filesystem::path file_ = folder_.path() / "small.tulving-model";
  const ModelWeights weights_ = small_model();
};

TEST_F(ModelFile, GivesBackWhatWasWritten) {
  const auto read = read_model(file_);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->shape, weights_.shape);
  EXPECT_EQ(read->pieces, weights_.pieces);
  EXPECT_EQ(read->scores, weights_.scores);
  std::vector<std::vector<float>> arrays;
  each_array(*read, [&](const std::string&, const std::vector<float>& floats, std::size_t) {
    arrays.push_back(floats);
  });
  std::size_t next = 0;
  each_array(weights_, [&](const std::string& name, const std::vector<float>& floats, std::size_t) {
    EXPECT_EQ(arrays[next++], floats) << name;
  });
}

TEST_F(ModelFile, AnyChangedByteIsFound) {
  const std::string sound = read_bytes(file_);
  // Every byte of the ends, where header, table and footer are, and some of each array between.
  for (std::size_t at = 0; at < sound.size(); ++at) {
    if (at > 400 && at + 700 < sound.size() && at % 401 != 0) continue;
    std::string changed = sound;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    write_bytes(file_, changed);
    const auto read = read_model(file_);
    ASSERT_FALSE(read) << "byte " << at;
    ASSERT_EQ(read.error().code, ErrorCode::kCorruption) << "byte " << at;
    ASSERT_THAT(read.error().message, HasSubstr("model " + file_.string())) << "byte " << at;
  }
}

TEST_F(ModelFile, AnyCutIsFound) {
  const std::string sound = read_bytes(file_);
  for (std::size_t length = 0; length < sound.size(); ++length) {
    if (length > 400 && length + 700 < sound.size() && length % 401 != 0) continue;
    write_bytes(file_, sound.substr(0, length));
    const auto read = read_model(file_);
    ASSERT_FALSE(read) << length << " bytes";
    ASSERT_EQ(read.error().code, ErrorCode::kCorruption) << length << " bytes";
  }
  write_bytes(file_, sound + '\0');
  expect_refused("");
}

TEST_F(ModelFile, WhatIsNoModelIsRefused) {
  EXPECT_EQ(read_model(folder_.path() / "none").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(read_model(folder_.path()));
  write_bytes(file_, std::string(5000, 'x'));
  expect_refused("");
  auto other = CheckpointWriter::open(file_, {"TEXT", 1, {}});
  ASSERT_TRUE(other && other->finish());
  expect_refused("of another kind");
  auto newer = CheckpointWriter::open(file_, {kModelKind, kModelVersion + 1, {}});
  ASSERT_TRUE(newer && newer->finish());
  expect_refused("version 2");
  auto empty = CheckpointWriter::open(file_, {kModelKind, kModelVersion, {}});
  ASSERT_TRUE(empty && empty->finish());
  expect_refused("");
}

/// The sections of a sound model, to be changed and put into a sound container.
class ModelSections : public ModelFile {
 protected:
  void SetUp() override {
    ModelFile::SetUp();
    const auto reader = CheckpointReader::open(file_, kModelKind, kModelVersion);
    ASSERT_TRUE(reader);
    for (std::size_t i = 0; i < reader->sections(); ++i) {
      sections_.push_back(*reader->read_array<char>(i));
    }
  }
  void write() {
    auto writer = CheckpointWriter::open(file_, {kModelKind, kModelVersion, {}});
    ASSERT_TRUE(writer);
    for (const auto& section : sections_) ASSERT_TRUE(writer->write_array<char>(section));
    ASSERT_TRUE(writer->finish());
  }
  template <class T>
  void put(std::size_t section, std::size_t element, T value) {
    std::memcpy(sections_[section].data() + element * sizeof(T), &value, sizeof(T));
  }
  std::vector<std::vector<char>> sections_;
};

TEST_F(ModelSections, ShapesOutOfRangeAreRefused) {
  const auto kept = sections_[0];
  const std::vector<std::pair<std::size_t, std::uint32_t>> wrong = {{0, 0},  {0, 2'000'000'000},
                                                                    {1, 0},  {1, 41},
                                                                    {2, 0},  {2, 1'000'000},
                                                                    {3, 0},  {3, 5},
                                                                    {4, 33}, {4, 0},
                                                                    {5, 0},  {5, 65},
                                                                    {6, 1},  {6, 9'000'000},
                                                                    {7, 0},  {7, 31}};
  for (const auto& [field, value] : wrong) {
    sections_[0] = kept;
    put<std::uint32_t>(0, field, value);
    write();
    const auto read = read_model(file_);
    ASSERT_FALSE(read) << field << " " << value;
    EXPECT_EQ(read.error().code, ErrorCode::kCorruption);
  }
  sections_[0] = kept;
  put<std::uint32_t>(0, 5, 96);  // A width that could be, of other arrays than are there.
  write();
  expect_refused("the size of \"widen kernel\" does not fit");
}

TEST_F(ModelSections, PiecesMustFit) {
  const auto lengths = sections_[1];
  const auto pieces = sections_[2];
  sections_[1].push_back(1);
  write();
  expect_refused("its pieces end too early");
  sections_[1] = lengths;
  sections_[2].push_back('x');
  write();
  expect_refused("followed by something");
  sections_[1].push_back(1);
  write();
  expect_refused("a piece has no score");
  sections_[1] = lengths;
  sections_[2] = pieces;
  sections_[2][0] = '\xFF';
  write();
  expect_refused("a piece is not UTF-8");
  sections_[2] = pieces;
  sections_[1][0] = 0;
  sections_[2].erase(sections_[2].begin());
  write();
  expect_refused("a piece's length is out of range");
  sections_[1].assign(50, 1);
  sections_[2].assign(50, 'a');
  write();
  expect_refused("more pieces than vectors");
  sections_[1].assign(1, 1);
  sections_[2].assign(1, 'a');
  write();
  expect_refused("its reserved pieces are missing");
}

TEST_F(ModelSections, NumbersMustBeFinite) {
  put<double>(3, 4, std::numeric_limits<double>::quiet_NaN());
  write();
  expect_refused("score is not finite");
  put<double>(3, 4, -1.0);
  put<float>(4, 7, std::numeric_limits<float>::infinity());
  write();
  expect_refused("a number of \"piece vectors\" is not finite");
}

TEST_F(ModelSections, NoArrayIsMissingOrTooMany) {
  const auto kept = sections_;
  for (std::size_t section = 0; section < kept.size(); ++section) {
    sections_ = kept;
    sections_[section].clear();
    write();
    EXPECT_FALSE(read_model(file_)) << section;
    sections_ = kept;
    sections_[section].push_back(0);
    write();
    EXPECT_FALSE(read_model(file_)) << section;
    sections_ = kept;
    sections_.erase(sections_.begin() + static_cast<std::ptrdiff_t>(section));
    write();
    EXPECT_FALSE(read_model(file_)) << section;
  }
  sections_ = kept;
  sections_.emplace_back();
  write();
  expect_refused("sections too many");
}

TEST(ModelFileWriting, RefusesWhatIsNoModel) {
  const ScratchFolder folder;
  ModelWeights weights = small_model();
  weights.widen.kernel.pop_back();
  const auto written = write_model(folder.path() / "m", weights);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "m"));
}

}  // namespace
}  // namespace tulving::embedding
