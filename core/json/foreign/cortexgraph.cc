// CortexGraph (Mnemex before): memories.jsonl and relations.jsonl, apart or one after the other.
// Each is a log: a later line of an id replaces the earlier, {"id", "_deleted": true} takes it
// away. Also what its graph is shown as, {"memories": [...], "relations": [...]}.

#include "core/json/foreign/foreign.h"
#include "core/json/foreign/foreign_values.h"

namespace tulving::json {
namespace {

// "meta": {"tags", "source", "context", "extra"}, of which the last is the caller's own.
Status cortex_meta(const FieldValue& in, ForeignMemory& out) {
  std::string holder;
  const JsonValue meta = unwrapped(in.value, holder);
  if (meta.kind() != JsonKind::kObject) return in.must_be("an object");
  return read_each_once("meta", meta, [&](std::string_view key, JsonValue value) -> Status {
    if (value.kind() == JsonKind::kNull) return {};
    const FieldValue member{key == "tags" ? "meta.tags" : "meta.extra", value};
    if (key == "tags") return memory_tags(member, out);
    if (key == "extra") return out.metadata.add_object("extra", value);
    return out.metadata.add(key, value);
  });
}

Status cortex_entities(const FieldValue& in, ForeignMemory& out) {
  std::string holder;
  return read(FieldValue{in.field, unwrapped(in.value, holder)}, out.memory.entities);
}

// The list has the vector, and the model is not known here: read_cortex() names it.
Status cortex_embed(const FieldValue& in, ForeignMemory& out) {
  return read_foreign_vector(in, {}, out.memory.embeddings);
}

constexpr ForeignMember<ForeignMemory> kCortexMemory[] = {
    {"id", &memory_name<>},
    {"content", &memory_field<&Memory::text>},
    {"meta", &cortex_meta},
    {"created_at", &memory_time<&Memory::created_at>},
    {"last_used", &memory_time<&Memory::last_used>},
    {"use_count", &memory_field<&Memory::use_count>},
    {"strength", &memory_field<&Memory::strength>},
    {"status", &memory_field<&Memory::status>},
    {"promoted_at", &memory_time<&Memory::promoted_at>},
    {"promoted_to", &memory_field<&Memory::ltm_path>},
    {"embed", &cortex_embed},
    {"entities", &cortex_entities},
    {"review_count", &memory_field<&Memory::review_count>},
    {"cross_domain_count", &memory_field<&Memory::cross_domain_count>},
    {"_deleted", nullptr},
};

struct CortexRelation {
  Relation relation;
  ForeignMetadata metadata;
};

template <auto kMember>
Status cortex_end(const FieldValue& in, CortexRelation& out) {
  std::string name;
  auto status = read_foreign_id(in, name);
  if (status) out.relation.*kMember = id_named(in.tenant_id, name);
  return status;
}
template <auto kMember>
Status cortex_field(const FieldValue& in, CortexRelation& out) {
  return read(in, out.relation.*kMember);
}
Status cortex_created(const FieldValue& in, CortexRelation& out) {
  return read_foreign_time(in, out.relation.created_at);
}
Status cortex_metadata(const FieldValue& in, CortexRelation& out) {
  return out.metadata.add_object(in.field, in.value);
}

constexpr ForeignMember<CortexRelation> kCortexRelation[] = {
    {"from_memory_id", &cortex_end<&Relation::source_id>},
    {"to_memory_id", &cortex_end<&Relation::target_id>},
    {"relation_type", &cortex_field<&Relation::relation_type>},
    {"strength", &cortex_field<&Relation::strength>},
    {"created_at", &cortex_created},
    {"metadata", &cortex_metadata},
    {"_deleted", nullptr},
};

// Which of these members an object has.
struct CortexMembers {
  bool content = false, meta = false, used = false, from = false, to = false;
};
CortexMembers cortex_members(const JsonValue& object) {
  CortexMembers has;
  object.each_member([&](std::string_view key, JsonValue) {
    has.content = has.content || key == "content";
    has.meta = has.meta || key == "meta";
    has.used = has.used || key == "last_used" || key == "use_count";
    has.from = has.from || key == "from_memory_id";
    has.to = has.to || key == "to_memory_id";
    return true;
  });
  return has;
}

bool is_like_cortex(const JsonValue& object) {
  const CortexMembers has = cortex_members(object);
  return (has.from && has.to) || (has.content && has.meta && has.used);
}

Result<ForeignRow> read_cortex_relation(const ForeignEntry& entry, const RecordDefaults& defaults) {
  CortexRelation in;
  auto status = read_foreign(entry.value, kCortexRelation, defaults, in, in.metadata);
  if (!status) return status.error();
  auto metadata = in.metadata.json(kCortexGraph.name);
  if (!metadata) return metadata.error();
  in.relation.metadata = *std::move(metadata);
  ForeignRow row;
  row.records.emplace_back(std::move(in.relation));
  return row;
}

Result<ForeignRow> read_cortex(const ForeignEntry& entry, const RecordDefaults& defaults) {
  const CortexMembers has = cortex_members(entry.value);
  if (has.from || has.to) return read_cortex_relation(entry, defaults);
  if (!has.content) return ForeignRow{.is_other = true};
  ForeignMemory in;
  auto status = read_foreign(entry.value, kCortexMemory, defaults, in, in.metadata);
  if (status) status = identify(defaults.tenant_id, in.name, "id", in.memory, in.metadata);
  if (!status) return status.error();
  auto metadata = in.metadata.json(kCortexGraph.name);
  if (!metadata) return metadata.error();
  in.memory.metadata = *std::move(metadata);
  for (Embedding& embedding : in.memory.embeddings) embedding.model = defaults.embedding_model;
  ForeignRow row;
  row.records.emplace_back(std::move(in.memory));
  return row;
}

std::optional<ForeignVersion> cortex_version(const JsonValue& row) {
  ForeignVersion version;
  row.each_member([&](std::string_view key, JsonValue value) {
    if (key == "id" && value.kind() == JsonKind::kString) version.id = value.as_string();
    if (key == "_deleted") version.is_gone = value.is_true();
    return true;
  });
  if (version.id.empty()) return std::nullopt;
  return version;
}

constexpr std::string_view kCortexEnvelopes[] = {"memories", "relations"};

}  // namespace

const ForeignFormat kCortexGraph = {.name = "cortexgraph",
                                    .system = "CortexGraph",
                                    .entry = "\"id\" and \"content\" or \"from_memory_id\"",
                                    .shape = {.envelopes = kCortexEnvelopes},
                                    .is_like = &is_like_cortex,
                                    .read_row = &read_cortex,
                                    .version = &cortex_version};

}  // namespace tulving::json
