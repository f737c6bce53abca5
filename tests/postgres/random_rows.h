#pragma once

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/postgres/table.h"
#include "tests/kinds/random_record.h"

namespace tulving::storage::postgres {

// What the tests of the columns make rows of: random records, as a store has them.

inline constexpr std::string_view kTestTenant = "tenant";

class RandomRows {
 public:
  explicit RandomRows(std::uint64_t seed) : values_(seed) {}

  Record record(RecordKind kind) {
    Record made;
    kinds::RecordKinds::with(kind, [&](auto tag) {
      auto record = testing_support::random_record<typename decltype(tag)::Type>(values_);
      name_by_uuids(record);
      give_times(record);
      finish(record);
      made = std::move(record);
    });
    return made;
  }

  std::vector<float> vector() {
    std::vector<float> vector(kDim);
    for (float& value : vector) value = static_cast<float>(1 + values_.below(100)) / 7;
    return vector;
  }
  Uuid id() {
    Uuid id;
    values_.fill({}, id);
    return id;
  }
  bool coin() { return values_.coin(); }

  static constexpr std::uint32_t kDim = 4;

 private:
  // A caller's own id may be a UUID, and be written large.
  template <class Kind>
  void name_by_uuids(Kind& record) {
    kinds::each_field<Kind>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::Value;
      if constexpr (std::is_same_v<Value, std::string>) {
        const bool is_name = field.name.ends_with("_id") && field.name != "external_id";
        if (!is_name || values_.below(4) != 0) return;
        std::string& name = field.of(record);
        name = id().to_string();
        if (!values_.coin()) return;
        std::ranges::transform(name, name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      }
    });
  }

  // The store sets those that are empty.
  template <class Kind>
  void give_times(Kind& record) {
    kinds::each_field<Kind>([&](const auto& field) {
      using Value = typename std::remove_cvref_t<decltype(field)>::Value;
      if constexpr (std::is_same_v<Value, std::optional<Timestamp>>) {
        const bool is_set = field.use != kinds::Use::kPlain || field.name == "created_at" ||
                            field.name == "updated_at" || field.name == "last_used";
        if (is_set && !field.of(record)) values_.fill(field.bounds, field.of(record));
      }
    });
  }

  template <class Kind>
  void finish(Kind&) {}
  // One that most schemas hold, of each level; some have a content and no text.
  void finish(Memory& memory) {
    if (memory.id.is_nil()) memory.id = id();
    if (values_.coin()) memory.memory_type = "decision";
    if (!memory.success) memory.success = values_.coin();
    if (memory.agent_id.empty() && values_.coin()) memory.agent_id = "agent";
    if (memory.project_id.empty() && values_.coin()) memory.project_id = "project";
    if (!memory.content.empty() && values_.below(4) == 0) memory.text.clear();
    if (values_.below(8) == 0) memory.text = R"({"a": 1})";
  }
  void finish(Project& project) {
    if (values_.below(4) == 0) project.name = project.project_id;
  }
  void finish(ConsolidationTask& task) {
    if (task.score) values_.fill(kinds::between(0, 1), task.score);
  }
  void finish(AgentResult& result);

  testing_support::RandomValues values_;
};

// Half of them name what they are about.
inline void RandomRows::finish(AgentResult& result) {
  if (values_.coin()) return;
  result.memory_ids = {id(), id()};
  std::ranges::sort(result.memory_ids);
  const auto text = [&](std::size_t place) {
    return '"' + result.memory_ids[place].to_string() + '"';
  };
  const std::string both = "[" + text(1) + ", " + text(0) + ", " + text(1) + "]";
  switch (result.agent) {
    case UpkeepAgent::kDecay:
    case UpkeepAgent::kPromote:
      result.memory_ids.pop_back();
      result.result = "{\"memory_id\": " + text(0) + ", \"score\": 0.5}";
      break;
    case UpkeepAgent::kCluster:
      result.result = "{\"cluster_id\": " + text(0) + ", \"memory_ids\": " + both + "}";
      break;
    case UpkeepAgent::kMerge:
      result.result =
          "{\"source_ids\": " + both + ", \"new_memory_id\": \"" + id().to_string() + "\"}";
      break;
    case UpkeepAgent::kRelations:
      result.result = "{\"from_memory_id\": " + text(1) + ", \"to_memory_id\": " + text(0) + "}";
      break;
  }
}

/// A record, and what else its row is made of; or a vector.
class RandomSource {
 public:
  RandomSource(RandomRows& random, RecordKind kind) : vector_(random.vector()) {
    related_ = {random.id(), random.id()};
    source_ = {.tenant = 1, .tenant_id = kTestTenant, .kind = kind};
    if (kind == kEmbeddingKind) {
      embedding_ = {random.id(), "default", vector_, Timestamp()};
      source_.embedding = &embedding_;
      return;
    }
    record_ = random.record(kind);
    source_.value = &record_;
    if (kind != RecordKind::kMemory) return;
    if (random.coin()) source_.vector = vector_;
    source_.related = &related_;
  }
  RandomSource(const RandomSource&) = delete;
  RandomSource& operator=(const RandomSource&) = delete;

  [[nodiscard]] const SourceRecord& source() const { return source_; }

 private:
  Record record_;
  std::vector<float> vector_;
  std::vector<Uuid> related_;
  SourceEmbedding embedding_{};
  SourceRecord source_{};
};

/// The value as a database gives it back.
[[nodiscard]] inline Field as_given(Field value) {
  if (const auto* floats = std::get_if<std::span<const float>>(&value)) {
    return std::vector<float>(floats->begin(), floats->end());
  }
  const bool is_empty = std::visit(
      []<class Value>(const Value& is) {
        if constexpr (requires { is.empty(); }) {
          return is.empty();
        } else {
          return false;
        }
      },
      value);
  return is_empty ? Field() : value;
}

}  // namespace tulving::storage::postgres
