#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/consolidation/work/workspace.h"
#include "tulving/text_writer.h"

namespace tulving::consolidation {

// What the merge agent and jobs share: how a group of memories becomes one.

/// cohesion x size factor (2: 0.8; 3-5: 1; 6-8: 0.9; more: 0.7), within 0..1.
[[nodiscard]] double cluster_confidence(double cohesion, std::size_t size);

/// Active, and not expired.
[[nodiscard]] bool is_mergeable(const Memory& memory, Timestamp now);

/// The relation of a memory to one that it was made from.
[[nodiscard]] Relation consolidated_from(const Memory& made, const Memory& source, double cohesion,
                                         Timestamp now);

struct MergeStep {
  double cohesion = 0;    ///< Of the group, -1..1.
  double confidence = 0;  ///< 0..1.
  TextWriterOptions writer;
  std::uint64_t text_bytes_max = 1'000'000;
};

struct StagedMerge {
  Memory memory;
  std::string
      refusal;  ///< Why the text writer's text is not its own. Empty: it is, or none was asked.
};

/// Stages the merge of `sources`, which have their embeddings: the new memory, which is returned,
/// the originals archived, a relation to each. kInvalidArgument and others as merge_memories(),
/// which crosses no border, and write_text().
Result<StagedMerge> stage_merge(Edit& edit, std::vector<Memory> sources, const Workspace& workspace,
                                const MergeStep& step);

/// The raw memories behind those sources that are merges, oldest first, as far as they are there.
[[nodiscard]] std::vector<Memory> origins_of(const std::vector<Memory>& sources,
                                             const Workspace& workspace);

}  // namespace tulving::consolidation
