// Finds memories that belong together: shared entities, shared tags, near in meaning. Precision
// goes before recall: each memory proposes its few best.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/base/hash.h"
#include "core/base/mean_direction.h"
#include "core/consolidation/agents/relation_evidence.h"
#include "core/consolidation/findings/finding.h"
#include "core/consolidation/findings/result_json.h"
#include "core/model/rounded.h"

namespace tulving::consolidation {
namespace {

// A name that more memories share says little of any two of them, and pairs grow with its square.
constexpr std::size_t kSharersMax = 50;
constexpr std::uint32_t kNeighbors = 10;  // By meaning.
constexpr std::uint32_t kNeighborsAskedMax = 1'000;
constexpr std::size_t kProposalsPerMemory = 3;
constexpr double kConfidenceMin = 0.6;  // Below that it is noise, not a question for a person.

// How much one kind of evidence at its fullest makes two memories related.
constexpr double kEntityWeight = 0.8;
constexpr double kTagWeight = 0.4;
constexpr double kMeaningWeight = 0.95;
// What gives meaning its full weight. Calibrated on five LoCoMo conversations, so that of pairs of
// a confidence about as many belong together, as judged by eye: bench/README.md.
constexpr double kFullLift = 0.2;
constexpr double kFullRareWords = 8;

struct Node {
  Uuid id;
  std::uint64_t revision = 0;
  Timestamp created_at;
  std::string user_id, agent_id, project_id;
  std::vector<std::string> entities, tags;  // Sorted.
};

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// Two of different users, agents or projects are never related by an agent.
auto scope_of(const Node& node) { return std::tie(node.user_id, node.agent_id, node.project_id); }

// How near in meaning two memories are, by the model that finds them nearest.
struct Nearness {
  double cosine = 0;
  double lift = 0;
};

class RelationFinder {
 public:
  RelationFinder(const Workspace& workspace, const Settings& settings)
      : workspace_(workspace), settings_(settings) {}

  Findings run() {
    if (auto status = collect(); !status) return status.error();
    if (auto status = add_neighbors(); !status) return status.error();
    for (const Sharers* sharers : {&entities_, &tags_}) add_sharers(*sharers);
    return propose();
  }

 private:
  using Pair = std::pair<std::uint32_t, std::uint32_t>;

  Status collect() {
    return workspace_.each_active([&](const MemoryView& view) -> Status {
      if (workspace_.is_staged(view.id())) return {};
      Memory memory = view.to_memory();
      const auto node = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back({memory.id, memory.revision, *memory.created_at, std::move(memory.user_id),
                        std::move(memory.agent_id), std::move(memory.project_id),
                        sorted(std::move(memory.entities)), sorted(std::move(memory.tags))});
      place_of_[memory.id] = node;
      words_.add(memory.text);
      for (const std::string& name : nodes_.back().entities) entities_[name].push_back(node);
      for (const std::string& name : nodes_.back().tags) tags_[name].push_back(node);
      return {};
    });
  }

  void add_sharers(const Sharers& sharers) {
    for (const auto& [name, all] : sharers) {
      std::map<decltype(scope_of(nodes_[0])), std::vector<std::uint32_t>> by_scope;
      for (const std::uint32_t node : all) by_scope[scope_of(nodes_[node])].push_back(node);
      for (const auto& [scope, nodes] : by_scope) {
        if (nodes.size() > kSharersMax) continue;
        for (std::size_t i = 0; i < nodes.size(); ++i) {
          for (std::size_t j = i + 1; j < nodes.size(); ++j) {
            pairs_.try_emplace({nodes[i], nodes[j]});
          }
        }
      }
    }
  }

