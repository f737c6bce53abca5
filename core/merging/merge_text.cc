#include "core/merging/merge_text.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/merging/as_of.h"
#include "core/merging/sentence_pairs.h"
#include "core/model/sentence_words.h"
#include "core/model/sentences.h"

namespace tulving::merging {
namespace {

using Sentence = SentencePairs::Sentence;

std::size_t capital_letters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return c >= 'A' && c <= 'Z'; }));
}

// One sentence however often it is said.
struct Unique {
  std::string_view text;          // The spelling that is kept.
  std::optional<Timestamp> said;  // When a source last said so.
  std::string_view date;          // What an earlier merge noted.
  std::string as_of;              // What this merge notes.
  std::size_t merged_offset = 0;
  std::size_t merged_bytes = 0;
};

struct Occurrence {
  std::uint32_t source = 0;
  Sentence unique = 0;
  std::string_view text;
  bool is_first = false;
};

class Merger {
 public:
  explicit Merger(std::span<const Memory> sources) : sources_(sources) {}

  MergedText run() && {
    read();
    choose();
    date_conflicts();
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
    std::unordered_map<std::string, Sentence> known;
    for (std::uint32_t source = 0; source < sources_.size(); ++source) {
      for (const std::string_view text : model::split_sentences(sources_[source].text)) {
        const auto [place, is_new] =
            known.try_emplace(model::normal_form(text), static_cast<Sentence>(uniques_.size()));
        if (is_new) uniques_.emplace_back().text = text;
        Unique& unique = uniques_[place->second];
        if (text != unique.text && capital_letters(text) > capital_letters(unique.text)) {
          unique.text = text;
        }
        unique.said = std::max(unique.said, sources_[source].created_at);
        occurrences_.push_back({source, place->second, text, is_new});
      }
    }
  }

  // taker_: what stands for each unique sentence.
  void choose() {
    for (Unique& unique : uniques_) {
      unique.date = as_of_note(unique.text);
      pairs_.add(unique.text.substr(
          0, unique.date.empty() ? unique.text.size() : position_of_date(unique)));
    }
    taker_ = pairs_.fuller();
    for (Sentence s = 0; s < taker_.size(); ++s) {
      // A value said again later is not the value of then.
      if (uniques_[taker_[s]].date != uniques_[s].date) taker_[s] = s;
    }
  }

  static std::size_t position_of_date(const Unique& unique) {
    return static_cast<std::size_t>(unique.date.data() - unique.text.data());
  }

  [[nodiscard]] bool is_kept(Sentence sentence) const { return taker_[sentence] == sentence; }

  void date_conflicts() {
    for (const auto& [a, b] : pairs_.conflicts()) {
      if (!is_kept(a) || !is_kept(b)) continue;
      const auto time_a = uniques_[a].said;
      const auto time_b = uniques_[b].said;
      if (!time_a || !time_b || *time_a == *time_b) continue;
      using std::chrono::days;
      const bool same_day = std::chrono::floor<days>(*time_a) == std::chrono::floor<days>(*time_b);
      note_time(uniques_[a], *time_a, same_day);
      note_time(uniques_[b], *time_b, same_day);
    }
  }

  static void note_time(Unique& unique, Timestamp time, bool to_the_second) {
    if (!unique.date.empty()) return;
    std::string written = as_of_time(time, to_the_second);
    if (unique.as_of.size() < written.size()) unique.as_of = std::move(written);
  }

  // The first source whose text has every sentence that is kept, in the spelling that is kept.
  [[nodiscard]] std::optional<std::uint32_t> source_that_holds_all() const {
    std::size_t kept = 0;
    for (Sentence s = 0; s < uniques_.size(); ++s) {
      if (!uniques_[s].as_of.empty()) return std::nullopt;
      kept += is_kept(s) ? 1 : 0;
    }
    std::vector<std::size_t> held(sources_.size());
    std::vector<std::uint32_t> seen(uniques_.size(), 0);  // Last source that had it, plus 1.
    for (const Occurrence& one : occurrences_) {
      if (!is_kept(one.unique) || one.text != uniques_[one.unique].text) continue;
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
      if (one.source != source || one.text != uniques_[one.unique].text) continue;
      uniques_[one.unique].merged_offset = offset_in_source(one);
      uniques_[one.unique].merged_bytes = one.text.size();
    }
  }

  void join() {
    const Occurrence* last = nullptr;      // The sentence appended last.
    const Occurrence* previous = nullptr;  // The sentence before this one in its source.
    for (const Occurrence& one : occurrences_) {
      if (one.is_first && is_kept(one.unique)) {
        if (last != nullptr) append_gap(*last, one, previous == last);
        append(uniques_[one.unique]);
        last = &one;
      }
      previous = &one;
    }
  }

  // Neighbours keep the blanks between them; others are on one line if they were.
  void append_gap(const Occurrence& before, const Occurrence& after, bool neighbours) {
    if (before.source != after.source) {
      merged_.text += '\n';
      return;
    }
    const char* begin = before.text.data() + before.text.size();
    const std::string_view between(begin, static_cast<std::size_t>(after.text.data() - begin));
    if (neighbours && !between.empty()) {
      merged_.text += between;
    } else {
      merged_.text += between.find('\n') == std::string_view::npos ? ' ' : '\n';
    }
  }

  void append(Unique& unique) {
    unique.merged_offset = merged_.text.size();
    if (unique.as_of.empty()) {
      merged_.text += unique.text;
    } else {
      merged_.text += with_as_of(unique.text, unique.as_of);
    }
    unique.merged_bytes = merged_.text.size() - unique.merged_offset;
  }

  [[nodiscard]] std::size_t offset_in_source(const Occurrence& one) const {
    return static_cast<std::size_t>(one.text.data() - sources_[one.source].text.data());
  }

  void note_places() {
    merged_.sentences.reserve(occurrences_.size());
    for (const Occurrence& one : occurrences_) {
      const Unique& kept = uniques_[taker_[one.unique]];
      SentencePlace& place = merged_.sentences.emplace_back();
      place.source = one.source;
      place.is_dated = !kept.as_of.empty();
      place.source_offset = offset_in_source(one);
      place.source_bytes = one.text.size();
      place.merged_offset = kept.merged_offset;
      place.merged_bytes = kept.merged_bytes;
      if (!is_kept(one.unique)) {
        place.fate = SentenceFate::kNearDuplicate;
      } else if (!one.is_first) {
        place.fate = SentenceFate::kRepeated;
      }
    }
  }

  std::span<const Memory> sources_;
  std::vector<Unique> uniques_;
  std::vector<Occurrence> occurrences_;
  SentencePairs pairs_;
  std::vector<Sentence> taker_;
  MergedText merged_;
};

}  // namespace

MergedText merge_texts(std::span<const Memory> sources) { return Merger(sources).run(); }

}  // namespace tulving::merging
