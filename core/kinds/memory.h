#pragma once

#include "core/kinds/kind.h"
#include "tulving/records.h"
#include "tulving/writes.h"

namespace tulving::kinds {

// Its rows are read in place (storage/codec), and it is the one kind that is searched: so its
// table, indexes and writes are its own. Of this list it takes rules, JSON and patch. Embeddings
// are rows of their own.
template <>
struct Kind<Memory> {
  using Patch = MemoryPatch;
  static constexpr std::string_view name = "memory", noun = "memory", plural = "memories";
  static constexpr RecordKind number = RecordKind::kMemory;
  static constexpr ById<&Memory::id> key{};
  static constexpr std::tuple fields{
      own_id<1, &Memory::id>("id", "The memory"),
      field<2, &Memory::external_id>("external_id", "The caller's own name for it", text(64)),
      field<3, &Memory::agent_id>("agent_id", "Whose memory it is", text(255)),
      field<4, &Memory::user_id>("user_id", "Whom it is about", text(64))
          .patched_by<&Patch::user_id>(),
      field<5, &Memory::project_id>("project_id", "The project", text(64))
          .patched_by<&Patch::project_id>(),
      field<6, &Memory::session_id>("session_id", "A session of the tenant", text(64)),
      field<7, &Memory::task_id>("task_id", "The task", text(64)).patched_by<&Patch::task_id>(),
      field<8, &Memory::stage_id>("stage_id", "The stage of the task", text(64))
          .patched_by<&Patch::stage_id>(),
      field<9, &Memory::memory_type>(
          "memory_type", "user_preference, decision, ... or the caller's own", kinds::name(32))
          .patched_by<&Patch::memory_type>(),
      field<10, &Memory::layer>("layer", "The layer of memory").patched_by<&Patch::layer>(),
      field<11, &Memory::text>("text", "What is remembered", kinds::text())
          .used(Use::kApart)
          .patched_by<&Patch::text>(),
      field<12, &Memory::content>("content", "The content object", object("text"))
          .used(Use::kApart)
          .patched_by<&Patch::content>(),
      field<13, &Memory::summary>("summary", "Default: the text's first sentences", kinds::text())
          .patched_by<&Patch::summary>(),
      field<14, &Memory::tags>("tags", "Labels", names(64)).patched_by<&Patch::tags>(),
      field<15, &Memory::entities>("entities", "Whom and what it is about")
          .patched_by<&Patch::entities>(),
      field<16, &Memory::facts>("facts", "What it states").patched_by<&Patch::facts>(),
      field<17, &Memory::keywords>("keywords", "Words to find it by")
          .patched_by<&Patch::keywords>(),
      field<18, &Memory::metadata>("metadata", "A JSON object", object())
          .patched_by<&Patch::metadata>(),
      field<20, &Memory::source_type>("source_type", "What it came from"),
      field<21, &Memory::source_agent>("source_agent", "The agent it came from", kinds::text(64)),
      field<22, &Memory::source_id>("source_id", "The data source it came from", kinds::text(64)),
      field<23, &Memory::goal>("goal", "What was to be reached").patched_by<&Patch::goal>(),
      field<24, &Memory::result>("result", "What came of it").patched_by<&Patch::result>(),
      field<25, &Memory::feedback>("feedback", "What was said of it")
          .patched_by<&Patch::feedback>(),
      field<26, &Memory::tool_usage>("tool_usage", "Any JSON", json()),
      field<27, &Memory::actions>("actions", "What was done"),
      field<28, &Memory::outcome>("outcome", "How it ended").patched_by<&Patch::outcome>(),
      field<29, &Memory::success>("success", "Whether it did well").patched_by<&Patch::success>(),
      field<30, &Memory::error_patterns>("error_patterns", "Any JSON", json()),
      field<31, &Memory::is_critical>("is_critical", "Never dropped by compression")
          .patched_by<&Patch::is_critical>(),
      field<32, &Memory::criticality_reason>("criticality_reason", "Why")
          .patched_by<&Patch::criticality_reason>(),
      field<33, &Memory::priority>("priority", "How much it matters", between(1, 10))
          .patched_by<&Patch::priority>(),
      field<Slot{57, 34}, &Memory::strength>("strength", "How fast it fades", between(0, 2))
          .patched_by<&Patch::strength>(),
      field<35, &Memory::use_count>("use_count", "How often it was used", not_negative()),
      field<36, &Memory::review_count>("review_count", "How often it was reviewed", not_negative()),
      field<37, &Memory::cross_domain_count>("cross_domain_count", "How often it served elsewhere",
                                             not_negative()),
      field<Slot{58, 38}, &Memory::relevance_score>("relevance_score", "As given"),
      field<39, &Memory::status>("status", "Where it stands in its life"),
      field<40, &Memory::created_at>("created_at", "When it was made"),
      field<41, &Memory::updated_at>("updated_at", "When it was changed"),
      field<42, &Memory::last_used>("last_used", "When it was used"),
      field<43, &Memory::expires_at>("expires_at", "When it ends").patched_by<&Patch::expires_at>(),
      field<44, &Memory::promoted_at>("promoted_at", "When it was promoted"),
      field<45, &Memory::archived_at>("archived_at", "When it was put aside"),
      field<46, &Memory::deleted_at>("deleted_at", "When it was forgotten"),
      field<47, &Memory::ltm_path>("ltm_path", "Of its note, in a vault"),
      field<48, &Memory::parent_memory_id>("parent_memory_id", "The memory above it"),
      field<49, &Memory::consolidated_into_id>("consolidated_into_id",
                                               "The merge that stands for it"),
      field<50, &Memory::abstraction_level>(
          "abstraction_level", "0 raw, 1 merge, 2 pattern, 3 principle", between(0, 3)),
      field<51, &Memory::pattern_type>("pattern_type", "What kind of pattern it is"),
      field<Slot{59, 52}, &Memory::confidence_score>("confidence_score", "How sure", between(0, 1)),
      field<53, &Memory::source_memory_ids>("source_memory_ids", "What it was made from"),
      field<54, &Memory::consolidation_method>("consolidation_method", "Who wrote a merge"),
      field<55, &Memory::consolidated_at>("consolidated_at", "When it was merged"),
      field<56, &Memory::reuse_count>("reuse_count", "How often it was used again", not_negative()),
      stored<19, &Memory::content_hash>("content_hash", "Of what it says; set by the store"),
      stored<0, &Memory::revision>("revision", "Of its last write; set by the store"),
  };
  // consolidated_into_id must exist and is cleared, by memory_writes.cc, which knows merges.
  static constexpr std::tuple references{
      reference<&Memory::project_id, Project>(MustExist::kNo, WhenGone::kErase, Among::kDerived),
      reference<&Memory::session_id, Session>(MustExist::kYes, WhenGone::kErase),
      reference<&Memory::task_id, Task>(MustExist::kNo, WhenGone::kErase, Among::kRaw),
      reference<&Memory::stage_id, Stage>(MustExist::kNo, WhenGone::kClear),
      reference<&Memory::consolidated_into_id, Memory>(MustExist::kYes, WhenGone::kClear),
  };
  static constexpr std::tuple<> unique{};  // external_id: see Transaction::check_name().
};

}  // namespace tulving::kinds
