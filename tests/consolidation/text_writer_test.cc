// What is promised: a text writer, which is someone else's code, can fail in any way without harm.
// It is called with copies of its own, so it may go on after its caller is gone (the sanitizers
// would tell), may throw anything, hang or answer nonsense: each is an Error with the reason. And
// what it drops of a merge is put back: names, numbers, entities and negations of random drafts are
// looked for in the result after a writer threw sentences away.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/consolidation/text_writer_call.h"
#include "core/merging/put_back.h"

namespace tulving::consolidation {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::uint64_t kBytesMax = 1'000'000;

struct Work {
  std::vector<Memory> sources = std::vector<Memory>(2);
  std::string draft = "Alice has 3 cats. She likes tea.";
  TextKind kind = TextKind::kMerge;

  Result<WrittenText> ask(const TextWriter& writer, milliseconds timeout = milliseconds(20'000)) {
    return write_text({writer, timeout}, {kind, "acme", sources, draft, Timestamp()}, kBytesMax);
  }
};

TextWriter answering(std::string text) {
  return [text = std::move(text)](const TextRequest&) -> Result<std::string> { return text; };
}

std::string error_of(const TextWriter& writer) {
  Work work;
  const auto text = work.ask(writer);
  return text ? "no error: " + text->text : text.error().message;
}

TEST(TextWriter, IsAskedWithAllThatItNeeds) {
  Work work;
  work.sources[1].text = "She likes tea.";
  const auto text = work.ask([](const TextRequest& request) -> Result<std::string> {
    EXPECT_EQ(request.kind, TextKind::kMerge);
    EXPECT_EQ(request.tenant_id, "acme");
    EXPECT_EQ(request.sources.size(), 2U);
    return std::string(request.draft) + " " + request.sources[1].text;
  });
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->text, "Alice has 3 cats. She likes tea. She likes tea.");
  EXPECT_EQ(text->method, ConsolidationMethod::kLlm);
}

TEST(TextWriter, MayThrowAnything) {
  EXPECT_THAT(error_of([](const TextRequest&) -> Result<std::string> {
                throw std::runtime_error("no quota");
              }),
              HasSubstr("no quota"));
  EXPECT_THAT(error_of([](const TextRequest&) -> Result<std::string> { throw 7; }),
              HasSubstr("no std::exception"));
  EXPECT_THAT(error_of([](const TextRequest&) -> Result<std::string> { throw std::bad_alloc(); }),
              HasSubstr("threw"));
  EXPECT_THAT(error_of([](const TextRequest&) -> Result<std::string> {
                throw std::runtime_error("caf\xE9");
              }),
              testing::EndsWith("caf"));
  EXPECT_THAT(error_of([](const TextRequest&) -> Result<std::string> { pthread_exit(nullptr); }),
              HasSubstr("no std::exception"));
}

struct ThrowsWhenCopied {
  ThrowsWhenCopied() = default;
  ThrowsWhenCopied(const ThrowsWhenCopied& other) : armed(other.armed) {
    if (*armed) throw std::logic_error("copied");
  }
  Result<std::string> operator()(const TextRequest&) const { return std::string("never"); }
  std::shared_ptr<bool> armed = std::make_shared<bool>(false);
};

TEST(TextWriter, MayThrowWhenCopied) {
  const ThrowsWhenCopied functor;
  const TextWriterOptions options{functor};
  *functor.armed = true;
  const auto text = write_text(options, TextRequest(), kBytesMax);
  ASSERT_FALSE(text.has_value());
  EXPECT_THAT(text.error().message, HasSubstr("copied"));
}

TEST(TextWriter, MayReturnAnErrorOfItsOwn) {
  Work work;
  const auto text = work.ask([](const TextRequest&) -> Result<std::string> {
    return Error{ErrorCode::kResourceExhausted, "tokens are used up", "tokens"};
  });
  ASSERT_FALSE(text.has_value());
  EXPECT_EQ(text.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(text.error().message, "tokens are used up");
}

TEST(TextWriter, IsRefusedWhenItWritesNonsense) {
  EXPECT_THAT(error_of(answering("")), HasSubstr("is empty"));
  EXPECT_THAT(error_of(answering(" \n\t")), HasSubstr("is blank"));
  EXPECT_THAT(error_of(answering("Alice \xC3\x28")), HasSubstr("UTF-8 without NUL at byte 6"));
  EXPECT_THAT(error_of(answering(std::string("a\0b", 3))), HasSubstr("at byte 1"));
  EXPECT_THAT(error_of(answering(std::string(2'000, 'a'))),
              AllOf(HasSubstr("has 2000 bytes"), HasSubstr("at most 1088")));
  EXPECT_THAT(error_of(answering(std::string(kBytesMax + 1, 'a'))), HasSubstr("at most 1000000"));
}

TEST(TextWriter, IsRefusedWhenUnsetOrWithoutTime) {
  EXPECT_THAT(error_of(nullptr), HasSubstr("no text writer"));
  Work work;
  EXPECT_FALSE(work.ask(answering("x"), milliseconds(0)).has_value());
  EXPECT_FALSE(work.ask(answering("x"), milliseconds(-1)).has_value());
  EXPECT_FALSE(work.ask(answering("x"), milliseconds(3'600'001)).has_value());
}

// A writer that hangs until it is let go, and then reads all it was given.
class Hanging {
 public:
  TextWriter writer() {
    return [state = state_](const TextRequest& request) -> Result<std::string> {
      ++state->started;
      while (!state->go) std::this_thread::sleep_for(milliseconds(1));
      std::string all(request.draft);
      for (const Memory& source : request.sources) all += source.text;
      all += request.tenant_id;
      state->bytes_read += all.size();
      ++state->ended;
      return all;
    };
  }
  void let_go() {
    state_->go = true;
    while (state_->ended < state_->started) std::this_thread::sleep_for(milliseconds(1));
  }
  std::size_t bytes_read() const { return state_->bytes_read; }

 private:
  struct State {
    std::atomic<bool> go = false;
    std::atomic<int> started = 0;
    std::atomic<int> ended = 0;
    std::atomic<std::size_t> bytes_read = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Late calls of other tests end a moment after their writers.
Result<WrittenText> ask_when_free(const TextWriter& writer) {
  while (true) {
    Work work;
    auto text = work.ask(writer);
    if (text || text.error().code != ErrorCode::kBusy) return text;
    std::this_thread::sleep_for(milliseconds(1));
  }
}

TEST(TextWriter, ThatHangsIsLeftBehindWithCopiesOfItsOwn) {
  Hanging hanging;
  {
    auto work = std::make_unique<Work>();
    work->sources[0].text = std::string(1'000, 's');
    const auto text = work->ask(hanging.writer(), milliseconds(30));
    ASSERT_FALSE(text.has_value());
    EXPECT_EQ(text.error().code, ErrorCode::kBusy);
    EXPECT_THAT(text.error().message, HasSubstr("30 ms"));
  }
  EXPECT_TRUE(ask_when_free(answering("Alice has 3 cats. She likes tea.")).has_value());
  hanging.let_go();
  EXPECT_GE(hanging.bytes_read(), 1'000U);
}

TEST(TextWriter, IsNotCalledWhileTooManyCallsHang) {
  ASSERT_TRUE(ask_when_free(answering("Alice 3")).has_value());
  Hanging hanging;
  Work work;
  int late = 0;
  while (late <= kLateCallsMax) {
    const auto text = work.ask(hanging.writer(), milliseconds(5));
    ASSERT_FALSE(text.has_value());
    if (text.error().message.find("still run") != std::string::npos) break;
    ++late;
  }
  EXPECT_LE(late, kLateCallsMax);
  hanging.let_go();
  EXPECT_TRUE(ask_when_free(answering("Alice 3")).has_value());
}

TEST(TextWriterDeathTest, ThatHangsDoesNotKeepTheProcessFromEnding) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Hanging hanging;
        Work work;
        const bool is_late = !work.ask(hanging.writer(), milliseconds(5)).has_value();
        std::exit(is_late ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(TextWriter, MayCallFromManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&good] {
      for (int round = 0; round < 20; ++round) {
        Work work;
        if (work.ask(answering("Alice has 3 cats, she likes tea."))) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 160);
}

TEST(TextWriter, GetsBackWhatItDroppedOfAMerge) {
  Work work;
  auto text = work.ask(answering("There are cats, and Alice likes tea."));
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->text, "There are cats, and Alice likes tea.\nAlice has 3 cats.");
  EXPECT_EQ(text->method, ConsolidationMethod::kHybrid);

  work.kind = TextKind::kSummary;
  text = work.ask(answering("There are cats."));
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->text, "There are cats.");
  EXPECT_EQ(text->method, ConsolidationMethod::kLlm);
}

TEST(PutBack, FindsNumbersNamesNegationsAndEntities) {
  std::vector<Memory> sources(1);
  sources[0].entities = {"green tea", "Oslo"};
  const auto put_back = [&](std::string_view written, std::string_view draft) {
    return merging::put_back_what_is_missing(written, draft, sources);
  };
  EXPECT_EQ(put_back("It costs $50.", "It costs $5."), "It costs $50.\nIt costs $5.");
  EXPECT_EQ(put_back("It is -5.", "It is 5."), "It is -5.\nIt is 5.");
  EXPECT_EQ(put_back("She came.", "So Bob came."), "She came.\nSo Bob came.");
  EXPECT_EQ(put_back("He came.", "Bob came."), "He came.\nBob came.");
  EXPECT_EQ(put_back("Alice eats fish.", "Alice does not eat fish."),
            "Alice eats fish.\nAlice does not eat fish.");
  EXPECT_EQ(put_back("Alice doesn't eat fish.", "Alice does not eat fish."),
            "Alice doesn't eat fish.");
  EXPECT_EQ(put_back("She likes tea.", "Her drink is green tea."),
            "She likes tea.\nHer drink is green tea.");
  EXPECT_EQ(put_back("Green tea is liked.", "Her drink is green tea."), "Green tea is liked.");
  EXPECT_EQ(put_back("The nice cat sleeps.", "There sleeps a cat. Then the nice cat sleeps."),
            "The nice cat sleeps.");
}

TEST(PutBack, LosesNoNumberOrNameOfRandomDrafts) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::string draft;
    std::string written = "In short: ";
    std::vector<std::string> wanted;
    for (auto i = 1 + random() % 20; i > 0; --i) {
      const std::string name = "N" + std::string(1, static_cast<char>('a' + random() % 26)) + "x";
      const std::string number = std::to_string(random() % 200);
      draft += "The value of " + name + " is " + number + ". ";
      wanted.push_back(name);
      wanted.push_back(number);
      if (random() % 2 == 0) written += name + " has " + std::to_string(random() % 200) + ", ";
    }
    const std::string text = merging::put_back_what_is_missing(written, draft, {});
    for (const std::string& word : wanted) {
      ASSERT_THAT(" " + text, testing::ContainsRegex("[ \n]" + word + "[., ]"));
    }
  }
}

}  // namespace
}  // namespace tulving::consolidation
