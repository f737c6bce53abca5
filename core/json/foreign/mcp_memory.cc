// The MCP memory server's file, a line each:
//   {"type": "entity", "name", "entityType", "observations": [...]}
//   {"type": "relation", "from", "to", "relationType"}
// and what its read_graph answers, {"entities": [...], "relations": [...]}.

#include <fmt/format.h>

#include "core/base/hash.h"
#include "core/base/text/utf8.h"
#include "core/json/foreign/foreign.h"
#include "core/json/foreign/foreign_values.h"
#include "core/json/text/json_writer.h"

namespace tulving::json {
namespace {

constexpr std::size_t kRelationTypeMax = 32;  // Characters of Relation::relation_type.

struct McpEntity {
  std::string name, type;
  std::vector<std::string> observations;
};
struct McpRelation {
  std::string from, to, type;
};

template <auto kMember, class T>
Status mcp_text(const FieldValue& in, T& out) {
  return read(in, out.*kMember);
}
Status mcp_observations(const FieldValue& in, McpEntity& out) { return read(in, out.observations); }

constexpr ForeignMember<McpEntity> kMcpEntity[] = {
    {"type", nullptr},
    {"name", &mcp_text<&McpEntity::name, McpEntity>},
    {"entityType", &mcp_text<&McpEntity::type, McpEntity>},
    {"observations", &mcp_observations},
};
constexpr ForeignMember<McpRelation> kMcpRelation[] = {
    {"type", nullptr},
    {"from", &mcp_text<&McpRelation::from, McpRelation>},
    {"to", &mcp_text<&McpRelation::to, McpRelation>},
    {"relationType", &mcp_text<&McpRelation::type, McpRelation>},
};

JsonValue mcp_string(std::string_view text, std::string& holder) {
  append_json_string(holder, text);
  return JsonValue::whole(holder);
}

// "name (type): observation; observation".
std::string said_of(const McpEntity& entity) {
  std::string text = entity.name;
  if (!entity.type.empty()) text += fmt::format(" ({})", entity.type);
  for (const std::string& observation : entity.observations) {
    text.append(&observation == entity.observations.data() ? ": " : "; ").append(observation);
  }
  return text;
}

Result<ForeignRow> read_mcp_entity(const ForeignEntry& entry, const RecordDefaults& defaults) {
  McpEntity in;
  ForeignMetadata metadata;
  Memory memory;
  auto status = read_foreign(entry.value, kMcpEntity, defaults, in, metadata);
  if (status && in.name.empty()) status = refusal("name is missing", "name");
  if (status) status = identify(defaults.tenant_id, in.name, "name", memory, metadata);
  std::string holder;
  if (status && !in.type.empty()) {
    status = metadata.add("entityType", mcp_string(in.type, holder));
  }
  if (!status) return status.error();
  auto written = metadata.json(kMcpMemory.name);
  if (!written) return written.error();
  memory.memory_type = "entity";
  memory.layer = Layer::kSemantic;
  memory.text = said_of(in);
  memory.entities = {in.name};
  memory.facts = std::move(in.observations);
  memory.metadata = *std::move(written);
  ForeignRow row;
  row.records.emplace_back(std::move(memory));
  return row;
}

// A type that is too long for a relation keeps its beginning, and a hash of the whole: other types
// that begin so stay others.
std::string short_type(const std::string& type) {
  return fmt::format("{}~{:08x}", utf8_prefix(type, kRelationTypeMax - 9),
                     xxh3(std::string_view(type)) & 0xFFFFFFFFU);
}

Result<ForeignRow> read_mcp_relation(const ForeignEntry& entry, const RecordDefaults& defaults) {
  McpRelation in;
  ForeignMetadata metadata;
  auto status = read_foreign(entry.value, kMcpRelation, defaults, in, metadata);
  if (!status) return status.error();
  if (in.from.empty()) return refusal("from is missing", "from");
  if (in.to.empty()) return refusal("to is missing", "to");
  if (in.type.empty()) return refusal("relationType is missing", "relationType");
  Relation relation;
  relation.source_id = id_named(defaults.tenant_id, in.from);
  relation.target_id = id_named(defaults.tenant_id, in.to);
  relation.relation_type = in.type;
  std::string holder;
  if (utf8_length(in.type) > kRelationTypeMax) {
    relation.relation_type = short_type(in.type);
    status = metadata.add("relationType", mcp_string(in.type, holder));
    if (!status) return status.error();
  }
  auto written = metadata.json(kMcpMemory.name);
  if (!written) return written.error();
  relation.metadata = *std::move(written);
  ForeignRow row;
  row.records.emplace_back(std::move(relation));
  return row;
}

// "entity", "relation", or neither.
std::string mcp_type(const JsonValue& object, std::string_view within) {
  if (within == "entities") return "entity";
  if (within == "relations") return "relation";
  std::string type;
  object.each_member([&](std::string_view key, JsonValue value) {
    if (key == "type" && value.kind() == JsonKind::kString) type = value.as_string();
    return true;
  });
  return type;
}

bool is_like_mcp(const JsonValue& object) {
  const std::string type = mcp_type(object, {});
  bool has_entities = false;
  bool has_relations = false;
  bool has_own = false;
  object.each_member([&](std::string_view key, JsonValue value) {
    const bool is_array = value.kind() == JsonKind::kArray;
    has_entities = has_entities || (key == "entities" && is_array);
    has_relations = has_relations || (key == "relations" && is_array);
    has_own = has_own || (type == "entity" && key == "observations") ||
              (type == "relation" && key == "relationType");
    return true;
  });
  return has_own || (has_entities && has_relations);
}

Result<ForeignRow> read_mcp(const ForeignEntry& entry, const RecordDefaults& defaults) {
  const std::string type = mcp_type(entry.value, entry.within);
  if (type == "entity") return read_mcp_entity(entry, defaults);
  if (type == "relation") return read_mcp_relation(entry, defaults);
  return ForeignRow{.is_other = true};
}

constexpr std::string_view kMcpEnvelopes[] = {"entities", "relations"};

}  // namespace

const ForeignFormat kMcpMemory = {.name = "mcp_memory",
                                  .system = "the MCP memory server",
                                  .entry = "\"type\" \"entity\" or \"relation\"",
                                  .shape = {.envelopes = kMcpEnvelopes},
                                  .is_like = &is_like_mcp,
                                  .read_row = &read_mcp};

}  // namespace tulving::json
