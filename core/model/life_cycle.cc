#include "core/model/life_cycle.h"

#include <fmt/format.h>

#include <array>

#include "tulving/json.h"

namespace tulving::model {
namespace {

using enum MemoryStatus;

struct Transition {
  MemoryStatus from;
  LifeEvent event;
  MemoryStatus to;
};

// What is not here is refused. A promoted memory neither fades nor merges away: its note is in the
// vault, and names it.
constexpr Transition kTransitions[] = {
    {kActive, LifeEvent::kReinforce, kActive},   {kActive, LifeEvent::kPromote, kPromoted},
    {kActive, LifeEvent::kMerge, kArchived},     {kActive, LifeEvent::kFade, kArchived},
    {kActive, LifeEvent::kArchive, kArchived},   {kActive, LifeEvent::kForget, kDeleted},
    {kActive, LifeEvent::kExpire, kDeleted},     {kPromoted, LifeEvent::kReinforce, kPromoted},
    {kPromoted, LifeEvent::kArchive, kArchived}, {kPromoted, LifeEvent::kForget, kDeleted},
    {kPromoted, LifeEvent::kExpire, kDeleted},   {kArchived, LifeEvent::kArchive, kArchived},
    {kArchived, LifeEvent::kRecover, kActive},   {kArchived, LifeEvent::kForget, kDeleted},
    {kArchived, LifeEvent::kCollect, kDeleted},  {kArchived, LifeEvent::kExpire, kDeleted},
    {kDeleted, LifeEvent::kForget, kDeleted},
};

constexpr std::array<std::string_view, 9> kEventNames = {
    "reinforce", "promote", "merge", "fade", "archive", "recover", "forget", "collect", "expire"};

Error refused(MemoryStatus from, LifeEvent event, std::string_view rule) {
  return {ErrorCode::kConflict,
          fmt::format("status is {}; {} is refused: {}", tulving::to_string(from), to_string(event),
                      rule),
          "status"};
}

// "it needs active or promoted", from the table.
std::string rule_of(LifeEvent event) {
  std::string rule = "it needs ";
  std::string_view separator;
  for (const Transition& transition : kTransitions) {
    if (transition.event != event) continue;
    rule.append(separator).append(tulving::to_string(transition.from));
    separator = " or ";
  }
  return rule;
}

// What the event asks beside the status. Empty: it may happen.
std::string objection(LifeEvent event, const LifeContext& context) {
  const Timestamp until = context.archived_at + kRecoveryTime;
  switch (event) {
    case LifeEvent::kRecover:
      if (context.now < until) return {};
      return fmt::format("it was archived at {}, and recovery ends 30 days later",
                         format_time(context.archived_at));
    case LifeEvent::kCollect:
      if (context.is_critical) return "critical memories are never collected";
      if (context.now >= until) return {};
      return fmt::format("it can be recovered until {}", format_time(until));
    case LifeEvent::kExpire:
      if (context.is_critical) return "critical memories are never collected";
      if (context.expires_at && *context.expires_at <= context.now) return {};
      return "its expires_at has not come";
    case LifeEvent::kFade:
      return context.is_critical ? "critical memories do not fade" : "";
    default:
      return {};
  }
}

}  // namespace

std::string_view to_string(LifeEvent event) { return kEventNames[static_cast<std::size_t>(event)]; }

LifeContext life_context(const Memory& memory, Timestamp now) {
  LifeContext context;
  context.now = now;
  // An imported memory may be archived without saying since when; its last change is the latest
  // that it can have been.
  context.archived_at = memory.archived_at.value_or(memory.updated_at.value_or(now));
  context.expires_at = memory.expires_at;
  context.is_critical = memory.is_critical;
  context.was_promoted = !memory.ltm_path.empty();
  return context;
}

Result<MemoryStatus> next_status(MemoryStatus from, LifeEvent event, const LifeContext& context) {
  for (const Transition& transition : kTransitions) {
    if (transition.from != from || transition.event != event) continue;
    if (const std::string rule = objection(event, context); !rule.empty()) {
      return refused(from, event, rule);
    }
    const bool is_promoted_again = event == LifeEvent::kRecover && context.was_promoted;
    return is_promoted_again ? kPromoted : transition.to;
  }
  return refused(from, event, rule_of(event));
}

}  // namespace tulving::model
