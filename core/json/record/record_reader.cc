#include <fmt/format.h>

#include <tuple>
#include <utility>

#include "core/json/record/field_table.h"
#include "core/json/record/foreign_formats.h"
#include "core/json/record/memory_content.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"

namespace tulving {
namespace json {
namespace {

// "session, memory or relation", of all kinds that a line may be of.
std::string known_kinds() {
  std::string names;
  std::size_t left = std::variant_size_v<Record>;
  kinds::RecordKinds::each([&]<class Known>(kinds::Tag<Known>) {
    names += kinds::Kind<Known>::name;
    --left;
    names += left > 1 ? ", " : left == 1 ? " or " : "";
  });
  return names;
}

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
      if (std::exchange(has_tenant, true)) {
        status = given_twice(key);
      } else if (in.is_null()) {
        head.tenant_id = defaults.tenant_id;
      } else {
        status = read(in, head.tenant_id);
      }
    }
    return status.has_value();
  });
  if (!status) return status.error();
  if (!has_kind) {
    if (std::string format = foreign_format(object); !format.empty()) {
      return refusal(std::move(format), "kind");
    }
    return refusal("kind is missing; must be " + known_kinds(), "kind");
  }
  if (!has_tenant) head.tenant_id = defaults.tenant_id;
  return head;
}

bool is_head(const FieldValue& in) { return in.field == "kind" || in.field == "tenant_id"; }

// Of the members that no field rule reads.
bool can_be_none(std::string_view member) {
  return member == "text" || member == "content" || member == "embedding" ||
         member == "embedding_model" || member == "embeddings";
}

template <class Plain>
Result<TenantRecord> read_record(const JsonValue& object, const RecordDefaults& defaults,
                                 kinds::Tag<Plain>) {
  Plain record;
  const auto skip_head = [](const FieldValue& in, bool& taken) -> Status {
    taken = is_head(in);
    return {};
  };
  if (auto status = read_members(object, kRules<Plain>, defaults, record, skip_head); !status) {
    return status.error();
  }
  return TenantRecord{defaults.tenant_id, std::move(record)};
}

Result<TenantRecord> read_record(const JsonValue& object, const RecordDefaults& defaults,
                                 kinds::Tag<Memory>) {
  Memory memory;
  MemoryContent content;
  bool has_embeddings = false;
  const auto special = [&](const FieldValue& in, bool& taken) -> Status {
    taken = is_head(in) || (in.is_null() && can_be_none(in.field));
    if (taken) return {};
    if (in.field != "embeddings") return content.take(in, taken);
    taken = true;
    if (std::exchange(has_embeddings, true)) return given_twice(in.field);
    return read(in, memory.embeddings);
  };
  if (auto status = read_members(object, kRules<Memory>, defaults, memory, special); !status) {
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
  return TenantRecord{defaults.tenant_id, std::move(memory)};
}

// Each member replaces its field; one that is null empties it.
template <class Plain>
Status patch(const JsonValue& object, const RecordDefaults& defaults, Plain& record) {
  constexpr auto& rules = kRules<Plain>;
  const auto reset = [&](std::string_view within, const FieldValue& in) {
    const std::size_t i = find_rule(rules, within, in.field);
    if (i == rules.size() || rules[i].use == kinds::Use::kStored) return false;
    rules[i].reset(record);
    return in.is_null();
  };
  return read_members(
      object, rules, defaults, record, [&](const FieldValue& in, bool& taken) -> Status {
        taken = reset({}, in);
        if (taken || in.value.kind() != JsonKind::kObject || !has_inner(rules, in.field)) {
          return {};
        }
        in.value.each_member([&](std::string_view inner, JsonValue value) {
          reset(in.field, {inner, value});
          return true;
        });
        return {};
      });
}

}  // namespace

Status read_own_id(const FieldValue& in, Uuid& out) {
  if (in.value.kind() == JsonKind::kString) {
    if (const auto id = Uuid::parse(in.value.as_string())) {
      out = *id;
      return {};
    }
  }
  return in.must_be("an RFC 4122 version 4 UUID; a name of your own goes in external_id");
}

}  // namespace json

Result<TenantRecord> parse_record(std::string_view json_line) {
  return parse_record(json_line, {});
}

Result<TenantRecord> parse_record(std::string_view json_line, const RecordDefaults& defaults) {
  const auto object = json::parse_object("the line", json_line);
  if (!object) {
    std::string format = foreign_format(json_line);
    return format.empty() ? object.error() : json::refusal(std::move(format), {});
  }
  auto head = json::read_head(*object, defaults);
  if (!head) return head.error();
  RecordDefaults given = defaults;
  given.tenant_id = std::move(head->tenant_id);
  std::string kind;
  json::append_value(kind, head->kind);
  Result<TenantRecord> record =
      json::refusal(fmt::format("kind is {}; must be {}", kind, json::known_kinds()), "kind");
  kinds::RecordKinds::with(head->kind,
                           [&](auto tag) { record = json::read_record(*object, given, tag); });
  return record;
}

template <PlainRecord T>
Status patch_record(std::string_view json, T& record) {
  const auto object = json::parse_object("the patch", json);
  if (!object) return object.error();
  return json::patch(*object, {}, record);
}

namespace json {

// Makes the patch of every plain kind here.
template <class Kinds>
struct PatchesOf;
template <class... Records>
struct PatchesOf<kinds::KindList<Records...>> {
  static constexpr std::tuple all{&patch_record<Records>...};
};
template struct PatchesOf<kinds::PlainKinds>;

}  // namespace json
}  // namespace tulving
