#include <algorithm>
#include <array>
#include <cstddef>

#include "tulving/tasks.h"

namespace tulving {
namespace {

// In the order of the enumerators, which never changes.
constexpr std::array<const char*, 5> kAgents = {"decay", "cluster", "merge", "promote",
                                                "relations"};
constexpr std::array<const char*, 3> kUrgencies = {"low", "medium", "high"};
constexpr std::array<const char*, 4> kStatuses = {"open", "in_progress", "blocked", "closed"};
constexpr std::array<const char*, 4> kApprovals = {"not_needed", "waiting", "approved", "rejected"};

template <std::size_t n, class Enum>
const char* name_in(const std::array<const char*, n>& names, Enum value) {
  const auto i = static_cast<std::size_t>(value);
  return i < n ? names[i] : "unknown";
}

template <class Enum, std::size_t n>
std::optional<Enum> value_in(const std::array<const char*, n>& names, std::string_view name) {
  const auto found =
      std::ranges::find(names, name, [](const char* known) { return std::string_view(known); });
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

const char* name_of(Agent agent) { return name_in(kAgents, agent); }
const char* name_of(Urgency urgency) { return name_in(kUrgencies, urgency); }
const char* name_of(TaskStatus status) { return name_in(kStatuses, status); }
const char* name_of(Approval approval) { return name_in(kApprovals, approval); }

std::optional<Agent> agent_named(std::string_view name) { return value_in<Agent>(kAgents, name); }
std::optional<Urgency> urgency_named(std::string_view name) {
  return value_in<Urgency>(kUrgencies, name);
}
std::optional<TaskStatus> task_status_named(std::string_view name) {
  return value_in<TaskStatus>(kStatuses, name);
}
std::optional<Approval> approval_named(std::string_view name) {
  return value_in<Approval>(kApprovals, name);
}

}  // namespace tulving
