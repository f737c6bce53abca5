#include "core/merging/text/merge_text.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/text/same_text.h"
#include "core/merging/text/dated_statement.h"
#include "core/merging/text/side_by_side.h"
#include "core/merging/text/statements.h"

namespace tulving::merging {
namespace {

using Number = std::uint32_t;  // Of a statement, as unique ones are met.

// One statement however often it is said.
struct Unique {
  TimedSaying saying;
  std::size_t sentences = 1;
  Number stands_in = 0;  // Itself, or the statement that has it as one of its sentences.
  bool is_dated = false;
  std::size_t merged_offset = 0;
  std::size_t merged_bytes = 0;
};

struct Occurrence {
  std::uint32_t source = 0;
  Number unique = 0;
  std::string_view text;
  bool is_first = false;
};

// When raw memories said a sentence last.
class Witnesses {
 public:
  explicit Witnesses(std::span<const Memory> origins) {
    for (const Memory& origin : origins) {
      for (const Statement& statement : split_statements(origin.text)) {
        see(statement.text, origin.created_at);
        for (const std::string_view sentence : statement.sentences)
          see(sentence, origin.created_at);
      }
    }
  }

  [[nodiscard]] std::optional<Timestamp> last_said(const Statement& statement) const {
    if (said_.empty()) return std::nullopt;
    auto latest = find(statement.text);
    for (const std::string_view sentence : statement.sentences) {
      latest = std::max(latest, find(sentence));
    }
    return latest;
  }

 private:
  void see(std::string_view text, std::optional<Timestamp> time) {
    auto& said = said_[same_text_form(text)];
    said = std::max(said, time);
  }
  [[nodiscard]] std::optional<Timestamp> find(std::string_view text) const {
    const auto found = said_.find(same_text_form(text));
    return found == said_.end() ? std::nullopt : found->second;
  }

  std::unordered_map<std::string, std::optional<Timestamp>> said_;
};

class Merger {
 public:
  Merger(std::span<const Memory> sources, std::span<const Memory> origins)
      : sources_(sources), witnesses_(origins) {}

  MergedText run() && {
    read();
    find_lone_sentences();
    arrange();
    if (const auto source = source_that_holds_all()) {
      take_whole(*source);
    } else {
      join();
    }
    note_places();
    return std::move(merged_);
  }

 private:
  void read() {
    std::unordered_map<std::string, Number> known;
    for (std::uint32_t source = 0; source < sources_.size(); ++source) {
      for (const Statement& statement : split_statements(sources_[source].text)) {
        const auto number = static_cast<Number>(uniques_.size());
        const auto [place, is_new] = known.try_emplace(same_text_form(statement.text), number);
        if (is_new) add(statement, source);
        TimedSaying& saying = uniques_[place->second].saying;
        saying.is_said_by_several = saying.is_said_by_several || saying.source != source;
        saying.time = std::max(saying.time, last_said(statement, sources_[source]));
        occurrences_.push_back({source, place->second, statement.text, is_new});
      }
    }
  }

  void add(const Statement& statement, std::uint32_t source) {
    const auto number = static_cast<Number>(uniques_.size());
    Unique& unique = uniques_.emplace_back();
    unique.saying.text = statement.text;
    unique.saying.source = source;
    unique.sentences = statement.sentences.size();
    unique.stands_in = number;
    if (unique.sentences == 1) return;
    for (const std::string_view sentence : statement.sentences) {
      holders_.try_emplace(same_text_form(sentence), number);
    }
  }

  [[nodiscard]] std::optional<Timestamp> last_said(const Statement& statement,
                                                   const Memory& source) const {
    if (source.source_memory_ids.empty()) return source.created_at;
    return std::max(source.created_at, witnesses_.last_said(statement));
  }

  // A sentence by itself that is one of another statement's stands there.
  void find_lone_sentences() {
    for (Unique& unique : uniques_) {
      if (unique.sentences > 1) continue;
      const auto holder = holders_.find(same_text_form(unique.saying.text));
      if (holder == holders_.end()) continue;
      unique.stands_in = holder->second;
      TimedSaying& saying = uniques_[holder->second].saying;
      saying.time = std::max(saying.time, unique.saying.time);
    }
  }

  [[nodiscard]] bool is_kept(Number number) const { return uniques_[number].stands_in == number; }

  // groups_: by the statement that the group stands in the place of, the first that was said.
  void arrange() {
    std::vector<TimedSaying> kept;
    std::vector<Number> numbers;
    for (Number number = 0; number < uniques_.size(); ++number) {
      if (!is_kept(number)) continue;
      kept.push_back(uniques_[number].saying);
      numbers.push_back(number);
    }
    for (SideBySide& group : put_side_by_side(kept)) {
      for (std::size_t i = 0; i < group.members.size(); ++i) {
        group.members[i] = numbers[group.members[i]];
        uniques_[group.members[i]].is_dated = !group.as_of[i].empty();
        is_any_dated_ = is_any_dated_ || !group.as_of[i].empty();
      }
      const Number first = *std::ranges::min_element(group.members);
      groups_.emplace(first, std::move(group));
    }
  }

