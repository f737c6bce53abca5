#include "core/engine/write/record_identity.h"

#include <fmt/format.h>

#include "core/base/check.h"
#include "core/engine/write/memory_writes.h"

namespace tulving::engine {
namespace {

// The id of a record that gives its name alone.
Result<Uuid> id_by_name(const Transaction& transaction, const Memory& record) {
  if (const auto holder = transaction.named(record.external_id)) return *holder;
  const Uuid derived = Uuid::derive(transaction.tenant_id(), record.external_id);
  const RecordPtr present = transaction.memory(derived);
  if (!present || present->external_id().empty()) return derived;
  return Error{
      ErrorCode::kConflict,
      fmt::format("external_id is \"{}\"; the id that it stands for, {}, is that of memory "
                  "\"{}\": give the record an id of its own",
                  record.external_id, derived.to_string(), present->external_id()),
      "external_id"};
}

// Whether `present`, which a release before 0.2 made, is of this very line. Its id said less of the
// line, so what differs in anything is another line's.
bool is_of_line(const Transaction& transaction, const storage::MemoryRecord& present, Memory line,
                bool allow_erased) {
  Memory old = present.to_memory();
  old.content_hash = content_hash_of(old);
  line.id = old.id;
  line.revision = old.revision;
  line.embeddings.clear();
  settle_references(transaction, line);
  inherit(line, old, allow_erased);
  return completed(std::move(line), transaction.tenant_id(), transaction.now()) == old;
}

// Whether a line made the memory under an id that lines had before format 3. A name could have that
// id, too.
bool is_former_line(const Transaction& transaction, const Uuid& id) {
  const RecordPtr present = transaction.memory(id);
  return present && (present->external_id().empty() ||
                     Uuid::derive(transaction.tenant_id(), present->external_id()) != id);
}

RecordIdentity identity_of_line(const Transaction& transaction, const Memory& line,
                                std::uint32_t equal_before, bool allow_erased) {
  const Uuid former = former_imported_id(transaction.tenant_id(), line);
  if (equal_before == 0) {
    const RecordPtr present = transaction.memory(former);
    if (present && is_of_line(transaction, *present, line, allow_erased)) return {former, false};
  }
  const ImportedIds ids = imported_ids(transaction.tenant_id(), line, equal_before);
  if (!transaction.memory(ids.id) && is_former_line(transaction, ids.of_format_2)) {
    return {ids.of_format_2, false};
  }
  // Tombstones from before 0.2 tell texts apart, and contents by the former id alone.
  const bool is_banned = transaction.is_content_erased(said_by(line)) ||
                         transaction.was_erased_before_format_3(ids.of_format_2) ||
                         (line.text.empty() && transaction.was_erased_before_format_3(former));
  return {ids.id, is_banned || transaction.is_erased(ids.id)};
}

}  // namespace

Result<RecordIdentity> identity_of(const Transaction& transaction, const Memory& record,
                                   std::uint32_t equal_before, bool allow_erased) {
  if (record.id.is_nil() && record.external_id.empty()) {
    return identity_of_line(transaction, record, equal_before, allow_erased);
  }
  Uuid id = record.id;
  if (id.is_nil()) {
    const auto by_name = id_by_name(transaction, record);
    if (!by_name) return by_name.error();
    id = *by_name;
  }
  TULVING_DCHECK(!id.is_nil());
  return RecordIdentity{id, was_erased(transaction, id, record.external_id)};
}

bool was_erased(const Transaction& transaction, const Uuid& id, std::string_view external_id) {
  return transaction.is_erased(id) ||
         (!external_id.empty() &&
          transaction.is_erased(Uuid::derive(transaction.tenant_id(), external_id)));
}

void settle_references(const Transaction& transaction, Memory& memory) {
  memory.parent_memory_id = transaction.referred(memory.parent_memory_id);
  memory.consolidated_into_id = transaction.referred(memory.consolidated_into_id);
  for (Uuid& source : memory.source_memory_ids) source = transaction.referred(source);
}

}  // namespace tulving::engine
