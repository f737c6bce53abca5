// What is promised: a text writer, which is someone else's code, can fail in any way without harm.
// It is called with copies of its own, so it may go on after its caller is gone (the sanitizers
// would tell), may throw anything, hang or answer nonsense: each is an Error with the reason. And
// a merge's text that lost a name, a number, an identifier or a quotation is refused: each of those
// of random texts is left out or changed, and must be missed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/consolidation/work/text_writer_call.h"
#include "core/merging/text/lost_words.h"

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

TEST(TextWriter, IsRefusedWhenItLosesSomethingOfAMerge) {
  Work work;
  work.sources[0].id = Uuid::derive("test", "a");
  work.sources[0].text = "Alice has 3 cats.";
  work.sources[1].id = Uuid::derive("test", "b");
  work.sources[1].text = "She likes tea.";
  auto text = work.ask(answering("There are cats, and Alice likes tea, she does."));
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->text, work.draft);
  EXPECT_EQ(text->method, ConsolidationMethod::kHeuristic);
  EXPECT_THAT(text->refusal, AllOf(HasSubstr("lacks 1 of the numbers"),
                                   HasSubstr(work.sources[0].id.to_string())));
  EXPECT_THAT(text->refusal, testing::Not(HasSubstr("3 cats")));

  text = work.ask(answering("Alice, who has 3 cats: she likes tea."));
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->method, ConsolidationMethod::kLlm);
  EXPECT_EQ(text->refusal, "");

  work.kind = TextKind::kSummary;
  text = work.ask(answering("There are cats."));
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->text, "There are cats.");
  EXPECT_EQ(text->method, ConsolidationMethod::kLlm);
}

std::size_t lost(std::string_view written, const std::string& said, const std::string& more = {}) {
  std::vector<Memory> sources(2);
  sources[0].text = said;
  sources[1].text = more;
  return merging::lost_words(written, sources).count;
}

TEST(LostWords, AreNumbersNamesIdentifiersAndQuotationsThatAreNotThereToTheLetter) {
  for (const auto& [written, said] : std::vector<std::pair<std::string, std::string>>{
           {"It costs $50.", "It costs $5."},
           {"It costs 1 200 euros.", "It costs 200 euros."},
           {"It is -5.", "It is 5."},
           {"He lives in New York.", "He lives in York."},
           {"It draws 5 MW.", "It draws 5 mW."},
           {"Its password is HUNTER2.", "Its password is Hunter2."},
           {"Start it with -V.", "Start it with -v."},
           {"It calls parse_Header.", "It calls parse_header."},
           {"Write to a@b.com.", "Write to a@b.org."},
           {"It was on 2024-05-02.", "It was on 2024-05-01."},
           {"It was on May 2.", "It was on 2 May."},
           {"So she came.", "So Bob came."},
           {"He came.", "Bob came."},
           {"She says yes.", "She says \"no way\"."},
           {"Она живёт дома.", "Она живёт в Москве."},
           {"会议改到6点。", "会议改到5点。"},
           {"用了工具。", "用了「锤子」。"},
           {"", "Ana"}}) {
    EXPECT_GT(lost(written, said), 0U) << written << " / " << said;
  }
}

TEST(LostWords, AreNoneWhereATextOnlySaysItOtherwise) {
  for (const auto& [written, said] : std::vector<std::pair<std::string, std::string>>{
           {"Alice does not eat fish, she says.", "She says Alice doesn't eat fish."},
           {"In York (since 2021) lives Ana; in it, the gate code is 2291.",
            "The gate code is 2291. Ana lives in York. In York since 2021."},
           {"York is where she lives.", "She lives in York."},
           {"The word was \u201cplum\u201d, she says.", "She says \"plum\"."},
           {"Caf\u00e9 Sol.", "Cafe\u0301 Sol."},
           {"今天的会议改到5点。", "会议改到5点。"},
           {"anything", "nothing at all that is marked, is there?"}}) {
    EXPECT_EQ(lost(written, said), 0U) << written << " / " << said;
  }
}

// A text that says all of it in another order, with one thing left out or changed in one character.
TEST(LostWords, AreFoundWhicheverOneOfRandomTextsIsLost) {
  std::size_t losses = 0;
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto letter = [&] { return static_cast<char>('a' + random() % 26); };
    std::vector<std::string> marked;
    for (auto i = 1 + random() % 10; i > 0; --i) {
      std::string word;
      switch (random() % 6) {
        case 0:
          word = std::to_string(random() % 100'000);
          break;
        case 1:
          word = std::string("N") + letter() + letter();
          break;
        case 2:
          word = std::string("x") + letter() + "_" + letter();
          break;
        case 3:
          word = std::string("-") + letter();
          break;
        case 4:
          word = std::string("\"p") + letter() + " s" + letter() + '"';
          break;
        default:
          word = std::string("k") + letter() + "W";
      }
      if (std::ranges::find(marked, word) == marked.end()) marked.push_back(word);
    }
    std::string said, more;  // by two
    for (const auto& word : marked) {
      (random() % 2 == 0 ? said : more) += "so it is " + word + " here. ";
    }
    std::ranges::shuffle(marked, random);
    const auto tell = [&] {
      std::string text = "in short: ";
      for (const auto& word : marked) text += "we have (" + word + ") and ";
      return text;
    };
    ASSERT_EQ(lost(tell(), said, more), 0U) << tell();
    std::string& victim = marked[random() % marked.size()];
    const std::string before = victim;
    if (random() % 2 == 0) {
      victim = "it";
    } else {
      char& changed = victim.back() == '"' ? victim[2] : victim.back();
      changed = changed == 'q' ? 'z' : 'q';
    }
    if (victim == before || std::ranges::count(marked, before) > 0) continue;
    ASSERT_GE(lost(tell(), said, more), 1U) << said << "\n" << more << "\n" << tell();
    ++losses;
  }
  EXPECT_GT(losses, 1'900U);
}

}  // namespace
}  // namespace tulving::consolidation
