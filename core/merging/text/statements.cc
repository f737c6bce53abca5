#include "core/merging/text/statements.h"

#include <cstddef>
#include <string>

#include "core/merging/text/dated_statement.h"
#include "core/model/text/sentences.h"

namespace tulving::merging {
namespace {

// A date noted behind a sentence's stop or a block of code is no sentence of its own.
bool is_note(std::string_view sentence) {
  constexpr std::size_t kNoteMax = 64;
  if (sentence.size() > kNoteMax || !sentence.starts_with("(as of ")) return false;
  const std::string line = " " + std::string(sentence);
  return line.starts_with(as_of_note(line)) && !as_of_note(line).empty();
}

std::string_view joined(std::string_view first, std::string_view last) {
  return {first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data())};
}

}  // namespace

std::vector<Statement> split_statements(std::string_view text) {
  std::vector<Statement> statements;
  bool is_open = false;
  for (const std::string_view sentence : model::split_sentences(text)) {
    if (!statements.empty() && is_note(sentence)) {
      Statement& last = statements.back();
      last.sentences.back() = joined(last.sentences.back(), sentence);
      last.text = joined(last.text, sentence);
      is_open = false;
    } else if (is_open) {
      statements.back().sentences.push_back(sentence);
      statements.back().text = joined(statements.back().text, sentence);
      is_open = !model::is_complete(sentence) && as_of_note(sentence).empty();
    } else {
      statements.push_back({sentence, {sentence}});
      is_open = !model::is_complete(sentence) && as_of_note(sentence).empty();
    }
  }
  return statements;
}

}  // namespace tulving::merging
