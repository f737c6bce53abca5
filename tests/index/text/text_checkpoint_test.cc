// A saved text index comes back as it was, or load() names the file and calls it damaged. Plain
// damage (flips, cuts, garbage) is caught by the container's checksums; content that contradicts
// itself under right checksums is made here by writing the sections anew, and must be refused or be
// harmless, never crash: run under ASan this is the test.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "core/base/checkpoint/checkpoint_file.h"
#include "index/text/text_check.h"
#include "index/text/text_index.h"
#include "tests/base/files/scratch_folder.h"
#include "tests/index/text/search_text.h"
#include "tests/index/text/test_seed.h"

namespace tulving::index {
namespace {

using testing::HasSubstr;
using testing::Not;
using Sections = std::vector<std::vector<std::byte>>;

TextIndex& fill(TextIndex& index) {
  index.set(0, "Caroline adopted a kitten, 東京, and called it Oscar Oscar.");
  index.set(2, "Melanie paints sunsets and swims; Oscar sleeps.");
  index.set(3, "");
  index.set(700, "the kittens of Melanie");
  return index;
}

/// With postings in a block, and more behind it.
TextIndex& fill_much(TextIndex& index) {
  for (std::uint32_t row = 10; row < 150; ++row) index.set(row, "packed");
  return fill(index);
}

Result<std::unique_ptr<TextIndex>> load(const std::filesystem::path& file) {
  CheckpointOrigin origin;
  return TextIndex::load(file, origin);
}

void expect_damaged(const std::filesystem::path& file, const std::string& what) {
  const auto loaded = load(file);
  ASSERT_FALSE(loaded) << what;
  ASSERT_EQ(loaded.error().code, ErrorCode::kCorruption) << what;
  ASSERT_THAT(loaded.error().message, HasSubstr(file.string()));
}

Sections read_sections(const std::filesystem::path& file) {
  auto reader = CheckpointReader::open(file, "TEXT", 4);
  Sections sections;
  for (std::size_t i = 0; i < reader->sections(); ++i) {
    sections.push_back(*reader->read_array<std::byte>(i));
  }
  return sections;
}

void write_sections(const std::filesystem::path& file, const Sections& sections) {
  auto writer =
      CheckpointWriter::open(file, {.kind = "TEXT", .version = 4, .origin = {.revision = 1}});
  for (const auto& section : sections) {
    ASSERT_TRUE(writer->write_array(std::span<const std::byte>(section)));
  }
  ASSERT_TRUE(writer->finish());
}

TEST(TextCheckpoint, GivesTheSameAnswersBits) {
  const ScratchFolder folder;
  TextIndex index;
  fill(index);
  index.set(1, "to be gone soon");
  index.erase(1);
  ASSERT_TRUE(index.save(folder / "t", {.revision = 42}));

  CheckpointOrigin origin;
  const auto loaded = TextIndex::load(folder / "t", origin);

  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(origin.revision, 42U);
  EXPECT_EQ((*loaded)->documents(), index.documents());
  EXPECT_EQ((*loaded)->terms(), index.terms());
  EXPECT_EQ((*loaded)->rows(), index.rows());
  for (const std::uint32_t row : index.rows()) {
    EXPECT_EQ((*loaded)->digest(row), index.digest(row));
  }
  for (const auto* query : {"oscar", "kitten melanie", "京", "sunset 東京 swimming", "gone"}) {
    EXPECT_EQ(search(**loaded, {.text = query}).rows, search(index, {.text = query}).rows);
  }
}

/// Of 0 to 200 words, some of them in most texts and some in few.
std::string any_text(std::mt19937& random) {
  std::string text;
  for (std::size_t words = random() % 10 == 0 ? random() % 200 : random() % 12; words > 0;
       --words) {
    const double rare = std::uniform_real_distribution<>(0, 1)(random);
    text += "w" + std::to_string(static_cast<int>(400 * rare * rare * rare)) + " ";
  }
  return text;
}

TEST(TextCheckpoint, StaysTheIndexItWasOverManyOpenings) {
  const ScratchFolder folder;
  const auto seed = test_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  TextIndex index;
  auto opened = std::make_unique<TextIndex>();
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < 150; ++i) {
      const auto row = static_cast<std::uint32_t>(random() % 700);
      const std::string text = any_text(random);
      const bool erases = random() % 3 == 0;
      for (TextIndex* each : {&index, opened.get()}) {
        erases ? each->erase(row) : each->set(row, text);
      }
    }
    ASSERT_TRUE(opened->save(folder / "t", {.revision = 1}));
    auto loaded = load(folder / "t");
    ASSERT_TRUE(loaded) << loaded.error().message;
    opened = *std::move(loaded);
    ASSERT_TRUE(TextCheck(*opened).postings_hold());
    ASSERT_EQ(opened->rows(), index.rows());
    ASSERT_EQ(opened->terms(), index.terms());
    for (int i = 0; i < 40; ++i) {
      const std::string query = any_text(random);
      ASSERT_EQ(search(*opened, {.text = query}).rows, search(index, {.text = query}).rows)
          << query;
    }
  }
}

