// What the npm package may lack or have otherwise is told, with the file's name, and nothing is
// written.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/files/scratch_folder.h"
#include "tulving/embedder.h"

namespace tulving {
namespace {

using testing::HasSubstr;

class NpmPackage : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder_ / "dist");
    put_vocabulary(R"([["?",0],["a",-1.5],[":",null]])");
    put_graph(R"({"weightsManifest":[{"paths":["part"],"weights":[{"name":"x","shape":[2,1]}]}]})");
    folder_.put("dist/part", std::string(8, '\0'));
  }
  void put_vocabulary(const std::string& text) const { folder_.put("dist/vocab.json", text); }
  void put_graph(const std::string& text) const { folder_.put("dist/model.json", text); }
  void expect_refused(ErrorCode code, const std::string& why) const {
    const Status converted = convert_use_lite(folder_.path(), folder_ / "model");
    ASSERT_FALSE(converted) << why;
    EXPECT_EQ(converted.error().code, code) << converted.error().message;
    EXPECT_THAT(converted.error().message, HasSubstr(why));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "model"));
  }
  ScratchFolder folder_;
};

TEST_F(NpmPackage, AFileThatIsMissingIsNamed) {
  for (const char* name : {"dist/part", "dist/model.json", "dist/vocab.json"}) {
    std::filesystem::remove(folder_ / name);
    expect_refused(ErrorCode::kNotFound, name);
  }
}

TEST_F(NpmPackage, AVocabularyOfAnotherFormIsRefused) {
  for (const char* text : {"", "[", "{}", "7", "[1]", "[[]]", R"([["a"]])", R"([["a",1,2]])",
                           R"([["a","b"]])", R"([[1,2]])"}) {
    put_vocabulary(text);
    expect_refused(ErrorCode::kInvalidArgument, "vocab.json");
  }
}

TEST_F(NpmPackage, AGraphOfAnotherFormIsRefused) {
  for (const char* text :
       {"", "null", "{}", R"({"weightsManifest":{}})", R"({"weightsManifest":[1]})",
        R"({"weightsManifest":[{"paths":[1],"weights":[]}]})",
        R"({"weightsManifest":[{"paths":["../part"],"weights":[]}]})",
        R"({"weightsManifest":[{"paths":[],"weights":[{"name":"x"}]}]})",
        R"({"weightsManifest":[{"paths":[],"weights":[{"name":"x","shape":[1e300]}]}]})",
        R"({"weightsManifest":[{"paths":[],"weights":[{"name":"x","shape":[-1]}]}]})",
        R"({"weightsManifest":[{"paths":["part"],"weights":[{"name":"x","shape":[3]}]}]})"}) {
    put_graph(text);
    expect_refused(ErrorCode::kInvalidArgument, "model.json");
  }
}

TEST_F(NpmPackage, AnArrayThatIsMissingIsNamed) {
  expect_refused(ErrorCode::kInvalidArgument, "is missing or changed");
}

}  // namespace
}  // namespace tulving
