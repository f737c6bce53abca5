#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace tulving::bench {

/// The figures of a run as a table in Markdown: "load", "base", "measured" as the parts of a run
/// have made them, each only if it is there, and "machine".
std::string year_table(const nlohmann::json& figures);

/// What a tiny tenant takes, by what RSS grew since `base` was measured; empty without a base.
/// "resident_per_tenant", "anonymous_per_tenant".
nlohmann::json per_tenant_figures(const nlohmann::json& figures);

}  // namespace tulving::bench
