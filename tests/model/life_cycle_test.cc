// What is promised: of all pairs of a status and an event, exactly those of the table below are
// legal, and what a transition asks beside the status (30 days, criticality, expiry) is asked to
// the microsecond. Every pair is tried, so one that is allowed by mistake shows as well as one that
// is missing.

#include "core/model/life_cycle.h"

#include <gmock/gmock.h>

#include <map>

namespace tulving::model {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using enum MemoryStatus;

constexpr MemoryStatus kStatuses[] = {kActive, kPromoted, kArchived, kDeleted};
constexpr LifeEvent kEvents[] = {LifeEvent::kReinforce, LifeEvent::kPromote, LifeEvent::kMerge,
                                 LifeEvent::kFade,      LifeEvent::kArchive, LifeEvent::kRecover,
                                 LifeEvent::kForget,    LifeEvent::kCollect, LifeEvent::kExpire};
constexpr Timestamp kArchivedAt{std::chrono::hours(1000)};
constexpr auto kTick = std::chrono::microseconds(1);

// A context in which the event's own condition holds.
LifeContext context_for(LifeEvent event) {
  LifeContext context;
  context.archived_at = kArchivedAt;
  context.now = event == LifeEvent::kCollect ? kArchivedAt + kRecoveryTime : kArchivedAt + kTick;
  context.expires_at = context.now;
  return context;
}

TEST(LifeCycle, AllowsTheTransitionsOfItsTableAndNoOther) {
  const std::map<std::pair<MemoryStatus, LifeEvent>, MemoryStatus> legal = {
      {{kActive, LifeEvent::kReinforce}, kActive},
      {{kActive, LifeEvent::kPromote}, kPromoted},
      {{kActive, LifeEvent::kMerge}, kArchived},
      {{kActive, LifeEvent::kFade}, kArchived},
      {{kActive, LifeEvent::kArchive}, kArchived},
      {{kActive, LifeEvent::kForget}, kDeleted},
      {{kActive, LifeEvent::kExpire}, kDeleted},
      {{kPromoted, LifeEvent::kReinforce}, kPromoted},
      {{kPromoted, LifeEvent::kArchive}, kArchived},
      {{kPromoted, LifeEvent::kForget}, kDeleted},
      {{kPromoted, LifeEvent::kExpire}, kDeleted},
      {{kArchived, LifeEvent::kArchive}, kArchived},
      {{kArchived, LifeEvent::kRecover}, kActive},
      {{kArchived, LifeEvent::kForget}, kDeleted},
      {{kArchived, LifeEvent::kCollect}, kDeleted},
      {{kArchived, LifeEvent::kExpire}, kDeleted},
      {{kDeleted, LifeEvent::kForget}, kDeleted},
  };
  for (const MemoryStatus from : kStatuses) {
    for (const LifeEvent event : kEvents) {
      SCOPED_TRACE(testing::Message() << static_cast<int>(from) << " " << to_string(event));
      const auto next = next_status(from, event, context_for(event));
      const auto expected = legal.find({from, event});
      ASSERT_EQ(next.has_value(), expected != legal.end());
      if (next) {
        EXPECT_EQ(*next, expected->second);
      } else {
        EXPECT_EQ(next.error().code, ErrorCode::kConflict);
        EXPECT_EQ(next.error().field, "status");
        EXPECT_THAT(next.error().message, HasSubstr(std::string(to_string(event))));
      }
    }
  }
}

TEST(LifeCycle, NamesTheTransitionAndTheRuleItRefuses) {
  const auto next = next_status(kDeleted, LifeEvent::kReinforce, {});

  ASSERT_FALSE(next.has_value());
  EXPECT_THAT(next.error().message,
              AllOf(HasSubstr("deleted"), HasSubstr("reinforce"), HasSubstr("active or promoted")));
}

TEST(LifeCycle, HasNoInstantWithoutRecoveryOrCollectionAndNoneWithBoth) {
  LifeContext context;
  context.archived_at = kArchivedAt;
  for (const auto& [now, recoverable] : {std::pair(kArchivedAt + kRecoveryTime - kTick, true),
                                         std::pair(kArchivedAt + kRecoveryTime, false)}) {
    context.now = now;
    EXPECT_EQ(next_status(kArchived, LifeEvent::kRecover, context).has_value(), recoverable);
    EXPECT_EQ(next_status(kArchived, LifeEvent::kCollect, context).has_value(), !recoverable);
  }
}

TEST(LifeCycle, NeverLetsACriticalMemoryGoByItself) {
  for (const LifeEvent event : {LifeEvent::kFade, LifeEvent::kCollect, LifeEvent::kExpire}) {
    const MemoryStatus from = event == LifeEvent::kFade ? kActive : kArchived;
    LifeContext context = context_for(event);
    ASSERT_TRUE(next_status(from, event, context).has_value());
    context.is_critical = true;

    const auto next = next_status(from, event, context);

    ASSERT_FALSE(next.has_value());
    EXPECT_THAT(next.error().message, HasSubstr("critical"));
  }
  LifeContext critical;
  critical.is_critical = true;
  EXPECT_TRUE(next_status(kActive, LifeEvent::kForget, critical).has_value())
      << "the user may delete what he likes";
  EXPECT_TRUE(next_status(kActive, LifeEvent::kArchive, critical).has_value());
}

TEST(LifeCycle, ExpiresAtTheInstantAndNotBefore) {
  LifeContext context;
  context.now = Timestamp(std::chrono::hours(5));
  EXPECT_FALSE(next_status(kActive, LifeEvent::kExpire, context).has_value());
  context.expires_at = context.now + kTick;
  EXPECT_FALSE(next_status(kActive, LifeEvent::kExpire, context).has_value());
  context.expires_at = context.now;
  EXPECT_TRUE(next_status(kActive, LifeEvent::kExpire, context).has_value());
}

TEST(LifeCycle, RecoversAPromotedMemoryAsPromoted) {
  LifeContext context = context_for(LifeEvent::kRecover);
  context.was_promoted = true;

  EXPECT_EQ(*next_status(kArchived, LifeEvent::kRecover, context), kPromoted);
}

TEST(LifeContextOf, AMemoryThatDoesNotSayWhenItWasArchivedTakesItsLastChange) {
  Memory memory;
  memory.updated_at = Timestamp(std::chrono::hours(2));
  const Timestamp now{std::chrono::hours(3)};
  EXPECT_EQ(life_context(memory, now).archived_at, *memory.updated_at);
  memory.archived_at = Timestamp(std::chrono::hours(1));
  memory.ltm_path = "notes/a.md";
  EXPECT_EQ(life_context(memory, now).archived_at, *memory.archived_at);
  EXPECT_TRUE(life_context(memory, now).was_promoted);
}

}  // namespace
}  // namespace tulving::model
