#pragma once

#include "core/engine/write/transaction.h"
#include "core/model/life_cycle.h"
#include "tulving/gc.h"
#include "tulving/writes.h"

namespace tulving::engine {

// The writes that move a memory through its life, as core/model/life_cycle.h allows.

/// Puts `memory` into the status that follows `event`, with the times that go with it, and keeps
/// the version before in its history. Nothing is staged where the status stays as it is. kConflict:
/// the event is not legal for it.
Status stage_life_event(Transaction& transaction, Memory memory, model::LifeEvent event);

/// As above, for the memory `id`. kNotFound: there is none.
Status stage_life_event(Transaction& transaction, const Uuid& id, model::LifeEvent event);

/// Tenant::touch() of one memory. Keeps no version: nothing that is said has changed.
Status stage_touch(Transaction& transaction, const Uuid& id, const TouchOptions& options = {});

/// kConflict where `event` is not legal for `memory`; the message begins with its id.
Status check_life_event(const Memory& memory, model::LifeEvent event, Timestamp now);

/// What gc would delete and keep. The tenant's mutex, or the write mutex, is held.
[[nodiscard]] GcReport plan_gc(const TenantState& tenant, const GcRequest& request, Timestamp now);

/// Deletes what `report` says.
Status stage_gc(Transaction& transaction, const GcReport& report);

/// The visible memory that the archived one with this id went into, over any number of merges;
/// null: none.
[[nodiscard]] RecordPtr heir_of(const Transaction& transaction, const RecordPtr& archived);

}  // namespace tulving::engine
