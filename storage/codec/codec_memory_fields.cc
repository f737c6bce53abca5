#include "core/base/check.h"
#include "storage/codec/codec.h"
#include "storage/codec/codec_flatbuffers.h"

// Reading a MemoryRecord in place. The bytes were verified, or made here, before the record
// existed.

namespace tulving::storage {
namespace {

const fbs::Memory& root(const MemoryRecord& record) {
  // Its 8-byte scalars are read where they lie.
  TULVING_DCHECK(reinterpret_cast<std::uintptr_t>(record.bytes().data()) % 8 == 0);
  return *flatbuffers::GetRoot<fbs::Memory>(record.bytes().data());
}

template <class To, class From>
std::optional<To> enumerator(flatbuffers::Optional<From> value) {
  return value ? std::optional(static_cast<To>(*value)) : std::nullopt;
}

void copy_scope(const fbs::Memory& from, Memory& to) {
  to.id = from_fbs(from.id());
  to.revision = from.revision();
  to.external_id = view(from.external_id());
  to.agent_id = view(from.agent_id());
  to.user_id = view(from.user_id());
  to.project_id = view(from.project_id());
  to.session_id = view(from.session_id());
  to.task_id = view(from.task_id());
  to.stage_id = view(from.stage_id());
}

void copy_content(const fbs::Memory& from, Memory& to) {
  to.memory_type = view(from.memory_type());
  to.layer = static_cast<Layer>(from.layer());
  to.text = view(from.text());
  to.content = view(from.content());
  to.summary = view(from.summary());
  to.tags = strings(from.tags());
  to.entities = strings(from.entities());
  to.facts = strings(from.facts());
  to.keywords = strings(from.keywords());
  to.metadata = view(from.metadata());
  to.content_hash = view(from.content_hash());
  to.source_type = static_cast<SourceType>(from.source_type());
  to.source_agent = view(from.source_agent());
  to.source_id = view(from.source_id());
}

void copy_outcome(const fbs::Memory& from, Memory& to) {
  to.goal = view(from.goal());
  to.result = view(from.result());
  to.feedback = view(from.feedback());
  to.tool_usage = view(from.tool_usage());
  to.actions = strings(from.actions());
  to.outcome = view(from.outcome());
  if (from.success()) to.success = *from.success();
  to.error_patterns = view(from.error_patterns());
  to.is_critical = from.is_critical();
  to.criticality_reason = view(from.criticality_reason());
  to.priority = from.priority();
  to.strength = exact(from.exact_strength(), from.strength());
  to.use_count = from.use_count();
  to.review_count = from.review_count();
  to.cross_domain_count = from.cross_domain_count();
  to.relevance_score = exact(from.exact_relevance_score(), from.relevance_score());
}

void copy_life(const fbs::Memory& from, Memory& to) {
  to.status = static_cast<MemoryStatus>(from.status());
  to.created_at = time_from_fbs(from.created_at());
  to.updated_at = time_from_fbs(from.updated_at());
  to.last_used = time_from_fbs(from.last_used());
  to.expires_at = time_from_fbs(from.expires_at());
  to.promoted_at = time_from_fbs(from.promoted_at());
  to.archived_at = time_from_fbs(from.archived_at());
  to.deleted_at = time_from_fbs(from.deleted_at());
  to.ltm_path = view(from.ltm_path());
  to.parent_memory_id = from_fbs(from.parent_memory_id());
  to.consolidated_into_id = from_fbs(from.consolidated_into_id());
  to.abstraction_level = from.abstraction_level();
  to.pattern_type = enumerator<PatternType>(from.pattern_type());
  to.confidence_score = exact(from.exact_confidence_score(), from.confidence_score());
  to.source_memory_ids = uuids(from.source_memory_ids());
  to.consolidation_method = enumerator<ConsolidationMethod>(from.consolidation_method());
  to.consolidated_at = time_from_fbs(from.consolidated_at());
  to.reuse_count = from.reuse_count();
}

}  // namespace

Memory MemoryRecord::to_memory() const {
  Memory memory;
  const fbs::Memory& from = root(*this);
  copy_scope(from, memory);
  copy_content(from, memory);
  copy_outcome(from, memory);
  copy_life(from, memory);
  return memory;
}

Uuid MemoryRecord::id() const { return from_fbs(root(*this).id()); }
std::uint64_t MemoryRecord::revision() const { return root(*this).revision(); }
std::uint64_t MemoryRecord::edited_revision() const {
  const std::uint64_t edited = root(*this).edited_revision();
  return edited == 0 ? revision() : edited;
}
std::string_view MemoryRecord::external_id() const { return view(root(*this).external_id()); }
std::string_view MemoryRecord::agent_id() const { return view(root(*this).agent_id()); }
std::string_view MemoryRecord::user_id() const { return view(root(*this).user_id()); }
std::string_view MemoryRecord::project_id() const { return view(root(*this).project_id()); }
std::string_view MemoryRecord::session_id() const { return view(root(*this).session_id()); }
std::string_view MemoryRecord::task_id() const { return view(root(*this).task_id()); }
std::string_view MemoryRecord::stage_id() const { return view(root(*this).stage_id()); }
std::string_view MemoryRecord::memory_type() const { return view(root(*this).memory_type()); }
Layer MemoryRecord::layer() const { return static_cast<Layer>(root(*this).layer()); }
std::string_view MemoryRecord::text() const { return view(root(*this).text()); }
std::string_view MemoryRecord::content() const { return view(root(*this).content()); }
std::string_view MemoryRecord::summary() const { return view(root(*this).summary()); }
std::vector<std::string_view> MemoryRecord::tags() const { return views(root(*this).tags()); }
std::vector<std::string_view> MemoryRecord::entities() const {
  return views(root(*this).entities());
}
std::vector<std::string_view> MemoryRecord::keywords() const {
  return views(root(*this).keywords());
}
std::string_view MemoryRecord::metadata() const { return view(root(*this).metadata()); }
SourceType MemoryRecord::source_type() const {
  return static_cast<SourceType>(root(*this).source_type());
}
std::string_view MemoryRecord::source_agent() const { return view(root(*this).source_agent()); }
std::string_view MemoryRecord::source_id() const { return view(root(*this).source_id()); }
std::int32_t MemoryRecord::priority() const { return root(*this).priority(); }
double MemoryRecord::strength() const {
  return exact(root(*this).exact_strength(), root(*this).strength());
}
std::int32_t MemoryRecord::use_count() const { return root(*this).use_count(); }
std::int32_t MemoryRecord::review_count() const { return root(*this).review_count(); }
std::int32_t MemoryRecord::cross_domain_count() const { return root(*this).cross_domain_count(); }
std::int32_t MemoryRecord::reuse_count() const { return root(*this).reuse_count(); }
double MemoryRecord::relevance_score() const {
  return exact(root(*this).exact_relevance_score(), root(*this).relevance_score());
}
std::optional<double> MemoryRecord::confidence_score() const {
  return exact(root(*this).exact_confidence_score(), root(*this).confidence_score());
}
std::int32_t MemoryRecord::abstraction_level() const { return root(*this).abstraction_level(); }
MemoryStatus MemoryRecord::status() const {
  return static_cast<MemoryStatus>(root(*this).status());
}
Uuid MemoryRecord::consolidated_into_id() const {
  return from_fbs(root(*this).consolidated_into_id());
}
std::vector<Uuid> MemoryRecord::source_memory_ids() const {
  return uuids(root(*this).source_memory_ids());
}
Timestamp MemoryRecord::created_at() const { return time_from_fbs(root(*this).created_at()); }
Timestamp MemoryRecord::updated_at() const { return time_from_fbs(root(*this).updated_at()); }
Timestamp MemoryRecord::last_used() const { return time_from_fbs(root(*this).last_used()); }
std::optional<Timestamp> MemoryRecord::expires_at() const {
  return time_from_fbs(root(*this).expires_at());
}
std::optional<Timestamp> MemoryRecord::promoted_at() const {
  return time_from_fbs(root(*this).promoted_at());
}
std::optional<Timestamp> MemoryRecord::archived_at() const {
  return time_from_fbs(root(*this).archived_at());
}
std::optional<Timestamp> MemoryRecord::deleted_at() const {
  return time_from_fbs(root(*this).deleted_at());
}
std::optional<Timestamp> MemoryRecord::consolidated_at() const {
  return time_from_fbs(root(*this).consolidated_at());
}
bool MemoryRecord::is_critical() const { return root(*this).is_critical(); }
std::string_view MemoryRecord::content_hash() const { return view(root(*this).content_hash()); }

}  // namespace tulving::storage
