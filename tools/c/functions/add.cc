// Memories added, with their vectors as floats; and got back.

#include <array>
#include <utility>

#include "core/base/json/json_text.h"
#include "core/operations/answer.h"
#include "tools/c/call/given.h"
#include "tulving/json.h"

using namespace tulving;
using namespace tulving::c;

namespace {

struct AddGiven {
  std::string_view records;
  std::string model;
  Matrix vectors;
  AddOptions options;
};

Result<AddGiven> read_args(const tulving_add_args* args) {
  constexpr std::uint32_t kFlags = TULVING_ALLOW_ERASED | TULVING_MAKE_SESSION;
  constexpr std::array kOnDuplicate = {OnDuplicate::kDefault, OnDuplicate::kReinforce,
                                       OnDuplicate::kReject, OnDuplicate::kKeep};
  const auto read = read_struct(args, "args");
  if (!read) return read.error();
  auto records = view_of(read->records, "records");
  if (!records) return records.error();
  auto model = view_of(read->model, "model");
  if (!model) return model.error();
  auto key = view_of(read->idempotency_key, "idempotency_key");
  if (!key) return key.error();
  auto vectors = Matrix::read(read->vectors, read->rows, read->dim, read->stride_bytes, "vectors");
  if (!vectors) return vectors.error();
  if (auto status = check_flags(read->flags, kFlags, "flags"); !status) {
    return status.error();
  }
  if (read->on_duplicate >= kOnDuplicate.size()) {
    return refused("on_duplicate", "is none that there is");
  }
  return AddGiven{
      *records,
      std::string(*model),
      *vectors,
      {kOnDuplicate[read->on_duplicate], std::string(*key),
       (read->flags & TULVING_ALLOW_ERASED) != 0, (read->flags & TULVING_MAKE_SESSION) != 0}};
}

/// The object as a line of an import, which says its kind.
std::string with_kind(const JsonValue& record) {
  bool has_kind = false;
  bool is_empty = true;
  record.each_member([&](std::string_view key, JsonValue) {
    is_empty = false;
    has_kind = has_kind || key == "kind";
    return !has_kind;
  });
  if (has_kind) return std::string(record.raw());
  return fmt::format("{{\"kind\":\"memory\"{}{}", is_empty ? "" : ",", record.raw().substr(1));
}

Result<Memory> read_memory(const JsonValue& value, const std::string& tenant_id,
                           const std::string& model) {
  if (value.kind() != JsonKind::kObject) {
    return refused("records",
                   fmt::format("have {} where an object must be", describe(value.kind())));
  }
  auto record = parse_record(with_kind(value), {.tenant_id = tenant_id, .embedding_model = model});
  if (!record) return record.error();
  if (record->tenant_id != tenant_id) {
    return refused("tenant_id", fmt::format("is \"{}\"; must be \"{}\", the handle's",
                                            record->tenant_id, tenant_id));
  }
  auto* memory = std::get_if<Memory>(&record->record);
  if (memory == nullptr) return refused("kind", "must be \"memory\"");
  return std::move(*memory);
}

/// A vector of no named model is of the tenant's usual one, else of the store's.
void name_models(Memory& memory, const Tenant& tenant) {
  for (Embedding& embedding : memory.embeddings) {
    if (embedding.model.empty()) embedding.model = tenant.usual_model();
    if (embedding.model.empty()) embedding.model = Embedding().model;
  }
}

Status check_whole(std::string_view records) {
  const auto fault = scan_json(records);
  if (!fault) return {};
  return refused("records", fmt::format("are no JSON: {} at byte {}", fault->what, fault->offset));
}

/// The memory at `position`, with its row.
Result<Memory> memory_at(const JsonValue& value, const AddGiven& given, const Tenant& tenant,
                         std::size_t position) {
  auto memory = read_memory(value, tenant.id(), given.model);
  if (!memory) return memory.error();
  if (position < given.vectors.rows()) {
    const auto row = given.vectors.row(position);
    memory->embeddings.push_back({given.model, {row.begin(), row.end()}});
  }
  name_models(*memory, tenant);
  return memory;
}

Result<std::vector<Memory>> memories_of(const AddGiven& given, const Tenant& tenant) {
  if (auto status = check_whole(given.records); !status) return status.error();
  const JsonValue array = JsonValue::whole(given.records);
  if (array.kind() != JsonKind::kArray) {
    return refused("records", fmt::format("are {}; must be an array", describe(array.kind())));
  }
  std::vector<Memory> memories;
  std::optional<Error> error;
  array.each_element([&](JsonValue value) {
    auto memory = memory_at(value, given, tenant, memories.size());
    if (memory) {
      memories.push_back(*std::move(memory));
    } else {
      error = memory.error();
      error->position = memories.size();
    }
    return !error.has_value();
  });
  if (error) return *error;
  if (given.vectors.rows() != 0 && given.vectors.rows() != memories.size()) {
    return refused("rows", fmt::format("are {}, and there are {} records", given.vectors.rows(),
                                       memories.size()));
  }
  return memories;
}

Status add_one(const AddGiven& given, Tenant& tenant, std::string& json) {
  if (auto status = check_whole(given.records); !status) return status;
  if (given.vectors.rows() > 1) return refused("rows", "are several, of one record");
  auto memory = memory_at(JsonValue::whole(given.records), given, tenant, 0);
  if (!memory) return memory.error();
  auto result = tenant.add(*std::move(memory), given.options);
  if (!result) return result.error();
  operations::append_write(json, *result);
  return {};
}

Status add_all(const AddGiven& given, Tenant& tenant, std::string& json) {
  auto memories = memories_of(given, tenant);
  if (!memories) return memories.error();
  auto results = tenant.add(*memories, given.options);
  if (!results) return results.error();
  json::append_array(json, *results, [](std::string& out, const AddResult& result) {
    operations::append_write(out, result);
  });
  return {};
}

/// The inside of both.
template <class Add>
tulving_status add(tulving_tenant* tenant, const tulving_add_args* args, tulving_doc** answer,
                   tulving_error** error, const Add& add_given) noexcept {
  if (answer != nullptr) *answer = nullptr;
  return guarded(error, [&]() -> Status {
    auto object = open_tenant(tenant);
    if (!object) return object.error();
    auto given = read_args(args);
    if (!given) return given.error();
    std::string json;
    if (auto status = add_given(*given, (*object)->tenant, json); !status) return status;
    if (answer == nullptr) return {};
    *answer = publish(std::make_shared<DocObject>(DocObject{std::move(json)}));
    return {};
  });
}

Result<Memory> get(const Tenant& tenant, tulving_text id, bool with_embeddings) {
  auto name = view_of(id, "id");
  if (!name) return name.error();
  auto found = tenant.resolve(*name);
  if (!found) return found.error();
  return tenant.get(*found, with_embeddings);
}

Status copy_vector(const Memory& memory, std::string_view model, float* vector,
                   std::size_t capacity, std::size_t& dim) {
  for (const Embedding& embedding : memory.embeddings) {
    if (embedding.model != model) continue;
    dim = embedding.vector.size();
    if (vector == nullptr || capacity < dim) {
      return refused("capacity", fmt::format("is {}, and the vector has {} floats",
                                             vector == nullptr ? 0 : capacity, dim));
    }
    std::copy(embedding.vector.begin(), embedding.vector.end(), vector);
    return {};
  }
  return Error{ErrorCode::kNotFound,
               fmt::format("memory {} has no embedding of model \"{}\"", memory.id.to_string(),
                           operations::well_formed(model)),
               "model"};
}

}  // namespace

