#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tulving::engine {

/// The types of a tenant's relations as numbers, in RAM alone. A type whose last relation went
/// gives its number back.
///
/// Thread safety: const members beside each other; the others alone.
class RelationTypes {
 public:
  /// Counts one more relation of the type, and gives the type's number.
  std::uint32_t add(std::string_view type);
  /// One relation less.
  void remove(std::uint32_t number);

  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view type) const;
  /// Of a type that has relations.
  [[nodiscard]] const std::string& name(std::uint32_t number) const;
  [[nodiscard]] std::size_t size() const { return numbers_.size(); }

 private:
  struct Type {
    std::string name;
    std::uint64_t relations = 0;
  };
  std::vector<Type> types_;  ///< By number.
  std::vector<std::uint32_t> free_numbers_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
};

}  // namespace tulving::engine
