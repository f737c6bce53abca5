#include "core/engine/state/relation_types.h"

#include "core/base/check.h"

namespace tulving::engine {

std::uint32_t RelationTypes::add(std::string_view type) {
  if (const auto known = numbers_.find(type); known != numbers_.end()) {
    ++types_[known->second].relations;
    return known->second;
  }
  auto number = static_cast<std::uint32_t>(types_.size());
  if (free_numbers_.empty()) {
    TULVING_DCHECK(types_.size() == number);  // A row of relations has 32 bits, so have types.
    types_.emplace_back();
  } else {
    number = free_numbers_.back();
    free_numbers_.pop_back();
  }
  TULVING_DCHECK(types_[number].relations == 0);
  types_[number] = {std::string(type), 1};
  numbers_.emplace(type, number);
  return number;
}

void RelationTypes::remove(std::uint32_t number) {
  TULVING_DCHECK(number < types_.size() && types_[number].relations > 0);
  Type& type = types_[number];
  if (--type.relations > 0) return;
  numbers_.erase(type.name);
  type.name.clear();
  free_numbers_.push_back(number);
}

std::optional<std::uint32_t> RelationTypes::find(std::string_view type) const {
  const auto known = numbers_.find(type);
  return known == numbers_.end() ? std::nullopt : std::optional(known->second);
}

const std::string& RelationTypes::name(std::uint32_t number) const {
  TULVING_DCHECK(number < types_.size() && types_[number].relations > 0);
  return types_[number].name;
}

}  // namespace tulving::engine
