// The rules that a plan can break by itself.

#include <fmt/format.h>

#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "core/model/rules/checker.h"
#include "core/model/rules/rules.h"

namespace tulving::model {
namespace {

bool optional_share(Checker& check, std::string_view field, const std::optional<double>& value) {
  return !value || check.in_range(field, *value, 0, 1);
}

// What undo could not give back is not for a plan to take.
bool change_fits(Checker& check, const PlanChange& change) {
  const auto& [before, after] = change;
  if (!before && !after) return check.fail("changes", "a change has neither before nor after");
  if (before && after && before->index() != after->index()) {
    return check.fail("changes", "a change makes one kind of record into another");
  }
  if (!before || !std::holds_alternative<Memory>(*before)) return true;
  const std::string id = std::get<Memory>(*before).id.to_string();
  if (!after) {
    return check.fail("changes", fmt::format("a change takes memory {} away; a plan archives or "
                                             "deletes by status, which can be undone",
                                             id));
  }
  if (!std::get<Memory>(*after).embeddings.empty()) {
    return check.fail("changes", fmt::format("a change gives memory {} embeddings; a plan gives "
                                             "them only to memories that it makes",
                                             id));
  }
  return true;
}

// The parts of a record that can be long.
std::size_t bytes_of(const std::string& text) { return text.size(); }
std::size_t bytes_of(const std::vector<Uuid>& ids) { return ids.size() * sizeof(Uuid); }
std::size_t bytes_of(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  return bytes;
}
template <class Value>
std::size_t bytes_of(const Value&) {
  return sizeof(Value);
}

}  // namespace

std::size_t planned_bytes(const PlannedRecord& record) {
  std::size_t bytes = 0;
  std::visit(
      [&]<class Record>(const Record& kind) {
        kinds::each_field<Record>([&](const auto& field) { bytes += bytes_of(field.of(kind)); });
      },
      record);
  if (const auto* memory = std::get_if<Memory>(&record)) {
    for (const Embedding& embedding : memory->embeddings) {
      bytes += embedding.vector.size() * sizeof(float);
    }
  }
  return bytes;
}

Status check_plan(const Plan& plan) {
  Checker check(kFieldBytesMax);
  bool sound = check.name("origin", plan.origin, 64) && check.id("id", plan.id);
  if (sound && plan.changes.size() > kPlanChangesMax) {
    sound = check.fail("changes", fmt::format("changes has {} entries; must have at most {}",
                                              plan.changes.size(), kPlanChangesMax));
  }
  for (const UpkeepAgent agent : plan.agents) sound = sound && check.enumerator("agents", agent, 5);
  for (const PlanItem& item : plan.items) {
    sound =
        sound && check.enumerator("items", item.agent, 5) &&
        check.enumerator("items", item.decision, 3) && check.enumerator("items", item.outcome, 5) &&
        check.name("items.action", item.action, 32) &&
        optional_share(check, "items.confidence", item.confidence) &&
        check.text("items.task_id", item.task_id, 64) && check.text("items.reason", item.reason) &&
        check.json_object("items.result", item.result) && check.text("items.error", item.error);
  }
  std::size_t bytes = 0;
  for (const PlanChange& change : plan.changes) {
    if (!sound || !(sound = change_fits(check, change))) break;
    for (const auto* side : {&change.before, &change.after})
      bytes += *side ? planned_bytes(**side) : 0;
  }
  if (sound && bytes > kPlanBytesMax) {
    sound = check.fail(
        "changes", fmt::format("changes hold {} bytes; at most {} allowed", bytes, kPlanBytesMax));
  }
  if (sound) return {};
  return std::move(check).take_error();
}

}  // namespace tulving::model
