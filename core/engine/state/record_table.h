#pragma once

#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "core/kinds/kinds.h"
#include "core/kinds/unique.h"

namespace tulving::engine {

/// The records of one kind, by their keys, and who holds each value that must be unique.
template <class Record>
class RecordTable {
 public:
  using Key = kinds::Key<Record>;

  /// Null: there is none.
  [[nodiscard]] const Record* find(kinds::KeyView<Record> key) const {
    const auto found = records_.find(key);
    return found == records_.end() ? nullptr : &found->second;
  }
  void put(Record record) {
    Key key = kinds::key_of(record);
    erase(key);
    each_value(record, [&](auto& holders, std::string value) { holders.emplace(value, key); });
    records_.emplace(std::move(key), std::move(record));
  }
  void erase(kinds::KeyView<Record> key) {
    const auto found = records_.find(key);
    if (found == records_.end()) return;
    each_value(found->second, [&](auto& holders, const std::string& value) {
      const auto holder = holders.find(value);
      if (holder != holders.end() && holder->second == found->first) holders.erase(holder);
    });
    records_.erase(found);
  }
  /// The key of the record with this value of the kind's Unique at `place`; null: none has it.
  [[nodiscard]] const Key* holder([[maybe_unused]] std::size_t place,
                                  [[maybe_unused]] const std::string& value) const {
    if constexpr (kinds::kUniqueCount<Record> == 0) {
      return nullptr;
    } else {
      const auto found = holders_[place].find(value);
      return found == holders_[place].end() ? nullptr : &found->second;
    }
  }
  [[nodiscard]] std::size_t size() const { return records_.size(); }
  [[nodiscard]] auto begin() const { return records_.begin(); }  ///< Of pairs, by key.
  [[nodiscard]] auto end() const { return records_.end(); }

 private:
  template <class Visit>
  void each_value(const Record& record, const Visit& visit) {
    kinds::all_uniques<Record>([&](std::size_t place, const auto& unique) {
      if (auto value = kinds::unique_value(record, unique)) visit(holders_[place], *value);
      return true;
    });
  }

  std::map<Key, Record, std::less<>> records_;
  std::array<std::map<std::string, Key>, kinds::kUniqueCount<Record>> holders_;
};

/// A table of each kind.
template <class Kinds>
class RecordTables;
template <class... Records>
class RecordTables<kinds::KindList<Records...>> {
 public:
  template <class Record>
  [[nodiscard]] RecordTable<Record>& of() {
    return std::get<RecordTable<Record>>(tables_);
  }
  template <class Record>
  [[nodiscard]] const RecordTable<Record>& of() const {
    return std::get<RecordTable<Record>>(tables_);
  }

 private:
  std::tuple<RecordTable<Records>...> tables_;
};

/// The changes of one write to the records of each kind: put, or, empty, erased.
template <class Kinds>
class RecordChanges;
template <class... Records>
class RecordChanges<kinds::KindList<Records...>> {
 public:
  template <class Record>
  using Map = std::map<kinds::Key<Record>, std::optional<Record>, std::less<>>;

  template <class Record>
  [[nodiscard]] Map<Record>& of() {
    return std::get<Map<Record>>(maps_);
  }
  template <class Record>
  [[nodiscard]] const Map<Record>& of() const {
    return std::get<Map<Record>>(maps_);
  }

 private:
  std::tuple<Map<Records>...> maps_;
};

}  // namespace tulving::engine
