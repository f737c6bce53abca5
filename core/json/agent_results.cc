// The agents' results under the names that Cortex's readers know, made of what plans hold.
//
// An item's own result has our names (consolidation.h) and figures. What readers look for is beside
// them, or follows from them, from the item, or from what its plan changes; so it is written here
// alone, and plans of any version say the same.

#include "core/json/agent_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/json/json_text.h"
#include "core/base/text/utf8.h"
#include "core/json/text/json_reader.h"
#include "core/json/text/json_writer.h"
#include "core/kinds/relation.h"
#include "core/model/names/task_id.h"

namespace tulving {
namespace {

/// The memories of a plan, by their ids.
class PlanImages {
 public:
  explicit PlanImages(const Plan& plan) : status_(plan.status) {
    for (const PlanChange& change : plan.changes) {
      add(change.before, before_);
      add(change.after, after_);
    }
  }

  [[nodiscard]] bool stands() const { return status_ == PlanStatus::kApplied; }
  [[nodiscard]] const Memory* before(const Uuid& id) const { return find(before_, id); }
  [[nodiscard]] const Memory* after(const Uuid& id) const { return find(after_, id); }

 private:
  using Images = std::map<Uuid, const Memory*>;

  static void add(const std::optional<PlannedRecord>& side, Images& images) {
    const auto* memory = side ? std::get_if<Memory>(&*side) : nullptr;
    if (memory != nullptr) images[memory->id] = memory;
  }
  static const Memory* find(const Images& images, const Uuid& id) {
    const auto found = images.find(id);
    return found == images.end() ? nullptr : found->second;
  }

  PlanStatus status_;
  Images before_, after_;
};

std::string_view readers_criterion(std::string_view own) {
  if (own == "score") return "score_threshold";
  if (own == "use_count") return "use_count_threshold";
  return own == "review_count" ? "review_count_threshold" : own;
}

/// One item's result.
class ReadersResult {
 public:
  /// `images` is null for an item that is in no plan.
  ReadersResult(std::string_view tenant_id, const PlanItem& item, const PlanImages* images)
      : tenant_id_(tenant_id), item_(item), images_(images) {
    if (item.result.empty()) return;
    const JsonValue own = JsonValue::whole(item.result);
    if (own.kind() != JsonKind::kObject) return;
    own.each_member([this](std::string_view name, JsonValue value) {
      own_.try_emplace(std::string(name), value);
      return true;
    });
  }

  std::string write() {
    add_members();
    std::string text;
    json::ObjectWriter out(text);
    for (const auto& [name, value] : own_) {
      if (!added_.contains(name)) out.key(name) += value.raw();
    }
    for (const auto& [name, raw] : added_) out.key(name) += raw;
    out.close();
    return text;
  }

 private:
  void add_members() {
    switch (item_.agent) {
      case UpkeepAgent::kDecay:
        add_decay();
        break;
      case UpkeepAgent::kCluster:
        add_cluster();
        break;
      case UpkeepAgent::kMerge:
        add_merge();
        break;
      case UpkeepAgent::kPromote:
        add_promote();
        break;
      case UpkeepAgent::kRelations:
        add_relations();
        break;
    }
    if (item_.task_id.empty()) {
      added_["beads_issue_id"] = "null";
    } else {
      add("beads_issue_id", item_.task_id);
    }
  }

  void add_decay() {
    if (!text("memory_id") && item_.inputs.size() == 1) add("memory_id", item_.inputs.front().id);
    keep_within("score");
    if (!text("action")) add("action", item_.action);
  }

  // A pattern stands above memories that stay as they are: to readers they are linked.
  void add_cluster() {
    std::vector<Uuid> members = ids("memory_ids");
    if (members.empty()) {
      members = ids_or_inputs("source_ids");
      add("memory_ids", members);
    }
    if (!text("cluster_id")) add("cluster_id", model::group_id(tenant_id_, "cluster", members));
    keep_within("cohesion");
    if (!text("action")) add("action", item_.action == "merge" ? "merge" : "link");
    add_confidence();
  }

  void add_merge() {
    const std::vector<Uuid> sources = ids_or_inputs("source_ids");
    const std::optional<Uuid> made = id("memory_id");
    const Uuid merge = made.value_or(model::group_id(tenant_id_, "merge", sources));
    const bool is_done = made && stands();
    std::vector<Uuid> relations;
    if (is_done) {
      for (const Uuid& source : sources) {
        relations.push_back(relation_id(merge, source, "consolidated_from"));
      }
    }
    const Memory* memory = images_ == nullptr ? nullptr : images_->after(merge);
    add("source_ids", sources);
    add("new_memory_id", merge);
    add("relation_ids", relations);
    add("content_diff", content_diff(sources, memory, is_done));
    add("entities_preserved", std::uint64_t{memory == nullptr ? 0 : memory->entities.size()});
    add("success", is_done);
  }

  // In figures: no text of a memory is in a plan's items, so that erasing need not look there.
  [[nodiscard]] std::string content_diff(const std::vector<Uuid>& sources, const Memory* memory,
                                         bool is_done) const {
    if (!is_done) return fmt::format("{} memories, not merged", sources.size());
    const std::string method = text("method").value_or("heuristic");
    if (memory == nullptr) return fmt::format("{} memories became one, {}", sources.size(), method);
    std::size_t length = 0, known = 0;
    for (const Uuid& id : sources) {
      const Memory* source = images_->before(id);
      if (source == nullptr) continue;
      ++known;
      length += utf8_length(source->text);
    }
    return fmt::format("{} memories{} became one of {} characters, {}", sources.size(),
                       known == sources.size() ? fmt::format(" of {} characters", length) : "",
                       utf8_length(memory->text), method);
  }