TEST(TextCheckpoint, BoundsThatDoNotHoldAreFoundByTheCheck) {
  const ScratchFolder folder;
  TextIndex index;
  ASSERT_TRUE(fill_much(index).save(folder / "t", {.revision = 1}));
  EXPECT_TRUE(TextCheck(**load(folder / "t")).postings_hold());
  const Sections good = read_sections(folder / "t");
  for (const std::size_t at : {8U, 11U}) {  // The shortest of those once there; the most times.
    Sections bad = good;
    bad[8][at] = static_cast<std::byte>(at == 8 ? 9 : 0);
    ASSERT_NO_FATAL_FAILURE(write_sections(folder / "t", bad));
    const auto loaded = load(folder / "t");
    ASSERT_TRUE(loaded) << loaded.error().message;
    EXPECT_FALSE(TextCheck(**loaded).postings_hold()) << at;
  }
}

TEST(TextCheckpoint, KeepsAnEmptyIndex) {
  const ScratchFolder folder;
  TextIndex index;
  index.set(5, "word");
  index.erase(5);
  ASSERT_TRUE(index.save(folder / "t", {.revision = 1}));
  const auto loaded = load(folder / "t");
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ((*loaded)->documents(), 0U);
  (*loaded)->set(0, "word");
  EXPECT_EQ(search(**loaded, {.text = "words"}).rows.size(), 1U);
}

TEST(TextCheckpoint, HoldsNoWordOfAnErasedText) {
  const ScratchFolder folder;
  TextIndex index;
  fill(index);
  index.set(9, "the password is xylophone");
  index.set(10, "replaced zugzwang");
  index.erase(9);
  index.set(10, "replaced");
  ASSERT_TRUE(index.save(folder / "t", {.revision = 1}));
  const std::string bytes = read_bytes(folder / "t");
  EXPECT_THAT(bytes, HasSubstr("replac"));
  EXPECT_THAT(bytes, Not(HasSubstr("xyloph")));
  EXPECT_THAT(bytes, Not(HasSubstr("password")));
  EXPECT_THAT(bytes, Not(HasSubstr("zugzwang")));
}

TEST(TextCheckpoint, NoticesEveryFlippedByteAndEveryTruncation) {
  const ScratchFolder folder;
  TextIndex index;
  ASSERT_TRUE(fill(index).save(folder / "t", {.revision = 1}));
  const std::string good = read_bytes(folder / "t");
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(~bad[at]);
    write_bytes(folder / "t", bad);
    ASSERT_NO_FATAL_FAILURE(expect_damaged(folder / "t", "byte " + std::to_string(at)));
    write_bytes(folder / "t", good.substr(0, at));
    ASSERT_NO_FATAL_FAILURE(expect_damaged(folder / "t", "cut at " + std::to_string(at)));
  }
  EXPECT_EQ(load(folder / "none").error().code, ErrorCode::kNotFound);
}

TEST(TextCheckpoint, RefusesGarbage) {
  const ScratchFolder folder;
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random() % 5000, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    write_bytes(folder / "t", bytes);
    ASSERT_NO_FATAL_FAILURE(expect_damaged(folder / "t", "garbage"));
  }
}

