#include "core/operations/table/groups.h"

namespace tulving::operations {

std::vector<std::span<const Operation>> groups() {
  return {memory_write_operations(), memory_read_operations(), memory_value_operations(),
          memory_life_operations(),  relation_operations(),    search_operations(),
          plain_kind_operations(),   store_operations(),       embedding_operations(),
          holdable_operations(),     fading_operations(),      consolidation_operations(),
          plan_operations(),         queue_operations(),       tracker_operations(),
          job_operations(),          note_operations(),        transfer_operations()};
}

}  // namespace tulving::operations
