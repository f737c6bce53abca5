#include "core/merging/fields/field_values.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/text/same_text.h"
#include "core/merging/text/dated_statement.h"
#include "core/merging/text/side_by_side.h"

namespace tulving::merging {
namespace {

// What an earlier merge wrote as lines with their times, or the value whole.
std::vector<std::string_view> lines_of(std::string_view value) {
  std::vector<std::string_view> lines;
  for (std::string_view rest = value; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    lines.push_back(rest.substr(0, end));
    if (as_of_note(lines.back()).empty()) return {value};
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return lines;
}

// A field that is one text: each value once, where there are several of which when.
class TextValues {
 public:
  void add(std::string_view value, std::optional<Timestamp> time) {
    for (const std::string_view line : lines_of(value)) {
      const std::string form = same_text_form(line);
      if (Value* known = find(form)) {
        known->time = std::max(known->time, time);
      } else {
        values_.push_back({line, form, std::max(time, noted_time(line))});
      }
    }
  }
  void see(std::string_view value, std::optional<Timestamp> time) {
    if (Value* known = find(same_text_form(value))) known->time = std::max(known->time, time);
  }

  [[nodiscard]] std::string merged() && {
    if (values_.size() == 1) return std::string(values_.front().text);
    for (Value& value : values_) {
      if (const auto noted = noted_time(value.text)) value.time = noted;
    }
    std::ranges::stable_sort(values_, {}, &Value::time);
    std::string merged;
    for (const Value& value : values_) {
      if (!merged.empty()) merged += '\n';
      const bool takes_date = value.time && as_of_note(value.text).empty();
      merged += takes_date ? with_as_of(value.text, as_of_time(*value.time, true))
                           : std::string(value.text);
    }
    return merged;
  }

 private:
  struct Value {
    std::string_view text;
    std::string form;
    std::optional<Timestamp> time;
  };
  Value* find(const std::string& form) {
    const auto known = std::ranges::find(values_, form, &Value::form);
    return known == values_.end() ? nullptr : &*known;
  }

  std::vector<Value> values_;
};

}  // namespace

std::vector<TimedJson> timed(std::span<const Memory> memories, std::string Memory::*field) {
  std::vector<TimedJson> values;
  for (const Memory& memory : memories) values.push_back({memory.*field, memory.created_at});
  return values;
}

std::string all_values(const Voices& voices, std::string Memory::*field) {
  TextValues values;
  for (const Memory& source : voices.sources) values.add(source.*field, source.created_at);
  for (const Memory& origin : voices.origins) values.see(origin.*field, origin.created_at);
  return std::move(values).merged();
}

std::vector<std::string> all_facts(const Voices& voices) {
  std::unordered_map<std::string, std::optional<Timestamp>> said;
  for (const Memory& origin : voices.origins) {
    for (const std::string& fact : origin.facts) {
      auto& time = said[same_text_form(fact)];
      time = std::max(time, origin.created_at);
    }
  }
  std::vector<TimedSaying> facts;
  for (std::uint32_t i = 0; i < voices.sources.size(); ++i) {
    const Memory& source = voices.sources[i];
    for (const std::string& fact : source.facts) {
      TimedSaying& saying = facts.emplace_back();
      saying.text = fact;
      saying.source = i;
      saying.time = source.created_at;
      const auto before = said.find(same_text_form(fact));
      if (before != said.end()) saying.time = std::max(saying.time, before->second);
    }
  }
  return merge_statements(facts);
}

}  // namespace tulving::merging
