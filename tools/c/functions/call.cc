// Operations by their names, for a store and for a tenant.

#include <utility>

#include "tools/c/call/given.h"
#ifdef TULVING_WITH_POSTGRES
#include "tulving/postgres.h"
#endif

using namespace tulving;
using namespace tulving::c;

namespace {

std::span<const Operation> more_operations() {
#ifdef TULVING_WITH_POSTGRES
  return postgres_operations();
#else
  return {};
#endif
}

Result<std::vector<NamedVector>> named_vectors(const tulving_call_options& options) {
  std::vector<NamedVector> vectors;
  if (options.vectors == nullptr && options.vectors_count != 0) {
    return refused("vectors", "are missing, and are said to be some");
  }
  for (std::size_t at = 0; at < options.vectors_count; ++at) {
    const tulving_named_vector& given = options.vectors[at];
    auto name = view_of_name(given.parameter, "parameter");
    if (!name) return name.error();
    // Of several passages, which lie one after the other.
    constexpr std::size_t kFloatsMax = std::size_t{kEmbeddingDimMax} * kPassagesMax;
    auto values = Matrix::read(given.values, 1, given.dim, 0, *name, kFloatsMax);
    if (!values) return values.error();
    vectors.push_back({.parameter = *name, .values = values->row(0)});
  }
  return vectors;
}

Status call_operation(Service& service, const Caller& caller, const char* operation,
                      tulving_text request, const tulving_call_options* options,
                      tulving_doc** answer) {
  auto name = view_of_name(operation, "operation");
  if (!name) return name.error();
  auto arguments = view_of(request, "request");
  if (!arguments) return arguments.error();
  const auto given = read_struct_if_any(options, "options");
  if (!given) return given.error();
  auto vectors = named_vectors(*given);
  if (!vectors) return vectors.error();

  Call call{.operation = *name, .vectors = *vectors};
  if (request.data != nullptr) call.arguments = *arguments;
  if (given->progress != nullptr) {
    call.progress = [given = *given](std::uint64_t done, std::uint64_t total) {
      return given.progress(given.context, done, total) == 0;
    };
  }
  auto answered = service.call(caller, call);
  if (!answered) return answered.error();
  if (answer == nullptr) return {};
  *answer = publish(std::make_shared<DocObject>(
      DocObject{std::move(answered->json), std::move(answered->remarks)}));
  return {};
}

}  // namespace

tulving_status tulving_operations_schema(tulving_doc** schema, tulving_error** error) {
  if (schema != nullptr) *schema = nullptr;
  return guarded(error, [&]() -> Status {
    if (schema == nullptr) return refused("schema", "is missing: where the handle is to go");
    *schema = publish(std::make_shared<DocObject>(DocObject{operations_schema(more_operations())}));
    return {};
  });
}

tulving_status tulving_store_call(tulving_store* store, const char* operation, tulving_text request,
                                  const tulving_call_options* options, tulving_doc** answer,
                                  tulving_error** error) {
  if (answer != nullptr) *answer = nullptr;
  return guarded(error, [&]() -> Status {
    auto object = open_store(store);
    if (!object) return object.error();
    return call_operation((*object)->service, {}, operation, request, options, answer);
  });
}

tulving_status tulving_tenant_call(tulving_tenant* tenant, const char* operation,
                                   tulving_text request, const tulving_call_options* options,
                                   tulving_doc** answer, tulving_error** error) {
  if (answer != nullptr) *answer = nullptr;
  return guarded(error, [&]() -> Status {
    auto object = open_tenant(tenant);
    if (!object) return object.error();
    const Caller caller{(*object)->tenant.id()};
    return call_operation((*object)->store->service, caller, operation, request, options, answer);
  });
}
