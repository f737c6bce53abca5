#pragma once

#include <optional>
#include <string>

#include "core/engine/state/catalog.h"
#include "core/engine/state/tenant_state.h"
#include "storage/codec/codec.h"
#include "tulving/result.h"

namespace tulving::engine {

/// The embedding model that a request means.
struct ChosenModel {
  std::string name;
  std::optional<storage::ModelRow> row;  ///< Empty: the store has no vector of it yet.
};

/// The model of the name `asked`; where that is empty `default_model`, if the tenant has vectors of
/// it or none at all, else the only model that it has vectors of.
///
/// kInvalidArgument, naming the models that the tenant has vectors of: the store does not know the
/// one asked for; or none was, and the tenant has several, none of them `default_model`.
Result<ChosenModel> choose_model(const TenantState& tenant, const Catalog& catalog,
                                 const std::string& asked, const std::string& default_model);

/// Whether a memory of the tenant has a vector of the model.
[[nodiscard]] bool has_vectors(const TenantState& tenant, std::uint16_t model);

}  // namespace tulving::engine
