// Writes what lasts into the vault, a note each.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>

#include "core/consolidation/findings/finding.h"

namespace tulving::consolidation {
namespace {

// SPEC section 5.
constexpr std::int32_t kUses = 5;
constexpr std::chrono::days kUsesWithin{14};
constexpr std::int32_t kReviews = 3;

// Reaching a criterion is enough to promote; how far above it decides whether that is logged.
double confidence_for(const PromoteResult& result, const Thresholds& thresholds) {
  if (result.criteria.size() > 1 || result.criteria.front() != "score") return 1.0;
  const double above = (result.score - thresholds.promote) / (1.0 - thresholds.promote);
  return std::clamp(thresholds.log_confidence + above * (1.0 - thresholds.log_confidence), 0.0,
                    1.0);
}

std::string reason_for(const PromoteResult& result, const Memory& memory,
                       const Thresholds& thresholds) {
  std::string reason;
  for (const std::string& criterion : result.criteria) {
    if (!reason.empty()) reason += ", ";
    if (criterion == "score") {
      reason += fmt::format("score {:.4f} > promote {}", result.score, thresholds.promote);
    } else if (criterion == "use_count") {
      reason += fmt::format("use_count {} >= {} within 14 days", memory.use_count, kUses);
    } else {
      reason += fmt::format("review_count {} >= {}", memory.review_count, kReviews);
    }
  }
  return reason;
}

Status promote(Edit& edit, FindingResult& done, const Memory& memory, const Workspace& workspace,
               const Settings& settings) {
  auto& result = std::get<PromoteResult>(done);
  if (workspace.is_staged(memory.id)) {
    return Error{ErrorCode::kConflict,
                 fmt::format("memory {} is changed by another item", memory.id.to_string())};
  }
  Memory promoted = memory;
  promoted.status = MemoryStatus::kPromoted;
  promoted.promoted_at = workspace.now();
  promoted.updated_at = workspace.now();
  if (settings.writes_notes) {
    auto note =
        settings.vault->write(memory, {result.score, result.reason, workspace.tenant().id()});
    if (!note) return note.error();
    result.ltm_path = note->path;
    result.note_digest = note->digest;
    promoted.ltm_path = std::move(note->path);
  } else {
    promoted.ltm_path = result.ltm_path = note_name(memory);
  }
  edit.put(memory, std::move(promoted));
  return {};
}

}  // namespace

Findings find_promotions(const Workspace& workspace, const Settings& settings) {
  DecayRequest request;
  request.now = workspace.now();
  request.at_least = settings.thresholds.promote;
  request.limit = std::numeric_limits<std::uint64_t>::max();
  auto lasting = workspace.tenant().decay_scores(request);
  if (!lasting) return lasting.error();
  std::map<Uuid, double> scores;
  for (const DecayedMemory& memory : lasting->memories) scores[memory.id] = memory.score;

  std::vector<Finding> findings;
  const auto visit = [&](const MemoryView& view) -> Status {
    Memory memory = view.to_memory();
    PromoteResult result;
    result.memory_id = memory.id;
    const auto score = scores.find(memory.id);
    if (score != scores.end() && score->second > settings.thresholds.promote) {
      result.criteria.emplace_back("score");
    }
    const bool is_recent = workspace.now() - *memory.created_at <= kUsesWithin;
    if (memory.use_count >= kUses && is_recent) result.criteria.emplace_back("use_count");
    if (memory.review_count >= kReviews) result.criteria.emplace_back("review_count");
    if (result.criteria.empty()) return {};
    if (score != scores.end()) {
      result.score = std::min(1.0, score->second);
    } else {
      auto decay = workspace.tenant().decay(memory.id, workspace.now());
      if (!decay) return decay.error();
      result.score = decay->score;
    }
    result.confidence = confidence_for(result, settings.thresholds);
    result.decision = decision_for(*result.confidence, settings.thresholds);
    result.reason = reason_for(result, memory, settings.thresholds);
    Finding finding;
    finding.id = memory.id.to_string();
    finding.agent = UpkeepAgent::kPromote;
    finding.action = "promote";
    finding.inputs = {{memory.id, memory.revision}};
    if (settings.vault == nullptr) {
      result.reason += "; no vault was given, so nothing is written";
    } else {
      finding.act = [memory = std::move(memory), &workspace, &settings](Edit& edit,
                                                                        FindingResult& done) {
        return promote(edit, done, memory, workspace, settings);
      };
    }
    finding.result = std::move(result);
    findings.push_back(std::move(finding));
    return {};
  };
  if (auto status = workspace.each_active(visit); !status) return status.error();
  return findings;
}

}  // namespace tulving::consolidation
