#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/records.h"
#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving {

// What writes are asked and answer (Tenant in store.h). A call is one write: all of its records or
// none, under one revision, in one batch of the log, so that no crash leaves half of it. It is
// visible to searches when the call returns, and durable as StoreOptions::durability says.
//
// What is made of memories follows them (SPEC section 5, merge): the write that changes, forgets,
// recovers or erases a source, or moves it to another user, agent, project or expiry, re-derives
// the merges, patterns and principles made of it, and what was made of those. Nothing is left of
// what a source no longer says, and nothing of the others is lost:
// - the text becomes the extractive one of the sources as they are now; where a text writer wrote
//   it, a task of the merge agent (action "rewrite") asks for a new one;
// - a source that was forgotten or erased, or whose user, agent, project or expiry is no longer
//   that of the others, leaves; so does one that was recovered. A merge with fewer than two
//   sources left gives the last one back and is gone. gc() is no such event: a merge lives on when
//   its archived sources are collected;
// - what a person changed of the merge itself stays: its tags, priority, uses, and its text, which
//   loses the sentences that only the changed source said; that source then leaves and stands for
//   itself, and a "rewrite" task waits for a person;
// - another scope or expiry given to a merge is given to its sources.
//
// Options are checked with the records: a value beyond its bounds is kInvalidArgument with the
// field's name. All types here are plain values, without a lock or a handle of the store.

/// What a write did to one record.
enum class WriteEffect : std::uint8_t {
  kAdded,       ///< There was none; now there is.
  kUpdated,     ///< Another one was there under this id, and is in the history.
  kUnchanged,   ///< What was there is equal already: nothing was written, its revision stays.
  kReinforced,  ///< The same memory was there: its use_count and last_used were raised.
  kKept,        ///< A memory with the same text was there, and a second one was added beside it.
};

/// What add() does with a text that its tenant, agent and user hold already (same content_hash; of
/// memories without a text, the same content).
enum class OnDuplicate : std::uint8_t {
  kDefault,    ///< kKeep for memory types conversation and interaction, which are events; else
               ///< kReinforce.
  kReinforce,  ///< Raise the one there and return its id.
  kReject,     ///< kConflict.
  kKeep,       ///< Add a second one.
};

/// How add() treats what it is given.
struct AddOptions {
  OnDuplicate on_duplicate = OnDuplicate::kDefault;
  /// A caller's own key, <= 128 bytes: a later add of the same memories with it returns the first
  /// one's result and writes nothing, across a crash too; of others it is refused (kConflict). For
  /// a batch it covers the batch. Empty: none. Kept as long as the store is.
  std::string idempotency_key;
  /// Let an erased id, or an erased text, come back; otherwise kConflict.
  bool allow_erased = false;
  /// Put the session that the memory names, with its user, where the tenant has none of that name;
  /// otherwise kInvalidArgument.
  bool make_session = false;
};

/// What became of one record of a write.
struct AddResult {
  Uuid id;  ///< Of the memory that now stands for the one given: with kReinforced an earlier one.
  WriteEffect effect = WriteEffect::kAdded;
  std::uint64_t revision = 0;  ///< The record's own; what compare-and-set is given next.
  /// Merges, patterns and principles that were made of it, directly or not, and have followed the
  /// change in the same write: their text is new, or they are gone and gave their sources back.
  /// Ascending.
  std::vector<Uuid> followed = {};

  friend bool operator==(const AddResult&, const AddResult&) = default;
};

/// A patch: what is set replaces the field whole, lists and metadata too; what is empty stays. To
/// clear a field set it to its empty value. Ids, status and counters are not patched; see touch(),
/// forget() and erase(). Bounds are those of the same fields of Memory, and the patched memory is
/// checked as a new one is.
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
  std::optional<double> strength;
  std::optional<std::optional<Timestamp>> expires_at;  ///< Set to an empty inner value to clear.
  std::optional<Embedding> embedding;                  ///< Replaces the vector of its model.
  std::optional<std::string> ltm_path;  ///< Where its note is now; follow_notes() keeps it.
  /// A new text drops the vectors of the old one, but for `embedding`: they say what is no longer
  /// there. True keeps them, for who knows that they still fit.
  bool keep_vectors = false;
};

/// How touch() reinforces.
struct TouchOptions {
  /// Sliding expiry: a memory with an expires_at that has not come lives this long from now, at
  /// least: expires_at becomes the later of what it is and now + expires_after. So nobody's touch
  /// cuts short what another's gave, in whatever order they come; to shorten a life is update()'s.
  /// What never expires, and what has expired, stays so. What is made of the memory follows as
  /// after an update() of its expires_at. Above 0, 36,500 days at most. Empty: no life is changed.
  std::optional<std::chrono::microseconds> expires_after = {};
};

/// Counts the equal records of one import, for WriteOptions::equal_before. Records without id and
/// external_id are equal when all their fields are, but for vectors, which are made anew by any run
/// of a model: by value, so blanks, the order of members and the way a number is written do not
/// matter. RAM: some 30 bytes for each that differs.
///
/// Thread safety: one thread at a time.
class EqualRecords {
 public:
  EqualRecords();
  EqualRecords(EqualRecords&&) noexcept;
  EqualRecords& operator=(EqualRecords&&) noexcept;
  ~EqualRecords();

  /// How many equal records of the tenant were counted before; then counts this one. 0 for a record
  /// that has an identity of its own.
  std::uint32_t count(std::string_view tenant_id, const Record& record);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// How write() treats what it is given.
struct WriteOptions {
  /// Of memories that are new by their ids. kDefault means as in add().
  OnDuplicate on_duplicate = OnDuplicate::kKeep;
  bool allow_erased = false;  ///< As in AddOptions.
  bool dry_run = false;       ///< Check everything, write nothing; results say what would be done.
  bool keep_vectors = false;  ///< As in MemoryPatch, where a record replaces one of another text.
  /// Of each record, how many equal ones stand before it in what is imported: with its fields that
  /// makes the id of a memory that has none, so that importing twice changes nothing and no line
  /// replaces another's. Empty: counted within the call. Else as many as records. Views the
  /// caller's memory until the call returns.
  std::span<const std::uint32_t> equal_before = {};
};

}  // namespace tulving
