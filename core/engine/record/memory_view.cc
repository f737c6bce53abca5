#include "core/base/check.h"
#include "storage/codec/codec.h"
#include "tulving/search.h"

namespace tulving {

MemoryView::MemoryView(std::shared_ptr<const storage::MemoryRecord> record)
    : record_(std::move(record)) {
  TULVING_DCHECK(record_ != nullptr);
}

Uuid MemoryView::id() const { return record_->id(); }
std::uint64_t MemoryView::revision() const { return record_->revision(); }
std::string_view MemoryView::external_id() const { return record_->external_id(); }
std::string_view MemoryView::user_id() const { return record_->user_id(); }
std::string_view MemoryView::agent_id() const { return record_->agent_id(); }
std::string_view MemoryView::project_id() const { return record_->project_id(); }
std::string_view MemoryView::session_id() const { return record_->session_id(); }
std::string_view MemoryView::task_id() const { return record_->task_id(); }
std::string_view MemoryView::stage_id() const { return record_->stage_id(); }
std::string_view MemoryView::memory_type() const { return record_->memory_type(); }
Layer MemoryView::layer() const { return record_->layer(); }
SourceType MemoryView::source_type() const { return record_->source_type(); }
std::string_view MemoryView::text() const { return record_->text(); }
std::string_view MemoryView::summary() const { return record_->summary(); }
std::vector<std::string_view> MemoryView::tags() const { return record_->tags(); }
std::vector<std::string_view> MemoryView::entities() const { return record_->entities(); }
std::string_view MemoryView::metadata() const { return record_->metadata(); }
MemoryStatus MemoryView::status() const { return record_->status(); }
std::int32_t MemoryView::priority() const { return record_->priority(); }
bool MemoryView::is_critical() const { return record_->is_critical(); }
Timestamp MemoryView::created_at() const { return record_->created_at(); }
Timestamp MemoryView::updated_at() const { return record_->updated_at(); }
Timestamp MemoryView::last_used() const { return record_->last_used(); }
std::optional<Timestamp> MemoryView::expires_at() const { return record_->expires_at(); }
Memory MemoryView::to_memory() const { return record_->to_memory(); }

}  // namespace tulving
