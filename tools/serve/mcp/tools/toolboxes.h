#pragma once

#include <optional>
#include <string_view>

#include "tools/serve/mcp/protocol/catalog.h"

namespace tulving::serve::mcp {

/// By Mem0's names, and four more: what an agent needs.
[[nodiscard]] Toolbox memory_tools();
/// The nine of the reference memory server: entities, relations and observations, as memories and
/// relations of theirs.
[[nodiscard]] Toolbox graph_tools();
/// For whoever looks after the memories: consolidation, its plans and its tasks.
[[nodiscard]] Toolbox keeper_tools();

/// "memory" (or nothing), "graph", "keeper": its tools, and what all of them show, which is a
/// memory by its id, the figures and the knowledge graph to read, and two prompts. Empty: no
/// profile of that name.
[[nodiscard]] std::optional<Catalog> catalog_of(std::string_view profile);

}  // namespace tulving::serve::mcp