  // The first source whose text has every statement that is kept, in the spelling that is kept.
  [[nodiscard]] std::optional<std::uint32_t> source_that_holds_all() const {
    if (is_any_dated_) return std::nullopt;
    std::size_t kept = 0;
    for (Number number = 0; number < uniques_.size(); ++number) kept += is_kept(number) ? 1 : 0;
    std::vector<std::size_t> held(sources_.size());
    std::vector<std::uint32_t> seen(uniques_.size(), 0);  // Last source that had it, plus 1.
    for (const Occurrence& one : occurrences_) {
      if (!is_kept(one.unique) || one.text != uniques_[one.unique].saying.text) continue;
      if (std::exchange(seen[one.unique], one.source + 1) != one.source + 1) ++held[one.source];
    }
    for (std::uint32_t source = 0; source < sources_.size(); ++source) {
      if (held[source] == kept) return source;
    }
    return std::nullopt;
  }

  void take_whole(std::uint32_t source) {
    merged_.text = sources_[source].text;
    for (const Occurrence& one : occurrences_) {
      if (one.source != source || one.text != uniques_[one.unique].saying.text) continue;
      uniques_[one.unique].merged_offset = offset_in_source(one);
      uniques_[one.unique].merged_bytes = one.text.size();
    }
  }

  void join() {
    const Occurrence* last = nullptr;      // Appended last; null: a group of several was.
    const Occurrence* previous = nullptr;  // Before this one in its source.
    for (const Occurrence& one : occurrences_) {
      const auto group = groups_.find(one.unique);
      if (one.is_first && group != groups_.end()) {
        const bool is_alone = group->second.members.size() == 1;
        if (!merged_.text.empty()) append_gap(is_alone ? last : nullptr, one, previous == last);
        append(group->second);
        last = is_alone ? &one : nullptr;
      }
      previous = &one;
    }
  }

  // Neighbours keep the blanks between them; others of one source are on one line if they were. A
  // group of several has lines of its own.
  void append_gap(const Occurrence* before, const Occurrence& after, bool are_neighbours) {
    if (before == nullptr || before->source != after.source) {
      merged_.text += '\n';
      return;
    }
    const char* begin = before->text.data() + before->text.size();
    const std::string_view between(begin, static_cast<std::size_t>(after.text.data() - begin));
    if (are_neighbours) {
      merged_.text += between;
    } else {
      merged_.text += between.find('\n') == std::string_view::npos ? ' ' : '\n';
    }
  }

  void append(const SideBySide& group) {
    for (std::size_t i = 0; i < group.members.size(); ++i) {
      if (i > 0) merged_.text += '\n';
      Unique& unique = uniques_[group.members[i]];
      unique.merged_offset = merged_.text.size();
      if (group.as_of[i].empty()) {
        merged_.text += unique.saying.text;
      } else {
        merged_.text += with_as_of(unique.saying.text, group.as_of[i]);
      }
      unique.merged_bytes = merged_.text.size() - unique.merged_offset;
    }
  }

  [[nodiscard]] std::size_t offset_in_source(const Occurrence& one) const {
    return static_cast<std::size_t>(one.text.data() - sources_[one.source].text.data());
  }

  void note_places() {
    merged_.statements.reserve(occurrences_.size());
    for (const Occurrence& one : occurrences_) {
      const Unique& kept = uniques_[uniques_[one.unique].stands_in];
      StatementPlace& place = merged_.statements.emplace_back();
      place.source = one.source;
      place.is_dated = kept.is_dated;
      place.source_offset = offset_in_source(one);
      place.source_bytes = one.text.size();
      place.merged_offset = kept.merged_offset;
      place.merged_bytes = kept.merged_bytes;
      const bool stays = one.is_first && is_kept(one.unique);
      place.fate = stays ? StatementFate::kKept : StatementFate::kRepeated;
    }
  }

  std::span<const Memory> sources_;
  Witnesses witnesses_;
  std::vector<Unique> uniques_;
  std::vector<Occurrence> occurrences_;
  std::unordered_map<std::string, Number> holders_;  // Of sentences, among statements of several.
  std::unordered_map<Number, SideBySide> groups_;
  bool is_any_dated_ = false;
  MergedText merged_;
};

}  // namespace

MergedText merge_texts(std::span<const Memory> sources, std::span<const Memory> origins) {
  return Merger(sources, origins).run();
}

}  // namespace tulving::merging
