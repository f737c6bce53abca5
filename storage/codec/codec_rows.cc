#include <bit>

#include "core/base/check.h"
#include "storage/codec/codec.h"
#include "storage/codec/codec_flatbuffers.h"

namespace tulving::storage {
namespace {

using ByteVector = flatbuffers::Vector<std::uint8_t>;

std::string_view bytes_of(const ByteVector* bytes) {
  return bytes == nullptr
             ? std::string_view()
             : std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

/// All finite and not all zero: what a scale or a norm is computed from. Two floats at a time, by
/// their bits, without a branch: adding one to an exponent of all ones, and to no other, carries
/// into the sign's place.
bool is_direction(const float* vector, std::uint32_t dim) {
  constexpr std::uint64_t exponents = 0x7F80'0000'7F80'0000U;
  constexpr std::uint64_t exponent_ones = 0x0080'0000'0080'0000U;
  constexpr std::uint64_t signs = 0x8000'0000'8000'0000U;
  std::uint64_t any = 0;
  std::uint64_t carries = 0;
  const auto look = [&](std::uint64_t pair) {
    any |= pair & ~signs;
    carries |= (pair & exponents) + exponent_ones;
  };
  std::uint32_t i = 0;
  for (; i + 2 <= dim; i += 2) {
    std::uint64_t pair = 0;
    std::memcpy(&pair, vector + i, sizeof pair);
    look(pair);
  }
  if (i < dim) look(std::bit_cast<std::uint32_t>(vector[i]));
  return any != 0 && (carries & signs) == 0;
}

}  // namespace

std::string encode_embedding(std::uint64_t revision, std::span<const float> vector,
                             std::uint32_t passages) {
  std::string bytes = encode_embedding_front(revision, vector.size(), passages);
  bytes.append(reinterpret_cast<const char*>(vector.data()), vector.size_bytes());
  TULVING_DCHECK(verified_root<fbs::Embedding>(bytes) != nullptr);  // What is written can be read.
  return bytes;
}

// FlatBuffers are built from the back, and the floats are put first: so they are the last bytes,
// and what stands before them depends on their number alone.
std::string encode_embedding_front(std::uint64_t revision, std::size_t count,
                                   std::uint32_t passages) {
  TULVING_DCHECK(passages > 0 && count % passages == 0);
  auto& builder = thread_builder();
  float* floats = nullptr;
  const auto vector = builder.CreateUninitializedVector(count, &floats);
  builder.Finish(fbs::CreateEmbedding(builder, revision, vector, passages));
  TULVING_DCHECK(reinterpret_cast<const std::uint8_t*>(floats + count) ==
                 builder.GetBufferPointer() + builder.GetSize());
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()),
          builder.GetSize() - count * sizeof(float)};
}

Result<EmbeddingView> view_embedding(std::string_view bytes) {
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) != 0) {
    return Error{ErrorCode::kInvalidArgument, "the embedding's bytes are not aligned"};
  }
  const auto* row = verified_root<fbs::Embedding>(bytes);
  if (row == nullptr) return corrupt_row("embedding", "its bytes are not a record");
  const std::uint32_t count = row->vector()->size();
  const std::uint32_t passages = row->passages();
  if (passages == 0 || passages > kPassagesMax || count % passages != 0) {
    return corrupt_row("embedding", "it has not as many passages as it says");
  }
  const std::uint32_t dim = count / passages;
  if (dim == 0 || dim > kEmbeddingDimMax)
    return corrupt_row("embedding", "its dimension is out of range");
  const auto* floats = reinterpret_cast<const float*>(row->vector()->Data());
  for (std::uint32_t i = 0; i < passages; ++i) {
    if (!is_direction(floats + std::size_t{i} * dim, dim)) {
      return corrupt_row("embedding", "it is zero or not finite");
    }
  }
  EmbeddingView found{.revision = 0, .vector = {floats, count}, .passages = passages};
  // Copied, because `bytes` may be aligned to 4 only; absent when 0.
  if (const auto* at = reinterpret_cast<const flatbuffers::Table*>(row)->GetAddressOf(
          fbs::Embedding::VT_REVISION)) {
    std::memcpy(&found.revision, at, sizeof found.revision);
  }
  return found;
}

