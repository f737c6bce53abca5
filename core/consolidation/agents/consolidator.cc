#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/base/errors.h"
#include "core/base/mutex.h"
#include "core/base/text/utf8.h"
#include "core/consolidation/findings/finding.h"
#include "core/consolidation/findings/kept_results.h"
#include "core/consolidation/vault/note_follower.h"
#include "core/consolidation/work/rate_limit.h"
#include "core/consolidation/work/undone_findings.h"
#include "core/engine/store/store_files.h"
#include "core/model/rules/rules.h"
#include "tulving/consolidation.h"

namespace tulving {

using consolidation::add_result;
using consolidation::Edit;
using consolidation::Finding;
using consolidation::FindingResult;
using consolidation::follow_notes;
using consolidation::item_of;
using consolidation::Settings;
using consolidation::Vault;
using consolidation::Workspace;

namespace {

constexpr std::array<UpkeepAgent, 5> kPipeline = {UpkeepAgent::kDecay, UpkeepAgent::kCluster,
                                                  UpkeepAgent::kMerge, UpkeepAgent::kPromote,
                                                  UpkeepAgent::kRelations};
// Another writer may be faster each time; then the caller decides whether to try again.
constexpr int kAttemptsMax = 5;

Status check_options(const ConsolidationOptions& options) {
  if (options.cluster_size_max < 2 || options.cluster_size_max > 1'000) {
    return invalid(fmt::format("cluster_size_max is {}; must be 2..1000", options.cluster_size_max),
                   "cluster_size_max");
  }
  if (options.cluster_size_min < 2 || options.cluster_size_min > options.cluster_size_max) {
    return invalid(fmt::format("cluster_size_min is {}; must be 2..cluster_size_max, {}",
                               options.cluster_size_min, options.cluster_size_max),
                   "cluster_size_min");
  }
  if (options.changes_max < 1 || options.changes_max > model::kPlanChangesMax) {
    return invalid(fmt::format("changes_max is {}; must be 1..{}", options.changes_max,
                               model::kPlanChangesMax),
                   "changes_max");
  }
  const std::size_t letters = utf8_length(options.worker);
  if (letters == 0 || letters > 255) {
    return invalid(fmt::format("worker has {} characters; must have 1..255", letters), "worker");
  }
  return {};
}

consolidation::Findings find(UpkeepAgent agent, const Workspace& workspace,
                             const Settings& settings) {
  switch (agent) {
    case UpkeepAgent::kDecay:
      return find_decay(workspace, settings);
    case UpkeepAgent::kCluster:
      return find_clusters(workspace, settings);
    case UpkeepAgent::kMerge:
      return find_merges(workspace, settings);
    case UpkeepAgent::kPromote:
      return find_promotions(workspace, settings);
    case UpkeepAgent::kRelations:
      return find_relations(workspace, settings);
  }
  return std::vector<Finding>();
}

}  // namespace

class Consolidator::Impl {
 public:
  Impl(const Store& store, Tenant tenant, const ConsolidationOptions& options)
      : store_options_(store.options()),
        thresholds_(store.thresholds()),
        tenant_(std::move(tenant)),
        options_(options),
        limit_(options.rate_limit) {}

  Status open_vault() {
    if (options_.vault.empty()) return {};
    auto vault = Vault::open(options_.vault, StoreFiles::of(tenant_));
    if (!vault) return vault.error();
    vault_.emplace(*std::move(vault));
    return {};
  }

  Result<std::vector<std::string>> scan(UpkeepAgent agent) {
    const MutexLock lock(mutex_);
    ConsolidationRun request;
    request.agents = {agent};
    request.dry_run = true;
    Attempt attempt(*this, request);
    auto findings = find(agent, attempt.workspace, attempt.settings);
    if (!findings) return findings.error();
    std::vector<std::string> ids;
    for (const Finding& finding : *findings) ids.push_back(finding.id);
    return ids;
  }