tulving_status tulving_add(tulving_tenant* tenant, const tulving_add_args* args,
                           tulving_doc** answer, tulving_error** error) {
  return add(tenant, args, answer, error, add_one);
}

tulving_status tulving_add_many(tulving_tenant* tenant, const tulving_add_args* args,
                                tulving_doc** answer, tulving_error** error) {
  return add(tenant, args, answer, error, add_all);
}

tulving_status tulving_get(tulving_tenant* tenant, tulving_text id, uint32_t flags,
                           tulving_doc** record, tulving_error** error) {
  if (record != nullptr) *record = nullptr;
  return guarded(error, [&]() -> Status {
    auto object = open_tenant(tenant);
    if (!object) return object.error();
    if (record == nullptr) return refused("record", "is missing: where the handle is to go");
    if (auto status = check_flags(flags, TULVING_WITH_EMBEDDINGS, "flags"); !status) return status;
    const Tenant& handle = (*object)->tenant;
    auto memory = get(handle, id, (flags & TULVING_WITH_EMBEDDINGS) != 0);
    if (!memory) return memory.error();
    std::string json;
    operations::append_memory(json, handle.id(), *memory);
    *record = publish(std::make_shared<DocObject>(DocObject{std::move(json)}));
    return {};
  });
}

tulving_status tulving_get_vector(tulving_tenant* tenant, tulving_text id, tulving_text model,
                                  float* vector, size_t capacity, size_t* dim,
                                  tulving_error** error) {
  if (dim != nullptr) *dim = 0;
  return guarded(error, [&]() -> Status {
    auto object = open_tenant(tenant);
    if (!object) return object.error();
    if (dim == nullptr) return refused("dim", "is missing: where the size is to go");
    auto name = view_of(model, "model");
    if (!name) return name.error();
    const Tenant& handle = (*object)->tenant;
    auto memory = get(handle, id, true);
    if (!memory) return memory.error();
    const std::string wanted = name->empty() ? handle.usual_model() : std::string(*name);
    return copy_vector(*memory, wanted, vector, capacity, *dim);
  });
}
