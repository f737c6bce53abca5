#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/flat_hash.h"

namespace tulving::index {

/// Distinct strings of 1..255 bytes under dense 32-bit ids. Those of up to 15 bytes, which nearly
/// all words are, lie in the slot of their id, so that finding one touches the hash set and the
/// slot alone; the bytes of longer ones lie one after another in one buffer. The set holds ids
/// only: some 22 bytes a short string with its own, where a map of std::string takes 60 to 100.
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
    const Slot& slot = slots_[id];
    const std::size_t length = slot.length();
    return {length <= kShortMax ? slot.bytes() : bytes_.data() + slot.offset(), length};
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
  static constexpr std::size_t kShortMax = 15;
  static constexpr std::size_t kLengthMax = 255;
  static constexpr unsigned kLengthShift = 56;

  /// A short string's bytes and then zeros, or a longer one's place in bytes_; and in the last byte
  /// the length, 0: erased. Of two short strings the slots are equal when the strings are. (As two
  /// numbers, little-endian, so that they are made and compared in registers.)
  struct Slot {
    std::uint64_t low = 0, high = 0;

    [[nodiscard]] std::size_t length() const { return high >> kLengthShift; }
    [[nodiscard]] std::uint64_t offset() const { return low; }
    [[nodiscard]] const char* bytes() const { return reinterpret_cast<const char*>(this); }
    [[nodiscard]] std::uint64_t hash() const;
    /// Of a short one.
    static Slot of(std::string_view string);
    static Slot at(std::uint64_t offset, std::size_t length) {
      return {offset, std::uint64_t{length} << kLengthShift};
    }
    friend bool operator==(const Slot&, const Slot&) = default;
  };
  /// A string on its way to be found.
  struct Key {
    std::string_view string;
    Slot slot;  ///< Of a short one.
  };
  static Key key_of(std::string_view string);

  struct Hash {
    using is_transparent = void;
    const StringTable* table;
    std::size_t operator()(const Key& key) const;
    std::size_t operator()(std::uint32_t id) const;
  };
  struct Equal {
    using is_transparent = void;
    const StringTable* table;
    bool operator()(std::uint32_t a, std::uint32_t b) const { return a == b; }
    bool operator()(std::uint32_t id, const Key& key) const;
  };

  void put(std::uint32_t id, std::string_view string);
  void close_gaps();

  std::vector<char> bytes_;  // of the longer ones
  std::vector<Slot> slots_;  // by id
  std::vector<std::uint32_t> free_ids_;
  std::size_t gap_bytes_ = 0;  // of erased strings in bytes_
  FlatSet<std::uint32_t, Hash, Equal> ids_;
};

}  // namespace tulving::index
