#include "core/engine/record/record_border.h"

#include <string_view>

#include "core/base/check.h"

namespace tulving::engine {

bool same_scope(const storage::MemoryRecord& a, const storage::MemoryRecord& b) {
  return a.user_id() == b.user_id() && a.agent_id() == b.agent_id() &&
         a.project_id() == b.project_id();
}

bool same_border(const storage::MemoryRecord& a, const storage::MemoryRecord& b) {
  return same_scope(a, b) && a.expires_at() == b.expires_at();
}

std::string border_key(const storage::MemoryRecord& record) {
  std::string key;
  for (const std::string_view name : {record.user_id(), record.agent_id(), record.project_id()}) {
    TULVING_DCHECK(name.find('\0') == std::string_view::npos);
    key.append(name).push_back('\0');
  }
  if (const auto expiry = record.expires_at()) {
    key += std::to_string(expiry->time_since_epoch().count());
  }
  return key;
}

}  // namespace tulving::engine
