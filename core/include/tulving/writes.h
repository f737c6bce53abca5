#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tulving/records.h"
#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving {

/// What a write did to one record.
enum class WriteEffect : std::uint8_t {
  kAdded,
  kUpdated,
  kUnchanged,   ///< What was there is equal already.
  kReinforced,  ///< The same memory was there: its use_count and last_used were raised.
  kKept,        ///< A memory with the same text was there, and a second one was added beside it.
};

/// What add() does with a text its tenant and agent hold already (same content_hash).
enum class OnDuplicate : std::uint8_t {
  kDefault,    ///< kKeep for memory types conversation and interaction, which are events; else
               ///< kReinforce.
  kReinforce,  ///< Raise the one there and return its id.
  kReject,     ///< kConflict.
  kKeep,       ///< Add a second one.
};

struct AddOptions {
  OnDuplicate on_duplicate = OnDuplicate::kDefault;
  /// A caller's own key, <= 128 bytes: a later add with it returns the first one's result and
  /// writes nothing, across a crash too. For a batch it covers the batch. Empty: none.
  std::string idempotency_key;
  bool allow_erased = false;  ///< Let an erased id, or an erased text, come back.
};

struct AddResult {
  Uuid id;
  WriteEffect effect = WriteEffect::kAdded;
  std::uint64_t revision = 0;
};

/// A patch: what is set replaces the field, what is empty stays. Ids, status and counters are not
/// patched; see touch(), forget() and erase().
struct MemoryPatch {
  std::optional<std::string> text;
  std::optional<std::string> content;
  std::optional<std::string> summary;
  std::optional<std::string> memory_type;
  std::optional<Layer> layer;
  std::optional<std::vector<std::string>> tags, entities, facts, keywords;
  std::optional<std::string> metadata;
  std::optional<std::string> user_id, project_id, task_id, stage_id;
  std::optional<std::string> goal, result, feedback, outcome;
  std::optional<bool> success, is_critical;
  std::optional<std::string> criticality_reason;
  std::optional<std::int32_t> priority;
  std::optional<float> strength;
  std::optional<std::optional<Timestamp>> expires_at;  ///< Set to an empty inner value to clear.
  std::optional<Embedding> embedding;                  ///< Replaces the vector of its model.
};

struct WriteOptions {
  OnDuplicate on_duplicate = OnDuplicate::kKeep;
  bool allow_erased = false;
  bool dry_run = false;  ///< Check everything, write nothing.
};

}  // namespace tulving
