// What is promised, on conversations people had: a merge of turns holds every sentence, number,
// entity and tag of each, as it was said. Groups of 2 to 12 turns are drawn by a printed seed,
// neighbours and strangers; the oracle looks for each sentence in the merge without its dates.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/merging/merge_memory.h"
#include "core/merging/text/merge_text.h"
#include "core/model/text/sentences.h"
#include "tests/merging/merge_testing.h"
#include "tulving/json.h"

namespace tulving::merging {
namespace {

std::vector<Memory> turns() {
  std::vector<Memory> turns;
  const char* folder = std::getenv("TULVING_DATA");
  if (folder == nullptr) return turns;
  std::ifstream file(std::string(folder) + "/locomo-dev/records.jsonl");
  for (std::string line; std::getline(file, line);) {
    auto record = parse_record(line);
    if (!record) continue;
    if (auto* memory = std::get_if<Memory>(&record->record)) {
      memory->id = Uuid::derive(record->tenant_id, memory->external_id);
      turns.push_back(std::move(*memory));
    }
  }
  return turns;
}

// One blank for each run of them.
std::string fold(std::string_view text) {
  std::string folded;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (blank && (folded.empty() || folded.back() == ' ')) continue;
    folded += blank ? ' ' : c;
  }
  while (!folded.empty() && folded.back() == ' ') folded.pop_back();
  return folded;
}

TEST(MergeOfConversations, HoldsEverySentenceAsItWasSaid) {
  const std::vector<Memory> all = turns();
  if (all.empty()) GTEST_SKIP() << "no TULVING_DATA with locomo-dev";
  std::size_t sentences = 0;
  std::size_t dated = 0;
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::vector<Memory> sources;
    const std::size_t count = 2 + random() % 11;
    const std::size_t first = random() % (all.size() - count);
    for (std::size_t i = 0; i < count; ++i) {
      Memory turn = all[seed % 2 == 0 ? first + i : random() % all.size()];
      // Strangers, too, which no merge of theirs may hold.
      turn.user_id = turn.agent_id = turn.project_id = "";
      const auto same = [&](const Memory& other) { return other.id == turn.id; };
      if (std::ranges::none_of(sources, same)) sources.push_back(std::move(turn));
    }
    if (sources.size() < 2) continue;
    std::ranges::sort(sources, {},
                      [](const Memory& one) { return std::pair(one.created_at, one.id); });
    MergeOptions options;
    options.tenant_id = "t";
    const auto merge = merge_memories(sources, options);
    ASSERT_TRUE(merge.has_value()) << merge.error().message;
    const MergedText text = merge_texts(sources);
    ASSERT_EQ(text.text, merge->text);
    for (const StatementPlace& place : text.statements) dated += place.is_dated ? 1 : 0;

    const std::string folded = fold(without_dates(merge->text));
    for (const Memory& source : sources) {
      for (const std::string_view sentence : model::split_sentences(source.text)) {
        ++sentences;
        ASSERT_NE(folded.find(fold(sentence)), std::string::npos) << sentence << "\n"
                                                                  << merge->text;
      }
    }
  }
  std::cout << sentences << " sentences, " << dated << " statements dated\n";
  EXPECT_GT(sentences, 10'000U);
}

}  // namespace
}  // namespace tulving::merging
