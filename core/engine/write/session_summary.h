#pragma once

#include "core/engine/write/transaction.h"
#include "tulving/records.h"

namespace tulving::engine {

/// A session that ends without a summary gets the extractive one: model::default_summary() of its
/// memories' texts, by created_at, without those that are deleted or made of others. `present`: the
/// session as it is (null: none). One that has ended without a summary before stays as it is, so
/// that putting it again, as an import that is repeated does, changes nothing.
void give_summary(const Transaction& transaction, Session& session, const Session* present);

/// Stages what follows for such summaries from everything staged so far: they say nothing of
/// memories that are erased or forgotten, and what those say now that were changed. Another summary
/// than the one that the session's memories gave before is the caller's, and stays.
/// O(memories of the sessions concerned).
void follow_in_session_summaries(Transaction& transaction);

}  // namespace tulving::engine
