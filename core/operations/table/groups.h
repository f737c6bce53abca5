#pragma once

#include <span>
#include <vector>

#include "tulving/operations.h"

namespace tulving::operations {

// The operations of each subject, a file or a folder each; together they are
// tulving::operation_table().

[[nodiscard]] std::span<const Operation> memory_write_operations();
[[nodiscard]] std::span<const Operation> memory_read_operations();
[[nodiscard]] std::span<const Operation> memory_value_operations();
[[nodiscard]] std::span<const Operation> memory_life_operations();
[[nodiscard]] std::span<const Operation> relation_operations();
[[nodiscard]] std::span<const Operation> search_operations();
[[nodiscard]] std::span<const Operation> plain_kind_operations();
[[nodiscard]] std::span<const Operation> store_operations();
[[nodiscard]] std::span<const Operation> embedding_operations();
[[nodiscard]] std::span<const Operation> holdable_operations();
[[nodiscard]] std::span<const Operation> fading_operations();
[[nodiscard]] std::span<const Operation> consolidation_operations();
[[nodiscard]] std::span<const Operation> plan_operations();
[[nodiscard]] std::span<const Operation> queue_operations();
[[nodiscard]] std::span<const Operation> tracker_operations();
[[nodiscard]] std::span<const Operation> job_operations();
[[nodiscard]] std::span<const Operation> note_operations();
[[nodiscard]] std::span<const Operation> transfer_operations();

[[nodiscard]] std::vector<std::span<const Operation>> groups();

}  // namespace tulving::operations
