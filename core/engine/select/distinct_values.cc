#include "core/engine/select/distinct_values.h"

#include <algorithm>
#include <compare>
#include <utility>

#include "core/base/check.h"
#include "core/base/flat_hash.h"
#include "core/base/json/decimal.h"
#include "core/base/json/json_text.h"
#include "core/engine/select/filter_fields.h"
#include "core/model/metadata/metadata.h"

namespace tulving::engine {
namespace {

using Values = std::vector<std::string>;  // Of a path: canonical scalars.

void keep_each_once(Values& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

bool holds(const Values& sorted, const std::string& value) {
  return std::binary_search(sorted.begin(), sorted.end(), value);
}

// The values of one field, row by row, and how many memories have each.
class Counter {
 public:
  Counter(const DistinctField& of, const TenantState& tenant) : of_(of), tenant_(tenant) {}

  void append_values(std::uint32_t row, Values& values) const {
    const storage::MemoryRecord& record = *tenant_.memories.record(row);
    if (const auto* field = std::get_if<Field>(&of_)) {
      each_value(record, *field, [&](std::string_view value) { values.emplace_back(value); });
      return;
    }
    const auto& at = std::get<ScalarPath>(of_);
    const std::string_view json =
        at.part == JsonPart::kMetadata ? record.metadata() : record.content();
    if (json.empty()) return;
    model::visit_metadata_scalars(json, [&](std::string_view path, std::string_view scalar) {
      if (path == at.path) values.emplace_back(scalar);
    });
  }

  [[nodiscard]] Values values_of(std::uint32_t row) const {
    Values values;
    append_values(row, values);
    keep_each_once(values);
    return values;
  }

  // One memory with these values.
  void count(Values values) {
    ++matching_;
    keep_each_once(values);
    for (std::string& value : values) ++counts_[std::move(value)];
  }

  [[nodiscard]] SourceRows::Of judged_by() const {
    if (const auto* field = std::get_if<Field>(&of_)) return engine::judged_by(*field);
    const auto& at = std::get<ScalarPath>(of_);
    return engine::judged_by(at.part, at.path);
  }

  [[nodiscard]] std::uint64_t matching() const { return matching_; }
  [[nodiscard]] const FlatMap<std::string, std::uint64_t>& counts() const { return counts_; }

 private:
  const DistinctField& of_;
  const TenantState& tenant_;
  std::uint64_t matching_ = 0;
  FlatMap<std::string, std::uint64_t> counts_;
};

// What each source of a merge has by SourceRows::with_pairs().
class SourceValues {
 public:
  SourceValues(const MergeSources& lineage, const Counter& counter) : counter_(counter) {
    of_ = counter.judged_by();
    if (of_ != SourceRows::Of::kSourceOrAll) return;
    const auto& pairs = lineage.pairs;
    for (std::size_t begin = 0; begin < pairs.size();) {
      std::size_t end = begin + 1;
      while (end < pairs.size() && pairs[end].merge == pairs[begin].merge) ++end;
      share(std::span(pairs).subspan(begin, end - begin));
      begin = end;
    }
  }

  void append(const MergeSources::Pair& pair, Values& values) const {
    counter_.append_values(of_ == SourceRows::Of::kMerge ? pair.merge : pair.source, values);
    if (const auto shared = shared_.find(pair.source); shared != shared_.end()) {
      values.insert(values.end(), shared->second.begin(), shared->second.end());
    }
  }

 private:
  // What the merge has and none of its sources, each of them has.
  void share(std::span<const MergeSources::Pair> of_one_merge) {
    Values of_sources;
    for (const auto& pair : of_one_merge) counter_.append_values(pair.source, of_sources);
    keep_each_once(of_sources);
    for (const std::string& value : counter_.values_of(of_one_merge.front().merge)) {
      if (holds(of_sources, value)) continue;
      for (const auto& pair : of_one_merge) shared_[pair.source].push_back(value);
    }
  }

  const Counter& counter_;
  SourceRows::Of of_ = SourceRows::Of::kSource;
  FlatMap<std::uint32_t, Values> shared_;
};

// A merge has what those of its sources have that the filter lets through, as lifted() has it.
void count_with_merges(const JudgedRows& judged, const Roaring& visible, Counter& counter) {
  const MergeSources& lineage = judged.sources->lineage();
  const SourceValues of_sources(lineage, counter);
  FlatMap<std::uint32_t, Values> of_merges;
  for (std::size_t i = 0; i < lineage.pairs.size(); ++i) {
    const MergeSources::Pair& pair = lineage.pairs[i];
    if (!judged.rows.contains(judged.sources->row_of_pair(i))) continue;
    if (visible.contains(pair.merge)) of_sources.append(pair, of_merges[pair.merge]);
  }
  for (const std::uint32_t row : (judged.rows & visible) - lineage.merges) {
    Values values;
    if (const auto said = of_merges.find(row); said != of_merges.end()) {
      values = std::move(said->second);
      of_merges.erase(said);
    }
    counter.append_values(row, values);
    counter.count(std::move(values));
  }
  for (auto& [merge, values] : of_merges) counter.count(std::move(values));
}

// Numbers as people write them, where that is not long; else as the canonical text has them.
std::string shown_number(const std::string& canonical) {
  constexpr std::int64_t kDigitsMax = 21;
  const Decimal number = Decimal::of_json(canonical);
  const auto digits = static_cast<std::int64_t>(number.digits.size());
  if (digits == 0) return canonical;
  const std::string sign = number.negative ? "-" : "";
  if (number.point >= digits && number.point <= kDigitsMax) {
    return sign + number.digits + std::string(static_cast<std::size_t>(number.point - digits), '0');
  }
  if (number.point > 0 && number.point < digits) {
    const auto whole = static_cast<std::size_t>(number.point);
    return sign + number.digits.substr(0, whole) + '.' + number.digits.substr(whole);
  }
  if (number.point <= 0 && number.point > -6) {
    return sign + "0." + std::string(static_cast<std::size_t>(-number.point), '0') + number.digits;
  }
  return canonical;
}

// A value with what it is ordered by.
struct Entry {
  std::string value = {};
  std::uint64_t count = 0;
  int kind = 0;           // null, false, true, number, string.
  Decimal number = {};    // Of a number.
  std::string text = {};  // Of a string in the JSON.
};

Entry entry_of(const std::string& value, std::uint64_t count, bool is_scalar) {
  Entry entry{.value = value, .count = count};
  if (!is_scalar) return entry;
  if (model::is_json_number(value)) {
    entry.kind = 3;
    entry.number = Decimal::of_json(value);
    entry.value = shown_number(value);
  } else if (value.starts_with('"')) {
    entry.kind = 4;
    entry.text = decode_json_string(value);
  } else {
    entry.kind = value == "null" ? 0 : value == "false" ? 1 : 2;
  }
  return entry;
}

bool is_less(const Entry& a, const Entry& b) {
  if (a.kind != b.kind) return a.kind < b.kind;
  if (a.kind == 3) return (a.number <=> b.number) < 0;
  if (a.kind == 4) return a.text < b.text;
  return a.value < b.value;
}

}  // namespace

DistinctPage distinct_values(const DistinctRequest& request, const Roaring& visible,
                             const FilterContext& context) {
  Counter counter(request.of, context.tenant);
  const JudgedRows judged = judged_rows(request.filter, context);
  if (judged.sources) {
    count_with_merges(judged, visible, counter);
  } else {
    const Roaring rows = judged.rows & visible;
    for (const std::uint32_t row : rows) counter.count(counter.values_of(row));
  }
  std::vector<Entry> entries;
  entries.reserve(counter.counts().size());
  const bool is_scalar = std::holds_alternative<ScalarPath>(request.of);
  for (const auto& [value, count] : counter.counts()) {
    entries.push_back(entry_of(value, count, is_scalar));
  }
  const bool by_count = request.order == DistinctOrder::kCount;
  std::sort(entries.begin(), entries.end(), [by_count](const Entry& a, const Entry& b) {
    if (by_count && a.count != b.count) return a.count > b.count;
    return is_less(a, b);
  });
  DistinctPage page;
  page.distinct = entries.size();
  page.matching = counter.matching();
  const std::size_t begin = std::min<std::uint64_t>(request.offset, entries.size());
  const std::size_t end = begin + std::min<std::size_t>(request.limit, entries.size() - begin);
  for (std::size_t i = begin; i < end; ++i) {
    TULVING_DCHECK(entries[i].count > 0 && entries[i].count <= page.matching);
    page.values.push_back({std::move(entries[i].value), entries[i].count});
  }
  return page;
}

}  // namespace tulving::engine