  void add_promote() {
    if (!text("memory_id") && item_.inputs.size() == 1) add("memory_id", item_.inputs.front().id);
    const std::string path = text("ltm_path").value_or("");
    if (path.empty()) {
      added_["vault_path"] = "null";
    } else {
      add("vault_path", path);
    }
    std::vector<std::string> criteria;
    if (const auto own = own_.find("criteria");
        own != own_.end() && own->second.kind() == JsonKind::kArray) {
      own->second.each_element([&](JsonValue value) {
        if (value.kind() == JsonKind::kString) {
          criteria.emplace_back(readers_criterion(value.as_string()));
        }
        return true;
      });
    }
    add("criteria_met", criteria);
    add("success", !path.empty() && stands());
  }

  void add_relations() {
    const bool has_ends = item_.inputs.size() == 2;
    const Uuid from = id("source_id").value_or(has_ends ? item_.inputs[0].id : Uuid());
    const Uuid to = id("target_id").value_or(has_ends ? item_.inputs[1].id : Uuid());
    add("from_memory_id", from);
    add("to_memory_id", to);
    add("relation_id", relation_id(from, to, Relation().relation_type));
    keep_within("strength");
    add("reasoning", item_.reason);
    const auto shared = own_.find("shared_entities");
    if (shared == own_.end() || shared->second.kind() != JsonKind::kArray) {
      added_["shared_entities"] = "[]";
    }
    add_confidence();
  }

  [[nodiscard]] bool stands() const {
    return images_ != nullptr && images_->stands() && item_.outcome == ItemOutcome::kPlanned;
  }

  [[nodiscard]] Uuid relation_id(const Uuid& from, const Uuid& to, std::string_view type) const {
    Relation relation;
    relation.source_id = from;
    relation.target_id = to;
    relation.relation_type = type;
    kinds::give_id(tenant_id_, relation);
    return relation.id;
  }

  // What a person approved of a task without a figure is certain.
  void add_confidence() {
    if (number("confidence")) return keep_within("confidence");
    add("confidence", item_.confidence.value_or(1.0));
  }

  // Readers take 0..1; ours may lie beyond by a rounding, and a cohesion below.
  void keep_within(std::string_view name) {
    const auto value = number(name);
    if (value && (*value < 0 || *value > 1)) add(name, std::clamp(*value, 0.0, 1.0));
  }

  template <class T>
  void add(std::string_view name, const T& value) {
    std::string raw;
    json::append_value(raw, value);
    added_[std::string(name)] = std::move(raw);
  }

  [[nodiscard]] std::optional<std::string> text(std::string_view name) const {
    const auto found = own_.find(name);
    if (found == own_.end() || found->second.kind() != JsonKind::kString) return std::nullopt;
    return found->second.as_string();
  }
  [[nodiscard]] std::optional<Uuid> id(std::string_view name) const {
    const auto value = text(name);
    return value ? Uuid::parse(*value) : std::nullopt;
  }
  [[nodiscard]] std::optional<double> number(std::string_view name) const {
    const auto found = own_.find(name);
    double value = 0;
    if (found == own_.end() || found->second.kind() != JsonKind::kNumber ||
        !json::read(json::FieldValue{name, found->second}, value)) {
      return std::nullopt;
    }
    return value;
  }
  [[nodiscard]] std::vector<Uuid> ids(std::string_view name) const {
    std::vector<Uuid> found;
    const auto own = own_.find(name);
    if (own == own_.end() || own->second.kind() != JsonKind::kArray) return found;
    own->second.each_element([&](JsonValue value) {
      if (value.kind() != JsonKind::kString) return true;
      if (const auto id = Uuid::parse(value.as_string())) found.push_back(*id);
      return true;
    });
    return found;
  }
  [[nodiscard]] std::vector<Uuid> ids_or_inputs(std::string_view name) const {
    std::vector<Uuid> found = ids(name);
    if (!found.empty()) return found;
    for (const PlanInput& input : item_.inputs) found.push_back(input.id);
    std::ranges::sort(found);
    return found;
  }

  std::string_view tenant_id_;
  const PlanItem& item_;
  const PlanImages* images_;
  std::map<std::string, JsonValue, std::less<>> own_;
  std::map<std::string, std::string, std::less<>> added_;  // As JSON.
};

}  // namespace

std::string json::agent_result_json(std::string_view tenant_id, const PlanItem& item) {
  return ReadersResult(tenant_id, item, nullptr).write();
}

std::vector<AgentResult> agent_results_of(std::string_view tenant_id, const Plan& plan) {
  const PlanImages images(plan);
  std::vector<AgentResult> results;
  results.reserve(plan.items.size());
  for (std::size_t place = 0; place < plan.items.size(); ++place) {
    const PlanItem& item = plan.items[place];
    AgentResult& result = results.emplace_back();
    result.result_id =
        Uuid::derive(tenant_id, fmt::format("agent_result/{}/{}", plan.id.to_string(), place))
            .to_string();
    result.agent = item.agent;
    result.task_id = item.task_id;
    result.confidence = item.confidence;
    result.decision = item.decision;
    for (const PlanInput& input : item.inputs) result.memory_ids.push_back(input.id);
    std::ranges::sort(result.memory_ids);
    result.result = ReadersResult(tenant_id, item, &images).write();
    result.created_at = plan.created_at;
    result.revision = plan.revision;
  }
  return results;
}

}  // namespace tulving
