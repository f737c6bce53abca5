#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/clusters.h"
#include "tulving/notes.h"
#include "tulving/plans.h"
#include "tulving/preview.h"
#include "tulving/store.h"
#include "tulving/text_writer.h"
#include "tulving/thresholds.h"

namespace tulving {

// Five agents look after a tenant's memories: decay, cluster, merge, promote, relations, in that
// order. Each finds (scan), and changes one finding (process) or all (run). What they change is a
// plan: applied whole or not at all, and undone exactly.

/// What every result says.
struct FindingOutcome {
  ItemOutcome outcome = ItemOutcome::kReported;
  Decision decision = Decision::kAuto;
  std::optional<double> confidence;  ///< 0..1.
  std::string task_id;               ///< The task it opened, or did. Empty: none.
  std::string reason;                ///< One sentence: which figure met which threshold.
  std::string error;                 ///< Why it failed. Empty: it did not.
};

/// A memory that fades: score < Thresholds::danger_zone_max. High urgency (score < forget) opens a
/// task that waits for a person: what "gc" means is done when it is approved (the memory is
/// archived), "reinforce" likewise (touched).
struct DecayResult : FindingOutcome {
  Uuid memory_id;
  double score = 0;
  Urgency urgency = Urgency::kLow;
  /// score < 0.05: gc, or reinforce with use_count >= 5. < forget: gc, or reinforce with >= 3.
  /// < 0.20: consolidate. Else promote with strength >= 1.5, reinforce without.
  std::string action;
};

/// Memories that say much the same. confidence = cohesion * (2: 0.8; 3-5: 1; 6-8: 0.9; more: 0.7).
struct ClusterResult : FindingOutcome {
  std::string cluster_id;        ///< A UUID, derived from the memories.
  std::vector<Uuid> memory_ids;  ///< Ascending.
  double cohesion = 0;           ///< Mean pairwise cosine, exact.
  std::string action;            ///< "merge" (cohesion >= merge_cohesion), "link" (below).
};

/// A cluster that became one memory. The originals are archived, and come back with undo.
struct MergeResult : FindingOutcome {
  Uuid memory_id;                ///< The new one.
  std::vector<Uuid> source_ids;  ///< The originals, ascending.
  double cohesion = 0;
  ConsolidationMethod method = ConsolidationMethod::kHeuristic;
};

/// A memory that lasts: score > promote, use_count >= 5 within 14 days, or review_count >= 3.
struct PromoteResult : FindingOutcome {
  Uuid memory_id;
  double score = 0;
  std::vector<std::string> criteria;  ///< "score", "use_count", "review_count".
  std::string ltm_path;               ///< Of its note, in the vault. Empty: not written.
  std::string note_digest;  ///< Of the note as written, by which undo knows that nobody edited it.
};

/// Two memories that belong together and are not related yet.
struct RelationsResult : FindingOutcome {
  Uuid source_id;  ///< The older one.
  Uuid target_id;
  double strength = 0;  ///< 0..1.
  std::vector<std::string> shared_entities;
  std::vector<std::string> shared_tags;
  std::optional<double> similarity;  ///< Cosine, where both have a vector.
};

/// What a run found and did.
struct ConsolidationReport {
  Uuid plan_id;  ///< Nil: nothing was changed, or would be.
  bool dry_run = false;
  std::vector<DecayResult> decay;
  std::vector<ClusterResult> cluster;
  std::vector<MergeResult> merge;
  std::vector<PromoteResult> promote;
  std::vector<RelationsResult> relations;
  std::uint64_t changes = 0;    ///< Records made or changed.
  std::uint64_t replanned = 0;  ///< Times that something had changed between plan and apply.
  double miss_rate = 0;         ///< Of the clustering, where it was approximate.
  /// AgentResults that were stored, as nothing was changed: those of findings that were not before.
  std::uint64_t results_kept = 0;
  bool stopped = false;  ///< By `stop` or `progress`; nothing was applied.
  NotesReport notes;     ///< What became of notes afterwards, but for those it promoted.
  std::vector<FindingPreview> preview;  ///< Of a dry run: what would change, in words.
};

struct ConsolidationOptions {
  /// Where promoted memories' notes go. Empty: promote only reports.
  std::filesystem::path vault;
  TextWriterOptions writer;        ///< Without one, texts are extractive.
  std::uint32_t rate_limit = 100;  ///< Findings applied a minute at most; 0: no limit.
  /// Records that a run changes at most, 1..100,000, which is what a plan holds. What is found
  /// beyond is deferred, and the next run takes it.
  std::uint32_t changes_max = 100'000;
  std::uint32_t cluster_size_min = 2;   ///< 2..cluster_size_max.
  std::uint32_t cluster_size_max = 12;  ///< Up to 1,000.
  unsigned threads = 0;                 ///< Of the clustering; 0: as many as the machine runs.
  std::string worker = "consolidator";  ///< Named in tasks it does; 1..255 characters.
};

struct ConsolidationRun {
  std::vector<UpkeepAgent>
      agents;  ///< Empty: all five. They run in the pipeline's order in any case.
  /// Shows what would change (ConsolidationReport::preview) and writes nothing: no record, no task,
  /// no note.
  bool dry_run = false;
  /// Keeps the plan for Tenant::apply_plan() instead of applying it. Promotion, which writes a
  /// file, is reported only.
  bool propose = false;
  bool redo_undone = false;      ///< Also what a plan did that was undone since.
  std::optional<Timestamp> now;  ///< The clock that scores; empty: the store's.
  std::function<bool(UpkeepAgent, double done)> progress;  ///< Called now and then; false stops.
  const std::atomic<bool>* stop = nullptr;                 ///< True stops. May be null.
};

/// The agents of one tenant.
///
/// Thread safety: any member from any thread; runs of one Consolidator take turns. Those of several
///   are kept apart by compare-and-set. No lock of the store is held while a text is written.
/// Durability: as a write; a killed process leaves a plan applied or not, never half. A note may be
///   left in the vault without its memory knowing; the next run finds and takes it, or
///   follow_notes() removes it. A run that applied its plan calls that itself.
/// Memory: keeps what its clusterings found for the next run, which then compares only what changed
///   since: of each model two ClusterCaches, up to 64 MiB each. Whoever looks after a tenant for
///   long keeps one Consolidator.
class Consolidator {
 public:
  /// The store must stay open while the consolidator is used; its handle may be moved.
  /// kInvalidArgument: an option is out of range, or the vault is no directory. kIo: the vault
  /// cannot be written to.
  static Result<Consolidator> create(const Store& store, std::string_view tenant_id,
                                     const ConsolidationOptions& options = {});

