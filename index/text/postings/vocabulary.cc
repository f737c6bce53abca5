#include "index/text/postings/vocabulary.h"

namespace tulving::index {
namespace {

/// A form's term behind its mark, empty for a stop word's; until the next call.
std::string_view marked_term(std::string_view term, Vocabulary::Mark mark) {
  static thread_local std::string marked;
  if (term.empty()) return {};
  marked.assign(1, static_cast<char>(mark)).append(term.substr(0, kWordBytesMax - 1));
  return marked;
}

}  // namespace

std::uint32_t Vocabulary::find(Analyzer& analyzer, const Word& word,
                               std::string_view* unknown) const {
  if (word.kind == WordKind::kLetters) {
    const std::uint32_t surface = surfaces_.find(analyzer.folded(word));
    if (surface != StringTable::kNone) return surface_links_[surface].term;
  }
  const std::string_view term = analyzer.term_of(word);
  if (term.empty()) return kStopWord;
  const std::uint32_t id = terms_.find(term);
  if (id == kUnknown && unknown != nullptr) *unknown = term;
  return id;
}

std::uint32_t Vocabulary::intern(Analyzer& analyzer, const Word& word) {
  const std::string_view surface = analyzer.folded(word);
  if (word.kind == WordKind::kLetters) {
    const std::uint32_t known = surfaces_.find(surface);
    if (known != StringTable::kNone) return surface_links_[known].term;
  }
  const std::string_view term = analyzer.term_of(word);
  if (term.empty()) return add_surface(surface, kStopWord);
  const std::uint32_t id = intern_term(term);
  // Numbers and grams are their own terms, so a second entry would find them no sooner.
  return word.kind == WordKind::kLetters ? add_surface(surface, id) : id;
}

std::uint32_t Vocabulary::intern_term(std::string_view term) {
  const std::uint32_t id = terms_.intern(term);
  if (id >= first_surfaces_.size()) first_surfaces_.resize(id + 1, kUnknown);
  return id;
}

std::uint32_t Vocabulary::find_form(Analyzer& analyzer, std::string_view form, WordKind kind,
                                    Mark mark) const {
  const std::string_view term = marked_term(analyzer.term_of(form, kind), mark);
  return term.empty() ? kStopWord : terms_.find(term);
}

std::uint32_t Vocabulary::find_marked(std::string_view term, Mark mark) const {
  return terms_.find(marked_term(term, mark));
}

std::uint32_t Vocabulary::intern_form(Analyzer& analyzer, std::string_view form, WordKind kind,
                                      Mark mark) {
  const std::string_view term = marked_term(analyzer.term_of(form, kind), mark);
  return term.empty() ? kStopWord : intern_term(term);
}

std::uint32_t Vocabulary::add_surface(std::string_view surface, std::uint32_t term) {
  const std::uint32_t id = surfaces_.intern(surface);
  if (id >= surface_links_.size()) surface_links_.resize(id + 1);
  surface_links_[id] = {.term = term};
  if (term != kStopWord) {
    surface_links_[id].next = first_surfaces_[term];
    first_surfaces_[term] = id;
  }
  return term;
}

void Vocabulary::erase(std::uint32_t term) {
  for (std::uint32_t id = first_surfaces_[term]; id != kUnknown; id = surface_links_[id].next) {
    surfaces_.erase(id);
  }
  first_surfaces_[term] = kUnknown;
  terms_.erase(term);
}

std::size_t Vocabulary::bytes() const {
  return terms_.bytes() + surfaces_.bytes() + surface_links_.capacity() * sizeof(Surface) +
         first_surfaces_.capacity() * sizeof(std::uint32_t);
}

bool Vocabulary::restore(std::string_view term) {
  first_surfaces_.push_back(kUnknown);
  if (term.empty()) {
    terms_.skip_id();
    return true;
  }
  if (terms_.find(term) != kUnknown) return false;
  terms_.append(term);
  return true;
}

}  // namespace tulving::index
