#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "tulving/consolidation_jobs.h"
#include "tulving/options.h"
#include "tulving/plans.h"
#include "tulving/records.h"
#include "tulving/result.h"

namespace tulving::model {

// The rules of records.h that a record can break by itself: lengths, ranges, enumerators, UTF-8,
// JSON, embeddings. They are the union of the constraints of the five Postgres schemas, so that a
// sync can never be refused by the database. What needs other records (uniqueness, references) is
// the engine's. Every failure is kInvalidArgument with Error::field set, and a message such as
// "priority is 11; must be 1..10" that quotes the value (shortened) and the rule.

struct Limits {
  std::uint64_t text_bytes_max = 1'000'000;  ///< Of a memory's texts; StoreOptions::text_bytes_max.
  std::uint64_t record_bytes_max = 1'000'000;  ///< Of the JSON and texts of the other kinds.
};

Status check_tenant_id(std::string_view tenant_id);
/// A record of any kind of kinds::RecordKinds.
template <class Record>
Status check_record(const Record& record, const Limits& limits = {});
template <>
Status check_record(const Memory& memory, const Limits& limits);
/// What a plan may hold. It is one FlatBuffer, which ends at 2 GiB, and one entry of the log: with
/// the fixed parts of so many records, some hundred bytes each, it stays well below that.
inline constexpr std::size_t kPlanChangesMax = 100'000;
inline constexpr std::size_t kPlanBytesMax = std::size_t{512} << 20U;
/// What a record counts towards kPlanBytesMax: the parts of it that can be long.
[[nodiscard]] std::size_t planned_bytes(const PlannedRecord& record);
/// The plan itself; the records in its changes have rules of their own.
Status check_plan(const Plan& plan);
/// Finite, 1..4096 floats, not all zero; model name 1..64 characters.
Status check_embedding(std::string_view model, std::span<const float> vector);
Status check_options(const StoreOptions& options);

}  // namespace tulving::model
