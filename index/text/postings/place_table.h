#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "index/text/postings/passages.h"
#include "index/text/postings/posting.h"

namespace tulving::index {

/// The places of all rows, numbered from 1; those of a row lie side by side (passages.h). Place 0
/// is nobody's, and its score is always 0.
///
/// A row keeps its places as long as its number of passages is the same. What it leaves is given to
/// the next row that needs as many: there are never more places than the greatest numbers, each for
/// a count of passages, that there have been.
class PlaceTable {
 public:
  struct Owner {
    std::uint32_t row = UINT32_MAX;
    std::uint32_t beside = 0;  ///< Whose score is added to its own: 0, or a long row's last place.
  };

  /// Gives a row as many places as a text of `length` has; returns the first.
  std::uint32_t take(std::uint32_t row, std::uint32_t length);
  void give_back(std::uint32_t first, std::uint32_t length);
  /// The text of a row that keeps its places has another length now.
  void set_length(std::uint32_t first, std::uint32_t length);

  /// For loading, into an empty table: room for places below `limit`, then the places of each row,
  /// then those that are free, ascending. False where some are not there or given already.
  void restore(std::uint32_t limit);
  bool restore(std::uint32_t row, std::uint32_t first, std::uint32_t length);
  bool restore_free(std::span<const PlaceRange> free);
  /// Ascending.
  [[nodiscard]] std::vector<PlaceRange> free() const;

  [[nodiscard]] std::uint32_t limit() const { return static_cast<std::uint32_t>(owners_.size()); }
  /// How long a place counts as.
  [[nodiscard]] float length(std::uint32_t place) const {
    const std::uint8_t code = codes_[place];
    return code != kVeryLong ? kLengths[code] : very_long_length(place);
  }
  /// Length as a number of a byte, which ascends with it; kVeryLong: length() must be asked.
  [[nodiscard]] std::uint8_t length_code(std::uint32_t place) const { return codes_[place]; }
  [[nodiscard]] static float length_of_code(std::uint8_t code) { return kLengths[code]; }
  static constexpr std::uint8_t kVeryLong = 255;
  /// Whether a place counts as longer than coded_length() can say.
  [[nodiscard]] bool has_very_long() const { return !very_long_.empty(); }
  /// The same as length(), where none is very long: no call is in a loop over many.
  [[nodiscard]] float coded_length(std::uint32_t place) const { return kLengths[codes_[place]]; }
  [[nodiscard]] Owner owner(std::uint32_t place) const { return owners_[place]; }
  /// Whether its row has more than one.
  [[nodiscard]] bool is_of_long_row(std::uint32_t place) const {
    return codes_[place] > kPassageWords;
  }
  /// Whether it is a long row's last place, for what stands beside the text.
  [[nodiscard]] bool is_beside(std::uint32_t place) const { return is_beside_[place]; }
  /// No row has had more places than this.
  [[nodiscard]] std::uint32_t longest() const { return longest_; }
  [[nodiscard]] std::size_t bytes() const;

 private:
  // A byte a place, as a search reads that of every posting: the length of a short text, or 39 and
  // the number of a long one's passages.
  static const std::array<float, kVeryLong> kLengths;

  [[nodiscard]] static std::uint8_t code_of(std::uint32_t length);
  [[nodiscard]] bool are_nobodys(std::uint32_t first, std::uint32_t count) const;
  void put(std::uint32_t row, std::uint32_t first, std::uint32_t length);
  [[nodiscard]] float very_long_length(std::uint32_t place) const;

  std::vector<std::uint8_t> codes_ = {0};
  std::map<std::uint32_t, float> very_long_;  // lengths that have no code, by first place
  std::vector<Owner> owners_ = {Owner{}};
  // What owners_ say too, in a 64th of the bytes: it is asked of every posting that is packed.
  std::vector<bool> is_beside_ = {false};
  std::map<std::uint32_t, std::vector<std::uint32_t>> free_;  // first places, by how many
  std::uint32_t longest_ = 1;
};

}  // namespace tulving::index
