#include "index/attributes/sorted_column.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

// Invariants between two calls:
//
// (1) Each run is sorted by value; equal values by row, descending, so that a run read backwards
//     gives the greatest values first and equal ones by ascending row.
//
// (2) A run is more than twice as long as the next one, but for the last, which is short: so there
//     are at most log2(n) runs, and an entry is moved at most that often (the "logarithmic method"
//     of Bentley and Saxe, 1980).
//
// (3) Every row with a number has an entry that says so. An entry whose row has another number by
//     now, or none, is stale: it stays where it lies and does not count.
//
// (4) The first entry of a run (at `begin`) is live.
//
// (5) Stale entries are at most as many as live ones, plus kShortRun.

namespace tulving::index {
namespace {

// Length at which the last run is closed. Inserting into it moves 1 KB at most.
constexpr std::size_t kShortRun = 64;

// A range with at least this share of all rows is collected in row order: reading that many numbers
// one after another costs about what sorting one row into its place does.
constexpr std::size_t kRowsPerRandomAdd = 16;

// Makes a bitmap of ascending rows; stretches without a gap, the usual case for times, go in whole.
class AscendingRows {
 public:
  void add(std::uint32_t row) {
    if (row != end_) close(row);
    end_ = row + std::uint64_t{1};
  }
  Roaring take() {
    close(0);
    return std::move(rows_);
  }

 private:
  void close(std::uint64_t next) {
    if (end_ == begin_ + 1) {
      rows_.add(static_cast<std::uint32_t>(begin_));
    } else if (end_ > begin_) {
      rows_.addRange(begin_, end_);
    }
    begin_ = end_ = next;
  }

  Roaring rows_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace

struct SortedColumn::Before {
  bool operator()(const Entry& a, const Entry& b) const {
    return a.value != b.value ? a.value < b.value : a.row > b.row;
  }
  bool operator()(const Entry& a, std::int64_t value) const { return a.value < value; }
  bool operator()(std::int64_t value, const Entry& b) const { return value < b.value; }
};

// The entries of all runs, stale ones too, greatest value first, equal values by ascending row.
class SortedColumn::Descent {
 public:
  explicit Descent(const std::vector<Run>& runs) {
    heads_.reserve(runs.size());
    for (const Run& run : runs) {
      const auto entries = std::span(run.entries).subspan(run.begin);
      if (!entries.empty()) heads_.push_back(entries);
    }
  }

  // Null at the end. O(runs).
  const Entry* next() {
    if (heads_.empty()) return nullptr;
    const auto head =
        std::max_element(heads_.begin(), heads_.end(),
                         [](const auto& a, const auto& b) { return Before()(a.back(), b.back()); });
    const Entry* entry = &head->back();
    *head = head->first(head->size() - 1);
    if (head->empty()) heads_.erase(head);
    return entry;
  }

