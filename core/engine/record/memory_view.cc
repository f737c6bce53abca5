#include "storage/codec/codec.h"
#include "tulving/search.h"

namespace tulving {

MemoryView::MemoryView(std::shared_ptr<const storage::MemoryRecord> record)
    : record_(std::move(record)) {}

Uuid MemoryView::id() const { return record_->id(); }
std::string_view MemoryView::external_id() const { return record_->external_id(); }
std::string_view MemoryView::text() const { return record_->text(); }
std::string_view MemoryView::summary() const { return record_->summary(); }
std::string_view MemoryView::memory_type() const { return record_->memory_type(); }
std::string_view MemoryView::session_id() const { return record_->session_id(); }
std::string_view MemoryView::agent_id() const { return record_->agent_id(); }
Timestamp MemoryView::created_at() const { return record_->created_at(); }
MemoryStatus MemoryView::status() const { return record_->status(); }
std::int32_t MemoryView::priority() const { return record_->priority(); }
std::uint64_t MemoryView::revision() const { return record_->revision(); }
Memory MemoryView::to_memory() const { return record_->to_memory(); }

}  // namespace tulving
