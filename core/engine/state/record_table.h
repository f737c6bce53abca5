#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "core/kinds/kinds.h"
#include "core/kinds/unique.h"

namespace tulving::engine {

/// The records of one kind, by their keys, and by what they name that may go; and who holds each
/// value that must be unique.
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
    each_named(record, [&](auto& naming, std::string named) { naming[named].insert(key); });
    records_.emplace(std::move(key), std::move(record));
  }
  void erase(kinds::KeyView<Record> key) {
    const auto found = records_.find(key);
    if (found == records_.end()) return;
    each_value(found->second, [&](auto& holders, const std::string& value) {
      const auto holder = holders.find(value);
      if (holder != holders.end() && holder->second == found->first) holders.erase(holder);
    });
    each_named(found->second, [&](auto& naming, const std::string& named) {
      const auto entry = naming.find(named);
      if (entry == naming.end()) return;
      entry->second.erase(found->first);
      if (entry->second.empty()) naming.erase(entry);
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
  /// The keys of the records whose field at `kMember`, of a reference that follows what it names,
  /// names `key`.
  template <auto kMember>
  [[nodiscard]] std::vector<Key> naming(const auto& key) const {
    std::vector<Key> keys;
    each_followed([&]<std::size_t kPlace>(const auto& reference) {
      if constexpr (is_member<std::remove_cvref_t<decltype(reference)>::member, kMember>()) {
        const auto found = naming_[kPlace].find(bytes_of(key));
        if (found != naming_[kPlace].end()) keys.assign(found->second.begin(), found->second.end());
      }
    });
    return keys;
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

  using References = std::remove_cvref_t<decltype(kinds::Kind<Record>::references)>;
  static constexpr std::size_t kReferences = std::tuple_size_v<References>;

  template <auto kOne, auto kOther>
  static consteval bool is_member() {
    if constexpr (std::is_same_v<decltype(kOne), decltype(kOther)>) {
      return kOne == kOther;
    } else {
      return false;
    }
  }
  static std::string bytes_of(std::string_view key) { return std::string(key); }
  static std::string bytes_of(const Uuid& key) {
    return {reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size()};
  }
  // Relations are found by their ends in the graph of memories.
  template <class Visit>
  static void each_followed(const Visit& visit) {
    if constexpr (!std::is_same_v<Record, Relation>) {
      [&]<std::size_t... kPlaces>(std::index_sequence<kPlaces...>) {
        [[maybe_unused]] const auto one = [&]<std::size_t kPlace>() {
          constexpr auto& reference = std::get<kPlace>(kinds::Kind<Record>::references);
          if constexpr (reference.when_gone != kinds::WhenGone::kKeep) {
            visit.template operator()<kPlace>(reference);
          }
        };
        (one.template operator()<kPlaces>(), ...);
      }
      (std::make_index_sequence<kReferences>());
    }
  }
  template <class Visit>
  void each_named(const Record& record, const Visit& visit) {
    each_followed([&]<std::size_t kPlace>(const auto& reference) {
      const auto& field = record.*std::remove_cvref_t<decltype(reference)>::member;
      if constexpr (
          requires { field.bytes; } || requires { field.c_str(); }) {
        std::string named = field == std::remove_cvref_t<decltype(field)>() ? "" : bytes_of(field);
        if (!named.empty()) visit(naming_[kPlace], std::move(named));
      } else {
        for (const auto& key : field) visit(naming_[kPlace], bytes_of(key));
      }
    });
  }

  std::map<Key, Record, std::less<>> records_;
  std::array<std::map<std::string, Key>, kinds::kUniqueCount<Record>> holders_;
  std::array<std::map<std::string, std::set<Key>>, kReferences> naming_;  ///< By reference.
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