  // The nearest of each by every model's vectors.
  Status add_neighbors() {
    for (const VectorStats& vectors : workspace_.tenant().stats().vectors) {
      const Surroundings sample = sample_of(vectors.model);
      std::vector<double> around(nodes_.size());
      std::map<Pair, double> near;
      for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
        if (settings_.stop != nullptr && settings_.stop->load()) return {};
        const auto embedding = embedding_of(node, vectors.model);
        if (!embedding) continue;
        around[node] = sample.mean_of(embedding->vector, settings_.thresholds.link_cohesion);
        if (auto status = add_neighbors_of(node, *embedding, near); !status) return status;
      }
      keep_nearest(around, near);
    }
    return {};
  }

  // In one passage. Empty: it has none, or was erased this moment.
  std::optional<Embedding> embedding_of(std::uint32_t node, const std::string& model) const {
    auto memory = workspace_.memory(nodes_[node].id, true);
    if (!memory) return std::nullopt;
    for (Embedding& embedding : memory->embeddings) {
      if (embedding.model == model) {
        return Embedding{model, mean_direction(embedding.vector, embedding.dim())};
      }
    }
    return std::nullopt;
  }

  // Those whose ids have the smallest hashes: the same in whatever order they came.
  Surroundings sample_of(const std::string& model) const {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> order;
    for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
      order.emplace_back(xxh3(nodes_[node].id.to_string()), node);
    }
    std::sort(order.begin(), order.end());
    Surroundings sample;
    for (const auto& [hash, node] : order) {
      if (sample.is_full()) break;
      if (const auto embedding = embedding_of(node, model)) sample.add(embedding->vector);
    }
    return sample;
  }

  // Nobody else's memories are asked for, as far as a filter can say so: of those without a user,
  // say, it cannot, and more are asked for where other users' memories crowd them out.
  Status add_neighbors_of(std::uint32_t node, const Embedding& embedding,
                          std::map<Pair, double>& near) {
    SearchRequest request;
    request.vector = embedding.vector;
    request.model = embedding.model;
    request.mode = SearchMode::kVector;
    request.filter = of_the_scope(nodes_[node]);
    request.now = workspace_.now();
    for (request.k = kNeighbors + 1;; request.k *= 4) {  // Itself among them.
      auto response = workspace_.tenant().search(request);
      if (!response) return response.error();
      std::uint32_t found = 0;
      for (const SearchHit& hit : response->hits) {
        const auto other = place_of_.find(hit.memory.id());
        if (other == place_of_.end() || other->second == node) continue;
        if (found == kNeighbors || scope_of(nodes_[node]) != scope_of(nodes_[other->second]))
          continue;
        near[std::minmax(node, other->second)] = hit.score;
        ++found;
      }
      if (found == kNeighbors || response->hits.size() < request.k ||
          request.k > kNeighborsAskedMax) {
        return {};
      }
    }
  }

  static Filter of_the_scope(const Node& node) {
    std::vector<Filter> conditions = {equals(Field::kStatus, "active")};
    if (!node.user_id.empty()) conditions.push_back(equals(Field::kUserId, node.user_id));
    if (!node.agent_id.empty()) conditions.push_back(equals(Field::kAgentId, node.agent_id));
    if (!node.project_id.empty()) conditions.push_back(equals(Field::kProjectId, node.project_id));
    return all_of(std::move(conditions));
  }

  void keep_nearest(const std::vector<double>& around, const std::map<Pair, double>& near) {
    for (const auto& [pair, cosine] : near) {
      const Nearness found{cosine, lift(cosine, around[pair.first], around[pair.second])};
      auto& best = pairs_[pair];
      if (!best || best->lift < found.lift) best = found;
    }
  }

  // 0 for what is no nearer than its surroundings, below the threshold of links, or says nothing.
  [[nodiscard]] double meaning(const Pair& pair, const Nearness& near) const {
    if (near.cosine < settings_.thresholds.link_cohesion) return 0;
    const double words = std::min(words_.rare_words(pair.first), words_.rare_words(pair.second));
    return std::clamp(near.lift / kFullLift, 0.0, 1.0) * std::min(1.0, words / kFullRareWords);
  }