  /// With `only`, that finding of the request's one agent.
  Result<ConsolidationReport> run(const ConsolidationRun& request,
                                  std::optional<std::string_view> only) {
    const MutexLock lock(mutex_);
    for (int attempts = 0;; ++attempts) {
      Attempt attempt(*this, request);
      if (auto status = plan(attempt, only); !status) return status.error();
      attempt.report.replanned = static_cast<std::uint64_t>(attempts);
      auto finished = finish(attempt);
      if (finished) {
        follow(attempt);
        return std::move(attempt.report);
      }
      if (finished.error().code != ErrorCode::kConflict || attempts + 1 == kAttemptsMax) {
        return finished.error();
      }
    }
  }

  Result<PlanSummary> undo(Uuid plan_id) {
    const MutexLock lock(mutex_);
    auto plan = tenant_.get_plan(plan_id);
    if (!plan) return plan.error();
    const std::set<Uuid> promoted = promoted_by(*plan);
    if (!promoted.empty() && !vault_ && tenant_.vaults().empty()) {
      return invalid("the plan wrote notes; undo it with the vault that they are in", "vault");
    }
    auto undone = tenant_.undo_plan(plan_id);
    if (!undone) return undone;
    NotesRequest request;
    request.vault = options_.vault;
    auto notes = follow_notes(tenant_, consolidation::now_of(store_options_), request);
    if (!notes) return notes.error();
    if (auto status = say_what_stays(*notes, promoted); !status) return status.error();
    return undone;
  }

 private:
  struct Attempt {
    Attempt(Impl& owner, const ConsolidationRun& asked)
        : request(asked),
          workspace(owner.tenant_, asked.now.value_or(consolidation::now_of(owner.store_options_)),
                    {.changes = owner.options_.changes_max}) {
      settings.thresholds = owner.thresholds_;
      settings.options = owner.options_;
      settings.text_bytes_max = owner.store_options_.text_bytes_max;
      settings.vault = owner.vault_ ? &*owner.vault_ : nullptr;
      settings.writes_notes = !asked.dry_run && !asked.propose;
      settings.stop = asked.stop;
      settings.stopped = &report.stopped;
      settings.miss_rate = &report.miss_rate;
      settings.caches = &owner.caches_;
      report.dry_run = asked.dry_run;
    }
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

    const ConsolidationRun request;
    Workspace workspace;
    Settings settings;
    ConsolidationReport report;
    Plan plan;
    std::uint64_t applied = 0;  // Findings that count towards the rate limit.
    bool is_full = false;       // A finding did not fit: what follows waits behind it.
    std::set<std::string> undone;
  };

  Status plan(Attempt& attempt, std::optional<std::string_view> only) {
    if (!attempt.request.redo_undone) {
      auto undone = consolidation::undone_findings(tenant_);
      if (!undone) return undone.error();
      attempt.undone = *std::move(undone);
    }
    bool found_it = !only;
    for (const UpkeepAgent agent : kPipeline) {
      const auto& agents = attempt.request.agents;
      if (!agents.empty() && std::ranges::find(agents, agent) == agents.end()) continue;
      if (attempt.request.progress) {
        attempt.settings.progress = [&attempt, agent](double done) {
          if (!attempt.request.progress(agent, done)) attempt.report.stopped = true;
          return !attempt.report.stopped;
        };
      }
      auto findings = find(agent, attempt.workspace, attempt.settings);
      if (!findings) return findings.error();
      if (agent == UpkeepAgent::kPromote && !findings->empty()) {
        if (auto status = prepare_vault(attempt); !status) return status;
      }
      for (Finding& finding : *findings) {
        if (is_stopped(attempt)) return {};
        if (only && finding.id != *only) continue;
        found_it = true;
        handle(attempt, finding);
      }
      attempt.plan.agents.push_back(agent);
      if (attempt.settings.progress && !attempt.settings.progress(1)) return {};
    }
    if (found_it) return {};
    return Error{ErrorCode::kNotFound, fmt::format("\"{}\" is none of the agent's findings", *only),
                 "id"};
  }

