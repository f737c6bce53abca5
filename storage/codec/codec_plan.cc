// Plans as rows. What a plan changed lies in it as the bytes of those records' own rows.

#include <variant>

#include "core/base/check.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/codec/codec.h"
#include "storage/codec/codec_flatbuffers.h"
#include "storage/keys.h"

namespace tulving::storage {
namespace {

using Bytes = std::string;
using Builder = flatbuffers::FlatBufferBuilder;

struct EncodedChange {
  RecordKind kind{};
  Bytes before, after;  // Empty: none. No record encodes to nothing.
};

RecordKind kind_of(const PlannedRecord& record) {
  return std::visit([]<class Record>(const Record&) { return kinds::Kind<Record>::number; },
                    record);
}

Bytes encode_side(const PlannedRecord& record) {
  return std::visit([](const auto& kind) { return encode(kind); }, record);
}

// `kind` is one that plans hold.
Result<PlannedRecord> decode_side(RecordKind kind, std::string_view bytes) {
  Result<PlannedRecord> side = corrupt_row("plan", "a change is of an unknown kind");
  kinds::PlannedKinds::with(kind, [&]<class Record>(kinds::Tag<Record>) {
    auto record = decode<Record>(bytes);
    if (record) {
      side = PlannedRecord(*std::move(record));
    } else {
      side = record.error();
    }
  });
  return side;
}

// Encoded before the plan is begun: the thread has one builder.
std::vector<EncodedChange> encode_changes(const std::vector<PlanChange>& changes) {
  std::vector<EncodedChange> encoded;
  encoded.reserve(changes.size());
  for (const PlanChange& change : changes) {
    EncodedChange bytes;
    // A change's one `kind` speaks for both sides.
    TULVING_DCHECK(!change.before || !change.after ||
                   change.before->index() == change.after->index());
    if (change.before) {
      bytes.kind = kind_of(*change.before);
      bytes.before = encode_side(*change.before);
    }
    if (change.after) {
      bytes.kind = kind_of(*change.after);
      bytes.after = encode_side(*change.after);
    }
    encoded.push_back(std::move(bytes));
  }
  return encoded;
}

flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> put_bytes(Builder& builder,
                                                                 std::string_view bytes) {
  if (bytes.empty()) return {};
  return builder.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

flatbuffers::Offset<fbs::PlanChange> put_change(Builder& builder, const PlanChange& change,
                                                const EncodedChange& bytes) {
  const auto before = put_bytes(builder, bytes.before);
  const auto after = put_bytes(builder, bytes.after);
  std::vector<std::string> models;
  std::vector<flatbuffers::Offset<fbs::PlanVector>> vectors;
  if (change.after && std::holds_alternative<Memory>(*change.after)) {
    for (const Embedding& embedding : std::get<Memory>(*change.after).embeddings) {
      models.push_back(embedding.model);
      vectors.push_back(fbs::CreatePlanVector(builder, builder.CreateVector(embedding.vector),
                                              embedding.passages));
    }
  }
  // Vectors come with a memory that is made; those of one that changes have rows of their own.
  TULVING_DCHECK(models.empty() || !change.before);
  const auto model_names = put_strings(builder, models);
  const auto model_vectors = vectors.empty() ? 0 : builder.CreateVector(vectors);
  return fbs::CreatePlanChange(builder, to_byte(bytes.kind), before, after, model_names,
                               model_vectors);
}

flatbuffers::Offset<fbs::PlanItem> put_item(Builder& builder, const PlanItem& item) {
  std::vector<Uuid> ids;
  std::vector<std::uint64_t> revisions;
  for (const PlanInput& input : item.inputs) {
    ids.push_back(input.id);
    revisions.push_back(input.revision);
  }
  const auto action = put_string(builder, item.action);
  const auto input_ids = put_ids(builder, ids);
  const auto input_revisions = revisions.empty() ? 0 : builder.CreateVector(revisions);
  const auto task_id = put_string(builder, item.task_id);
  const auto reason = put_string(builder, item.reason);
  const auto result = put_string(builder, item.result);
  const auto error = put_string(builder, item.error);
  return fbs::CreatePlanItem(builder, to_byte(item.agent), action, input_ids, input_revisions,
                             to_fbs(item.confidence), to_byte(item.decision), to_byte(item.outcome),
                             task_id, reason, result, error);
}

Result<PlanItem> read_item(const fbs::PlanItem& row) {
  for (const auto* text : {row.action(), row.task_id(), row.reason(), row.result(), row.error()}) {
    if (text != nullptr && !is_text(text)) return corrupt_row("plan", "a text is not UTF-8");
  }
  if (row.agent() >= kAgents || row.decision() >= kDecisions || row.outcome() >= kItemOutcomes) {
    return corrupt_row("plan", "an enumerator is out of range");
  }
  if (!is_share(row.confidence())) return corrupt_row("plan", "a number is out of range");
  const auto ids = uuids(row.input_ids());
  const std::size_t revisions =
      row.input_revisions() == nullptr ? 0 : row.input_revisions()->size();
  if (ids.size() != revisions) return corrupt_row("plan", "an item's inputs lack revisions");
  if (!is_aligned(row.input_revisions())) return corrupt_row("plan", "its entries lie askew");
  PlanItem item;
  item.agent = static_cast<UpkeepAgent>(row.agent());
  item.action = view(row.action());
  for (std::uint32_t i = 0; i < revisions; ++i) {
    item.inputs.push_back({ids[i], row.input_revisions()->Get(i)});
  }
  item.confidence = from_fbs(row.confidence());
  item.decision = static_cast<Decision>(row.decision());
  item.outcome = static_cast<ItemOutcome>(row.outcome());
  item.task_id = view(row.task_id());
  item.reason = view(row.reason());
  item.result = view(row.result());
  item.error = view(row.error());
  return item;
}

Status read_side(const flatbuffers::Vector<std::uint8_t>* bytes, RecordKind kind,
                 std::optional<PlannedRecord>& side) {
  if (bytes == nullptr || bytes->size() == 0) return {};
  auto record = decode_side(kind, {reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  if (!record) return record.error();
  side = *std::move(record);
  return {};
}

Result<PlanChange> read_change(const fbs::PlanChange& row) {
  const auto kind = static_cast<RecordKind>(row.kind());
  const bool is_known = kinds::PlannedKinds::with(kind, [](auto) {});
  PlanChange change;
  if (row.before() == nullptr && row.after() == nullptr) return change;  // Its memory was erased.
  if (!is_known) return corrupt_row("plan", "a change is of an unknown kind");
  if (auto status = read_side(row.before(), kind, change.before); !status) return status.error();
  if (auto status = read_side(row.after(), kind, change.after); !status) return status.error();
  const auto models = strings(row.models());
  const std::size_t vectors = row.vectors() == nullptr ? 0 : row.vectors()->size();
  if (!are_texts(row.models())) return corrupt_row("plan", "a text is not UTF-8");
  if (models.size() != vectors) {
    return corrupt_row("plan", "an embedding lacks its model");
  }
  if (vectors > 0 && !(change.after && kind == RecordKind::kMemory)) {
    return corrupt_row("plan", "an embedding lacks its memory");
  }
  for (std::uint32_t i = 0; i < vectors; ++i) {
    const auto* stored = row.vectors()->Get(i);
    const auto* vector = stored->vector();
    const std::uint32_t passages = stored->passages();
    if (passages == 0 || passages > kPassagesMax || vector->size() % passages != 0) {
      return corrupt_row("plan", "an embedding has not as many passages as it says");
    }
    std::get<Memory>(*change.after)
        .embeddings.push_back(
            {models[i], std::vector<float>(vector->begin(), vector->end()), passages});
  }
  return change;
}

}  // namespace

std::string encode_plan(const Plan& plan) {
  const auto encoded = encode_changes(plan.changes);
  auto& builder = thread_builder();
  std::vector<flatbuffers::Offset<fbs::PlanItem>> items;
  for (const PlanItem& item : plan.items) items.push_back(put_item(builder, item));
  std::vector<flatbuffers::Offset<fbs::PlanChange>> changes;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    changes.push_back(put_change(builder, plan.changes[i], encoded[i]));
  }
  const auto origin = builder.CreateString(plan.origin);
  const auto agents = put_enumerators(builder, plan.agents);
  const auto item_rows = builder.CreateVector(items);
  const auto change_rows = builder.CreateVector(changes);
  const auto erased = put_ids(builder, plan.erased);
  const fbs::Id id = to_fbs(plan.id);
  return take_bytes(
      builder, fbs::CreatePlan(builder, plan.revision, &id, origin, to_byte(plan.status), agents,
                               to_fbs(plan.created_at), to_fbs(plan.applied_at),
                               to_fbs(plan.undone_at), item_rows, change_rows, erased));
}

Result<Plan> decode_plan(std::string_view bytes) {
  const AlignedBytes aligned(bytes);
  const auto* row = verified_root<fbs::Plan>(aligned.get());
  if (row == nullptr) return corrupt_row("plan", "its bytes are not a record");
  if (!is_text(row->origin())) return corrupt_row("plan", "a text is not UTF-8");
  if (row->status() >= kPlanStatuses || !are_enumerators(row->agents(), kAgents)) {
    return corrupt_row("plan", "an enumerator is out of range");
  }
  if (!is_time(row->created_at()) || !is_time(row->applied_at()) || !is_time(row->undone_at())) {
    return corrupt_row("plan", "a time is out of range");
  }
  Plan plan;
  plan.id = from_fbs(row->id());
  plan.origin = view(row->origin());
  plan.status = static_cast<PlanStatus>(row->status());
  plan.agents = enumerators<UpkeepAgent>(row->agents());
  plan.created_at = time_from_fbs(row->created_at());
  plan.applied_at = time_from_fbs(row->applied_at());
  plan.undone_at = time_from_fbs(row->undone_at());
  plan.erased = uuids(row->erased());
  plan.revision = row->revision();
  if (row->items() != nullptr) {
    for (const auto* item : *row->items()) {
      auto read = read_item(*item);
      if (!read) return read.error();
      plan.items.push_back(*std::move(read));
    }
  }
  if (row->changes() != nullptr) {
    for (const auto* change : *row->changes()) {
      auto read = read_change(*change);
      if (!read) return read.error();
      plan.changes.push_back(*std::move(read));
    }
  }
  return plan;
}

}  // namespace tulving::storage
