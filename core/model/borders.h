#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "tulving/records.h"

namespace tulving::model {

// Borders that nothing derived crosses: a cluster, merge or pattern is of one user, agent and
// project (and tenant, which a handle sees to), and of memories that expire at one moment or never;
// a relation that an agent makes is of one user, agent and project. "None" is a value like others.

/// The first of "user_id", "agent_id", "project_id" by which two memories differ; empty: none.
[[nodiscard]] std::string_view scope_border(const Memory& a, const Memory& b);

/// Likewise for what is made of them, with "expires_at".
[[nodiscard]] std::string_view merge_border(const Memory& a, const Memory& b);

/// The first border that lies between any two of `memories`: merge_border(), and "embeddings" where
/// two have vectors, and of no model both. Empty: they may become one.
[[nodiscard]] std::string_view border_within(std::span<const Memory> memories);

}  // namespace tulving::model
