#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/flat_hash.h"
#include "core/base/hash.h"

namespace tulving::index {

/// Distinct strings of 1..255 bytes under dense 32-bit ids. The bytes lie one after another in one
/// buffer, the hash set holds ids only: some 14 bytes a string beside its own, where a map of
/// std::string takes 50 to 100.
class StringTable {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  StringTable();
  StringTable(const StringTable&) = delete;
  StringTable& operator=(const StringTable&) = delete;

  /// The string's id, or kNone.
  [[nodiscard]] std::uint32_t find(std::string_view string) const;
  /// The string's id; a new string gets the id erased last, or else limit(). Amortised O(bytes).
  std::uint32_t intern(std::string_view string);
  /// Forgets a string and overwrites its bytes. Its id may be given out again.
  void erase(std::uint32_t id);

  /// An id below limit(); empty when it was erased. Valid until the next intern() or erase().
  [[nodiscard]] std::string_view view(std::uint32_t id) const {
    const Slot slot = slots_[id];
    return {bytes_.data() + (slot >> kLengthBits), slot & kLengthMask};
  }
  [[nodiscard]] std::uint32_t limit() const { return static_cast<std::uint32_t>(slots_.size()); }
  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  [[nodiscard]] std::size_t bytes() const;

  /// Room for so many strings, when it is known beforehand.
  void reserve(std::size_t strings, std::size_t string_bytes);
  /// For loading, so that ids stay as they were on disk: gives a string that is not there yet the
  /// id limit(), or leaves that id without a string.
  void append(std::string_view string);
  void skip_id();

 private:
  using Slot = std::uint64_t;  // offset << 8 | length; length 0: erased
  static constexpr unsigned kLengthBits = 8;
  static constexpr Slot kLengthMask = 0xFF;

  struct Hash {
    using is_transparent = void;
    const StringTable* table;
    std::size_t operator()(std::string_view string) const { return xxh3(string); }
    std::size_t operator()(std::uint32_t id) const { return (*this)(table->view(id)); }
  };
  struct Equal {
    using is_transparent = void;
    const StringTable* table;
    bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
    bool operator()(std::uint32_t id, std::string_view string) const {
      return table->view(id) == string;
    }
  };

  void put(std::uint32_t id, std::string_view string);
  void close_gaps();

  std::vector<char> bytes_;
  std::vector<Slot> slots_;  // by id
  std::vector<std::uint32_t> free_ids_;
  std::size_t gap_bytes_ = 0;  // of erased strings in bytes_
  FlatSet<std::uint32_t, Hash, Equal> ids_;
};

}  // namespace tulving::index
