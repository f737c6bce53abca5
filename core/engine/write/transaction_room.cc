// What a write may take of the numbers that there are: refused before the log has any of it.

#include <fmt/format.h>

#include <string>

#include "core/base/check.h"
#include "core/base/flat_hash.h"
#include "core/engine/write/transaction.h"

namespace tulving::engine {

using storage::Table;

namespace {

Error too_many(std::string_view whose, std::uint64_t count, std::string_view what,
               std::uint64_t limit, std::string field = {}) {
  return {ErrorCode::kResourceExhausted,
          fmt::format("{} would have {} {}; at most {} are allowed", whose, count, what, limit),
          std::move(field)};
}

}  // namespace

Result<std::uint16_t> Transaction::new_model(const std::string& name, std::uint32_t dim) {
  const Limits& limits = context_.catalog.limits();
  const std::uint64_t number = context_.catalog.next_model_number() + models_.size();
  if (number >= limits.models) {
    return too_many("the store", number + 1, "embedding models", limits.models, "embedding_model");
  }
  const std::uint64_t own =
      (is_new_tenant_ ? 0 : context_.catalog.models_of(number_)) + models_.size();
  if (own >= limits.models_of_tenant) {
    return too_many(fmt::format("tenant \"{}\"", tenant_->id), own + 1,
                    "embedding models that it brought", limits.models_of_tenant, "embedding_model");
  }
  TULVING_DCHECK(number < 0xFFFF);  // The greatest means "no model".
  models_.push_back({static_cast<std::uint16_t>(number), context_.revision, name, dim, number_});
  batch_.put(Table::kMeta, storage::model_key(models_.back().number),
             storage::encode_model(models_.back()));
  return models_.back().number;
}

// As this write leaves them. Of a type that loses its last relation here the number is still taken.
std::size_t Transaction::relation_type_count() const {
  FlatSet<std::string_view> added;
  for (const auto& [id, relation] : records_.of<Relation>()) {
    if (relation && !tenant_->relation_types.find(relation->relation_type)) {
      added.insert(relation->relation_type);
    }
  }
  return tenant_->relation_types.size() + added.size();
}

std::uint64_t Transaction::growth() const {
  constexpr std::size_t kLifeBytes = 64;  // A time or a counter that a record had not yet.
  std::uint64_t bytes = 0;
  for (const MemoryChange& change : memories_) {
    if (!change.after) continue;
    const std::size_t before = change.before ? change.before->bytes().size() + kLifeBytes : 0;
    const std::size_t after = change.after->bytes().size();
    if (after > before) bytes += after - before;
    for (const auto& vector : change.vectors) bytes += vector.vector.size() * sizeof(float);
  }
  kinds::PlainKinds::each([&]<class Record>(kinds::Tag<Record>) {
    for (const auto& [key, record] : records_.of<Record>()) {
      if (record && !tenant_->records.of<Record>().find(key)) bytes += sizeof(Record);
    }
  });
  return bytes;
}

Status Transaction::check_free(const std::string& key, std::string_view what) const {
  const auto present = context_.journal.get(Table::kMeta, key);
  if (!present) return present.error();
  if (!*present) return {};
  return Error{ErrorCode::kCorruption,
               fmt::format("{} would take the place of another in the store's log", what)};
}

Status Transaction::check_room() const {
  const Limits& limits = context_.catalog.limits();
  const auto tenant = [this] { return fmt::format("tenant \"{}\"", tenant_->id); };
  if (memory_count() > context_.options.memories_max) {
    return Error{ErrorCode::kResourceExhausted,
                 fmt::format("{} would hold {} memories; at most {} are allowed", tenant(),
                             memory_count(), context_.options.memories_max)};
  }
  if (is_new_tenant_ && context_.catalog.next_tenant_number() >= limits.tenants) {
    return too_many("the store", context_.catalog.next_tenant_number() + 1, "tenants",
                    limits.tenants, "tenant_id");
  }
  if (!records_.of<Relation>().empty()) {
    const std::size_t types = relation_type_count();
    if (types > limits.relation_types && types > tenant_->relation_types.size()) {
      return too_many(tenant(), types, "relation types", limits.relation_types, "relation_type");
    }
  }
  if (batch_.bytes() > limits.write_bytes) {
    return Error{ErrorCode::kResourceExhausted,
                 fmt::format("the write has {} bytes; at most {} are allowed: make it in parts",
                             batch_.bytes(), limits.write_bytes)};
  }
  if (is_new_tenant_) {
    if (auto status = check_free(storage::tenant_key(number_), tenant()); !status) return status;
  }
  for (const storage::ModelRow& model : models_) {
    auto status = check_free(storage::model_key(model.number),
                             fmt::format("embedding model \"{}\"", model.name));
    if (!status) return status;
  }
  return {};
}

}  // namespace tulving::engine
