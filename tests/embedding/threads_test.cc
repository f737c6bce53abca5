// An embedder may be asked by many threads at once, and answers each as it answers one.

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "core/embedding/model_file.h"
#include "tests/base/files/scratch_folder.h"
#include "tests/embedding/small_model.h"
#include "tulving/embedder.h"

namespace tulving {
namespace {

class SharedUseLite : public testing::TestWithParam<UseLitePrecision> {};

TEST_P(SharedUseLite, AnswersThreadsAsItAnswersOne) {
  const ScratchFolder folder;
  ASSERT_TRUE(embedding::write_model(folder / "m", embedding::small_model()));
  const auto opened = open_use_lite(folder / "m", GetParam());
  ASSERT_TRUE(opened) << opened.error().message;
  const Embedder& embedder = **opened;
  const std::vector<std::string_view> texts = {"the cat", "at the", "", "a b c d e f",
                                               "caf\xC3\xA9"};
  const std::vector<float> expected = *embedder.embed_documents(texts);
  std::vector<std::vector<float>> found(4);
  std::vector<std::thread> threads;
  for (std::vector<float>& rows : found) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        rows = *embedder.embed_documents(texts);
        EXPECT_EQ(*embedder.embed_query(texts[0]),
                  std::vector<float>(rows.begin(), rows.begin() + 32));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<float>& rows : found) EXPECT_EQ(rows, expected);
}

INSTANTIATE_TEST_SUITE_P(All, SharedUseLite,
                         testing::Values(UseLitePrecision::kInt8, UseLitePrecision::kFloat),
                         [](const auto& param) {
                           return param.param == UseLitePrecision::kInt8 ? "Int8" : "Float";
                         });

}  // namespace
}  // namespace tulving
