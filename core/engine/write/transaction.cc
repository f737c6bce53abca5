#include "core/engine/write/transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "core/base/check.h"
#include "core/base/hash.h"

namespace tulving::engine {

using storage::RecordKind;
using storage::Table;

namespace {

template <class... Records>
void apply_erased(const auto& changes, TenantState& tenant, kinds::KindList<Records...>) {
  const auto apply = [&]<class Record>(kinds::Tag<Record>) {
    for (const auto& [key, record] : changes.template of<Record>()) {
      if (!record) tenant.erase<Record>(key);
    }
  };
  (apply(kinds::Tag<Records>{}), ...);
}

template <class... Records>
void apply_put(auto& changes, TenantState& tenant, kinds::KindList<Records...>) {
  const auto apply = [&]<class Record>(kinds::Tag<Record>) {
    for (auto& [key, record] : changes.template of<Record>()) {
      if (record) tenant.put(*std::move(record));
    }
  };
  (apply(kinds::Tag<Records>{}), ...);
}

/// Says that RAM has a part of a write, unless all of it was applied.
class Tear {
 public:
  explicit Tear(std::atomic<bool>& is_torn) : is_torn_(is_torn) {}
  ~Tear() {
    if (!is_mended_) is_torn_.store(true);
  }
  Tear(const Tear&) = delete;
  Tear& operator=(const Tear&) = delete;
  void mend() { is_mended_ = true; }

 private:
  std::atomic<bool>& is_torn_;
  bool is_mended_ = false;
};

}  // namespace

Transaction::Transaction(const Context& context, std::shared_ptr<SharedTenant> tenant)
    : context_(context),
      shared_(std::move(tenant)),
      tenant_(&shared_->seen_by_writer()),
      // One that is beyond the limit is refused by check_room(), whatever it is here.
      number_(tenant_->number.value_or(
          static_cast<std::uint32_t>(context.catalog.next_tenant_number()))),
      is_new_tenant_(!tenant_->number.has_value()) {
  TULVING_DCHECK(context_.revision > 0);  // 0 is a store that was never written to.
  TULVING_DCHECK(is_new_tenant_ || number_ < context_.catalog.next_tenant_number());
  if (is_new_tenant_) {
    batch_.put(Table::kMeta, storage::tenant_key(number_),
               storage::encode_tenant({number_, context.revision, tenant_->id}));
  }
}

bool Transaction::empty() const { return batch_.operations().size() == (is_new_tenant_ ? 1 : 0); }

MemoryChange& Transaction::change_of(const Uuid& id) {
  const auto [entry, is_new] = memory_index_.try_emplace(id, memories_.size());
  if (is_new) {
    MemoryChange change;
    if (const auto row = tenant_->memories.find(id)) change.before = tenant_->memories.record(*row);
    memories_.push_back(std::move(change));
  }
  TULVING_DCHECK(memories_.size() == memory_index_.size());  // One change a memory, however often.
  return memories_[entry->second];
}

Result<std::uint16_t> Transaction::model_number(const Embedding& embedding) {
  const auto dim = static_cast<std::uint32_t>(embedding.dim());
  auto model = context_.catalog.model(embedding.model);
  for (const auto& added : models_) {
    if (added.name == embedding.model) model = added;
  }
  const auto& options = context_.options;
  const bool is_pinned = options.embedding_dim != 0 && embedding.model == options.default_model;
  const std::uint32_t expected = model ? model->dim : is_pinned ? options.embedding_dim : dim;
  if (dim != expected) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("embedding has {} dimensions; model \"{}\" has {} in this store", dim,
                             embedding.model, expected),
                 "embedding"};
  }
  if (model) return model->number;
  return new_model(embedding.model, dim);
}

void Transaction::announce(const Uuid& id, std::string_view external_id) {
  if (external_id.empty()) return;
  const Uuid derived = Uuid::derive(tenant_->id, external_id);
  if (derived != id) staged_names_[derived] = id;
}