 private:
  std::vector<std::span<const Entry>> heads_;
};

std::optional<std::int64_t> SortedColumn::get(std::uint32_t row) const {
  if (row >= values_.size() || !present_[row]) return std::nullopt;
  return values_[row];
}

bool SortedColumn::is_live(const Entry& entry) const {
  return present_[entry.row] && values_[entry.row] == entry.value;
}

void SortedColumn::set(std::uint32_t row, std::int64_t value) {
  if (row >= values_.size()) {
    values_.resize(row + std::size_t{1});
    present_.resize(row + std::size_t{1});
  }
  const bool was_present = present_[row];
  if (was_present && values_[row] == value) return;
  values_[row] = value;
  if (was_present) {
    skip_stale_front(row);
  } else {
    present_[row] = true;
    ++live_;
  }
  insert({value, row});
  if (entries_ > 2 * live_ + kShortRun) merge_all();
}

void SortedColumn::reserve(std::size_t rows) {
  values_.reserve(rows);
  present_.reserve(rows);
  if (runs_.empty()) runs_.emplace_back();
  runs_[0].entries.reserve(rows);
}

void SortedColumn::load(std::uint32_t row, std::int64_t value) {
  if (runs_.empty()) runs_.emplace_back();
  values_.resize(row + std::size_t{1});
  present_.resize(row + std::size_t{1});
  values_[row] = value;
  present_[row] = true;
  runs_[0].entries.push_back({value, row});
  ++entries_;
  ++live_;
}

// Most are in order already, but for rows of one value, of which the greatest is first.
void SortedColumn::end_loading() {
  if (runs_.empty()) return;
  auto& entries = runs_[0].entries;
  const auto is_less = [](const Entry& a, const Entry& b) { return a.value < b.value; };
  if (!std::is_sorted(entries.begin(), entries.end(), is_less)) {
    std::sort(entries.begin(), entries.end(), Before());
    return;
  }
  for (auto begin = entries.begin(), end = begin; begin != entries.end(); begin = end) {
    while (end != entries.end() && end->value == begin->value) ++end;
    std::reverse(begin, end);
  }
}

void SortedColumn::erase(std::uint32_t row) {
  if (row >= values_.size() || !present_[row]) return;
  present_[row] = false;
  --live_;
  skip_stale_front(row);
  if (entries_ > 2 * live_ + kShortRun) merge_all();
}

// Restores (4) after the number of `row` has changed.
void SortedColumn::skip_stale_front(std::uint32_t row) {
  for (Run& run : runs_) {
    if (run.begin == run.entries.size() || run.entries[run.begin].row != row) continue;
    while (run.begin < run.entries.size() && !is_live(run.entries[run.begin])) ++run.begin;
  }
}

void SortedColumn::insert(const Entry& entry) {
  ++entries_;
  if (runs_.empty()) runs_.emplace_back();
  // Numbers that come in order lengthen the first run and are never moved.
  if (runs_[0].entries.empty() || Before()(runs_[0].entries.back(), entry)) {
    runs_[0].entries.push_back(entry);
    return;
  }
  if (runs_.size() == 1 || runs_.back().entries.size() >= kShortRun) runs_.emplace_back();
  Run& last = runs_.back();
  const auto first = last.entries.begin() + static_cast<std::ptrdiff_t>(last.begin);
  last.entries.insert(std::upper_bound(first, last.entries.end(), entry, Before()), entry);

  if (last.entries.size() < kShortRun) return;
  while (runs_.size() > 1 &&
         runs_[runs_.size() - 2].entries.size() <= 2 * runs_.back().entries.size()) {
    merge_last_two();
  }
}

// Joins the live entries of the last two runs. A row that went back to an earlier number may have
// two equal entries; one of them stays.
void SortedColumn::merge_last_two() {
  const Run tail = std::move(runs_.back());
  runs_.pop_back();
  Run& run = runs_.back();
  std::vector<Entry> merged;
  merged.reserve(run.entries.size() + tail.entries.size());
  const auto keep_live = [&](const std::vector<Entry>& entries, std::size_t& position) {
    if (is_live(entries[position])) merged.push_back(entries[position]);
    ++position;
  };
  std::size_t a = run.begin, b = tail.begin;
  while (a < run.entries.size() || b < tail.entries.size()) {
    const bool from_tail = a == run.entries.size() ||
                           (b < tail.entries.size() && Before()(tail.entries[b], run.entries[a]));
    from_tail ? keep_live(tail.entries, b) : keep_live(run.entries, a);
  }
  merged.erase(std::unique(merged.begin(), merged.end(),
                           [](const Entry& x, const Entry& y) {
                             return x.row == y.row && x.value == y.value;
                           }),
               merged.end());
  entries_ -= run.entries.size() + tail.entries.size() - merged.size();
  run = {std::move(merged), 0};
}

void SortedColumn::merge_all() {
  while (runs_.size() > 1) merge_last_two();
  Run& run = runs_[0];
  std::erase_if(run.entries, [this](const Entry& entry) { return !is_live(entry); });
  run.begin = 0;
  entries_ = run.entries.size();
}

Roaring SortedColumn::range(std::int64_t low, std::int64_t high) const {
  if (low > high) return {};
  std::vector<std::span<const Entry>> parts;
  std::size_t candidates = 0;
  for (const Run& run : runs_) {
    const auto entries = std::span(run.entries).subspan(run.begin);
    const auto first = std::lower_bound(entries.begin(), entries.end(), low, Before());
    const auto last = std::upper_bound(first, entries.end(), high, Before());
    candidates += static_cast<std::size_t>(last - first);
    parts.emplace_back(first, last);
  }
  if (candidates * kRowsPerRandomAdd >= values_.size()) return range_in_row_order(low, high);

  std::vector<std::uint32_t> rows;
  rows.reserve(candidates);
  for (const auto part : parts) {
    for (const Entry& entry : part) {
      if (is_live(entry)) rows.push_back(entry.row);
    }
  }
  if (!std::is_sorted(rows.begin(), rows.end())) std::sort(rows.begin(), rows.end());
  AscendingRows found;
  for (const std::uint32_t row : rows) found.add(row);
  return found.take();
}

Roaring SortedColumn::range_in_row_order(std::int64_t low, std::int64_t high) const {
  AscendingRows found;
  for (std::size_t row = 0; row < values_.size(); ++row) {
    if (values_[row] >= low && values_[row] <= high && present_[row]) {
      found.add(static_cast<std::uint32_t>(row));
    }
  }
  return found.take();
}

bool SortedColumn::any_up_to(std::int64_t high) const {
  return std::any_of(runs_.begin(), runs_.end(), [high](const Run& run) {
    return run.begin < run.entries.size() && run.entries[run.begin].value <= high;
  });
}

std::vector<std::uint32_t> SortedColumn::greatest(std::size_t k, const Roaring* allowed) const {
  // When few rows are allowed, or old ones only, the descent may pass everything before it finds k.
  // After as many steps as rows are allowed, looking at each of those is the better way.
  std::uint64_t steps = allowed == nullptr ? entries_ : allowed->cardinality();
  std::vector<std::uint32_t> found;
  found.reserve(std::min(k, live_));
  Descent descent(runs_);
  for (const Entry* last = nullptr; found.size() < k; --steps) {
    const Entry* entry = descent.next();
    if (entry == nullptr) return found;
    if (steps == 0) return greatest_of(k, *allowed);
    const bool repeated = last != nullptr && last->row == entry->row && last->value == entry->value;
    if (!repeated && is_live(*entry) && (allowed == nullptr || allowed->contains(entry->row))) {
      found.push_back(entry->row);
    }
    last = entry;
  }
  return found;
}

std::vector<std::uint32_t> SortedColumn::greatest_of(std::size_t k, const Roaring& allowed) const {
  std::vector<Entry> entries;
  entries.reserve(allowed.cardinality());
  for (const std::uint32_t row : allowed) {
    if (const auto value = get(row)) entries.push_back({*value, row});
  }
  const auto end = entries.begin() + static_cast<std::ptrdiff_t>(std::min(k, entries.size()));
  std::partial_sort(entries.begin(), end, entries.end(),
                    [](const Entry& a, const Entry& b) { return Before()(b, a); });
  std::vector<std::uint32_t> rows;
  std::transform(entries.begin(), end, std::back_inserter(rows),
                 [](const Entry& entry) { return entry.row; });
  return rows;
}

std::uint64_t SortedColumn::bytes() const {
  std::uint64_t total = values_.capacity() * sizeof(std::int64_t) + present_.capacity() / 8 +
                        runs_.capacity() * sizeof(Run);
  for (const Run& run : runs_) total += run.entries.capacity() * sizeof(Entry);
  return total;
}

}  // namespace tulving::index