  static bool is_stopped(Attempt& attempt) {
    if (attempt.request.stop != nullptr && attempt.request.stop->load()) {
      attempt.report.stopped = true;
    }
    return attempt.report.stopped;
  }

  void handle(Attempt& attempt, Finding& finding) {
    FindingOutcome& outcome = consolidation::outcome_of(finding.result);
    if (finding.act && attempt.undone.contains(consolidation::finding_name(
                           finding.agent, finding.action, finding.inputs))) {
      finding.act = nullptr;
      outcome.reason += "; a plan that did it was undone";
    }
    // Applied later by whoever has no vault, it would leave a memory promoted without a note.
    if (finding.act && attempt.request.propose && finding.agent == UpkeepAgent::kPromote) {
      finding.act = nullptr;
      outcome.reason += "; a proposed plan writes no note, so it is left to a run";
    }
    if (finding.act && (attempt.is_full || attempt.workspace.is_full())) {
      put_off(finding);
      finding.act = nullptr;
    }
    if (finding.act && finding.counts && outcome.decision != Decision::kWait &&
        !attempt.request.dry_run && attempt.applied >= limit_.available()) {
      outcome.outcome = ItemOutcome::kDeferred;
      finding.act = nullptr;
    }
    if (finding.act) act(attempt, finding);
    if (outcome.outcome != ItemOutcome::kReported && outcome.outcome != ItemOutcome::kDeferred) {
      attempt.plan.items.push_back(item_of(finding));
    }
    add_result(attempt.report, finding.result);
  }

  static void put_off(Finding& finding) {
    FindingOutcome& outcome = consolidation::outcome_of(finding.result);
    outcome.outcome = ItemOutcome::kDeferred;
    outcome.reason += "; the run changes as many records as it may, so the next one takes it";
  }

  static void act(Attempt& attempt, Finding& finding) {
    const FindingResult found = finding.result;
    Edit edit;
    Status done = finding.act(edit, finding.result);
    const std::size_t records = edit.changes().size();
    if (done && !attempt.workspace.stage(std::move(edit))) {
      finding.result = found;  // As if nobody had tried.
      if (attempt.workspace.changes() > 0) {
        attempt.is_full = true;
        return put_off(finding);
      }
      done = Error{ErrorCode::kResourceExhausted,
                   fmt::format("its {} records are more than one plan holds", records)};
    }
    FindingOutcome& outcome = consolidation::outcome_of(finding.result);
    if (!done) {
      outcome.outcome = ItemOutcome::kFailed;
      outcome.error = done.error().message;
      Edit kept;
      if (finding.on_failure) finding.on_failure(kept, outcome.error);
      attempt.is_full = !attempt.workspace.stage(std::move(kept));
    } else if (outcome.decision == Decision::kWait) {
      outcome.outcome = ItemOutcome::kWaiting;
    } else {
      outcome.outcome = ItemOutcome::kPlanned;
      if (finding.counts) ++attempt.applied;
    }
  }

  Status finish(Attempt& attempt) {
    attempt.report.changes = attempt.workspace.changes();
    if (attempt.report.stopped) return {};
    if (attempt.report.changes == 0) return keep_results(attempt);
    attempt.plan.id = Uuid::random();
    attempt.report.plan_id = attempt.plan.id;
    attempt.plan.origin = "consolidate";
    attempt.plan.changes = attempt.workspace.take_changes();
    if (attempt.request.dry_run) {
      auto preview = preview_plan(tenant_, attempt.plan);
      if (!preview) return preview.error();
      attempt.report.preview = *std::move(preview);
      return {};
    }
    auto done = attempt.request.propose ? tenant_.propose_plan(std::move(attempt.plan))
                                        : tenant_.apply_plan(std::move(attempt.plan));
    if (!done) return done.error();
    if (!attempt.request.propose) limit_.take(attempt.applied);
    return {};
  }

