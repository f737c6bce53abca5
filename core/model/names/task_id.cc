#include "core/model/names/task_id.h"

#include <fmt/format.h>

#include "core/base/hash.h"

namespace tulving::model {

std::string task_id(std::string_view tenant_id, UpkeepAgent agent, std::string_view action,
                    std::span<const Uuid> memory_ids) {
  // An action of up to 32 bytes holds no "/ID", so no other memories spell the same.
  std::string name = fmt::format("{}/{}/{}", tenant_id, to_string(agent), action);
  for (const Uuid& id : memory_ids) name += "/" + id.to_string();
  return fmt::format("{}-{}", to_string(agent), to_hex(md5(name)).substr(0, 16));
}

Uuid group_id(std::string_view tenant_id, std::string_view kind, std::span<const Uuid> memory_ids) {
  std::string name(kind);
  for (const Uuid& id : memory_ids) name += "/" + id.to_string();
  return Uuid::derive(tenant_id, name);
}

}  // namespace tulving::model
