#include "core/merging/fields/merge_json.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/base/json/json_text.h"
#include "core/base/text/same_text.h"
#include "core/json/text/json_writer.h"
#include "core/model/metadata/metadata.h"

namespace tulving::merging {
namespace {

// One text for all spellings of a value.
class Canonical : public JsonHandler {
 public:
  void on_begin(JsonKind kind) override {
    separate();
    text_ += kind == JsonKind::kObject ? '{' : '[';
    closing_ += kind == JsonKind::kObject ? '}' : ']';
  }
  void on_end() override {
    text_ += closing_.back();
    closing_.pop_back();
  }
  void on_key(std::string_view raw) override {
    separate();
    append_json_string(text_, decode_json_string(raw));
    text_ += ':';
  }
  void on_scalar(JsonKind kind, std::string_view raw) override {
    separate();
    if (kind == JsonKind::kString) {
      append_json_string(text_, same_text_form(decode_json_string(raw)));
    } else {
      text_ += model::canonical_scalar(raw).value_or(std::string(raw));
    }
  }
  std::string take() && { return std::move(text_); }

 private:
  void separate() {
    if (text_.empty()) return;
    const char last = text_.back();
    if (last != '{' && last != '[' && last != ':') text_ += ',';
  }

  std::string text_;
  std::string closing_;
};

std::string canonical(std::string_view json) {
  Canonical handler;
  const auto fault = scan_json(json, &handler);
  // What is no JSON, which no rule lets in, is the same as its own text only.
  if (fault) return std::string(json);
  return std::move(handler).take();
}

// What sources say of one thing: each value once, with the latest time it was said.
class Values {
 public:
  void add(JsonValue value, std::optional<Timestamp> time) {
    if (!take_apart(value)) add_one(value, time);
  }

  void see(JsonValue value, std::optional<Timestamp> time) {
    const auto known = known_.find(canonical(value.raw()));
    if (known == known_.end()) return;
    values_[known->second].time = std::max(values_[known->second].time, time);
  }

  // Last, as it puts the values in the order of time.
  void append_to(std::string& out) {
    std::ranges::stable_sort(values_, {}, &TimedJson::time);
    if (values_.size() == 1) {
      out += values_.front().json;
      return;
    }
    out += '[';
    for (const TimedJson& value : values_) {
      if (out.back() != '[') out += ',';
      json::ObjectWriter object(out);
      object.key("value") += value.json;
      if (value.time) object.member("as_of", *value.time);
      object.close();
    }
    out += ']';
  }

 private:
  void add_one(JsonValue value, std::optional<Timestamp> time) {
    const auto [place, is_new] = known_.try_emplace(canonical(value.raw()), values_.size());
    if (is_new) {
      values_.push_back({value.raw(), time});
    } else {
      values_[place->second].time = std::max(values_[place->second].time, time);
    }
  }

  // True when `value` is what append_to() writes of two values and more.
  bool take_apart(JsonValue value) {
    if (value.kind() != JsonKind::kArray) return false;
    std::vector<std::pair<JsonValue, std::optional<Timestamp>>> parts;
    bool is_ours = true;
    value.each_element([&](JsonValue element) {
      is_ours = element.kind() == JsonKind::kObject && read_part(element, parts);
      return is_ours;
    });
    if (!is_ours || parts.size() < 2) return false;
    for (const auto& [part, time] : parts) add_one(part, time);
    return true;
  }

  static bool read_part(JsonValue object,
                        std::vector<std::pair<JsonValue, std::optional<Timestamp>>>& parts) {
    std::optional<JsonValue> value;
    std::optional<Timestamp> time;
    bool is_ours = true;
    object.each_member([&](std::string_view key, JsonValue member) {
      if (key == "value" && !value) {
        value = member;
      } else if (key == "as_of" && !time && member.kind() == JsonKind::kString) {
        const auto parsed = parse_time(member.as_string());
        is_ours = parsed.has_value();
        if (parsed) time = *parsed;
      } else {
        is_ours = false;
      }
      return is_ours;
    });
    if (!is_ours || !value || !time) return false;  // Without a time it may be anybody's list.
    parts.emplace_back(*value, time);
    return true;
  }

