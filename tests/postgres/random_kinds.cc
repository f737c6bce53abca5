#include "tests/postgres/random_kinds.h"

#include <algorithm>
#include <utility>

namespace tulving::testing {
namespace {

using testing_support::random_record;

// Equal times make the id decide between two records.
const auto kThen = Timestamp(std::chrono::seconds(1'700'000'000));

}  // namespace

RandomKinds::RandomKinds(const Store& store, std::uint64_t seed, bool is_disjoint)
    : values_(seed), is_disjoint_(is_disjoint) {
  for (const char* id : {"acme", "beta"}) scopes_.push_back({id, store.tenant(id).value()});
}

template <class Outcome>
bool RandomKinds::tally(const std::string& what, const Outcome& outcome) {
  auto& tally = tallies_[what];
  if (outcome) {
    ++tally.done;
    return true;
  }
  ++tally.refused;
  tally.why = outcome.error().message;
  return false;
}

// One of a few: two names, and one that is a UUID, written large now and then.
std::string RandomKinds::name(const Scope& scope, const std::string& noun) {
  const auto which = below(4);
  if (which == 3) return Uuid::derive(scope.id, noun).to_string();
  return (is_disjoint_ ? scope.id + ' ' : "") + noun + std::to_string(which);
}

std::string RandomKinds::shared_name(const std::string& noun) {
  return noun + std::to_string(below(4));
}

std::string RandomKinds::name_or_none(const Scope& scope, const std::string& noun) {
  return below(3) == 0 ? std::string() : name(scope, noun);
}

Uuid RandomKinds::memory_of(const Scope& scope) {
  return scope.memories.empty() ? Uuid() : scope.memories[below(scope.memories.size())];
}

Embedding RandomKinds::vector(const std::string& model) {
  Embedding made{model, std::vector<float>(model == "default" ? kDim : kOtherDim)};
  for (float& value : made.vector) value = static_cast<float>(1 + below(100)) / 7;
  return made;
}

template <class Kind>
Kind RandomKinds::draw(Scope& scope) {
  Kind record = random_record<Kind>(values_);
  place(scope, record);
  if constexpr (requires { record.created_at; }) {
    if (below(3) == 0) record.created_at = kThen;
  }
  return record;
}

template <class Kind>
void RandomKinds::put(Scope& scope) {
  if constexpr (std::is_same_v<Kind, Memory>) {
    write_memory(scope);
  } else {
    tally("put " + std::string(kinds::Kind<Kind>::name),
          scope.tenant.template put<Kind>(draw<Kind>(scope)));
  }
}

template <class Kind>
void RandomKinds::erase(Scope& scope) {
  if constexpr (!std::is_same_v<Kind, Memory>) {
    const auto all = list_all<Kind>(scope.tenant).value();
    if (all.empty()) return;
    tally("erase " + std::string(kinds::Kind<Kind>::name),
          scope.tenant.template erase<Kind>(kinds::key_of(all[below(all.size())])));
  } else {
    tally("erase memory", scope.tenant.erase(memory_of(scope)));
  }
}

namespace {

template <class Visit, class... Kinds>
void with_nth(std::size_t place, const Visit& visit, const std::variant<Kinds...>*) {
  std::size_t at = 0;
  ((at++ == place ? visit.template operator()<Kinds>() : void()), ...);
}
constexpr std::size_t kKindCount = std::variant_size_v<Record>;

}  // namespace

void RandomKinds::put_any(Scope& scope) {
  with_nth(
      below(kKindCount), [&]<class Kind>() { put<Kind>(scope); },
      static_cast<const Record*>(nullptr));
}
void RandomKinds::erase_any(Scope& scope) {
  with_nth(
      below(kKindCount), [&]<class Kind>() { erase<Kind>(scope); },
      static_cast<const Record*>(nullptr));
}

// A new one, or another in the place of one that is there.
void RandomKinds::write_memory(Scope& scope) {
  auto memory = draw<Memory>(scope);
  const bool is_new = scope.memories.empty() || below(3) > 0;
  if (!is_new) {
    memory.id = memory_of(scope);
    memory.external_id.clear();
  } else if (memory.external_id.empty()) {
    values_.fill({}, memory.id);
  }
  const std::vector<Record> records = {memory};
  const auto results = scope.tenant.write(records);
  if (!tally("put memory", results)) return;
  if (std::ranges::find(scope.memories, results->front().id) == scope.memories.end()) {
    scope.memories.push_back(results->front().id);
  }
}

void RandomKinds::patch_memory(Scope& scope) {
  const auto drawn = draw<Memory>(scope);
  MemoryPatch patch;
  if (below(3) == 0) patch.text = "note " + std::to_string(below(4));
  if (below(3) == 0) patch.tags = drawn.tags;
  if (below(3) == 0) patch.metadata = drawn.metadata;
  if (below(3) == 0) patch.project_id = drawn.project_id;
  if (below(3) == 0) patch.task_id = drawn.task_id;
  if (below(3) == 0) patch.stage_id = drawn.stage_id;
  if (below(3) == 0) patch.success = values_.coin();
  if (below(3) == 0) patch.embedding = vector(below(6) == 0 ? "other" : "default");
  tally("patch memory", scope.tenant.update(memory_of(scope), patch));
}

// Its row alone, or the vector alone where that is a row of its own.
void RandomKinds::change_vector(Scope& scope) {
  MemoryPatch patch;
  patch.embedding = vector(below(6) == 0 ? "other" : "default");
  tally("change vector", scope.tenant.update(memory_of(scope), patch));
}

void RandomKinds::change_level(Scope& scope) {
  auto memory = scope.tenant.get(memory_of(scope), true);
  if (!memory) return;
  memory->abstraction_level =
      memory->abstraction_level > 0 && below(2) == 0 ? 0 : static_cast<std::int32_t>(below(4));
  const std::vector<Record> records = {*memory};
  tally("change level", scope.tenant.write(records));
}

// In one write, or with another one of the same agent, with a text between.
void RandomKinds::swap_texts(Scope& scope) {
  auto one = scope.tenant.get(memory_of(scope), true);
  auto other = scope.tenant.get(memory_of(scope), true);
  if (!one || !other || one->id == other->id) return;
  std::swap(one->text, other->text);
  std::swap(one->content, other->content);
  if (below(2) == 0) other->agent_id = one->agent_id;
  const std::vector<Record> records = {*one, *other};
  tally("swap texts", scope.tenant.write(records));
}

// Names are unique, so that one is put aside.
void RandomKinds::swap_names(Scope& scope) {
  const auto sources = list_all<DataSource>(scope.tenant).value();
  if (sources.size() < 2) return;
  const auto first = below(sources.size());
  auto one = sources[first];
  auto other = sources[(first + 1) % sources.size()];
  std::swap(one.source_name, other.source_name);
  auto aside = one;
  aside.source_name = "aside";
  for (const auto& put : {aside, other, one}) tally("swap names", scope.tenant.put(put));
}

void RandomKinds::end_memory(Scope& scope) {
  const Uuid id = memory_of(scope);
  switch (below(4)) {
    case 0:
      tally("forget", scope.tenant.forget(id));
      return;
    case 1:
      tally("archive", scope.tenant.archive(id));
      return;
    case 2:
      tally("recover", scope.tenant.recover(id));
      return;
    default:
      tally("touch", scope.tenant.touch(std::vector{id}));
  }
}

void RandomKinds::plan(Scope& scope) {
  const auto memory = scope.tenant.get(memory_of(scope));
  if (!memory) return;
  Plan plan;
  plan.origin = "test";
  plan.agents = {UpkeepAgent::kDecay};
  PlanItem item;
  item.action = "reinforce";
  item.inputs = {{memory->id, memory->revision}};
  item.confidence = 0.5;
  item.outcome = ItemOutcome::kPlanned;
  if (below(2) == 0) item.task_id = name(scope, "work");
  item.result = "{\"memory_id\": \"" + memory->id.to_string() + "\", \"score\": 0.25}";
  plan.items = {item};
  auto after = *memory;
  after.priority = 1 + static_cast<std::int32_t>(below(10));
  plan.changes = {{PlannedRecord(*memory), PlannedRecord(after)}};
  if (below(2) == 0) {
    tally("propose plan", scope.tenant.propose_plan(std::move(plan)));
  } else {
    tally("apply plan", scope.tenant.apply_plan(std::move(plan)));
  }
}

void RandomKinds::end_plan(Scope& scope) {
  const auto plans = scope.tenant.plans().value();
  if (plans.empty()) return;
  const auto& plan = plans[below(plans.size())];
  if (plan.status == PlanStatus::kApplied) tally("undo plan", scope.tenant.undo_plan(plan.id));
  if (plan.status != PlanStatus::kProposed) return;
  if (below(2) == 0) {
    tally("drop plan", scope.tenant.drop_plan(plan.id));
  } else {
    tally("apply plan", scope.tenant.apply_plan(plan.id));
  }
}

// Kind by kind, so that most of what they name is there.
void RandomKinds::fill() {
  for (Scope& scope : scopes_) {
    // Of no name and never changed: so "default" is the model that most vectors are of.
    for (int i = 0; i < 16; ++i) {
      Memory memory;
      memory.text = "of no name " + std::to_string(i);
      memory.embeddings = {{"default", {1, 2, 3, 4}}};
      tally("add memory", scope.tenant.add(memory));
    }
    for (std::size_t place = 0; place < kKindCount; ++place) {
      for (int i = 0; i < 6; ++i) {
        with_nth(
            place, [&]<class Kind>() { put<Kind>(scope); }, static_cast<const Record*>(nullptr));
      }
    }
    for (int i = 0; i < 16; ++i) write_memory(scope);
    for (int i = 0; i < 16; ++i) put<Relation>(scope);
  }
}

void RandomKinds::change() {
  Scope& scope = scopes_[below(scopes_.size())];
  switch (below(24)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return put_any(scope);
    case 6:
    case 7:
    case 8:
      return write_memory(scope);
    case 9:
    case 10:
      return patch_memory(scope);
    case 11:
    case 12:
      return change_level(scope);
    case 13:
      return swap_texts(scope);
    case 14:
      return swap_names(scope);
    case 15:
    case 16:
      return end_memory(scope);
    case 17:
      return put<Relation>(scope);
    case 18:
      return plan(scope);
    case 19:
      return end_plan(scope);
    case 20:
      return change_vector(scope);
    default:
      return erase_any(scope);
  }
}

}  // namespace tulving::testing
