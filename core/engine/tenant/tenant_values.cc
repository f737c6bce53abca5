#include <fmt/format.h>

#include "core/base/errors.h"
#include "core/base/text/utf8.h"
#include "core/engine/select/distinct_values.h"
#include "core/engine/store/store_impl.h"
#include "core/model/names/names.h"
#include "core/model/rules/filter_rules.h"

// Tenant::distinct_values().

namespace tulving {
namespace {

constexpr std::uint32_t kLimitMax = 10'000;

Status check_distinct(const DistinctRequest& request) {
  if (request.limit < 1 || request.limit > kLimitMax) {
    return invalid(fmt::format("limit is {}; must be 1..{}", request.limit, kLimitMax), "limit");
  }
  if (request.order > DistinctOrder::kCount) {
    return invalid("order is neither by value nor by count", "order");
  }
  if (const auto* field = std::get_if<Field>(&request.of)) {
    if (*field > Field::kContentHash) return invalid("field does not exist", "field");
  } else {
    const auto& at = std::get<ScalarPath>(request.of);
    if (at.part > JsonPart::kContent) return invalid("field names no part of a memory", "field");
    if (at.path.empty() || first_invalid_utf8(at.path)) {
      return invalid(
          fmt::format("{} is asked for without a path of UTF-8 text", model::to_string(at.part)),
          "field");
    }
  }
  return model::check_filter(request.filter);
}

}  // namespace

Result<DistinctPage> Tenant::distinct_values(const DistinctRequest& request) const {
  if (auto status = check_distinct(request); !status) return status.error();
  const Store::Impl& store = *impl_->store;
  const Timestamp now = store.now();
  auto reading = impl_->read();
  if (!reading) return reading.error();
  const engine::TenantState& state = **reading;
  const Roaring visible = state.visible_rows(
      {request.include_archived, request.include_deleted, request.include_expired, now});
  return engine::distinct_values(request, visible, {state, now, store.options.decay_model});
}

}  // namespace tulving
