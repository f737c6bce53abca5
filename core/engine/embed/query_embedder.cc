#include "core/engine/embed/query_embedder.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/engine/embed/make_vectors.h"

namespace tulving::engine {

Status check_dimensions(Embedders embedders, const Catalog& catalog) {
  for (const auto& embedder : embedders) {
    const EmbedderIdentity& identity = embedder->identity();
    const auto model = catalog.model(identity.model);
    if (!model || model->dim == identity.dim) continue;
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("embedders: \"{}\" makes vectors of {} dimensions; that model has {} "
                             "in this store",
                             identity.model, identity.dim, model->dim),
                 "embedders"};
  }
  return {};
}

const Embedder* embedder_of(Embedders embedders, std::string_view model) {
  const auto found = std::ranges::find_if(
      embedders, [&](const auto& embedder) { return embedder->identity().model == model; });
  return found == embedders.end() ? nullptr : found->get();
}

const Embedder* embedder_for(const TenantState& tenant, const Catalog& catalog,
                             Embedders embedders) {
  std::uint64_t most = 0;
  for (const auto& [number, index] : tenant.vectors) {
    most = std::max(most, index->rows().cardinality());
  }
  if (most == 0) return embedders.empty() ? nullptr : embedders.front().get();
  for (const auto& embedder : embedders) {
    TULVING_DCHECK(embedder != nullptr);  // check_options().
    const auto model = catalog.model(embedder->identity().model);
    if (!model) continue;
    const auto index = tenant.vectors.find(model->number);
    if (index != tenant.vectors.end() && index->second->rows().cardinality() == most) {
      return embedder.get();
    }
  }
  return nullptr;
}

bool wants_vector_of_text(const SearchRequest& request) {
  return request.text && !request.vector && request.mode != SearchMode::kText &&
         request.mode != SearchMode::kRecent;
}

Result<EmbeddedRequest> embedded_request(const SearchRequest& request, const Embedder& embedder) {
  EmbeddedRequest embedded{request, {}};
  auto vector = make_query_vector(embedder, *request.text);
  if (!vector) {
    if (request.mode != SearchMode::kAuto) return vector.error();
    embedded.error = vector.error().message;
    embedded.request.model.clear();
    return embedded;
  }
  embedded.request.vector = *std::move(vector);
  embedded.request.model = embedder.identity().model;
  if (request.mode == SearchMode::kVector) embedded.request.text.reset();
  return embedded;
}

}  // namespace tulving::engine
