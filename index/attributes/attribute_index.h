#pragma once

#include <cstdint>
#include <memory>
#include <roaring/roaring.hh>
#include <string_view>

namespace tulving::index {

/// A bitmap of rows for each (field, value) pair of strings. Field numbers are the caller's.
///
/// Thread safety: const members beside each other; the others alone.
class AttributeIndex {
 public:
  AttributeIndex();
  ~AttributeIndex();

  void add(std::uint32_t row, std::uint16_t field, std::string_view value);
  /// Undoes add(); a value whose last row goes is forgotten.
  void remove(std::uint32_t row, std::uint16_t field, std::string_view value);

  /// The rows of a value; null when there is none. Valid until the next change.
  [[nodiscard]] const Roaring* find(std::uint16_t field, std::string_view value) const;
  /// Rows of all values together. O(values).
  [[nodiscard]] std::uint64_t entries() const;
  [[nodiscard]] std::uint64_t bytes() const;

  /// Fills an empty index from rows in ascending order. What follows itself from row to row, as
  /// most of what many records say does, is looked up once and goes in as one stretch.
  class Filler {
   public:
    explicit Filler(AttributeIndex& index);
    ~Filler();
    Filler(const Filler&) = delete;
    Filler& operator=(const Filler&) = delete;

    /// As AttributeIndex::add(); seen by nobody before finish().
    void add(std::uint32_t row, std::uint16_t field, std::string_view value);
    void finish();  ///< The last call.

   private:
    class Values;
    AttributeIndex& index_;
    const std::unique_ptr<Values> values_;
  };

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tulving::index
