#include "core/engine/read/model_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "core/base/check.h"

namespace tulving::engine {
namespace {

// The models whose vectors the tenant has, by name. One whose last vector went does not count.
std::vector<storage::ModelRow> models_of(const TenantState& tenant, const Catalog& catalog) {
  std::vector<storage::ModelRow> models;
  for (const auto& [number, index] : tenant.vectors) {
    if (!has_vectors(tenant, number)) continue;
    TULVING_DCHECK(catalog.model(number).has_value());
    if (auto model = catalog.model(number)) models.push_back(*std::move(model));
  }
  std::ranges::sort(models, {}, &storage::ModelRow::name);
  return models;
}

std::string names_of(const std::vector<storage::ModelRow>& models) {
  std::vector<std::string> names;
  names.reserve(models.size());
  for (const storage::ModelRow& model : models) names.push_back('"' + model.name + '"');
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

bool has_vectors(const TenantState& tenant, std::uint16_t model) {
  const auto found = tenant.vectors.find(model);
  return found != tenant.vectors.end() && !found->second->rows().isEmpty();
}

Result<ChosenModel> choose_model(const TenantState& tenant, const Catalog& catalog,
                                 const std::string& asked, const std::string& default_model) {
  if (!asked.empty()) {
    if (auto known = catalog.model(asked)) return ChosenModel{asked, std::move(known)};
    const auto models = models_of(tenant, catalog);
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("model is \"{}\"; the store has no vector of it, {}", asked,
                             models.empty() ? "and this tenant none at all"
                                            : "this tenant has some of " + names_of(models)),
                 "model"};
  }
  const auto models = models_of(tenant, catalog);
  const auto usual = std::ranges::find(models, default_model, &storage::ModelRow::name);
  if (usual != models.end()) return ChosenModel{default_model, *usual};
  if (models.empty()) return ChosenModel{default_model, catalog.model(default_model)};
  if (models.size() == 1) return ChosenModel{models.front().name, models.front()};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("model is missing: this tenant has vectors of {}; name one of them",
                           names_of(models)),
               "model"};
}

}  // namespace tulving::engine