// A name that the memory has already stays, even where an old store gave it to two.
Status Transaction::check_name(const Memory& memory) const {
  if (memory.external_id.empty()) return {};
  const RecordPtr present = this->memory(memory.id);
  if (present && present->external_id() == memory.external_id) return {};
  const auto holder = named(memory.external_id);
  if (!holder || *holder == memory.id) return {};
  return Error{ErrorCode::kConflict,
               fmt::format("external_id is \"{}\", the name of memory {}; memory {} needs another",
                           memory.external_id, holder->to_string(), memory.id.to_string()),
               "external_id"};
}

Status Transaction::put_memory(Memory memory, std::string_view history_operation) {
  const auto embeddings =
      std::make_shared<const std::vector<Embedding>>(std::move(memory.embeddings));
  return put_memory(memory, *embeddings, embeddings, history_operation, 0);
}

Status Transaction::put_embeddings(const RecordPtr& present, std::vector<Embedding> embeddings) {
  TULVING_DCHECK(memory(present->id()) == present);
  Memory memory = present->to_memory();
  const auto owner = std::make_shared<const std::vector<Embedding>>(std::move(embeddings));
  note_settled(memory.id);  // It says what it said: nothing follows.
  return put_memory(memory, *owner, owner, {}, present->edited_revision());
}

Status Transaction::put_memory(Memory& memory, std::span<const Embedding> embeddings,
                               std::string_view history_operation) {
  return put_memory(memory, embeddings, nullptr, history_operation, 0);
}

Result<std::vector<MemoryChange::VectorChange>> Transaction::put_vectors(
    const Uuid& id, std::span<const Embedding> embeddings,
    const std::shared_ptr<const void>& owner) {
  std::vector<MemoryChange::VectorChange> vectors;
  vectors.reserve(embeddings.size());
  for (const Embedding& embedding : embeddings) {
    const auto number = model_number(embedding);
    if (!number) return number.error();
    const std::span<const float> floats(embedding.vector);
    batch_.put(
        Table::kVectors, storage::vector_key(number_, id, *number),
        storage::encode_embedding_front(context_.revision, floats.size(), embedding.passages),
        {reinterpret_cast<const char*>(floats.data()), floats.size_bytes()}, owner);
    vectors.push_back({*number, floats, owner, embedding.passages});
  }
  return vectors;
}

Status Transaction::put_memory(Memory& memory, std::span<const Embedding> embeddings,
                               const std::shared_ptr<const void>& owner,
                               std::string_view history_operation, std::uint64_t edited_revision) {
  if (auto status = check_name(memory); !status) return status;
  announce(memory.id, memory.external_id);
  memory.revision = context_.revision;
  const Uuid id = memory.id;
  auto vectors = put_vectors(id, embeddings, owner);
  if (!vectors) return vectors.error();
  RecordPtr record = storage::MemoryRecord::encode(memory, edited_revision);
  TULVING_DCHECK(record->id() == id && record->revision() == context_.revision);
  MemoryChange& change = change_of(id);
  TULVING_DCHECK(!change.before || change.before->revision() < context_.revision);
  if (!history_operation.empty() && change.before && !change.after) {
    batch_.put(Table::kHistory, storage::history_key(number_, id, change.before->revision()),
               storage::encode_history({std::string(history_operation), change.before->revision(),
                                        context_.now, std::string(change.before->bytes())}));
  }
  batch_.put(Table::kRecords, storage::record_key(number_, RecordKind::kMemory, id), {},
             record->bytes(), record);
  for (auto& vector : *vectors) {
    std::erase_if(change.vectors, [&](const auto& old) { return old.model == vector.model; });
    change.vectors.push_back(std::move(vector));
  }
  const Said said = said_by(*record);
  const bool was_gone = is_erased(id) || tenant_->retracted_ids.contains(id);
  if (was_gone) tell_lost_vectors(id, change);
  if (was_gone || is_content_erased(said)) {
    drop_tombstone(id, said);
  }
  for (const Uuid& source : memory.source_memory_ids) {
    staged_derived_[source].push_back(memory_index_.at(id));
  }
  staged_contents_[content_digest(tenant_->id, said)].push_back(id);
  change.after = std::move(record);
  return {};
}

