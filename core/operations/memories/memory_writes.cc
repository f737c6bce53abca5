// memory.add, memory.update.

#include <array>
#include <optional>

#include "core/operations/answer.h"
#include "core/operations/table/groups.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array<std::string_view, 4> kOnDuplicate = {"default", "reinforce", "reject", "keep"};

constexpr Param passages() {
  return integer("passages",
                 "How many passages the vector is of, one after the other; the one nearest to a "
                 "query counts")
      .range(1, kPassagesMax)
      .by_default("1");
}

constexpr std::array kAdd = {
    tenant(),
    record("memory", "memory", "What is remembered").required(),
    vector("vector", "Its embedding, beside those within the record"),
    passages(),
    text("model",
         "The model of embeddings that name none; default: the only one that the tenant has "
         "vectors of, else \"default\""),
    word("on_duplicate", kOnDuplicate,
         "For a text that is there: raise it, refuse, or add a second one; default: a second one "
         "of conversation and interaction, else raise")
        .by_default("\"default\""),
    text("idempotency_key", "Makes a retry write once; up to 128 bytes"),
    boolean("allow_erased", "Let what was erased come back"),
    boolean("make_session", "Put the session that it names where there is none"),
};

constexpr std::array kUpdate = {
    tenant(),
    text("id", "The memory: its id or external id").required(),
    patch("patch", "The fields that change"),
    vector("vector", "A new embedding"),
    passages(),
    text("model", "As for memory.add"),
    integer("revision", "Only if the memory is at this revision"),
    boolean("keep_vectors", "A new text drops the old one's vectors; keep them"),
};

/// A vector of no named model is of the tenant's usual one, else of the store's.
void name_model(Embedding& embedding, const Tenant& tenant) {
  if (embedding.model.empty()) embedding.model = tenant.usual_model();
  if (embedding.model.empty()) embedding.model = Embedding().model;
}

/// Of the parameters vector, passages and model; empty: no vector is given.
Result<std::optional<Embedding>> given_embedding(const Arguments& given) {
  auto values = given.vector("vector");
  const auto count = static_cast<std::uint32_t>(given.integer("passages"));
  if (!values) {
    if (!given.has("passages")) return std::optional<Embedding>();
    return Error{ErrorCode::kInvalidArgument, "passages is given without a vector", "passages"};
  }
  return std::optional(Embedding{given.text("model"), *std::move(values), count});
}

OnDuplicate on_duplicate(const std::string& name) {
  if (name == "reinforce") return OnDuplicate::kReinforce;
  if (name == "reject") return OnDuplicate::kReject;
  return name == "keep" ? OnDuplicate::kKeep : OnDuplicate::kDefault;
}

Status run_add(const Running& running) {
  const Arguments& given = running.arguments;
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto memory = std::get<Memory>(given.record("memory"));
  auto beside = given_embedding(given);
  if (!beside) return beside.error();
  if (*beside) memory.embeddings.push_back(**std::move(beside));
  for (Embedding& embedding : memory.embeddings) name_model(embedding, *handle);
  const AddOptions options{on_duplicate(given.text("on_duplicate")), given.text("idempotency_key"),
                           given.flag("allow_erased"), given.flag("make_session")};
  auto result = handle->add(memory, options);
  if (!result) return result.error();
  append_write(running.answer.json, *result);
  return {};
}

Status run_update(const Running& running) {
  const Arguments& given = running.arguments;
  if (!given.has("patch") && !given.has("vector")) {
    return Error{ErrorCode::kInvalidArgument, "nothing to update: patch and vector are missing",
                 "patch"};
  }
  auto handle = running.tenant();
  if (!handle) return handle.error();
  auto id = handle->resolve(given.text("id"));
  if (!id) return id.error();
  MemoryPatch change = given.patch("patch");
  auto embedding = given_embedding(given);
  if (!embedding) return embedding.error();
  if (*embedding) change.embedding = **std::move(embedding);
  if (change.embedding) name_model(*change.embedding, *handle);
  change.keep_vectors = given.flag("keep_vectors");
  auto result = handle->update(*id, change, given.integer_if_any("revision"));
  if (!result) return result.error();
  append_write(running.answer.json, *result);
  return {};
}

const Operation kWriteTable[] = {
    {.name = "memory.add",
     .effect = Effect::kWrite,
     .is_idempotent = false,
     .help = "Adds one memory",
     .params = kAdd,
     .answer = object({}, kWriteMembers, "What the write did"),
     .run = &run_add,
     .makes_store = true},
    {.name = "memory.update",
     .effect = Effect::kWrite,
     .help = "Changes fields of a memory; the version before stays in its history",
     .params = kUpdate,
     .answer = object({}, kWriteMembers, "What the write did"),
     .run = &run_update},
};

}  // namespace

std::span<const Operation> memory_write_operations() { return kWriteTable; }

}  // namespace tulving::operations