TEST(TextCheckpoint, RefusesContentThatContradictsItself) {
  const ScratchFolder folder;
  TextIndex index;
  ASSERT_TRUE(fill_much(index).save(folder / "good", {.revision = 1}));
  const Sections good = read_sections(folder / "good");
  ASSERT_EQ(good.size(), 13U);
  const auto set = [](std::vector<std::byte>& section, std::size_t at, int value) {
    section.at(at) = static_cast<std::byte>(value);
  };
  const auto append = [](std::vector<std::byte>& section, std::vector<std::uint32_t> numbers) {
    const auto bytes = std::as_bytes(std::span(numbers));
    section.insert(section.end(), bytes.begin(), bytes.end());
  };
  const auto erase_front = [](std::vector<std::byte>& section, std::size_t bytes) {
    section.erase(section.begin(), section.begin() + static_cast<std::ptrdiff_t>(bytes));
  };
  const std::vector<std::pair<std::string, std::function<void(Sections&)>>> damages = {
      {"rows out of order", [&](Sections& s) { std::swap(s[0][0], s[0][4]); }},
      {"rows too far apart", [&](Sections& s) { set(s[0], 15, 200); }},
      {"a row less", [&](Sections& s) { s[0].erase(s[0].end() - 4, s[0].end()); }},
      {"a length beyond the terms", [&](Sections& s) { set(s[2], 1, 1); }},
      {"an odd length",
       [&](Sections& s) {
         for (int i = 0; i < 4; ++i) s[2][12 + static_cast<std::size_t>(i)] = std::byte{0xFF};
       }},
      {"a list longer than said", [&](Sections& s) { s[4].push_back(std::byte{2}); }},
      {"a list of more bytes than there are", [&](Sections& s) { set(s[4], 1, 100); }},
      {"a list with the mark of lent ones", [&](Sections& s) { set(s[4], 3, 0x80); }},
      {"a gap of 0", [&](Sections& s) { set(s[4], 4, 0); }},
      {"a term beyond the vocabulary", [&](Sections& s) { set(s[4], 4, 100); }},
      {"place 0", [&](Sections& s) { set(s[3], 0, 0); }},
      {"a place of another", [&](Sections& s) { std::swap(s[3][0], s[3][4]); }},
      {"a place beyond all", [&](Sections& s) { set(s[3], 1, 1); }},
      {"free places that a row has",
       [&](Sections& s) {
         append(s[5], {1, 1});
       }},
      {"free places beyond all",
       [&](Sections& s) {
         append(s[5], {900, 1});
       }},
      {"free places of none",
       [&](Sections& s) {
         append(s[5], {5, 0});
       }},
      {"free places without end",
       [&](Sections& s) {
         append(s[5], {5, 0xFFFFFFF0});
       }},
      {"more blocks than there are", [&](Sections& s) { set(s[6], 3, 0x7F); }},
      {"a block less", [&](Sections& s) { erase_front(s[8], 16); }},
      {"a block of nothing", [&](Sections& s) { set(s[8], 13, 0); }},
      {"a block of too many", [&](Sections& s) { set(s[8], 13, 129); }},
      {"a block of too many bits", [&](Sections& s) { set(s[8], 14, 33); }},
      {"times of too many bits", [&](Sections& s) { set(s[8], 15, 10); }},
      {"another first place", [&](Sections& s) { set(s[8], 0, 9); }},
      {"another last place", [&](Sections& s) { set(s[8], 4, 9); }},
      {"words more than blocks take", [&](Sections& s) { append(s[9], {0}); }},
      {"words fewer than blocks take", [&](Sections& s) { erase_front(s[9], 4); }},
      {"another word", [&](Sections& s) { set(s[9], 0, 0xFF); }},
      {"a tail of more than there are", [&](Sections& s) { set(s[7], 3, 0x7F); }},
      {"a posting more",
       [&](Sections& s) {
         append(s[10], {1, 1});
       }},
      {"a posting of no place", [&](Sections& s) { set(s[10], 0, 0); }},
      {"a posting of places beyond all", [&](Sections& s) { set(s[10], 3, 1); }},
      {"a posting of no times", [&](Sections& s) { set(s[10], 4, 0); }},
      {"a posting of another number of times", [&](Sections& s) { set(s[10], 4, 3); }},
      {"a posting of another row", [&](Sections& s) { set(s[10], 0, 3); }},
      {"a term without a name",
       [&](Sections& s) {
         erase_front(s[12], std::to_integer<std::size_t>(s[11][0]));
         s[11][0] = std::byte{0};
       }},
      {"a section less", [&](Sections& s) { s.pop_back(); }},
  };
  for (const auto& [what, damage] : damages) {
    Sections bad = good;
    damage(bad);
    ASSERT_NO_FATAL_FAILURE(write_sections(folder / "t", bad));
    ASSERT_NO_FATAL_FAILURE(expect_damaged(folder / "t", what));
  }
  ASSERT_NO_FATAL_FAILURE(write_sections(folder / "t", good));
  EXPECT_TRUE(load(folder / "t"));
}

TEST(TextCheckpoint, IsHarmlessWhateverItsSectionsSay) {
  const ScratchFolder folder;
  TextIndex index;
  ASSERT_TRUE(fill_much(index).save(folder / "good", {.revision = 1}));
  const Sections good = read_sections(folder / "good");
  const auto seed = test_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  int accepted = 0;
  for (int round = 0; round < 400; ++round) {
    Sections bad = good;
    for (unsigned i = 0; i <= random() % 3; ++i) {
      auto& section = bad[random() % bad.size()];
      if (!section.empty()) section[random() % section.size()] = static_cast<std::byte>(random());
    }
    ASSERT_NO_FATAL_FAILURE(write_sections(folder / "t", bad));
    const auto loaded = load(folder / "t");
    if (!loaded) {
      ASSERT_EQ(loaded.error().code, ErrorCode::kCorruption);
      continue;
    }
    ++accepted;
    (void)search(**loaded, {.text = "kitten oscar 東京 京 caroline melanie"});
    (*loaded)->set(2, "Oscar replaced kitten");
    for (const std::uint32_t row : Roaring((*loaded)->rows())) (*loaded)->erase(row);
    ASSERT_EQ((*loaded)->documents(), 0U);
    ASSERT_EQ((*loaded)->terms(), 0U);
  }
  EXPECT_GT(accepted, 0) << "digests and letters of terms may be anything";
}

}  // namespace
}  // namespace tulving::index
