#include <chrono>
#include <shared_mutex>

#include "core/engine/read/model_choice.h"
#include "core/engine/search/search.h"
#include "core/engine/search/search_rules.h"
#include "core/engine/store/store_impl.h"
#include "core/engine/write/life_writes.h"
#include "core/engine/write/memory_writes.h"

namespace tulving {
namespace {

// Reinforces what was found. What has been erased meanwhile, and what cannot be reinforced (a
// search may ask for archived and forgotten memories), stays as it is: the search itself has
// succeeded.
Status stage_touches(engine::Transaction& transaction, const SearchResponse& response) {
  for (const SearchHit& hit : response.hits) {
    const engine::RecordPtr present = transaction.memory(hit.memory.id());
    if (!present || !engine::check_life_event(present->to_memory(), model::LifeEvent::kReinforce,
                                              transaction.now())) {
      continue;
    }
    if (auto status = engine::stage_touch(transaction, hit.memory.id()); !status) return status;
  }
  return {};
}

}  // namespace

Result<SearchResponse> Tenant::search(const SearchRequest& request) const {
  const auto started = std::chrono::steady_clock::now();
  const auto& store = impl_->store;
  const auto& state = impl_->state;
  if (auto status = store->check_open(); !status) return std::move(status).error();
  if (auto status = engine::check_request(request); !status) return std::move(status).error();
  engine::SearchContext context{.tenant = *state,
                                .bm25 = store->options.bm25,
                                .decay_model = store->options.decay_model,
                                .ef_search = store->options.vectors.ef_search,
                                .now = store->now(),
                                .started = started};
  if (request.vector) {
    const auto model =
        engine::choose_model(*state, store->catalog, request.model, store->options.default_model);
    if (!model) return model.error();
    if (auto status = engine::check_query_vector(request, model->name, model->row); !status) {
      return std::move(status).error();
    }
    context.model = model->row ? model->row->number : engine::kNoModel;
  }
  Result<SearchResponse> response = [&]() -> Result<SearchResponse> {
    const std::shared_lock lock(state->mutex);
    context.revision = store->revision();
    auto found = engine::Searcher(context, request).run();
    found.vector_unsearchable = request.vector && !engine::has_vectors(*state, context.model);
    return found;
  }();
  if (request.touch && !response->hits.empty()) {
    const auto stage = [&](engine::Transaction& transaction) {
      return stage_touches(transaction, *response);
    };
    if (auto status = store->write(state, false, stage); !status) return std::move(status).error();
  }
  return response;
}

}  // namespace tulving
