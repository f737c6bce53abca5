#pragma once

#include <optional>
#include <span>

#include "core/engine/write/transaction.h"
#include "tulving/store.h"

namespace tulving::engine {

// What each memory write means, staged into a transaction. Records come checked by model::check_*;
// here are the rules that need other records: identity, duplicates, references, revisions.

/// Fills what a memory's author may leave out: id, hash, summary, times. Does not look at other
/// records.
void complete(Memory& memory, const std::string& tenant_id, Timestamp now);
[[nodiscard]] Memory completed(Memory memory, const std::string& tenant_id, Timestamp now);

/// What an import line leaves at its defaults is taken from the memory that is there, so that
/// importing a file again undoes neither use nor forgetting, archiving, merging, naming or
/// promotion.
void inherit(Memory& incoming, const Memory& present, bool allow_erased);

/// Tenant::add of one memory, which is complete. Its embeddings lie elsewhere, as long as the
/// transaction lives. It is left as it is, but for its revision.
Result<AddResult> stage_add(Transaction& transaction, Memory& memory,
                            std::span<const Embedding> embeddings, const AddOptions& options);

/// Tenant::write of one memory: added, left or replaced. What it refers to is not looked for: it
/// may be staged later. `equal_before`: see WriteOptions.
Result<AddResult> stage_write(Transaction& transaction, Memory memory, std::uint32_t equal_before,
                              const WriteOptions& options);

Result<AddResult> stage_update(Transaction& transaction, const Uuid& id, const MemoryPatch& patch,
                               std::optional<std::uint64_t> expected_revision,
                               std::uint64_t text_bytes_max);
Status stage_forget(Transaction& transaction, const Uuid& id);
Status stage_erase(Transaction& transaction, const Uuid& id);

/// What a memory refers to must be there, as Postgres' foreign keys demand: its session, and the
/// memory it was merged into.
Status check_references(const Transaction& transaction, const Memory& memory);
Status check_references(const Transaction& transaction, const storage::MemoryRecord& record);
/// Of these the session.
Status check_session(const Transaction& transaction, std::string_view session_id);

/// kNotFound for a memory that is not the tenant's.
[[nodiscard]] Error no_such_memory(const Transaction& transaction, const Uuid& id);

}  // namespace tulving::engine