  // Independent pieces of evidence, by noisy or.
  RelationsResult result_of(const Pair& pair, const std::optional<Nearness>& near) const {
    const Node* older = &nodes_[pair.first];
    const Node* newer = &nodes_[pair.second];
    if (std::tie(newer->created_at, newer->id) < std::tie(older->created_at, older->id)) {
      std::swap(older, newer);
    }
    RelationsResult result;
    result.source_id = older->id;
    result.target_id = newer->id;
    result.shared_entities = shared_names(older->entities, newer->entities);
    result.shared_tags = shared_names(older->tags, newer->tags);
    if (near) result.similarity = near->cosine;
    const double by_entity =
        name_overlap(older->entities, newer->entities, entities_, nodes_.size());
    const double by_tag = name_overlap(older->tags, newer->tags, tags_, nodes_.size());
    const double by_meaning = near ? meaning(pair, *near) : 0;
    result.confidence = 1 - (1 - kEntityWeight * by_entity) * (1 - kTagWeight * by_tag) *
                                (1 - kMeaningWeight * by_meaning);
    result.strength = std::clamp(result.similarity.value_or(*result.confidence), 0.0, 1.0);
    result.decision = decision_for(*result.confidence, settings_.thresholds);
    result.reason = fmt::format("{} shared entities, {} shared tags", result.shared_entities.size(),
                                result.shared_tags.size());
    if (near) {
      result.reason += fmt::format(", cosine {:.4f}, {:+.4f} against their surroundings",
                                   near->cosine, near->lift);
    }
    return result;
  }

  Result<bool> are_related(const RelationsResult& result) {
    auto [known, is_new] = related_.try_emplace(result.source_id);
    if (is_new) {
      auto relations = list_all<Relation>(workspace_.tenant(), {.filter = {result.source_id}});
      if (!relations) return relations.error();
      for (const Relation& relation : *relations) {
        known->second.insert(relation.source_id);
        known->second.insert(relation.target_id);
      }
    }
    return known->second.contains(result.target_id);
  }

  Findings propose() {
    std::vector<RelationsResult> results;
    for (const auto& [pair, near] : pairs_) {
      RelationsResult result = result_of(pair, near);
      if (*result.confidence < kConfidenceMin) continue;
      const auto related = are_related(result);
      if (!related) return related.error();
      if (!*related) results.push_back(std::move(result));
    }
    std::sort(results.begin(), results.end(), [](const auto& a, const auto& b) {
      return std::tie(*b.confidence, a.source_id, a.target_id) <
             std::tie(*a.confidence, b.source_id, b.target_id);
    });
    std::map<Uuid, std::size_t> proposals;
    std::vector<Finding> findings;
    for (RelationsResult& result : results) {
      auto& of_source = proposals[result.source_id];
      auto& of_target = proposals[result.target_id];
      if (of_source >= kProposalsPerMemory || of_target >= kProposalsPerMemory) continue;
      ++of_source;
      ++of_target;
      findings.push_back(finding_of(std::move(result)));
    }
    return findings;
  }

  Finding finding_of(RelationsResult result) const {
    Finding finding;
    finding.id = result.source_id.to_string() + " " + result.target_id.to_string();
    finding.agent = UpkeepAgent::kRelations;
    finding.action = "relate";
    for (const Uuid& id : {result.source_id, result.target_id}) {
      finding.inputs.push_back({id, nodes_[place_of_.at(id)].revision});
    }
    std::sort(finding.inputs.begin(), finding.inputs.end(),
              [](const PlanInput& a, const PlanInput& b) { return a.id < b.id; });
    if (result.decision == Decision::kWait) {
      finding.counts = false;
      ConsolidationTask task = task_for(workspace_, UpkeepAgent::kRelations, "relate",
                                        {finding.inputs[0].id, finding.inputs[1].id},
                                        Decision::kWait, {.confidence = result.confidence});
      task.urgency = Urgency::kLow;
      task.priority = 3;
      task.notes = relation_notes(result);
      result.task_id = task.task_id;
      if (!workspace_.task(task.task_id)) {
        finding.act = [task](Edit& edit, FindingResult&) -> Status {
          edit.put(std::nullopt, task);
          return {};
        };
      }
    } else {
      finding.act = [now = workspace_.now()](Edit& edit, FindingResult& done) -> Status {
        edit.put(std::nullopt, relation_of(std::get<RelationsResult>(done), now));
        return {};
      };
    }
    finding.result = std::move(result);
    return finding;
  }

