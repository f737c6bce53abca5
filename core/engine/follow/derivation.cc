#include "core/engine/follow/derivation.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/engine/write/memory_writes.h"
#include "core/merging/merge_memory.h"
#include "core/merging/origins.h"
#include "core/merging/pattern_memory.h"
#include "core/merging/rederive.h"

namespace tulving::engine {
namespace {

// What merges and patterns have in common.
template <class Options>
Options options_of(const Transaction& transaction, const Derivation& derivation) {
  Options options;
  options.tenant_id = transaction.tenant_id();
  options.now = transaction.now();
  options.cohesion = derivation.cohesion;
  options.confidence = derivation.made.confidence_score.value_or(0);
  options.text_bytes_max = transaction.options().text_bytes_max;
  return options;
}

Result<Memory> derive_pattern(const Transaction& transaction, const Derivation& derivation,
                              std::span<const Memory> sources) {
  auto options = options_of<merging::PatternOptions>(transaction, derivation);
  options.level = derivation.made.abstraction_level;
  return merging::make_pattern(sources, derivation.model, options);
}

Result<Memory> derive_merge(const Transaction& transaction, const Derivation& derivation,
                            std::span<const Memory> sources, std::span<const Memory> origins) {
  auto options = options_of<merging::MergeOptions>(transaction, derivation);
  options.origins = origins;
  return merging::merge_memories(sources, options);
}

Result<std::vector<Memory>> read(std::span<const Uuid> ids, const auto& record_of,
                                 const auto& embeddings_of) {
  std::vector<Memory> memories;
  for (const Uuid& id : ids) {
    const RecordPtr record = record_of(id);
    if (!record) return std::vector<Memory>();
    auto embeddings = embeddings_of(id);
    if (!embeddings) return embeddings.error();
    memories.push_back(record->to_memory());
    memories.back().embeddings = *std::move(embeddings);
  }
  merging::sort_by_age(memories);                 // As patterns are made.
  TULVING_DCHECK(memories.size() == ids.size());  // All of them, or none.
  return memories;
}

merging::MemoryLookup lookup(const auto& record_of) {
  return [record_of](const Uuid& id) -> std::optional<Memory> {
    const RecordPtr record = record_of(id);
    return record ? std::optional(record->to_memory()) : std::nullopt;
  };
}

}  // namespace

Result<Derivation> derivation_of(const Transaction& transaction, Memory made, bool is_merge) {
  Derivation derivation{std::move(made), is_merge, transaction.options().default_model, 0};
  if (!is_merge) {
    auto embeddings = transaction.embeddings_before(derivation.made.id);
    if (!embeddings) return embeddings.error();
    if (!embeddings->empty()) derivation.model = embeddings->front().model;
  }
  for (const Relation& relation : transaction.relations_of(derivation.made.id)) {
    const bool is_own = relation.source_id == derivation.made.id;
    if (is_own && relation.relation_type == "consolidated_from") {
      derivation.cohesion = relation.strength;
      break;
    }
  }
  return derivation;
}

Result<Memory> derive(const Transaction& transaction, const Derivation& derivation,
                      std::span<const Memory> sources, std::span<const Memory> origins) {
  const bool is_pattern = !derivation.is_merge && derivation.made.abstraction_level >= 2;
  auto derived = is_pattern ? derive_pattern(transaction, derivation, sources)
                            : derive_merge(transaction, derivation, sources, origins);
  if (!derived) return derived;
  return completed(*std::move(derived), transaction.tenant_id(), transaction.now());
}

Result<Memory> derived_now(const Transaction& transaction, const Memory& made) {
  const bool is_merge = std::ranges::any_of(made.source_memory_ids, [&](const Uuid& source) {
    const RecordPtr record = transaction.memory(source);
    return record && record->consolidated_into_id() == made.id;
  });
  const auto how = derivation_of(transaction, made, is_merge);
  if (!how) return how.error();
  const auto sources = read_memories(transaction, made.source_memory_ids);
  if (!sources) return sources.error();
  if (sources->empty()) return Error{ErrorCode::kNotFound, "a source is gone", {}};
  return derive(transaction, *how, *sources, origins_of(transaction, *sources));
}

bool is_as_derived(const Transaction& transaction, const Memory& made) {
  auto derived = derived_now(transaction, made);
  return derived && merging::is_as_derived(made, *std::move(derived));
}

Result<std::vector<Memory>> read_memories(const Transaction& transaction,
                                          std::span<const Uuid> ids) {
  return read(
      ids, [&](const Uuid& id) { return transaction.memory(id); },
      [&](const Uuid& id) { return transaction.embeddings(id); });
}

Result<std::vector<Memory>> read_memories_before(const Transaction& transaction,
                                                 std::span<const Uuid> ids) {
  return read(
      ids, [&](const Uuid& id) { return transaction.memory_before(id); },
      [&](const Uuid& id) { return transaction.embeddings_before(id); });
}

std::vector<Memory> origins_of(const Transaction& transaction, std::span<const Memory> sources) {
  const auto record_of = [&](const Uuid& id) { return transaction.memory(id); };
  return merging::origins_behind(sources, lookup(record_of));
}

std::vector<Memory> origins_of_before(const Transaction& transaction,
                                      std::span<const Memory> sources) {
  const auto record_of = [&](const Uuid& id) { return transaction.memory_before(id); };
  return merging::origins_behind(sources, lookup(record_of));
}

}  // namespace tulving::engine
