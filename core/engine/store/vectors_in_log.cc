#include "core/engine/store/vectors_in_log.h"

#include <memory>
#include <vector>

#include "storage/codec/codec.h"
#include "storage/keys.h"

namespace tulving::engine {

VectorSources vectors_in_log(const storage::Journal& journal, std::uint32_t tenant,
                             std::span<const CheckpointRow> rows) {
  auto listed = std::make_shared<std::vector<Uuid>>();
  listed->reserve(rows.size());
  for (const CheckpointRow& row : rows) listed->push_back(row.id);
  const std::shared_ptr<const std::vector<Uuid>> ids = std::move(listed);
  return [ids, &journal, tenant](std::uint16_t model) -> index::VectorSource {
    return [ids, &journal, tenant, model](std::uint32_t row, std::vector<float>& vector) {
      if (row >= ids->size() || (*ids)[row].is_nil()) return false;
      const auto value =
          journal.get(storage::Table::kVectors, storage::vector_key(tenant, (*ids)[row], model));
      if (!value || !*value) return false;
      auto embedding = storage::decode_embedding(**value);
      if (!embedding) return false;
      vector = std::move(embedding->vector);
      return true;
    };
  };
}

}  // namespace tulving::engine
