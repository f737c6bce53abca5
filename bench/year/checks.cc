#include "bench/year/checks.h"

#include <algorithm>

namespace tulving::bench {
namespace {

constexpr std::size_t kRecallAt = 10;
constexpr float kScoreSlack = 1e-6F;

/// Of the best ten by an exact search, the share that a usual one has.
Result<double> recall_of(const Tenant& tenant, const std::vector<float>& vector) {
  SearchRequest request;
  request.vector = vector;
  request.k = kRecallAt;
  const auto usual = tenant.search(request);
  if (!usual) return usual.error();
  request.exact = true;
  const auto exact = tenant.search(request);
  if (!exact) return exact.error();
  if (exact->hits.empty()) return 0.0;
  const float least = exact->hits.back().score - kScoreSlack;
  const auto right =
      std::ranges::count_if(usual->hits, [&](const SearchHit& hit) { return hit.score >= least; });
  return static_cast<double>(right) / static_cast<double>(exact->hits.size());
}

Result<double> mean_recall(const Tenant& tenant, const Corpus& corpus, const TenantLoad& load,
                           std::size_t checks) {
  if (corpus.shape().vectors_share == 0) return 1.0;
  double sum = 0;
  for (std::size_t i = 0; i < checks; ++i) {
    const std::uint64_t about = load.first + i * load.memories / checks;
    const auto recall = recall_of(tenant, corpus.query(about, ~i).vector);
    if (!recall) return recall.error();
    sum += *recall;
  }
  return sum / static_cast<double>(checks);
}

/// Memories over the whole load that have a word of their own.
std::vector<std::uint64_t> numbers_to_find(const Corpus& corpus, const TenantLoad& load,
                                           std::size_t checks) {
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < checks; ++i) {
    for (std::uint64_t at = i * load.memories / checks; at < load.memories; ++at) {
      const std::uint64_t number = load.first + at;
      if (!corpus.has_reference(number)) continue;
      numbers.push_back(number);
      break;
    }
  }
  return numbers;
}

Result<bool> finds_first(const Tenant& tenant, const Memory& memory, SearchRequest request) {
  request.k = 1;
  const auto found = tenant.search(request);
  if (!found) return found.error();
  return found->hits.size() == 1 && found->hits[0].memory.id() == memory.id &&
         found->hits[0].memory.text() == memory.text;
}

}  // namespace

Result<nlohmann::json> check_answers(const Tenant& tenant, const Corpus& corpus,
                                     const TenantLoad& load, const YearOptions& options) {
  const auto recall = mean_recall(tenant, corpus, load, options.checks);
  if (!recall) return recall.error();
  const std::vector<std::uint64_t> numbers = numbers_to_find(corpus, load, options.checks);
  std::size_t by_text = 0, by_both = 0;
  for (const std::uint64_t number : numbers) {
    const Memory memory = corpus.memory(number);
    SearchRequest request;
    request.text = corpus.reference(number);
    const auto text_finds = finds_first(tenant, memory, request);
    if (!text_finds) return text_finds.error();
    if (!memory.embeddings.empty()) request.vector = memory.embeddings[0].vector;
    const auto both_find = finds_first(tenant, memory, request);
    if (!both_find) return both_find.error();
    by_text += *text_finds ? 1 : 0;
    by_both += *both_find ? 1 : 0;
  }
  const bool right = *recall >= options.least_recall && !numbers.empty() &&
                     by_text == numbers.size() && by_both == numbers.size();
  return nlohmann::json{{"recall_at_10", *recall}, {"text_found", by_text},
                        {"hybrid_found", by_both}, {"checks", numbers.size()},
                        {"tenant", tenant.id()},   {"right", right}};
}

}  // namespace tulving::bench
