// What is promised: a hybrid search is what search.h says it is, to the last bit of every score and
// of every part of it. The reference knows neither rows nor indexes: it asks each arm alone for all
// that it finds, cuts the lists to the pools, and joins them by loops over maps; neighbours come
// from the sessions' turns in a sorted list, merges stand where their sources did. Over random
// conversations, small and larger than the pools, with filters, and with merges that agents made.

#include <bit>
#include <map>
#include <random>
#include <set>

#include "tests/engine/random_tenant.h"

namespace tulving {
namespace {

using namespace tulving::testing;

constexpr std::size_t kDim = 16;
constexpr std::size_t kSeeds = 50;

struct Place {
  std::optional<Uuid> before, after;
};

class World : public RandomTenant {
 public:
  explicit World(unsigned seed) : RandomTenant(seed) {}

  bool chance(std::size_t of) { return below(of) == 0; }

  void add_memories(std::size_t count, bool alike) {
    for (std::size_t i = 0; i < count; ++i) {
      clock_.advance(std::chrono::seconds(1));
      Memory one = memory(text());
      if (!chance(9)) one.embeddings.push_back({"default", alike ? near_a_centre() : vector()});
      if (!chance(4)) one.memory_type = chance(3) ? "interaction" : "conversation";
      if (!chance(5)) one.session_id = "s" + std::to_string(1 + below(3));
      one.user_id = chance(2) ? "ana" : "bo";
      value_of(tenant_->add(one));
    }
  }

  // Of words of very different frequency, and at times of many passages.
  std::string text() {
    std::string text;
    for (std::size_t n = chance(12) ? 200 : 1 + below(12); n > 0; --n) {
      text += "word" + std::to_string(std::min(below(12), below(12))) + " ";
    }
    return text;
  }
  std::vector<float> vector() { return random_vector(random_, kDim); }
  std::vector<float> near_a_centre() {
    std::vector<float> vector(kDim, 0.02F * static_cast<float>(below(5)));
    vector[below(5)] = 1.0F;
    return vector;
  }

  std::uint64_t merge() {
    ConsolidationOptions options;
    options.rate_limit = 0;
    options.threads = 1;
    options.cluster_size_max = 4;
    auto consolidator = value_of(Consolidator::create(*store_, "acme", options));
    ConsolidationRun run;
    run.agents = {UpkeepAgent::kCluster, UpkeepAgent::kMerge};
    value_of(consolidator.run(run));
    std::uint64_t merges = 0;
    for (const auto& [id, one] : memories_of(*tenant_)) merges += one.abstraction_level == 1;
    return merges;
  }

  SearchRequest request() {
    SearchRequest request;
    request.mode = SearchMode::kHybrid;
    request.text = chance(15) ? "the" : text();
    request.vector = vector();
    request.k = static_cast<std::uint32_t>(chance(3) ? 1 + below(150) : 10);
    request.explain = true;
    if (chance(3)) request.filter = equals(Field::kUserId, "ana");
    if (chance(3)) request.context_weight = chance(2) ? 0.0F : 1.0F;
    if (chance(3)) request.vector_weight = static_cast<float>(1 + below(5));
    if (chance(3)) request.text_weight = static_cast<float>(below(5));
    if (chance(5)) request.fusion = Fusion::kRrf;
    return request;
  }

