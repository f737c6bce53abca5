#include "core/merging/put_back.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "core/merging/word_kinds.h"
#include "core/model/sentence_words.h"
#include "core/model/sentences.h"

namespace tulving::merging {
namespace {

// Words that begin a sentence with a capital letter and are no names.
constexpr std::array<std::string_view, 40> kOpeners = {
    "i",   "a",     "an",   "the",  "this", "that",  "these",  "those", "he",   "she",
    "it",  "we",    "you",  "they", "his",  "her",   "its",    "our",   "your", "their",
    "my",  "there", "here", "when", "then", "after", "before", "in",    "on",   "at",
    "for", "from",  "with", "to",   "by",   "as",    "if",     "and",   "but",  "so"};

// The words of a text, and how many of them negate.
struct Words {
  std::unordered_set<std::string> all;
  std::unordered_set<std::string> uncapitalised;
  std::size_t negations = 0;
};

bool is_negation(const model::SentenceWord& word) { return (kinds_of(word) & kNegation) != 0; }

Words words_of(std::string_view text) {
  Words words;
  model::visit_words(text, [&](const model::SentenceWord& word) {
    words.all.emplace(word.folded);
    if (!word.is_capitalised) words.uncapitalised.emplace(word.folded);
    if (is_negation(word)) ++words.negations;
  });
  return words;
}

// Entities as runs of words, " new york ", so that one is not found inside another word.
std::string as_run(std::string_view text) {
  std::string run = " ";
  model::visit_words(text, [&](const model::SentenceWord& word) {
    run += word.folded;
    run += ' ';
  });
  return run;
}

class Finder {
 public:
  Finder(std::string_view written, std::string_view draft, std::span<const Memory> sources)
      : written_(words_of(written)), draft_(words_of(draft)) {
    const std::string written_run = as_run(written);
    std::unordered_set<std::string> known;
    for (const Memory& source : sources) {
      for (const std::string& entity : source.entities) {
        std::string run = as_run(entity);
        if (run == " " || !known.insert(run).second) continue;
        if (written_run.find(run) == std::string::npos) {
          missing_entities_.emplace(first_word(run), run);
        }
      }
    }
  }

  [[nodiscard]] bool lacks(std::string_view sentence) const {
    bool lacks = false;
    bool is_opener = true;
    model::visit_words(sentence, [&](const model::SentenceWord& word) {
      lacks = lacks || lacks_word(word, is_opener);
      is_opener = false;
    });
    return lacks || lacks_entity_of(sentence);
  }

 private:
  static std::string first_word(std::string_view run) {
    return std::string(run.substr(1, run.find(' ', 1) - 1));
  }

  [[nodiscard]] bool lacks_word(const model::SentenceWord& word, bool is_opener) const {
    // A writer may turn "doesn't" into "does not", so they are counted, not compared.
    if (is_negation(word) && written_.negations < draft_.negations) return true;
    if (!word.has_digit && !is_name(word, is_opener)) return false;
    return !written_.all.contains(std::string(word.folded));
  }

  // A sentence's first word is a name unless it stands elsewhere without its capital letter.
  [[nodiscard]] bool is_name(const model::SentenceWord& word, bool is_opener) const {
    if (!word.is_capitalised || !is_opener) return word.is_capitalised;
    return std::ranges::find(kOpeners, word.folded) == kOpeners.end() &&
           !draft_.uncapitalised.contains(std::string(word.folded));
  }

  [[nodiscard]] bool lacks_entity_of(std::string_view sentence) const {
    if (missing_entities_.empty()) return false;
    const std::string run = as_run(sentence);
    for (std::size_t offset = 0; offset + 1 < run.size(); offset = run.find(' ', offset + 1)) {
      const std::string_view rest = std::string_view(run).substr(offset);
      const auto [begin, end] = missing_entities_.equal_range(first_word(rest));
      if (std::any_of(begin, end,
                      [&](const auto& entity) { return rest.starts_with(entity.second); })) {
        return true;
      }
    }
    return false;
  }

  Words written_;
  Words draft_;
  std::unordered_multimap<std::string, std::string> missing_entities_;  // By their first word.
};

}  // namespace

std::string put_back_what_is_missing(std::string_view written, std::string_view draft,
                                     std::span<const Memory> sources) {
  const Finder finder(written, draft, sources);
  std::string text(written);
  for (const std::string_view sentence : model::split_sentences(draft)) {
    if (!finder.lacks(sentence)) continue;
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += sentence;
  }
  return text;
}

}  // namespace tulving::merging
