// The child of apply_kill_test.cc: applies plans to one store for ever, each of about 200 changes,
// undoes every third, and prints each once it is acknowledged. The parent ends it.

#include "tests/crash/apply_loop.h"

#include <cstdio>
#include <cstdlib>

#include "tulving/tulving.h"

namespace tulving::testing {
namespace {

template <class T>
T value_of(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  return std::move(result).value();
}

std::vector<Memory> originals(Tenant& tenant) {
  if (!tenant.resolve(original_name(0))) {
    std::vector<Memory> memories(kOriginals);
    for (int i = 0; i < kOriginals; ++i) {
      memories[static_cast<std::size_t>(i)].external_id = original_name(i);
      memories[static_cast<std::size_t>(i)].text = state_text("0");
      memories[static_cast<std::size_t>(i)].memory_type = "conversation";  // Equal texts are kept.
    }
    value_of(tenant.add(memories));
  }
  std::vector<Memory> memories;
  for (int i = 0; i < kOriginals; ++i) {
    memories.push_back(value_of(tenant.get(value_of(tenant.resolve(original_name(i))))));
  }
  return memories;
}

// Makes a memory, changes all originals, and links it to each.
Plan plan_of(Tenant& tenant, const std::string& name) {
  Plan plan;
  plan.origin = name;
  Memory made;
  made.external_id = made_name(name);
  made.id = Uuid::derive(tenant.id(), made.external_id);
  made.text = "made by " + name;
  made.embeddings = {{"default", {1.0F, 2.0F}}};
  plan.changes.push_back({{}, made});
  for (const Memory& before : originals(tenant)) {
    Memory after = before;
    after.text = state_text(name);
    plan.changes.push_back({before, after});
    Relation relation;
    relation.source_id = made.id;
    relation.target_id = before.id;
    plan.changes.push_back({{}, relation});
  }
  return plan;
}

[[noreturn]] void run(const char* db) {
  Store store = value_of(Store::open(db));
  Tenant tenant = value_of(store.tenant("acme"));
  originals(tenant);
  for (std::size_t number = value_of(tenant.plans()).size() + 1;; ++number) {
    const std::string name = std::to_string(number);
    const PlanSummary applied = value_of(tenant.apply_plan(plan_of(tenant, name)));
    std::printf("applied %s\n", name.c_str());
    std::fflush(stdout);
    if (number % 3 != 0) continue;
    value_of(tenant.undo_plan(applied.id));
    std::printf("undone %s\n", name.c_str());
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace tulving::testing

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  tulving::testing::run(argv[1]);
}