  // By id where scores are equal.
  std::vector<std::pair<Uuid, float>> pool(SearchRequest request, SearchMode mode,
                                           std::size_t size) {
    SearchRequest alone;
    alone.mode = mode;
    if (mode == SearchMode::kText) alone.text = request.text;
    if (mode == SearchMode::kVector) alone.vector = request.vector;
    alone.filter = request.filter;
    alone.k = 10'000;
    std::vector<std::pair<Uuid, float>> found;
    for (const SearchHit& hit : value_of(tenant_->search(alone)).hits) {
      found.emplace_back(hit.memory.id(), hit.score);
    }
    std::ranges::sort(found, [&](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    if (found.size() > size) found.resize(size);
    return found;
  }

  std::set<Uuid> shown(const Filter& filter) const {
    SearchRequest recent;
    recent.mode = SearchMode::kRecent;
    recent.k = 10'000;
    recent.filter = filter;
    std::set<Uuid> ids;
    for (const SearchHit& hit : value_of(tenant_->search(recent)).hits) {
      ids.insert(hit.memory.id());
    }
    return ids;
  }

  // Where each shown memory stands between others that are shown.
  std::map<Uuid, std::vector<Place>> places(const std::set<Uuid>& shown) {
    const std::map<Uuid, Memory> all = memories_of(*tenant_);
    std::map<std::string, std::vector<Uuid>> sessions;
    std::vector<std::pair<Timestamp, Uuid>> by_time;
    for (const auto& [id, one] : all) by_time.emplace_back(*one.created_at, id);
    std::ranges::sort(by_time);
    for (const auto& [time, id] : by_time) {
      const Memory& one = all.at(id);
      const bool is_turn = one.memory_type == "conversation" || one.memory_type == "interaction";
      if (one.abstraction_level > 0 || one.session_id.empty()) continue;
      if (is_turn) sessions[one.session_id].push_back(id);
    }
    std::map<Uuid, Place> around;
    for (const auto& [session, turns] : sessions) {
      for (std::size_t i = 0; i < turns.size(); ++i) {
        if (i > 0) around[turns[i]].before = turns[i - 1];
        if (i + 1 < turns.size()) around[turns[i]].after = turns[i + 1];
      }
    }
    std::map<Uuid, std::vector<Place>> places;
    for (const Uuid& id : shown) {
      const auto stand_in = [&](std::optional<Uuid> turn) -> std::optional<Uuid> {
        if (!turn || turn == id) return std::nullopt;
        if (shown.contains(*turn)) return turn;
        const Uuid merge = all.at(*turn).consolidated_into_id;
        return merge != id && shown.contains(merge) ? std::optional(merge) : std::nullopt;
      };
      const Memory& one = all.at(id);
      const std::vector<Uuid> turns =
          one.abstraction_level == 1 ? one.source_memory_ids : std::vector<Uuid>{id};
      for (const Uuid& turn : turns) {
        const Place place{stand_in(around[turn].before), stand_in(around[turn].after)};
        if (place.before || place.after) places[id].push_back(place);
      }
    }
    return places;
  }
};

struct Expected {
  std::map<Uuid, ScoreParts> parts;
  float vector_weight = 0, text_weight = 0;
};

std::map<Uuid, float> scores_in(World& world, const SearchRequest& request, SearchMode mode) {
  const auto all = world.pool(request, mode, SIZE_MAX);
  return {all.begin(), all.end()};
}

float mean_of_first(std::vector<float> values, std::size_t count) {
  float sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += values[i];
  return sum / static_cast<float>(count);
}

void weigh(const SearchRequest& request, Expected& expected) {
  float vector = request.vector_weight.value_or(0.5F), text = request.text_weight.value_or(0.5F);
  expected.vector_weight = vector / (vector + text);
  expected.text_weight = text / (vector + text);
  if (request.vector_weight || request.text_weight || request.fusion == Fusion::kRrf) return;
  std::vector<float> texts;
  std::vector<float> cosines;
  for (const auto& [id, parts] : expected.parts) {
    texts.push_back(parts.text_part);
    if (parts.cosine) cosines.push_back(*parts.cosine);
  }
  std::ranges::sort(texts, std::greater<>());
  std::ranges::sort(cosines, std::greater<>());
  if (texts.empty() || texts[0] <= 0) {
    expected.vector_weight = 1, expected.text_weight = 0;
  } else if (cosines.empty()) {
    expected.vector_weight = 0, expected.text_weight = 1;
  } else {
    const float third = cosines[std::min<std::size_t>(3, cosines.size()) - 1];
    std::vector<float> of_nearest;
    for (const auto& [id, parts] : expected.parts) {
      if (parts.cosine && *parts.cosine >= third) of_nearest.push_back(parts.text_part);
    }
    std::ranges::sort(of_nearest);
    const float loss = mean_of_first(texts, std::min<std::size_t>(3, texts.size())) -
                       mean_of_first(of_nearest, of_nearest.size());
    expected.text_weight = 0.25F + (0.85F - 0.25F) * std::clamp(loss, 0.0F, 1.0F);
    expected.vector_weight = 1.0F - expected.text_weight;
  }
}

Expected by_rank(const SearchRequest& request, const std::vector<std::pair<Uuid, float>>& near,
                 const std::vector<std::pair<Uuid, float>>& said) {
  Expected expected;
  for (std::size_t i = 0; i < near.size(); ++i) {
    ScoreParts& parts = expected.parts[near[i].first];
    parts.cosine = near[i].second;
    parts.vector_part = request.vector_weight.value_or(0.5F) / (60.0F + static_cast<float>(i + 1));
  }
  for (std::size_t i = 0; i < said.size(); ++i) {
    ScoreParts& parts = expected.parts[said[i].first];
    parts.bm25 = said[i].second;
    parts.text_part = request.text_weight.value_or(0.5F) / (60.0F + static_cast<float>(i + 1));
  }
  weigh(request, expected);
  for (auto& [id, parts] : expected.parts) parts.relevance = parts.vector_part + parts.text_part;
  return expected;
}

// Which memories are scored: what the arms bring, and the neighbours of the best of each.
std::set<Uuid> candidates(const SearchRequest& request,
                          const std::vector<std::pair<Uuid, float>>& near,
                          const std::vector<std::pair<Uuid, float>>& said,
                          std::map<Uuid, std::vector<Place>>& places) {
  std::set<Uuid> ids;
  for (const auto* arm : {&near, &said}) {
    for (std::size_t i = 0; i < arm->size(); ++i) {
      ids.insert((*arm)[i].first);
      if (i >= kSeeds || request.context_weight == 0) continue;
      for (const Place& place : places[(*arm)[i].first]) {
        if (place.before) ids.insert(*place.before);
        if (place.after) ids.insert(*place.after);
      }
    }
  }
  return ids;
}

Expected reference(World& world, const SearchRequest& request) {
  const auto near = world.pool(request, SearchMode::kVector, std::max(request.k * 5, 100U));
  const std::size_t text_pool = std::max(request.k * 5, 400U);
  const auto said = world.pool(request, SearchMode::kText, text_pool);
  if (request.fusion == Fusion::kRrf) return by_rank(request, near, said);
  auto places = world.places(world.shown(request.filter));
  const auto cosines = scores_in(world, request, SearchMode::kVector);
  const auto texts = scores_in(world, request, SearchMode::kText);
  Expected expected;
  float low = INFINITY, high = -INFINITY, best = 0;
  for (const Uuid& id : candidates(request, near, said, places)) {
    ScoreParts& parts = expected.parts[id];
    if (cosines.contains(id)) parts.cosine = cosines.at(id);
    if (texts.contains(id)) parts.bm25 = texts.at(id);
    if (!parts.bm25 && said.size() == text_pool) parts.bm25 = 0.0F;
    low = std::min(low, parts.cosine.value_or(low));
    high = std::max(high, parts.cosine.value_or(high));
    best = std::max(best, parts.bm25.value_or(0));
  }
  for (auto& [id, parts] : expected.parts) {
    if (parts.cosine) parts.vector_part = high > low ? (*parts.cosine - low) / (high - low) : 1.0F;
    if (best > 0) parts.text_part = parts.bm25.value_or(0) / best;
  }
  weigh(request, expected);
  std::map<Uuid, float> relevance;
  for (auto& [id, parts] : expected.parts) {
    parts.vector_part *= expected.vector_weight;
    parts.text_part *= expected.text_weight;
    relevance[id] = parts.vector_part + parts.text_part;
  }
  for (auto& [id, parts] : expected.parts) {
    for (const Place& place : places[id]) {
      float heard = 0;
      if (place.before && relevance.contains(*place.before)) heard += relevance[*place.before];
      if (place.after && relevance.contains(*place.after)) heard += relevance[*place.after] / 2;
      parts.context_part = std::max(parts.context_part, request.context_weight * heard);
    }
    parts.relevance = parts.vector_part + parts.text_part + parts.context_part;
  }
  return expected;
}

std::vector<std::uint32_t> bits_of(const ScoreParts& parts) {
  std::vector<std::uint32_t> bits = {parts.cosine.has_value(), parts.bm25.has_value()};
  for (const float part : {parts.cosine.value_or(0), parts.bm25.value_or(0), parts.vector_part,
                           parts.text_part, parts.context_part, parts.relevance, parts.decay_factor,
                           parts.priority_factor, parts.recency_factor}) {
    bits.push_back(std::bit_cast<std::uint32_t>(part));
  }
  return bits;
}

void expect_reference(World& world, const SearchRequest& request) {
  const Expected expected = reference(world, request);
  std::vector<std::pair<Uuid, ScoreParts>> ranked(expected.parts.begin(), expected.parts.end());
  std::ranges::sort(ranked, [](const auto& a, const auto& b) {
    return a.second.relevance != b.second.relevance ? a.second.relevance > b.second.relevance
                                                    : a.first < b.first;
  });
  ranked.resize(std::min<std::size_t>(request.k, ranked.size()));

  const SearchResponse response = value_of(world.tenant_->search(request));

  ASSERT_EQ(response.hits.size(), ranked.size());
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    ASSERT_EQ(response.hits[i].memory.id(), ranked[i].first) << "hit " << i;
    ASSERT_EQ(bits_of(*response.hits[i].parts), bits_of(ranked[i].second)) << "hit " << i;
    ASSERT_EQ(response.hits[i].score, ranked[i].second.relevance);
  }
  ASSERT_EQ(response.plan->vector_weight, expected.vector_weight);
  ASSERT_EQ(response.plan->text_weight, expected.text_weight);
}

TEST(HybridSearch, IsTheReferenceOnConversations) {
  for (const std::size_t memories : {0, 1, 7, 60, 160, 700}) {
    World world(static_cast<unsigned>(memories));
    world.add_memories(memories, false);
    for (int i = 0; i < 60; ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_reference(world, world.request()))
          << memories << " memories, search " << i;
    }
  }
}

// More than bring their neighbours, and by ranks too: equal scores go by id, which a merge has like
// anybody.
TEST(HybridSearch, IsTheReferenceAmongMerges) {
  std::uint64_t merges = 0;
  for (unsigned seed = 0; seed < 10; ++seed) {
    World world(seed);
    world.add_memories(90, true);
    merges += world.merge();
    for (int i = 0; i < 40; ++i) {
      ASSERT_NO_FATAL_FAILURE(expect_reference(world, world.request()))
          << "seed " << seed << ", search " << i;
    }
  }
  EXPECT_GT(merges, 30U) << "else nothing was tested";
}

}  // namespace
}  // namespace tulving