Result<StoredEmbedding> decode_embedding(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto found = view_embedding(aligned.get());
  if (!found) return found.error();
  return StoredEmbedding{
      found->revision, {found->vector.begin(), found->vector.end()}, found->passages};
}

std::string encode_tombstone(const Tombstone& tombstone) {
  TULVING_DCHECK(tombstone.kind != 0);  // Of no record: nobody could tell what is gone.
  auto& builder = thread_builder();
  const auto name = put_string(builder, tombstone.name);
  const fbs::Id content_id = to_fbs(tombstone.content_id);
  return take_bytes(builder,
                    fbs::CreateTombstone(builder, tombstone.revision, tombstone.kind, name,
                                         tombstone.content_digest,
                                         tombstone.content_id.is_nil() ? nullptr : &content_id));
}

Result<Tombstone> decode_tombstone(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<fbs::Tombstone>(aligned.get());
  if (row == nullptr) return corrupt_row("tombstone", "its bytes are not a record");
  if (!is_text(row->name())) return corrupt_row("tombstone", "a text is not UTF-8");
  if (row->kind() == 0) return corrupt_row("tombstone", "it does not say what is gone");
  return Tombstone{row->revision(), row->kind(), std::string(view(row->name())),
                   row->content_digest(), from_fbs(row->content_id())};
}

std::string encode_history(const HistoryRecord& entry) {
  TULVING_DCHECK(!entry.memory.empty());
  TULVING_DCHECK(!entry.operation.empty());  // It says what ended the version.
  auto& builder = thread_builder();
  // Aligned to 8 within the row, as the memory's own bytes want it, so that a reader may look
  // inside.
  builder.ForceVectorAlignment(entry.memory.size(), sizeof(std::uint8_t), sizeof(std::uint64_t));
  const auto memory = builder.CreateVector(
      reinterpret_cast<const std::uint8_t*>(entry.memory.data()), entry.memory.size());
  const auto operation = builder.CreateString(entry.operation);
  return take_bytes(
      builder, fbs::CreateHistory(builder, entry.revision, operation, to_fbs(entry.at), memory));
}

Result<HistoryRecord> decode_history(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<fbs::History>(aligned.get());
  if (row == nullptr) return corrupt_row("history entry", "its bytes are not a record");
  if (!is_text(row->operation())) return corrupt_row("history entry", "a text is not UTF-8");
  if (!is_time(row->at())) return corrupt_row("history entry", "a time is out of range");
  return HistoryRecord{std::string(view(row->operation())), row->revision(),
                       time_from_fbs(row->at()), std::string(bytes_of(row->memory()))};
}

std::string encode_idempotency(const IdempotencyRecord& record) {
  TULVING_DCHECK(record.ids.size() == record.effects.size());
  auto& builder = thread_builder();
  const auto ids = put_ids(builder, record.ids);
  const auto effects = record.effects.empty() ? flatbuffers::Offset<ByteVector>()
                                              : builder.CreateVector(record.effects);
  const auto payload = put_string(builder, record.payload);
  return take_bytes(builder,
                    fbs::CreateIdempotency(builder, record.revision, ids, effects, payload));
}

Result<IdempotencyRecord> decode_idempotency(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<fbs::Idempotency>(aligned.get());
  if (row == nullptr) return corrupt_row("idempotency key", "its bytes are not a record");
  const std::string_view effects = bytes_of(row->effects());
  if (!is_text(row->payload())) return corrupt_row("idempotency key", "a text is not UTF-8");
  IdempotencyRecord record{row->revision(),
                           uuids(row->ids()),
                           {effects.begin(), effects.end()},
                           std::string(view(row->payload()))};
  if (record.ids.size() != record.effects.size()) {
    return corrupt_row("idempotency key", "its ids and effects differ in number");
  }
  return record;
}

