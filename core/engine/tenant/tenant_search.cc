#include <chrono>

#include "core/base/check.h"
#include "core/engine/embed/query_embedder.h"
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

// The embedder is called without the tenant: it may take a network's time.
Result<SearchResponse> Tenant::search(const SearchRequest& request) const {
  const auto started = std::chrono::steady_clock::now();
  const auto& embedders = impl_->store->options.embedders;
  if (embedders.empty() || !engine::wants_vector_of_text(request)) {
    return impl_->search(request, started, {});
  }
  const Embedder* embedder = engine::embedder_of(embedders, request.model);
  if (request.model.empty()) {
    const auto reading = impl_->read();
    if (!reading) return reading.error();
    embedder = engine::embedder_for(**reading, impl_->store->catalog, embedders);
    if ((*reading)->vectors.empty()) embedder = nullptr;  // It would find nothing.
  }
  if (embedder == nullptr) return impl_->search(request, started, {});
  auto embedded = engine::embedded_request(request, *embedder);
  if (!embedded) return embedded.error();
  auto response = impl_->search(embedded->request, started, embedder->identity().model);
  if (response) response->embedding_error = std::move(embedded->error);
  return response;
}

Result<SearchResponse> Tenant::Impl::search(const SearchRequest& request,
                                            std::chrono::steady_clock::time_point started,
                                            const std::string& embedded_by) const {
  if (auto status = engine::check_request(request); !status) return status.error();
  auto reading = read();
  if (!reading) return reading.error();
  const engine::TenantState& state = **reading;
  engine::SearchContext context{.tenant = state,
                                .bm25 = store->options.bm25,
                                .decay_model = store->options.decay_model,
                                .ef_search = store->options.vectors.ef_search,
                                .now = store->now(),
                                .started = started};
  if (request.vector) {
    const auto model =
        engine::choose_model(state, store->catalog, request.model, store->options.default_model);
    if (!model) return model.error();
    if (auto status = engine::check_query_vector(request, model->name, model->row); !status) {
      return status.error();
    }
    context.model = model->row ? model->row->number : engine::kNoModel;
  }
  // A model that is known has vectors of one length, the query's.
  TULVING_DCHECK(context.model == engine::kNoModel || request.vector);
  context.revision = store->revision();
  SearchResponse response = engine::Searcher(context, request).run();
  response.vector_unsearchable = request.vector && !engine::has_vectors(state, context.model);
  if (response.plan && request.vector) response.plan->embedded_by = embedded_by;
  return response;
}

Result<SearchResponse> Tenant::search_and_touch(const SearchRequest& request) {
  Result<SearchResponse> response = search(request);
  if (!response || response->hits.empty()) return response;
  const auto stage = [&](engine::Transaction& transaction) {
    return stage_touches(transaction, *response);
  };
  if (auto status = impl_->write(stage); !status) return status.error();
  return response;
}

}  // namespace tulving
