#include "core/merging/sentence_pairs.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "core/merging/word_kinds.h"
#include "core/model/sentence_words.h"

// Invariants:
// (1) The order "fuller" is strict: more counted words, then more bytes, then said earlier. So no
//     two sentences take each other's place.
// (2) The words of a sentence that gives way are, in order, among those of the fuller one.

namespace tulving::merging {
namespace {

// Per sentence: 4 words, 64 sentences each. Bounds the work for any text; a set of memories that
// anyone merges (12, some dozens of sentences each) is compared completely.
constexpr std::size_t kRareWords = 4;
constexpr std::size_t kPostingsMax = 64;
// Longer "sentences" are tables and code; of those none contradicts another.
constexpr std::uint32_t kConflictWordsMax = 64;
constexpr std::size_t kValueWordsMax = 3;
// Fewer in common are no statement: "Thanks, Nate!", "Thanks, John!"
constexpr std::size_t kCommonWordsMin = 3;

}  // namespace

void SentencePairs::add(std::string_view sentence) {
  Entry entry;
  entry.first_word = words_.size();
  entry.bytes = sentence.size();
  std::string key;
  model::visit_words(sentence, [&](const model::SentenceWord& word) {
    key.assign(word.folded);
    const auto [place, is_new] = ids_.try_emplace(key, static_cast<std::uint32_t>(kinds_.size()));
    if (is_new) kinds_.push_back(kinds_of(word));
    words_.push_back({place->second, word.is_capitalised && !word.is_first});
    if ((kinds_[place->second] & kArticle) == 0) ++entry.counted;
    entry.is_question = word.folded == "?";
  });
  entry.words = static_cast<std::uint32_t>(words_.size() - entry.first_word);
  entries_.push_back(entry);
}

// For each word the first kPostingsMax sentences that have it.
void SentencePairs::index() const {
  if (!counts_.empty()) return;
  constexpr Sentence kNone = std::numeric_limits<Sentence>::max();
  counts_.assign(kinds_.size(), 0);
  std::vector<Sentence> last(kinds_.size(), kNone);
  const auto each_distinct = [&](const auto& visit) {
    std::ranges::fill(last, kNone);
    for (Sentence s = 0; s < entries_.size(); ++s) {
      for (std::size_t i = 0; i < entries_[s].words; ++i) {
        const std::uint32_t id = words_[entries_[s].first_word + i].id;
        if (std::exchange(last[id], s) != s) visit(id, s);
      }
    }
  };
  each_distinct([this](std::uint32_t id, Sentence) { ++counts_[id]; });
  postings_begin_.assign(counts_.size() + 1, 0);
  for (std::size_t id = 0; id < counts_.size(); ++id) {
    const auto held = std::min<std::size_t>(counts_[id], kPostingsMax);
    postings_begin_[id + 1] = postings_begin_[id] + held;
  }
  postings_.resize(postings_begin_.back());
  std::vector<std::size_t> next(postings_begin_.begin(), postings_begin_.end() - 1);
  each_distinct([&](std::uint32_t id, Sentence s) {
    if (next[id] < postings_begin_[id + 1]) postings_[next[id]++] = s;
  });
}

// The sentences that share one of the four rarest words of `sentence`, ascending, without itself.
std::vector<SentencePairs::Sentence> SentencePairs::candidates(Sentence sentence) const {
  const Entry& entry = entries_[sentence];
  std::array<std::uint32_t, kRareWords> rare{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < entry.words; ++i) {
    const std::uint32_t id = words_[entry.first_word + i].id;
    const auto rarer = [this](std::uint32_t a, std::uint32_t b) {
      return std::tie(counts_[a], a) < std::tie(counts_[b], b);
    };
    const auto end = rare.begin() + static_cast<std::ptrdiff_t>(count);
    const auto place = std::lower_bound(rare.begin(), end, id, rarer);
    if (place == rare.end() || (place != end && *place == id)) continue;
    if (count < kRareWords) ++count;
    std::move_backward(place, rare.begin() + static_cast<std::ptrdiff_t>(count) - 1,
                       rare.begin() + static_cast<std::ptrdiff_t>(count));
    *place = id;
  }
  std::vector<Sentence> found;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t p = postings_begin_[rare[i]]; p < postings_begin_[rare[i] + 1]; ++p) {
      if (postings_[p] != sentence) found.push_back(postings_[p]);
    }
  }
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

bool SentencePairs::is_fuller(Sentence longer, Sentence shorter) const {
  const Entry& a = entries_[longer];
  const Entry& b = entries_[shorter];
  if (a.counted != b.counted) return a.counted > b.counted;
  if (a.bytes != b.bytes) return a.bytes > b.bytes;
  return longer < shorter;
}

