#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <new>
#include <utility>

#include "core/base/check.h"

namespace tulving {

/// One of Abseil's flat hash tables, safe where memory runs out: an insertion that throws leaves it
/// as it was. Abseil's own is not to be touched any more after that, not even destroyed: it has
/// the new capacity and the old slots. So it is never let to grow: a larger one is made beside it
/// when it is two thirds full, and takes its place.
///
/// Costs and guarantees are those of the table but for that. Not copied: that would be a table made
/// at once, too.
template <class Table>
class SafelyGrowing : public Table {
 public:
  SafelyGrowing() = default;
  SafelyGrowing(SafelyGrowing&&) noexcept = default;
  SafelyGrowing& operator=(SafelyGrowing&&) noexcept = default;
  SafelyGrowing(const SafelyGrowing&) = delete;
  SafelyGrowing& operator=(const SafelyGrowing&) = delete;
  ~SafelyGrowing() = default;
  /// An empty table with these functions.
  template <class Hash, class Equal>
  SafelyGrowing(const Hash& hash, const Equal& equal) : Table(0, hash, equal) {}

  void reserve(std::size_t size) {
    if (size > room()) grow(size);
  }
  template <class... Arguments>
  auto emplace(Arguments&&... arguments) {
    reserve(this->size() + 1);
    return Table::emplace(std::forward<Arguments>(arguments)...);
  }
  template <class... Arguments>
  auto try_emplace(Arguments&&... arguments) {
    reserve(this->size() + 1);
    return Table::try_emplace(std::forward<Arguments>(arguments)...);
  }
  template <class Value>
  auto insert(Value&& value) {
    reserve(this->size() + 1);
    return Table::insert(std::forward<Value>(value));
  }
  template <class Key, class Value>
  auto insert_or_assign(Key&& key, Value&& value) {
    reserve(this->size() + 1);
    return Table::insert_or_assign(std::forward<Key>(key), std::forward<Value>(value));
  }
  template <class Key>
  auto& operator[](Key&& key) {
    reserve(this->size() + 1);
    return Table::operator[](std::forward<Key>(key));
  }
  // What would grow the table past reserve().
  template <class Key>
  void lazy_emplace(Key&& key) = delete;
  void rehash(std::size_t) = delete;

 private:
  // Tables up to this capacity grow for want of slots that were never used, however few are.
  static constexpr std::size_t kSmall = 16;

  /// How many entries are there at most before Abseil's table would grow: 25/32 of the seven
  /// eighths that it fills; with fewer it only puts its slots in order.
  [[nodiscard]] std::size_t room() const {
    const std::size_t capacity = this->capacity();
    return capacity <= kSmall ? 0 : capacity * 25 / 32;
  }

  void grow(std::size_t size) {
    const std::size_t wanted = std::max({size * 32 / 25 + 1, this->capacity() / 8 * 14, kSmall});
    alignas(Table) std::byte place[sizeof(Table)];
    auto* const larger =
        new (static_cast<void*>(place)) Table(0, this->hash_function(), this->key_eq());
    larger->reserve(wanted);  // Should it throw, `larger` owns nothing, and is left as it is.
    const std::size_t capacity = larger->capacity();
    for (auto entry = this->begin(); entry != this->end();) {
      larger->insert(this->extract(entry++));
    }
    TULVING_DCHECK(larger->capacity() == capacity);  // The entries found room.
    Table::swap(*larger);
    larger->~Table();
    TULVING_DCHECK(size <= room());
  }
};

template <class Key, class Value, class Hash = absl::container_internal::hash_default_hash<Key>,
          class Equal = absl::container_internal::hash_default_eq<Key>>
using FlatMap = SafelyGrowing<absl::flat_hash_map<Key, Value, Hash, Equal>>;

template <class Key, class Hash = absl::container_internal::hash_default_hash<Key>,
          class Equal = absl::container_internal::hash_default_eq<Key>>
using FlatSet = SafelyGrowing<absl::flat_hash_set<Key, Hash, Equal>>;

}  // namespace tulving
