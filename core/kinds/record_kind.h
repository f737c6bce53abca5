#pragma once

#include <cstdint>

namespace tulving::kinds {

/// Kinds of row in the journal's table of records. Reach the disk: never renumber.
enum class RecordKind : std::uint8_t {
  kSession = 1,
  kMemory = 2,
  kRelation = 3,
  kConsolidationTask = 4,
  kPlan = 5,
  kConsolidationJob = 6,  // 7: storage/vector_tombstone.h.
  kProject = 8,
  kTask = 9,
  kStage = 10,
  kErrorRecord = 11,
  kCompressionMetric = 12,
  kUserProfile = 13,
  kAgentState = 14,
  kAccessLogEntry = 15,
  kDataSource = 16,
  kAccessPolicy = 17,
  kAgentResult = 18,
  kTombstone = 100,    ///< id: of the erased record. Since format 3 its key has 128 + that
                       ///< record's kind, see storage/keys.h.
  kIdempotency = 101,  ///< id: hash of the key.
};

}  // namespace tulving::kinds