// (2), and what the longer one has beside them takes nothing back.
bool SentencePairs::holds_all_of(Sentence longer, Sentence shorter) const {
  const Entry& a = entries_[longer];
  const Entry& b = entries_[shorter];
  if (b.counted == 0 || std::uint64_t{4} * b.counted < std::uint64_t{3} * a.counted) return false;
  const auto is_article = [this](std::size_t i) { return (kinds_[words_[i].id] & kArticle) != 0; };
  const std::size_t b_end = b.first_word + b.words;
  std::size_t next = b.first_word;
  for (std::size_t i = a.first_word; i < a.first_word + a.words; ++i) {
    while (next < b_end && is_article(next)) ++next;
    if (next < b_end && words_[i].id == words_[next].id &&
        (words_[i].is_name || !words_[next].is_name)) {
      ++next;
    } else if ((kinds_[words_[i].id] & (kNegation | kDoubt | kOther)) != 0) {
      return false;
    }
  }
  while (next < b_end && is_article(next)) ++next;
  return next == b_end;
}

std::vector<SentencePairs::Sentence> SentencePairs::fuller() const {
  index();
  std::vector<Sentence> by_fullness(entries_.size());
  std::iota(by_fullness.begin(), by_fullness.end(), Sentence{0});
  std::ranges::sort(by_fullness, [this](Sentence a, Sentence b) { return is_fuller(a, b); });
  std::vector<Sentence> taker(entries_.size());
  std::iota(taker.begin(), taker.end(), Sentence{0});
  // The fullest first, so that a taker's own taker is known.
  for (const Sentence sentence : by_fullness) {
    std::optional<Sentence> best;
    for (const Sentence other : candidates(sentence)) {
      if (!is_fuller(other, sentence) || (best && !is_fuller(other, *best))) continue;
      if (holds_all_of(other, sentence)) best = other;
    }
    if (best) taker[sentence] = taker[*best];
  }
  return taker;
}

bool SentencePairs::is_value(Run run) const {
  if (run.begin == run.end || run.end - run.begin > kValueWordsMax) return false;
  return std::any_of(words_.begin() + static_cast<std::ptrdiff_t>(run.begin),
                     words_.begin() + static_cast<std::ptrdiff_t>(run.end), [this](Word word) {
                       return word.is_name || (kinds_[word.id] & kNumber) != 0;
                     });
}

// One or more negations, and auxiliaries: "does not" beside nothing, "isn't" beside "is".
bool SentencePairs::is_negation(Run run) const {
  bool negates = false;
  for (std::size_t i = run.begin; i < run.end; ++i) {
    const std::uint8_t kinds = kinds_[words_[i].id];
    if ((kinds & (kNegation | kAuxiliary)) == 0) return false;
    negates = negates || (kinds & kNegation) != 0;
  }
  return negates;
}

// Equal before and after one run of words, which is a value in both, or a negation in one.
bool SentencePairs::is_conflict(Sentence a, Sentence b) const {
  Run run_a{entries_[a].first_word, entries_[a].first_word + entries_[a].words};
  Run run_b{entries_[b].first_word, entries_[b].first_word + entries_[b].words};
  const std::size_t words = std::max(entries_[a].words, entries_[b].words);
  if (words > kConflictWordsMax || entries_[a].is_question || entries_[b].is_question) return false;
  const std::size_t start = run_a.begin;
  while (run_a.begin < run_a.end && run_b.begin < run_b.end &&
         words_[run_a.begin].id == words_[run_b.begin].id) {
    ++run_a.begin;
    ++run_b.begin;
  }
  while (run_a.begin < run_a.end && run_b.begin < run_b.end &&
         words_[run_a.end - 1].id == words_[run_b.end - 1].id) {
    --run_a.end;
    --run_b.end;
  }
  const std::size_t differing = std::max(run_a.end - run_a.begin, run_b.end - run_b.begin);
  if (differing == 0 || 2 * (words - differing) < words || words - differing < kCommonWordsMin) {
    return false;
  }
  // What differs in its first word is about something else: "Alice likes tea", "Bob likes tea".
  if (run_a.begin == start) return false;
  if (is_value(run_a) && is_value(run_b)) return true;
  const bool negated_a = is_negation(run_a);
  const bool negated_b = is_negation(run_b);
  if (negated_a == negated_b) return false;
  const Run other = negated_a ? run_b : run_a;
  return std::all_of(words_.begin() + static_cast<std::ptrdiff_t>(other.begin),
                     words_.begin() + static_cast<std::ptrdiff_t>(other.end),
                     [this](Word word) { return (kinds_[word.id] & kAuxiliary) != 0; });
}

std::vector<SentencePairs::Conflict> SentencePairs::conflicts() const {
  index();
  std::vector<Conflict> found;
  for (Sentence a = 0; a < entries_.size(); ++a) {
    for (const Sentence b : candidates(a)) {
      if (is_conflict(a, b)) found.push_back({std::min(a, b), std::max(a, b)});
    }
  }
  // Candidates are not symmetric: a pair may be met from one side only, or from both.
  std::ranges::sort(found, {}, [](const Conflict& pair) { return std::tie(pair.a, pair.b); });
  const auto repeated = std::unique(
      found.begin(), found.end(), [](Conflict x, Conflict y) { return x.a == y.a && x.b == y.b; });
  found.erase(repeated, found.end());
  return found;
}

}  // namespace tulving::merging
