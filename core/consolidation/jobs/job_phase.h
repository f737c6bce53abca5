#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/consolidation/work/workspace.h"
#include "tulving/clusters.h"
#include "tulving/consolidation.h"
#include "tulving/job_runner.h"
#include "tulving/plans.h"
#include "tulving/thresholds.h"

namespace tulving::consolidation {

/// What the phases of a job go by.
struct JobSettings {
  std::string project_id;
  JobScope scope;
  JobRunnerOptions options;
  Thresholds thresholds;
  std::uint64_t text_bytes_max = 1'000'000;
  std::set<std::string> undone;             ///< See undone_findings().
  const std::atomic<bool>* stop = nullptr;  ///< Asked between items, and by the clustering.
  std::function<bool(double)> progress;     ///< False stops. May be empty.
};

/// What a phase found; its changes are staged in the workspace.
struct PhaseResult {
  std::vector<PlanItem> items = {};
  std::uint64_t memories = 0;  ///< Looked at.
  bool stopped = false;        ///< Nothing is to be applied.
  bool full = false;           ///< There was more than the plan holds.
};

Result<PhaseResult> extract_patterns(Workspace& workspace, const JobSettings& settings);
Result<PhaseResult> merge_project(Workspace& workspace, const JobSettings& settings);
Result<PhaseResult> create_hierarchy(Workspace& workspace, const JobSettings& settings);

/// Which memories of the project are grouped.
struct GroupRequest {
  double level_min = 0;
  double level_max = 0;
  double threshold = 0;
  std::uint32_t size_min = 2;
  bool in_scope = true;  ///< By the scope's times and types too.
  std::vector<Uuid> leave_out;
};

struct Groups {
  std::vector<MemoryCluster> groups;  ///< The most cohesive first; of equal ones the smallest ids.
  std::uint64_t memories = 0;
  bool stopped = false;
};

Result<Groups> find_groups(const Workspace& workspace, const JobSettings& settings,
                           const GroupRequest& wanted);

/// The members of a group, with their embeddings, oldest first.
Result<std::vector<Memory>> members_of(const Workspace& workspace, const MemoryCluster& group);

/// Ascending by id.
[[nodiscard]] std::vector<PlanInput> inputs_of(const std::vector<Memory>& members);

/// Stages what is done about a group. False: the plan, which holds more than it, has no room left,
/// and the next round finds the group again. kResourceExhausted: no plan has room for it.
Result<bool> stage_group(Workspace& workspace, Edit edit);

/// Takes over from the result what a plan's item repeats of it.
void fill_item(PlanItem& item, const MergeResult& result);

}  // namespace tulving::consolidation