 public:
  static Relation relation_of(const RelationsResult& result, Timestamp now) {
    Relation relation;
    relation.source_id = result.source_id;
    relation.target_id = result.target_id;
    relation.strength = model::rounded(result.strength);
    relation.confidence = model::rounded(result.confidence.value_or(0));
    relation.metadata = relation_notes(result);
    relation.created_at = now;
    return relation;
  }

 private:
  const Workspace& workspace_;
  const Settings& settings_;
  std::vector<Node> nodes_;
  std::map<Uuid, std::uint32_t> place_of_;
  Sharers entities_, tags_;
  WordRarity words_;
  std::map<Pair, std::optional<Nearness>> pairs_;  // Empty: they share names, and are not near.
  std::map<Uuid, std::set<Uuid>> related_;
};

// A relation that a person approved. Who was the older one is in the memories still.
Result<Finding> relation_approved(const ConsolidationTask& task, const Workspace& workspace) {
  RelationsResult result;
  std::vector<std::pair<Timestamp, Uuid>> ends;
  Finding finding;
  for (const Uuid& id : task.memory_ids) {
    auto memory = workspace.memory(id);
    if (!memory) return memory.error();
    ends.emplace_back(*memory->created_at, id);
    finding.inputs.push_back({id, memory->revision});
  }
  std::sort(ends.begin(), ends.end());
  result.source_id = ends.front().second;
  result.target_id = ends.back().second;
  result.confidence = task.confidence;
  result.strength = task.confidence.value_or(1);
  result.task_id = task.task_id;
  result.reason = "a person approved it";
  finding.id = task.task_id;
  finding.agent = UpkeepAgent::kRelations;
  finding.action = "relate";
  finding.result = std::move(result);
  auto crossed = workspace.border_between(task.memory_ids);
  if (!crossed) return crossed.error();
  if (!crossed->empty()) {
    outcome_of(finding.result).reason = *std::move(crossed);
    finding.act = [task, &workspace](Edit& edit, FindingResult&) -> Status {
      close_task(edit, workspace, task);
      return {};
    };
    return finding;
  }
  finding.act = [task, &workspace](Edit& edit, FindingResult& done) -> Status {
    Relation relation =
        RelationFinder::relation_of(std::get<RelationsResult>(done), workspace.now());
    relation.metadata = task.notes;
    auto present = list_all<Relation>(workspace.tenant(), {.filter = {relation.source_id}});
    if (!present) return present.error();
    const bool is_there = std::any_of(present->begin(), present->end(), [&](const auto& known) {
      return known.source_id == relation.target_id || known.target_id == relation.target_id;
    });
    if (!is_there) edit.put(std::nullopt, std::move(relation));
    close_task(edit, workspace, task);
    return {};
  };
  return finding;
}

}  // namespace

Findings find_relations(const Workspace& workspace, const Settings& settings) {
  auto tasks = workspace.due_tasks(UpkeepAgent::kRelations);
  if (!tasks) return tasks.error();
  std::vector<Finding> findings;
  for (const ConsolidationTask& task : *tasks) {
    if (task.memory_ids.size() != 2) continue;
    auto finding = relation_approved(task, workspace);
    if (!finding) return finding.error();
    findings.push_back(*std::move(finding));
  }
  auto proposed = RelationFinder(workspace, settings).run();
  if (!proposed) return proposed.error();
  findings.insert(findings.end(), std::make_move_iterator(proposed->begin()),
                  std::make_move_iterator(proposed->end()));
  return findings;
}

}  // namespace tulving::consolidation