  std::vector<TimedJson> values_;
  std::unordered_map<std::string, std::size_t> known_;
};

using ObjectMembers = std::vector<std::pair<std::string, JsonValue>>;

// Of a member given twice the last.
ObjectMembers members_of(std::string_view object) {
  ObjectMembers members;
  std::unordered_map<std::string, std::size_t> places;
  JsonValue::whole(object).each_member([&](std::string_view key, JsonValue value) {
    const auto [place, is_new] = places.try_emplace(std::string(key), members.size());
    if (is_new) {
      members.emplace_back(key, value);
    } else {
      members[place->second].second = value;
    }
    return true;
  });
  return members;
}

// The members of several objects, in the order they are met.
class Members {
 public:
  void add(const TimedJson& object) {
    for (const auto& [key, value] : members_of(object.json)) {
      const auto [place, is_new] = known_.try_emplace(key, keys_.size());
      if (is_new) {
        keys_.push_back(key);
        values_.emplace_back();
      }
      values_[place->second].add(value, object.time);
    }
  }
  void see(const TimedJson& object) {
    for (const auto& [key, value] : members_of(object.json)) {
      const auto known = known_.find(key);
      if (known != known_.end()) values_[known->second].see(value, object.time);
    }
  }
  std::string merged() && {
    std::string merged;
    json::ObjectWriter object(merged);
    for (std::size_t i = 0; i < keys_.size(); ++i) values_[i].append_to(object.key(keys_[i]));
    object.close();
    return merged;
  }

 private:
  std::vector<std::string> keys_;
  std::vector<Values> values_;
  std::unordered_map<std::string, std::size_t> known_;
};

std::string merge_arrays(std::span<const TimedJson> arrays) {
  std::string merged = "[";
  std::unordered_set<std::string> known;
  for (const TimedJson& array : arrays) {
    JsonValue::whole(array.json).each_element([&](JsonValue element) {
      if (!known.insert(canonical(element.raw())).second) return true;
      if (merged.size() > 1) merged += ',';
      merged += element.raw();
      return true;
    });
  }
  return merged + "]";
}

std::vector<TimedJson> given(std::span<const TimedJson> values) {
  std::vector<TimedJson> given;
  std::ranges::copy_if(values, std::back_inserter(given),
                       [](const TimedJson& value) { return !value.json.empty(); });
  return given;
}

bool all_equal(std::span<const TimedJson> values) {
  return std::ranges::all_of(
      values, [&](const TimedJson& value) { return value.json == values.front().json; });
}

bool all_are(std::span<const TimedJson> values, JsonKind kind) {
  return std::ranges::all_of(values, [kind](const TimedJson& value) {
    return JsonValue::whole(value.json).kind() == kind;
  });
}

}  // namespace

std::string merge_json_objects(std::span<const TimedJson> objects,
                               std::span<const TimedJson> witnesses) {
  const std::vector<TimedJson> all = given(objects);
  if (all.empty()) return {};
  if (all_equal(all)) return std::string(all.front().json);
  Members members;
  for (const TimedJson& object : all) members.add(object);
  for (const TimedJson& object : given(witnesses)) {
    if (JsonValue::whole(object.json).kind() == JsonKind::kObject) members.see(object);
  }
  return std::move(members).merged();
}

std::string merge_json_values(std::span<const TimedJson> values,
                              std::span<const TimedJson> witnesses) {
  const std::vector<TimedJson> all = given(values);
  if (all.empty()) return {};
  if (all_equal(all)) return std::string(all.front().json);
  if (all_are(all, JsonKind::kObject)) return merge_json_objects(all, witnesses);
  if (all_are(all, JsonKind::kArray)) return merge_arrays(all);
  Values differing;
  for (const TimedJson& value : all) differing.add(JsonValue::whole(value.json), value.time);
  for (const TimedJson& value : given(witnesses)) {
    differing.see(JsonValue::whole(value.json), value.time);
  }
  std::string merged;
  differing.append_to(merged);
  return merged;
}

}  // namespace tulving::merging
