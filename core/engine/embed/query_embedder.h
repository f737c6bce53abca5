#pragma once

#include <memory>
#include <span>
#include <string>

#include "core/engine/state/catalog.h"
#include "core/engine/state/tenant_state.h"
#include "tulving/embedder.h"
#include "tulving/search.h"

namespace tulving::engine {

using Embedders = std::span<const std::shared_ptr<const Embedder>>;

/// kInvalidArgument: one's dimension is not that of its model's vectors in the store.
[[nodiscard]] Status check_dimensions(Embedders embedders, const Catalog& catalog);

/// The embedder of that model; null: none of these.
[[nodiscard]] const Embedder* embedder_of(Embedders embedders, std::string_view model);

/// The embedder that makes the vectors of texts in this tenant, of memories and of queries. A
/// vector finds those of its own model alone, so it is the one whose model has most of the tenant's
/// vectors, or, where there is none yet, the first; of two that have as many, the one that comes
/// first. Null: the model that has most is none's.
[[nodiscard]] const Embedder* embedder_for(const TenantState& tenant, const Catalog& catalog,
                                           Embedders embedders);

/// Whether an embedder may make the vector that this request has not, of its text.
[[nodiscard]] bool wants_vector_of_text(const SearchRequest& request);

/// A request with the vector of its text; of kVector the text goes.
struct EmbeddedRequest {
  SearchRequest request;
  std::string error;  ///< Of the embedder: the request, of kAuto, is one for the text alone.
};
/// The embedder's error, where the mode asks for a vector.
[[nodiscard]] Result<EmbeddedRequest> embedded_request(const SearchRequest& request,
                                                       const Embedder& embedder);

}  // namespace tulving::engine
