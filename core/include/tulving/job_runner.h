#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tulving/consolidation_jobs.h"
#include "tulving/store.h"
#include "tulving/text_writer.h"

namespace tulving {

struct JobRunnerOptions {
  TextWriterOptions writer = {};        ///< Without one, texts are extractive.
  unsigned threads = 0;                 ///< Of the clustering; 0: as many as the machine runs.
  std::string model = {};               ///< Whose vectors are compared; as ClusterRequest::model.
  double pattern_similarity = 0.85;     ///< Cohesion from which memories make a pattern; 0..1.
  double merge_similarity = 0.95;       ///< From which they become one.
  double hierarchy_similarity = 0.70;   ///< From which patterns make a principle.
  std::uint32_t pattern_size_min = 3;   ///< 2..group_size_max.
  std::uint32_t group_size_max = 12;    ///< Most memories of a group; up to 1,000.
  std::uint32_t changes_max = 100'000;  ///< Records that one plan changes at most, 1..100,000.
};

struct JobRequest {
  std::string project_id;
  JobScope scope = {};
  JobTrigger trigger = JobTrigger::kManual;
  std::string triggered_by = {};
  std::int32_t retries_max = 3;  ///< 0..10.
};

/// What a run is told from outside.
struct JobControl {
  /// Called now and then with 0..1 of the phase; false stops as `stop` does.
  std::function<bool(JobPhase, double done)> progress = {};
  /// True stops, and leaves the job as a killed process would: running, to be resumed. May be null.
  const std::atomic<bool>* stop = nullptr;
};

/// Runs consolidation jobs over the projects of one tenant.
///
/// pattern_extraction: groups of `pattern_size_min` active memories in the job's scope become a
///   pattern (abstraction_level 2) of what they have in common: the text of the most central one
///   and the sentences that more than half of them share, or what the text writer makes of that;
///   tags, entities, facts and keywords of more than half. The originals stay as they are.
/// memory_merging: groups become one memory (level 1), as the merge agent makes it; the originals
///   are archived. Below Thresholds::log_confidence a task for the merge agent waits for a person.
/// hierarchy_creation: groups of two or more of the project's patterns, whatever the scope's times
///   and types, become a principle (level 3), made like a pattern. 0.70 is our choice: patterns of
///   one subject differ more than its memories do.
///
/// What of a pattern, by its sources: failure when more than half did not succeed; else gotcha when
///   more than half are error fixes or warnings or tell of errors; else decision when more than
///   half are; else success when more than half succeeded; else workflow. Of a principle: what most
///   of its patterns are. memory_type is the commonest of the sources if the schema
///   "consolidation" has it (error_fix, discovery, decision, learning, warning,
///   codebase_knowledge), else learning.
///
/// JobScope::unconsolidated_only: raw memories (level 0) that no pattern holds yet, for patterns;
///   raw memories, for merging; patterns that no principle holds, for principles. Without it merges
///   count too, as the memories they were made of: never more than `group_size_max` of them in one.
///
/// Each phase is one plan (origin "job"), applied whole and undone whole; of more than a plan
/// holds,
///   several. Ids are derived from the
///   sources, and the phases are repeated until they find nothing more, so the same job twice
///   changes nothing the second time. What a person undid is not done again.
///
/// Thread safety: any member from any thread. Durability: as a write; a job's progress is stored
///   after each phase. No lock of the store is held while a text is written.
class JobRunner {
 public:
  /// The store must stay open while the runner is used; its handle may be moved. kInvalidArgument:
  /// an option is out of range.
  static Result<JobRunner> create(const Store& store, std::string_view tenant_id,
                                  const JobRunnerOptions& options = {});

  JobRunner(JobRunner&&) noexcept;
  JobRunner& operator=(JobRunner&&) noexcept;
  ~JobRunner();

  /// Runs a job to its end, in the calling thread, and returns it as stored. A phase that fails is
  /// in its `errors` and stops no other. An Error: the job itself could not be stored, or the
  /// request breaks a rule.
  Result<ConsolidationJob> start(const JobRequest& request, const JobControl& control = {});

  /// Goes on with a job that a killed process left running: retry_count + 1, phases completed are
  /// skipped. After retries_max it becomes failed instead. kNotFound: no such job. kBusy: it is
  /// running in this process. kConflict: it is not to be resumed, having ended.
  Result<ConsolidationJob> resume(Uuid job_id, const JobControl& control = {});

  /// Stops a job between two items, whichever runner of this process runs it; plans applied stay. A
  /// job that nobody runs is cancelled at once. kNotFound: no such job. kConflict: it has ended.
  Status cancel(Uuid job_id);

 private:
  class Impl;
  explicit JobRunner(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tulving