void Transaction::put_tombstone(RecordKind kind, const Uuid& id, storage::Tombstone tombstone) {
  TULVING_DCHECK(tombstone.revision == context_.revision);  // Or an incremental sync passes it by.
  tombstone.kind = static_cast<std::uint8_t>(kind);
  batch_.put(Table::kRecords, storage::tombstone_key(number_, kind, id),
             storage::encode_tombstone(tombstone));
}

void Transaction::bury_memory(const Uuid& id, const ContentBan& ban) {
  put_tombstone(RecordKind::kMemory, id, {context_.revision, 0, {}, ban.digest, ban.content_id});
  tombstones_.emplace_back(id, ban);
}

void Transaction::drop_tombstone(const Uuid& id, const Said& said) {
  batch_.erase(Table::kRecords, storage::tombstone_key(number_, RecordKind::kMemory, id));
  revivals_.push_back(id);
  // A content's ban lies in the tombstones of the ids it was erased with. They stay, without it.
  for (const ContentBan& ban : tenant_->bans_on(said)) {
    for (const auto& [other, banned] : tenant_->erased_ids) {
      if (banned == ban && other != id) bury_memory(other, kBansNoText);
    }
  }
}

bool Transaction::wants_building() const {
  return std::ranges::any_of(
      tenant_->vectors, [](const auto& of_model) { return of_model.second->wants_building(); });
}

void Transaction::apply(std::atomic<bool>& is_torn) {
  TULVING_DCHECK(!batch_.empty());  // RAM follows the log, never the other way round.
  TULVING_DCHECK(is_new_tenant_ != tenant_->number.has_value());
  const std::size_t count = memory_count();
  for (const auto& model : models_) context_.catalog.add_model(model);
  if (is_new_tenant_) context_.catalog.register_tenant(shared_, number_);
  TULVING_DCHECK(tenant_->number == number_);
  const auto tenant = shared_->write();
  Tear tear(is_torn);  // Goes before the lock does.
  // Relations need their ends: they go before memories do, and come after them.
  apply_erased(records_, *tenant, kinds::PlainKinds());
  for (const MemoryChange& change : memories_) {
    if (change.before || change.after) tenant->apply(change);
  }
  apply_put(records_, *tenant, kinds::PlainKinds());
  for (const auto& [id, plan] : plans_) tenant->plans[id] = head_of(plan);
  if (vaults_) tenant->vaults = *std::move(vaults_);
  for (const auto& [id, ban] : tombstones_) tenant->see_tombstone(id, ban);
  for (const Uuid& id : revivals_) tenant->forget_tombstone(id);
  tear.mend();
  TULVING_DCHECK(tenant->memories.size() == count);
  // What was staged is what is there: memory_before() now reads what this write has left.
  TULVING_DCHECK(std::ranges::all_of(memories_, [&](const MemoryChange& change) {
    return !change.after || memory_before(change.after->id()) == change.after;
  }));
  // There and erased exclude each other, in RAM as in the log.
  TULVING_DCHECK(std::ranges::none_of(memories_, [&](const MemoryChange& change) {
    return change.after && tenant->erased_ids.contains(change.after->id());
  }));
  TULVING_DCHECK(std::ranges::all_of(tombstones_, [&](const auto& tombstone) {
    return tenant->memories.find(tombstone.first) || tenant->erased_ids.contains(tombstone.first) ||
           tenant->retracted_ids.contains(tombstone.first);
  }));
}

}  // namespace tulving::engine