  // No plan tells what was found.
  Status keep_results(Attempt& attempt) {
    if (attempt.request.dry_run || store_options_.read_only) return {};
    return consolidation::keep_results(tenant_, attempt.report, options_.changes_max);
  }

  // Before the first note is written, so that none is where nobody looks. Should the folder not be
  // made, each note fails for itself.
  Status prepare_vault(const Attempt& attempt) {
    if (!vault_ || attempt.request.dry_run) return {};
    auto status = tenant_.remember_vault(consolidation::vault_name(options_.vault));
    if (status) static_cast<void>(vault_->take_turn(true).has_value());
    return status;
  }

  // Notes of what the plan archived or brought back. That it was applied is not undone by them.
  void follow(Attempt& attempt) {
    const bool is_applied = attempt.report.changes > 0 && !attempt.report.stopped &&
                            !attempt.request.dry_run && !attempt.request.propose;
    if (!is_applied) return;
    auto notes = follow_notes(tenant_, attempt.workspace.now(), {});
    if (notes) {
      attempt.report.notes = *std::move(notes);
    } else {
      attempt.report.notes.problems.push_back(notes.error().message);
    }
  }

  static std::set<Uuid> promoted_by(const Plan& plan) {
    std::set<Uuid> promoted;
    for (const PlanItem& item : plan.items) {
      if (item.agent != UpkeepAgent::kPromote || item.outcome != ItemOutcome::kPlanned) continue;
      for (const PlanInput& input : item.inputs) promoted.insert(input.id);
    }
    return promoted;
  }

  // Notes that a person edited since stay, and are named.
  static Status say_what_stays(const NotesReport& notes, const std::set<Uuid>& promoted) {
    std::string kept;
    const auto add = [&kept](const std::string& what) {
      kept += (kept.empty() ? "" : "; ") + what;
    };
    for (const NoteChange& note : notes.changes) {
      if (note.event != NoteEvent::kKept || !promoted.contains(note.memory_id)) continue;
      add(fmt::format("the note {}/{} was changed since it was written; it is kept", note.vault,
                      note.path));
    }
    for (const std::string& problem : notes.problems) add(problem);
    if (kept.empty()) return {};
    return Error{ErrorCode::kConflict, "the plan is undone, but notes stay: " + kept};
  }

  // What never changes of the store, whose handle the caller may move meanwhile.
  const StoreOptions store_options_;
  const Thresholds thresholds_;
  Tenant tenant_;
  const ConsolidationOptions options_;
  std::optional<Vault> vault_;
  Mutex mutex_;  // Runs take turns; guards what follows.
  consolidation::ClusterCaches caches_;
  consolidation::RateLimit limit_;
};

Consolidator::Consolidator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Consolidator::Consolidator(Consolidator&&) noexcept = default;
Consolidator& Consolidator::operator=(Consolidator&&) noexcept = default;
Consolidator::~Consolidator() = default;

Result<Consolidator> Consolidator::create(const Store& store, std::string_view tenant_id,
                                          const ConsolidationOptions& options) {
  if (auto status = check_options(options); !status) return status.error();
  auto tenant = store.tenant(tenant_id);
  if (!tenant) return tenant.error();
  auto impl = std::make_unique<Impl>(store, *std::move(tenant), options);
  if (auto status = impl->open_vault(); !status) return status.error();
  return Consolidator(std::move(impl));
}

Result<std::vector<std::string>> Consolidator::scan(UpkeepAgent agent) const {
  return impl_->scan(agent);
}

Result<ConsolidationReport> Consolidator::process(UpkeepAgent agent, std::string_view id) {
  ConsolidationRun request;
  request.agents = {agent};
  request.redo_undone = true;  // It was asked for by name.
  return impl_->run(request, id);
}

Result<ConsolidationReport> Consolidator::run(const ConsolidationRun& request) {
  return impl_->run(request, std::nullopt);
}

Result<PlanSummary> Consolidator::undo(Uuid plan_id) { return impl_->undo(plan_id); }

}  // namespace tulving
