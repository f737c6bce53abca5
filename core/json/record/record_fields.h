#pragma once

#include "core/json/record/field_table.h"

namespace tulving::json {

// The fields of each record, in the order in which they are written. Left out here, and handled by
// record_json.cc, are the members that stand for more than one field: kind, tenant_id, text and
// content, and the embeddings.

/// An id that must be a UUID: the record's own.
template <auto kMember>
constexpr FieldRule<StructOf<kMember>> uuid_field(std::string_view name) {
  auto rule = field<kMember>(name);
  rule.read = [](const FieldValue& in, StructOf<kMember>& out) -> Status {
    if (in.is_null()) return {};
    if (in.value.kind() == JsonKind::kString) {
      if (const auto id = Uuid::parse(in.value.as_string())) {
        out.*kMember = *id;
        return {};
      }
    }
    return in.must_be("an RFC 4122 version 4 UUID; a name of your own goes in external_id");
  };
  return rule;
}

inline constexpr FieldRule<Memory> kMemoryFields[] = {
    uuid_field<&Memory::id>("id"),
    field<&Memory::external_id>("external_id"),
    field<&Memory::agent_id>("agent_id"),
    field<&Memory::user_id>("user_id"),
    field<&Memory::project_id>("project_id"),
    field<&Memory::session_id>("session_id"),
    field<&Memory::task_id>("task_id"),
    field<&Memory::stage_id>("stage_id"),
    field<&Memory::memory_type>("memory_type"),
    field<&Memory::layer>("layer"),
    field<&Memory::summary>("summary"),
    field<&Memory::tags>("tags"),
    field<&Memory::entities>("entities"),
    field<&Memory::facts>("facts"),
    field<&Memory::keywords>("keywords"),
    object_field<&Memory::metadata>("metadata"),
    field<&Memory::source_type>("source_type"),
    field<&Memory::source_agent>("source_agent"),
    field<&Memory::source_id>("source_id"),
    field<&Memory::goal>("goal"),
    field<&Memory::result>("result"),
    field<&Memory::feedback>("feedback"),
    json_field<&Memory::tool_usage>("tool_usage"),
    field<&Memory::actions>("actions"),
    field<&Memory::outcome>("outcome"),
    field<&Memory::success>("success"),
    json_field<&Memory::error_patterns>("error_patterns"),
    field<&Memory::is_critical>("is_critical"),
    field<&Memory::criticality_reason>("criticality_reason"),
    field<&Memory::priority>("priority"),
    field<&Memory::strength>("strength"),
    field<&Memory::use_count>("use_count"),
    field<&Memory::review_count>("review_count"),
    field<&Memory::cross_domain_count>("cross_domain_count"),
    field<&Memory::relevance_score>("relevance_score"),
    field<&Memory::status>("status"),
    field<&Memory::created_at>("created_at"),
    field<&Memory::updated_at>("updated_at"),
    field<&Memory::last_used>("last_used"),
    field<&Memory::expires_at>("expires_at"),
    field<&Memory::promoted_at>("promoted_at"),
    field<&Memory::archived_at>("archived_at"),
    field<&Memory::deleted_at>("deleted_at"),
    field<&Memory::ltm_path>("ltm_path"),
    field<&Memory::parent_memory_id>("parent_memory_id"),
    field<&Memory::consolidated_into_id>("consolidated_into_id"),
    field<&Memory::abstraction_level>("abstraction_level"),
    field<&Memory::pattern_type>("pattern_type"),
    field<&Memory::confidence_score>("confidence_score"),
    field<&Memory::source_memory_ids>("source_memory_ids"),
    field<&Memory::consolidation_method>("consolidation_method"),
    field<&Memory::consolidated_at>("consolidated_at"),
    field<&Memory::reuse_count>("reuse_count"),
    read_only<&Memory::content_hash>("content_hash"),
    read_only<&Memory::revision>("revision"),
};

inline constexpr FieldRule<Session> kSessionFields[] = {
    field<&Session::session_id>("session_id"),     field<&Session::user_id>("user_id"),
    field<&Session::session_type>("session_type"), field<&Session::summary>("summary"),
    object_field<&Session::metadata>("metadata"),  field<&Session::is_archived>("is_archived"),
    field<&Session::created_at>("created_at"),     field<&Session::updated_at>("updated_at"),
    field<&Session::ended_at>("ended_at"),         read_only<&Session::revision>("revision"),
};

inline constexpr FieldRule<Relation> kRelationFields[] = {
    uuid_field<&Relation::id>("id"),
    field<&Relation::source_id>("source_id"),
    field<&Relation::target_id>("target_id"),
    field<&Relation::relation_type>("relation_type"),
    field<&Relation::strength>("strength"),
    field<&Relation::confidence>("confidence"),
    object_field<&Relation::metadata>("metadata"),
    field<&Relation::created_at>("created_at"),
    read_only<&Relation::revision>("revision"),
};

inline constexpr FieldRule<MemoryPatch> kPatchFields[] = {
    patch_field<&MemoryPatch::summary>("summary"),
    patch_field<&MemoryPatch::memory_type>("memory_type"),
    patch_field<&MemoryPatch::layer>("layer"),
    patch_field<&MemoryPatch::tags>("tags"),
    patch_field<&MemoryPatch::entities>("entities"),
    patch_field<&MemoryPatch::facts>("facts"),
    patch_field<&MemoryPatch::keywords>("keywords"),
    patch_object<&MemoryPatch::metadata>("metadata"),
    patch_field<&MemoryPatch::user_id>("user_id"),
    patch_field<&MemoryPatch::project_id>("project_id"),
    patch_field<&MemoryPatch::task_id>("task_id"),
    patch_field<&MemoryPatch::stage_id>("stage_id"),
    patch_field<&MemoryPatch::goal>("goal"),
    patch_field<&MemoryPatch::result>("result"),
    patch_field<&MemoryPatch::feedback>("feedback"),
    patch_field<&MemoryPatch::outcome>("outcome"),
    patch_field<&MemoryPatch::success>("success"),
    patch_field<&MemoryPatch::is_critical>("is_critical"),
    patch_field<&MemoryPatch::criticality_reason>("criticality_reason"),
    patch_field<&MemoryPatch::priority>("priority"),
    patch_field<&MemoryPatch::strength>("strength"),
    patch_field<&MemoryPatch::expires_at>("expires_at"),
};

}  // namespace tulving::json
