#include "tools/serve/rest/examples.h"

#include <algorithm>

namespace tulving::serve::rest {
namespace {

constexpr Example kExamples[] = {
    {"memory.add",
     R"({"memory":{"external_id":"tea","text":"Ana drinks green tea in the morning.","tags":["drinks"],"priority":6},"idempotency_key":"4c1d"})"},
    {"import", R"({})",
     R"({"kind":"memory","external_id":"train","text":"The train to Porto leaves at nine."})"},
    {"memory.get", R"({"id":"tea"})"},
    {"memory.update", R"({"id":"tea","patch":{"priority":9}})"},
    {"memory.history", R"({"id":"tea"})"},
    {"memory.touch", R"({"ids":["tea"]})"},
    {"memory.decay", R"({"id":"tea"})"},
    {"memory.list", R"({"filter":{"tags":{"any":["drinks"]}},"limit":10})"},
    {"memory.values", R"({"field":"tags","order":"count"})"},
    {"search", R"({"text":"What does Ana drink?","k":5})"},
    {"search.batch", R"({"k":3})", R"({"query_id":1,"text":"When does the train leave?"})"},
    {"relation.put", R"({"source":"tea","target":"train","relation_type":"before"})"},
    {"related", R"({"id":"tea","hops_max":2})"},
    {"relation.list", R"({"id":"tea"})"},
    {"memory.lineage", R"({"id":"tea"})"},
    {"relation.erase", R"({"source":"tea","target":"train","relation_type":"before"})"},
    {"session.put", R"({"session":{"session_id":"monday","user_id":"ana"}})"},
    {"session.get", R"({"session_id":"monday"})"},
    {"session.list", R"({"user_id":"ana"})"},
    {"session.erase", R"({"session_id":"monday"})"},
    {"task.put", R"({"task":{"task_id":"beds","project_id":"garden"}})"},
    {"task.update", R"({"task_id":"beds","patch":{"project_id":"orchard"}})"},
    {"task.list", R"({"project_id":"orchard"})"},
    {"memory.archive", R"({"ids":["train"]})"},
    {"memory.recover", R"({"ids":["train"]})"},
    {"decay", R"({"below":0.5,"limit":5})"},
    {"clusters", R"({})"},
    {"consolidate", R"({"dry_run":true})"},
    {"consolidation.scan", R"({})"},
    {"consolidation_task.list", R"({})"},
    {"plan.list", R"({})"},
    {"queue.claim", R"({"worker":"keeper-1"})"},
    {"holdable", R"({"schema":"guild","limit":3})"},
    {"gc", R"({"dry_run":true})"},
    {"notes.follow", R"({"dry_run":true})"},
    {"export", R"({})"},
    {"memory.forget", R"({"ids":["train"]})"},
    {"memory.erase", R"({"ids":["train"]})"},
    {"tenants", R"({})"},
    {"changes", R"({"since":1,"limit":10})"},
    {"store.stats", R"({})"},
    {"store.verify", R"({})"},
    {"store.purge", R"({})"},
    {"tenant.drop", R"({})"},
};

}  // namespace

std::span<const Example> examples() { return kExamples; }

const Example* example_of(std::string_view operation) {
  const auto found = std::ranges::find(kExamples, operation, &Example::operation);
  return found == std::end(kExamples) ? nullptr : &*found;
}

}  // namespace tulving::serve::rest
