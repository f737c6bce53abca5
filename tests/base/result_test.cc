// What Result promises beyond holding one of two sides: it is given back as it was put in, and in a
// build with TULVING_DCHECKS, which tests run in, the wrong side is never read in silence.

#include "tulving/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/base/check.h"

namespace tulving {
namespace {

Result<std::string> text(bool is_there) {
  if (is_there) return std::string("a memory");
  return Error{ErrorCode::kNotFound, "there is no memory", "id"};
}

TEST(Result, GivesBackTheSideThatItHolds) {
  EXPECT_EQ(text(true).value(), "a memory");
  EXPECT_EQ(text(true)->size(), 8U);
  const auto missing = text(false);
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(missing.error().field, "id");
}

TEST(Result, GivesItsValueAway) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> value = *std::move(result);
  EXPECT_EQ(*value, 7);
  EXPECT_TRUE(result.has_value()) << "moved from, and still no error";
}

TEST(Status, IsSuccessUnlessGivenAnError) {
  EXPECT_TRUE(Status().has_value());
  const Status failed = Error{ErrorCode::kIo, "the disk is gone"};
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().message, "the disk is gone");
}

#ifdef TULVING_DCHECKS

TEST(ResultDeathTest, AValueThatIsNotThereEndsTheProcessWithTheErrorThatWasOverlooked) {
  EXPECT_DEATH((void)*text(false), "not found.*there is no memory");
  EXPECT_DEATH((void)text(false)->size(), "there is no memory");
}

TEST(ResultDeathTest, AnErrorThatIsNotThereEndsTheProcess) {
  EXPECT_DEATH((void)text(true).error(), "error was read where it has none");
  EXPECT_DEATH((void)Status().error(), "error was read where it has none");
}

TEST(CheckDeathTest, ABrokenInvariantNamesItself) {
  const int rows = 3;
  TULVING_DCHECK(rows == 3);
  EXPECT_DEATH(TULVING_DCHECK(rows == 4), "result_test.cc:[0-9]+: invariant broken: rows == 4");
}
#endif

}  // namespace
}  // namespace tulving