  Consolidator(Consolidator&&) noexcept;
  Consolidator& operator=(Consolidator&&) noexcept;
  ~Consolidator();

  /// What the agent would look at, by id, changing nothing: memories (decay, promote), clusters,
  /// tasks (merge), pairs "ID ID" (relations).
  Result<std::vector<std::string>> scan(UpkeepAgent agent) const;
  /// Changes one of scan()'s findings. kNotFound: it is none (any more).
  Result<ConsolidationReport> process(UpkeepAgent agent, std::string_view id);
  /// Runs the pipeline. An item that fails is reported, and stops no other. A run that changed
  /// nothing, and was no dry run, stores its findings as AgentResults: at most changes_max, and
  /// none that is stored, has a task in the queue (the plan that opened it tells it), or was
  /// deferred.
  Result<ConsolidationReport> run(const ConsolidationRun& request = {});
  /// Tenant::undo_plan(), and the notes follow (notes.h). kConflict also: a person edited one that
  /// was to go; the plan is undone, the note stays.
  Result<PlanSummary> undo(Uuid plan_id);

 private:
  class Impl;
  explicit Consolidator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// {"plan_id": ..., "dry_run": ..., "decay": [...], "cluster": [...], ...}, SPEC section 11; of a
/// dry run also "preview": [...].
[[nodiscard]] std::string to_json(const ConsolidationReport& report);

}  // namespace tulving
