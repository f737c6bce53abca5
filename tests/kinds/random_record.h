#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/kinds/enumerators.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"

namespace tulving::testing_support {

// Records made of their kind's declaration: sound ones of random content, and ones that lie one
// step beyond a bound. A kind more needs nothing here, but for what its fields must be together.

using Bounds = kinds::Bounds;

/// Random values within bounds, with what is awkward in texts, numbers and times.
class RandomValues {
 public:
  explicit RandomValues(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool coin() { return below(2) == 0; }

  std::string text(std::size_t length_least, std::size_t length_most) {
    static const std::vector<std::string> kPieces = {
        "a",  "word ", "\"",   "\\",   "/",       "\n",     "\t",   "\x01", "ä", "記憶", "😀",
        "\r", "{",     "\x7F", "null", "\\u0000", "\u2028", "</a>", "\b",   " ", ","};
    const std::size_t most = length_most == Bounds::kRecord ? 200 : length_most;
    std::string text;
    for (auto pieces = below(12); pieces > 0; --pieces) {
      const auto& piece = kPieces[below(kPieces.size())];
      if (text.size() + piece.size() <= most) text += piece;
    }
    while (text.size() < length_least) text += 'x';
    return text;
  }
  std::string json() {
    static const std::vector<std::string> kValues = {"null",
                                                     "true",
                                                     "0",
                                                     "-0.0",
                                                     "1e400",
                                                     "12345678901234567890.5",
                                                     "\"x\\u00e4\\n\"",
                                                     "[]",
                                                     "{}",
                                                     R"([1, 2, {"a": [null]}])",
                                                     R"({"text": 1})",
                                                     "\"\""};
    return kValues[below(kValues.size())];
  }
  std::string object() {
    std::string object = "{";
    for (std::size_t i = below(4); i > 0; --i) {
      if (object.size() > 1) object += coin() ? "," : " , ";
      object += "\"key" + std::to_string(i) + (coin() ? "\":" : "\" : ") + json();
    }
    return object + "}";
  }

  // null is none, where there must be one.
  std::string json_of(const Bounds& bounds) {
    std::string value = json();
    return !bounds.needed.empty() && value == "null" ? "[]" : value;
  }

  void fill(const Bounds& bounds, std::string& value) {
    value = bounds.form == kinds::Form::kObject ? object()
            : bounds.form == kinds::Form::kJson ? json_of(bounds)
                                                : text(bounds.length_least, bounds.length_most);
  }
  void fill(const Bounds& bounds, std::vector<std::string>& values) {
    values.resize(below(4));
    for (std::size_t i = 0; i < values.size(); ++i) {
      fill(bounds, values[i]);
      if (bounds.distinct) values[i] = std::to_string(i) + text(0, bounds.length_most - 1);
    }
  }
  void fill(const Bounds&, Uuid& value) { value = Uuid::derive("r", std::to_string(random_())); }
  void fill(const Bounds& bounds, std::vector<Uuid>& values) {
    values.resize(bounds.count_least + below(4));
    for (Uuid& value : values) fill(bounds, value);
    if (bounds.ascending) std::ranges::sort(values);
  }
  void fill(const Bounds&, bool& value) { value = coin(); }
  template <class Integer>
  requires std::is_integral_v<Integer>
  void fill(const Bounds& bounds, Integer& value) {
    const bool is_open = bounds.most == Bounds::kEndless;
    const auto least = is_open ? 0 : static_cast<std::int64_t>(bounds.least);
    const auto most =
        is_open ? std::numeric_limits<std::int32_t>::max() : static_cast<std::int64_t>(bounds.most);
    value = static_cast<Integer>(std::uniform_int_distribution<std::int64_t>(least, most)(random_));
  }
  void fill(const Bounds& bounds, double& value) {
    const bool is_open = bounds.least == -Bounds::kEndless;
    value = std::uniform_real_distribution<double>(is_open ? -1e6 : bounds.least,
                                                   is_open ? 1e6 : bounds.most)(random_);
    if (coin()) value = std::round(value * 100) / 100;  // As people write them.
  }
  void fill(const Bounds&, Timestamp& value) {
    // From the year 1 to the year 9999.
    value = Timestamp(std::chrono::microseconds(std::uniform_int_distribution<std::int64_t>(
        -62'135'596'800'000'000, 253'402'300'799'999'999)(random_)));
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void fill(const Bounds&, Enum& value) {
    value = static_cast<Enum>(below(kinds::kNames<Enum>.size()));
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void fill(const Bounds& bounds, std::vector<Enum>& values) {
    values.resize(below(4));
    for (Enum& value : values) fill(bounds, value);
  }
  template <class Value>
  void fill(const Bounds& bounds, std::optional<Value>& value) {
    fill(bounds, value.emplace());
  }

 private:
  std::mt19937_64 random_;
};

// What a kind's fields must be together.
template <class Record>
void make_sound(RandomValues&, Record&) {}
inline void make_sound(RandomValues& random, Memory& memory) {
  if (memory.text.empty()) memory.text = "t" + random.text(0, 50);
  if (!memory.content.empty() && memory.content.find("\"text\"") != std::string::npos) {
    memory.content.clear();
  }
}
inline void make_sound(RandomValues&, ConsolidationTask& task) {
  using Status = ConsolidationTaskStatus;
  if (task.status != Status::kClosed) task.closed_at.reset();
  if (task.status == Status::kClosed && !task.closed_at) task.closed_at = Timestamp();
  if (task.status == Status::kBlocked && task.error.empty()) task.error = "why";
  if (task.status != Status::kInProgress) task.claimed_by.clear();
  if (task.status == Status::kInProgress && task.claimed_by.empty()) task.claimed_by = "w";
}
inline void make_sound(RandomValues&, ConsolidationJob& job) {
  job.retry_count = std::min(job.retry_count, job.retries_max);
  auto& [from, until, types, only] = job.scope;
  if (from && until && *from >= *until) until.reset();
}

/// A record that keeps every rule, each field left alone about half the time.
template <class Record>
Record random_record(RandomValues& random) {
  Record record;
  kinds::each_field<Record>([&](const auto& field) {
    if (field.use == kinds::Use::kStored) return;
    Bounds bounds = field.bounds;
    constexpr bool is_key = kinds::is_key<std::remove_cvref_t<decltype(field)>>();
    if (is_key) bounds.length_least = 1;
    const bool is_needed =
        is_key || bounds.length_least > 0 || bounds.count_least > 0 || !bounds.needed.empty();
    if (is_needed || random.coin()) random.fill(bounds, field.of(record));
  });
  make_sound(random, record);
  return record;
}

/// Calls `visit` with values of the field that lie just beyond what its bounds allow.
class Beyond {
 public:
  template <class Visit>
  static void each(const Bounds& bounds, const std::string&, const Visit& visit) {
    visit(std::string("\xFF"));
    visit(std::string("a\0b", 3));
    if (bounds.length_least > 0) visit(std::string());
    if (bounds.length_most != Bounds::kRecord) visit(std::string(bounds.length_most + 1, 'x'));
    if (bounds.form != kinds::Form::kText) visit(std::string("{"));
    if (bounds.form == kinds::Form::kObject) visit(std::string("[]"));
    if (!bounds.without.empty()) visit("{\"" + std::string(bounds.without) + "\": 1}");
  }
  template <class Visit>
  static void each(const Bounds& bounds, const std::vector<std::string>&, const Visit& visit) {
    each(bounds, std::string(), [&](std::string bad) { visit(std::vector{std::move(bad)}); });
    if (bounds.distinct) visit(std::vector<std::string>{"a", "b", "a"});
  }
  template <class Visit>
  static void each(const Bounds& bounds, const Uuid&, const Visit& visit) {
    visit(of_version_1());
    if (!bounds.needed.empty()) visit(Uuid());
  }
  template <class Visit>
  static void each(const Bounds& bounds, const std::vector<Uuid>&, const Visit& visit) {
    visit(std::vector{of_version_1()});
    if (bounds.count_least > 0) visit(std::vector<Uuid>(bounds.count_least - 1));
    if (bounds.count_most > 0) visit(std::vector<Uuid>(bounds.count_most + 1));
    const Uuid id = Uuid::derive("twice", "");
    if (bounds.ascending) visit(std::vector{id, id});
  }
  template <class Visit>
  static void each(const Bounds&, bool, const Visit&) {}
  template <class Integer, class Visit>
  requires std::is_integral_v<Integer>
  static void each(const Bounds& bounds, Integer, const Visit& visit) {
    if (bounds.least != -Bounds::kEndless) visit(static_cast<Integer>(bounds.least - 1));
    if (bounds.most != Bounds::kEndless) visit(static_cast<Integer>(bounds.most + 1));
  }
  template <class Visit>
  static void each(const Bounds& bounds, double, const Visit& visit) {
    visit(std::numeric_limits<double>::quiet_NaN());
    visit(std::nextafter(bounds.most, Bounds::kEndless));
    visit(std::nextafter(bounds.least, -Bounds::kEndless));
  }
  template <class Visit>
  static void each(const Bounds&, const Timestamp&, const Visit& visit) {
    visit(Timestamp(std::chrono::microseconds(-62'135'596'800'000'001)));
    visit(Timestamp(std::chrono::microseconds(253'402'300'800'000'000)));
  }
  template <class Enum, class Visit>
  requires std::is_enum_v<Enum>
  static void each(const Bounds&, Enum, const Visit& visit) {
    visit(static_cast<Enum>(kinds::kNames<Enum>.size()));
  }
  template <class Enum, class Visit>
  requires std::is_enum_v<Enum>
  static void each(const Bounds&, const std::vector<Enum>&, const Visit& visit) {
    visit(std::vector{static_cast<Enum>(kinds::kNames<Enum>.size())});
  }
  template <class Value, class Visit>
  static void each(const Bounds& bounds, const std::optional<Value>&, const Visit& visit) {
    each(bounds, Value(), [&](Value bad) { visit(std::optional(std::move(bad))); });
  }

 private:
  static Uuid of_version_1() {
    Uuid id = Uuid::derive("version", "1");
    id.bytes[6] = 0x10;
    return id;
  }
};

/// Calls `visit(field, record)` with records of which one field lies one step beyond its bounds.
template <class Record, class Visit>
void each_beyond(const Record& sound, const Visit& visit) {
  kinds::each_field<Record>([&](const auto& field) {
    if (field.use == kinds::Use::kStored) return;
    using Value = typename std::remove_cvref_t<decltype(field)>::Value;
    Beyond::each(field.bounds, Value(), [&](Value bad) {
      Record broken = sound;
      field.of(broken) = std::move(bad);
      visit(field.name, broken);
    });
  });
}

}  // namespace tulving::testing_support
