#include "core/engine/state/turn_order.h"

#include <algorithm>

#include "core/base/check.h"

namespace tulving::engine {

void TurnOrder::add(std::string_view session_id, std::int64_t created_us, std::uint32_t row) {
  if (row >= next_.size()) {
    previous_.resize(row + 1, kNone);
    next_.resize(row + 1, kNone);
  }
  auto session = sessions_.find(session_id);
  if (session == sessions_.end()) {
    session = sessions_.emplace(session_id, Turns(Before{&told_before_})).first;
  }
  Turns& turns = session->second;
  const auto [place, is_new] = turns.emplace(created_us, row);
  TULVING_DCHECK(is_new);  // remove() came before, or its neighbours would point past it.
  const auto after = std::next(place);
  const std::uint32_t before_row = place == turns.begin() ? kNone : std::prev(place)->second;
  const std::uint32_t after_row = after == turns.end() ? kNone : after->second;
  link(before_row, row);
  link(row, after_row);
}

void TurnOrder::remove(std::string_view session_id, std::int64_t created_us, std::uint32_t row) {
  const auto session = sessions_.find(session_id);
  if (session == sessions_.end() || session->second.erase({created_us, row}) == 0) return;
  if (session->second.empty()) sessions_.erase(session);
  const std::uint32_t before = previous_[row];
  const std::uint32_t after = next_[row];
  TULVING_DCHECK(before == kNone || next_[before] == row);
  TULVING_DCHECK(after == kNone || previous_[after] == row);
  link(before, after);
  previous_[row] = next_[row] = kNone;
}

void TurnOrder::link(std::uint32_t before, std::uint32_t after) {
  TULVING_DCHECK(before != after || before == kNone);  // No turn is its own neighbour.
  if (before != kNone) next_[before] = after;
  if (after != kNone) previous_[after] = before;
}

bool TurnOrder::holds(std::string_view session_id, std::int64_t created_us,
                      std::uint32_t row) const {
  const auto session = sessions_.find(session_id);
  if (session == sessions_.end()) return false;
  const Turns& turns = session->second;
  const auto place = turns.find({created_us, row});
  if (place == turns.end()) return false;
  const auto after = std::next(place);
  const std::uint32_t before_row = place == turns.begin() ? kNone : std::prev(place)->second;
  const std::uint32_t after_row = after == turns.end() ? kNone : after->second;
  return previous(row).value_or(kNone) == before_row && next(row).value_or(kNone) == after_row;
}

std::uint64_t TurnOrder::size() const {
  std::uint64_t turns = 0;
  for (const auto& [id, session] : sessions_) turns += session.size();
  return turns;
}

std::uint64_t TurnOrder::bytes() const {
  return size() * 24 + sessions_.size() * 96 + (previous_.size() + next_.size()) * 4;
}

}  // namespace tulving::engine
