#pragma once

#include <string_view>
#include <variant>

#include "core/kinds/access_log_entry.h"
#include "core/kinds/access_policy.h"
#include "core/kinds/agent_result.h"
#include "core/kinds/agent_state.h"
#include "core/kinds/compression_metric.h"
#include "core/kinds/consolidation_job.h"
#include "core/kinds/consolidation_task.h"
#include "core/kinds/data_source.h"
#include "core/kinds/error_record.h"
#include "core/kinds/project.h"
#include "core/kinds/relation.h"
#include "core/kinds/session.h"
#include "core/kinds/stage.h"
#include "core/kinds/task.h"
#include "core/kinds/user_profile.h"
#include "tulving/plans.h"

namespace tulving::kinds {

/// A kind as an argument: `Tag<Session>{}`.
template <class Record>
struct Tag {
  using Type = Record;
};

/// Some kinds, and what is done with one of them that is known by its number or name alone.
template <class... Records>
struct KindList {
  static constexpr std::size_t size = sizeof...(Records);

  template <class Visit>
  static constexpr void each(const Visit& visit) {
    (visit(Tag<Records>{}), ...);
  }
  /// Calls `visit` with the tag of the kind; false: there is none in the list.
  template <class Visit>
  static constexpr bool with(RecordKind number, const Visit& visit) {
    return ((Kind<Records>::number == number && (visit(Tag<Records>{}), true)) || ...);
  }
  template <class Visit>
  static constexpr bool with(std::string_view name, const Visit& visit) {
    return ((Kind<Records>::name == name && (visit(Tag<Records>{}), true)) || ...);
  }
};

namespace internal {
template <class Variant>
struct OfVariant;
template <class... Records>
struct OfVariant<std::variant<Records...>> {
  using Type = KindList<Records...>;
};
template <class Left, class... Records>
struct Plain;
template <class... Taken>
struct Plain<KindList<Taken...>> {
  using Type = KindList<Taken...>;
};
template <class... Taken, class Next, class... Rest>
struct Plain<KindList<Taken...>, Next, Rest...>
    : std::conditional_t<std::is_same_v<Next, Memory>, Plain<KindList<Taken...>, Rest...>,
                         Plain<KindList<Taken..., Next>, Rest...>> {};
template <class... Records>
Plain<KindList<>, Records...> plain_of(KindList<Records...>);
}  // namespace internal

// Memory's declaration, by far the longest, is not included here: whoever asks for it of
// RecordKinds or PlannedKinds includes memory.h, too.

/// What import, export and batches carry: Record is the one list of kinds that there is.
using RecordKinds = internal::OfVariant<Record>::Type;
/// Kinds that are looked up and not searched: all that is done with them follows from their
/// declarations.
using PlainKinds = decltype(internal::plain_of(RecordKinds()))::Type;
/// What a plan may change.
using PlannedKinds = internal::OfVariant<PlannedRecord>::Type;

}  // namespace tulving::kinds