std::string encode_tenant(const TenantRow& tenant) {
  TULVING_DCHECK(!tenant.tenant_id.empty());
  auto& builder = thread_builder();
  const auto tenant_id = builder.CreateString(tenant.tenant_id);
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> vaults;
  if (!tenant.vaults.empty()) vaults = builder.CreateVectorOfStrings(tenant.vaults);
  return take_bytes(builder,
                    fbs::CreateTenant(builder, tenant.revision, tenant.number, tenant_id, vaults));
}

Result<TenantRow> decode_tenant(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<fbs::Tenant>(aligned.get());
  if (row == nullptr) return corrupt_row("tenant", "its bytes are not a record");
  if (!is_text(row->tenant_id())) return corrupt_row("tenant", "a text is not UTF-8");
  if (row->tenant_id()->size() == 0) return corrupt_row("tenant", "its tenant_id is empty");
  TenantRow tenant{row->number(), row->revision(), std::string(view(row->tenant_id()))};
  if (row->vaults() != nullptr) {
    for (const auto* vault : *row->vaults()) tenant.vaults.emplace_back(view(vault));
  }
  return tenant;
}

std::string encode_model(const ModelRow& model) {
  TULVING_DCHECK(!model.name.empty());
  TULVING_DCHECK(model.dim >= 1 && model.dim <= kEmbeddingDimMax);
  auto& builder = thread_builder();
  const auto name = builder.CreateString(model.name);
  return take_bytes(
      builder, fbs::CreateModel(builder, model.revision, model.number, name, model.dim,
                                model.tenant ? flatbuffers::Optional<std::uint32_t>(*model.tenant)
                                             : flatbuffers::nullopt));
}

Result<ModelRow> decode_model(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<fbs::Model>(aligned.get());
  if (row == nullptr) return corrupt_row("embedding model", "its bytes are not a record");
  if (!is_text(row->name())) return corrupt_row("embedding model", "a text is not UTF-8");
  if (row->name()->size() == 0) return corrupt_row("embedding model", "its name is empty");
  if (row->dim() == 0 || row->dim() > kEmbeddingDimMax) {
    return corrupt_row("embedding model", "its dimension is out of range");
  }
  ModelRow model{row->number(), row->revision(), std::string(view(row->name())), row->dim()};
  if (const auto tenant = row->tenant()) model.tenant = *tenant;
  return model;
}

std::string encode_store(const StoreRow& store) {
  auto& builder = thread_builder();
  const fbs::Id store_id = to_fbs(store.store_id);
  std::vector<fbs::Incarnation> written;
  for (const Incarnation& one : store.incarnations.all()) {
    written.emplace_back(to_fbs(one.id), one.began);
  }
  TULVING_DCHECK(Incarnations::find_fault(store.incarnations.all(), store.revision).empty());
  flatbuffers::Offset<flatbuffers::Vector<const fbs::Incarnation*>> incarnations;
  if (!written.empty()) incarnations = builder.CreateVectorOfStructs(written);
  return take_bytes(
      builder, fbs::CreateStore(builder, store.revision, store.format, &store_id, incarnations));
}

Result<StoreRow> decode_store(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<fbs::Store>(aligned.get());
  if (row == nullptr) return corrupt_row("store row", "its bytes are not a record");
  if (!is_aligned(row->incarnations())) return corrupt_row("store row", "its entries lie askew");
  std::vector<Incarnation> incarnations;
  if (row->incarnations() != nullptr) {
    for (const fbs::Incarnation* one : *row->incarnations()) {
      incarnations.push_back({from_fbs(&one->id()), one->began()});
    }
  }
  if (auto fault = Incarnations::find_fault(incarnations, row->revision()); !fault.empty()) {
    return corrupt_row("store row", fault);
  }
  return StoreRow{row->format(), from_fbs(row->store_id()), row->revision(),
                  Incarnations(std::move(incarnations))};
}

}  // namespace tulving::storage
