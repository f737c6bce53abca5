#include <fmt/format.h>

#include <utility>

#include "core/json/memory_content.h"
#include "core/json/record_fields.h"

namespace tulving {
namespace json {
namespace {

struct Head {
  std::string kind;
  std::string tenant_id;
};

// kind and tenant_id say how the rest is to be read, wherever in the line they stand.
Result<Head> read_head(const JsonValue& object, const RecordDefaults& defaults) {
  Head head;
  bool has_kind = false;
  bool has_tenant = false;
  Status status;
  object.each_member([&](std::string_view key, JsonValue value) {
    const FieldValue in{key, value};
    if (key == "kind") {
      status = std::exchange(has_kind, true) ? given_twice(key) : read(in, head.kind);
    } else if (key == "tenant_id") {
      status = std::exchange(has_tenant, true) ? given_twice(key) : read(in, head.tenant_id);
    }
    return status.has_value();
  });
  if (!status) return status.error();
  if (!has_kind) {
    return refusal("kind is missing; must be session, memory or relation", "kind");
  }
  if (!has_tenant) head.tenant_id = defaults.tenant_id;
  return head;
}

bool is_head(const FieldValue& in) { return in.field == "kind" || in.field == "tenant_id"; }

template <class Struct, std::size_t kCount>
Result<TenantRecord> read_plain(const JsonValue& object, const FieldRule<Struct> (&rules)[kCount],
                                Head head) {
  Struct record;
  const auto skip_head = [](const FieldValue& in, bool& taken) -> Status {
    taken = is_head(in);
    return {};
  };
  if (auto status = read_members(object, rules, head.tenant_id, record, skip_head); !status) {
    return status.error();
  }
  return TenantRecord{std::move(head.tenant_id), std::move(record)};
}

Result<TenantRecord> read_memory(const JsonValue& object, const RecordDefaults& defaults,
                                 Head head) {
  Memory memory;
  MemoryContent content;
  bool has_embeddings = false;
  const auto special = [&](const FieldValue& in, bool& taken) -> Status {
    taken = is_head(in);
    if (taken) return {};
    if (in.field != "embeddings") return content.take(in, taken);
    taken = true;
    if (std::exchange(has_embeddings, true)) return given_twice(in.field);
    return read(in, memory.embeddings);
  };
  if (auto status = read_members(object, kMemoryFields, head.tenant_id, memory, special); !status) {
    return status.error();
  }
  auto text = content.text();
  if (!text) return text.error();
  memory.text = std::move(*text).value_or("");
  memory.content = content.content().value_or("");
  auto embedding = content.embedding(defaults.embedding_model);
  if (!embedding) return embedding.error();
  if (*embedding) {
    if (has_embeddings) {
      return refusal("embedding and embeddings are both given; one of them holds all", "embedding");
    }
    memory.embeddings.push_back(**std::move(embedding));
  }
  return TenantRecord{std::move(head.tenant_id), std::move(memory)};
}

}  // namespace
}  // namespace json

Result<TenantRecord> parse_record(std::string_view json_line) {
  return parse_record(json_line, {});
}

Result<TenantRecord> parse_record(std::string_view json_line, const RecordDefaults& defaults) {
  const auto object = json::parse_object("the line", json_line);
  if (!object) return object.error();
  auto head = json::read_head(*object, defaults);
  if (!head) return head.error();
  if (head->kind == "memory") return json::read_memory(*object, defaults, *std::move(head));
  if (head->kind == "session") {
    return json::read_plain(*object, json::kSessionFields, *std::move(head));
  }
  if (head->kind == "relation") {
    return json::read_plain(*object, json::kRelationFields, *std::move(head));
  }
  std::string kind;
  json::append_value(kind, head->kind);
  return json::refusal(fmt::format("kind is {}; must be session, memory or relation", kind),
                       "kind");
}

}  // namespace tulving
