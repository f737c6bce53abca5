#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "core/base/check.h"
#include "storage/postgres/projection.h"
#include "tulving/postgres.h"

namespace tulving::storage::postgres {

/// What was left out, with its reason, and the question whether something was.
class SkipList {
 public:
  /// Lists `claim` of a tenant once; later reasons for the same one are not listed.
  void add(std::string_view tenant_id, std::string_view kind, const Claim& claim,
           std::string reason) {
    TULVING_DCHECK(!reason.empty() && !kind.empty());  // A person is shown both.
    if (!names_.insert(name_of(tenant_id, claim.table, claim.id)).second) return;
    rows_.push_back({std::string(tenant_id), std::string(kind), claim.id, std::move(reason)});
  }

  [[nodiscard]] bool contains(std::string_view tenant_id, std::string_view table,
                              std::string_view id) const {
    return !names_.empty() && names_.contains(name_of(tenant_id, table, id));
  }

  /// The first need of `claim` that was left out; null: none.
  [[nodiscard]] const Claim::Need* missing_need(std::string_view tenant_id,
                                                const Claim& claim) const {
    for (const auto& need : claim.needs) {
      if (contains(tenant_id, need.table, need.id)) return &need;
    }
    return nullptr;
  }

  [[nodiscard]] const std::vector<SkippedRow>& rows() const { return rows_; }

 private:
  // No part can hold a NUL, so the name is unique.
  static std::string name_of(std::string_view tenant, std::string_view table, std::string_view id) {
    std::string name(tenant);
    name += '\0';
    name += table;
    name += '\0';
    return name += id;
  }

  std::vector<SkippedRow> rows_;
  std::unordered_set<std::string> names_;
};

}  // namespace tulving::storage::postgres
