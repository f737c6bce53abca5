#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/base/errors.h"
#include "core/engine/record/not_found.h"
#include "core/engine/store/store_impl.h"

// Tenant's reads, searches and lists aside. Each holds the tenant's mutex shared for as long as it
// looks at RAM; what it returns is copied or shared immutably.

namespace tulving {
namespace {

constexpr std::uint32_t kRelatedMax = 10'000;
constexpr std::uint32_t kHopsMax = 8;

Status check_range(std::uint32_t value, std::uint32_t max, const char* field) {
  if (value >= 1 && value <= max) return {};
  return invalid(fmt::format("{} is {}; must be 1..{}", field, value, max), field);
}

Error no_memory(const std::string& tenant, const Uuid& id) {
  return engine::no_such<Memory>(tenant, id);
}

// Calls `visit` with every record of a plain kind, in the order of its list.
template <class Plain>
Status export_plain(const Tenant& tenant, const std::function<Status(const Record&)>& visit) {
  auto records = list_all<Plain>(tenant);
  if (!records) return records.error();
  for (Plain& record : *records) {
    if (auto status = visit(std::move(record)); !status) return status;
  }
  return {};
}

}  // namespace

const std::string& Tenant::id() const { return impl_->tenant->id(); }
bool Tenant::is_dropped() const { return impl_->tenant->is_dropped(); }

Result<Memory> Tenant::get(Uuid id, bool with_embeddings) const {
  engine::RecordPtr record;
  std::vector<std::uint16_t> models;
  std::uint32_t number = 0;
  {
    auto reading = impl_->read();
    if (!reading) return reading.error();
    const engine::TenantState& tenant = **reading;
    const auto row = tenant.memories.find(id);
    if (!row) return no_memory(this->id(), id);
    record = tenant.memories.record(*row);
    TULVING_DCHECK(record->id() == id && tenant.number);  // Who has a memory has been written to.
    number = *tenant.number;
    for (const auto& [model, index] : tenant.vectors) {
      if (with_embeddings && index->contains(*row)) models.push_back(model);
    }
  }
  Memory memory = record->to_memory();
  for (const std::uint16_t model : models) {
    auto bytes = impl_->store->journal->get(storage::Table::kVectors,
                                            storage::vector_key(number, id, model));
    if (!bytes) return bytes.error();
    if (!*bytes) continue;  // Erased since the lock was released.
    auto stored = storage::decode_embedding(**bytes);
    if (!stored) return stored.error();
    memory.embeddings.push_back({impl_->store->catalog.model(model).value().name,
                                 std::move(stored->vector), stored->passages});
  }
  std::sort(memory.embeddings.begin(), memory.embeddings.end(),
            [](const Embedding& a, const Embedding& b) { return a.model < b.model; });
  return memory;
}

Result<Uuid> Tenant::resolve(std::string_view name) const {
  auto reading = impl_->read();
  if (!reading) return reading.error();
  const engine::TenantState& state = **reading;
  const auto parsed = Uuid::parse(name);
  if (!parsed) {
    const auto named = state.rows_named(name);
    if (!named.empty()) return state.memories.record(named.front())->id();
  }
  // A memory without a name whose author derived its id.
  const Uuid id = parsed ? *parsed : Uuid::derive(state.id, name);
  const auto row = state.memories.find(id);
  if (row && (parsed || state.memories.record(*row)->external_id().empty())) return id;
  return Error{ErrorCode::kNotFound,
               fmt::format("tenant \"{}\" has no memory \"{}\"", state.id, name), "id"};
}

Result<std::vector<HistoryEntry>> Tenant::history(Uuid id) const {
  std::unique_ptr<storage::JournalReader> reader;
  engine::RecordPtr present;
  std::uint32_t number = 0;
  {
    auto reading = impl_->read();
    if (!reading) return reading.error();
    const engine::TenantState& tenant = **reading;
    const auto row = tenant.memories.find(id);
    if (!row) return no_memory(this->id(), id);
    present = tenant.memories.record(*row);
    number = *tenant.number;
    reader = impl_->store->journal->snapshot();
  }
  std::vector<HistoryEntry> entries;
  std::string operation = "add";
  const auto visit = [&](std::string_view, std::string_view bytes) -> Status {
    auto version = storage::decode_history(bytes);
    if (!version) return version.error();
    // A version that the log has and RAM does not yet: it ends with a later write than ours.
    if (version->revision >= present->revision()) return {};
    auto record = storage::MemoryRecord::decode(std::move(version->memory));
    if (!record) return record.error();
    entries.push_back({std::exchange(operation, version->operation), (*record)->revision(),
                       (*record)->updated_at(), (*record)->to_memory()});
    return {};
  };
  if (auto status =
          reader->scan(storage::Table::kHistory, storage::history_prefix(number, id), visit);
      !status) {
    return status.error();
  }
  entries.push_back({operation, present->revision(), present->updated_at(), present->to_memory()});
  return entries;
}

Result<std::vector<RelatedHit>> Tenant::related(Uuid memory_id,
                                                const RelatedRequest& request) const {
  if (auto status = check_range(request.hops_max, kHopsMax, "hops_max"); !status) {
    return status.error();
  }
  if (auto status = check_range(request.limit, kRelatedMax, "limit"); !status) {
    return status.error();
  }
  if (!request.outgoing && !request.incoming) {
    return invalid("outgoing and incoming are both false; one must be true", "outgoing");
  }
  const engine::TenantState::Visibility visibility{false, false, false, impl_->store->now()};
  auto reading = impl_->read();
  if (!reading) return reading.error();
  const engine::TenantState& tenant = **reading;
  const auto start = tenant.memories.find(memory_id);
  if (!start) return no_memory(id(), memory_id);
  index::WalkOptions walk;
  walk.hops_max = request.hops_max;
  walk.outgoing = request.outgoing;
  walk.incoming = request.incoming;
  walk.visible = [&](std::uint32_t row) { return tenant.is_visible(row, visibility); };
  walk.ties = tenant.memories.ties();
  walk.type_before = [&](std::uint32_t a, std::uint32_t b) {  // Numbers come as types are met.
    return tenant.relation_types.name(a) < tenant.relation_types.name(b);
  };
  std::vector<std::uint32_t> types;
  for (const std::string& type : request.types) {
    if (const auto number = tenant.relation_types.find(type)) types.push_back(*number);
  }
  std::vector<RelatedHit> hits;
  if (!request.types.empty() && types.empty()) return hits;  // No relation has one of the types.
  walk.types = types;
  for (const index::Reached& reached : tenant.graph.walk(*start, walk)) {
    if (hits.size() == request.limit) break;
    TULVING_DCHECK(reached.row != *start && reached.hops >= 1 && reached.hops <= request.hops_max);
    hits.push_back({MemoryView(tenant.memories.record(reached.row)), reached.hops, reached.strength,
                    tenant.memories.record(reached.via)->id(),
                    tenant.relation_types.name(reached.type)});
  }
  return hits;
}

Status Tenant::Impl::export_memories(const Tenant& tenant,
                                     const std::function<Status(const Record&)>& visit,
                                     bool with_embeddings) {
  std::vector<engine::RecordPtr> memories;
  {
    auto reading = of(tenant).read();
    if (!reading) return reading.error();
    const engine::MemoryTable& table = (*reading)->memories;
    for (const std::uint32_t row : table.rows()) memories.push_back(table.record(row));
  }
  // What others are consolidated into comes first, so that an import finds it there.
  std::sort(memories.begin(), memories.end(), [](const auto& a, const auto& b) {
    return std::pair(-a->abstraction_level(), a->id()) <
           std::pair(-b->abstraction_level(), b->id());
  });
  for (const auto& record : memories) {
    Memory memory = record->to_memory();
    if (with_embeddings) {
      auto whole = tenant.get(memory.id, true);
      if (!whole && whole.error().code == ErrorCode::kNotFound) continue;  // Erased meanwhile.
      if (!whole) return whole.error();
      memory.embeddings = std::move(whole->embeddings);
    }
    if (auto status = visit(std::move(memory)); !status) return status;
  }
  return {};
}

Status Tenant::export_records(const std::function<Status(const Record&)>& visit,
                              bool with_embeddings) const {
  Status status;
  kinds::RecordKinds::each([&]<class One>(kinds::Tag<One>) {
    if (!status) return;
    if constexpr (std::is_same_v<One, Memory>) {
      status = Impl::export_memories(*this, visit, with_embeddings);
    } else {
      status = export_plain<One>(*this, visit);
    }
  });
  return status;
}

}  // namespace tulving
