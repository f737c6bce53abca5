#include "core/operations/kinds/kind_operations.h"

#include "core/operations/table/groups.h"

namespace tulving::operations {

Result<RecordFilter> internal::listed_by(std::span<const Param> params,
                                         bool (*is_id)(std::string_view), const Tenant& tenant,
                                         const Arguments& given) {
  RecordFilter filter;
  for (const Param& param : params) {
    if (!given.has(param.name)) continue;
    if (param.type == ValueType::kBoolean) {
      filter.equals.push_back({std::string(param.name), given.flag(param.name) ? "true" : "false"});
      continue;
    }
    std::string value = given.text(param.name);
    if (is_id(param.name)) {
      const auto id = tenant.resolve(value);
      if (!id) return id.error();
      value = id->to_string();
    }
    filter.equals.push_back({std::string(param.name), std::move(value)});
  }
  return filter;
}

Result<ConsolidationTaskFilter> PlainKind<ConsolidationTask>::filter(const Tenant& tenant,
                                                                     const Arguments& given) {
  ConsolidationTaskFilter filter;
  filter.agent = parse_upkeep_agent(given.text("agent"));
  filter.status = parse_consolidation_task_status(given.text("status"));
  filter.approval = parse_approval(given.text("approval"));
  filter.label = given.text("label");
  if (given.has("memory")) {
    auto id = tenant.resolve(given.text("memory"));
    if (!id) return id.error();
    filter.memory_id = *id;
  }
  return filter;
}

Result<RelationFilter> PlainKind<Relation>::filter(const Tenant& tenant, const Arguments& given) {
  RelationFilter filter;
  if (given.has("id")) {
    auto id = tenant.resolve(given.text("id"));
    if (!id) return id.error();
    filter.memory_id = *id;
  }
  return filter;
}

// Relations are put and erased by their ends' names: memories/relations.cc.
std::span<const Operation> plain_kind_operations() {
  static const std::vector<Operation> kTable = [] {
    std::vector<Operation> table = shared_operations<Relation>();
    kinds::PlainKinds::each([&]<class Record>(kinds::Tag<Record>) {
      if constexpr (!std::is_same_v<Record, Relation>) {
        for (const Operation& operation : kind_operations<Record>()) table.push_back(operation);
      }
    });
    return table;
  }();
  return kTable;
}

}  // namespace tulving::operations
