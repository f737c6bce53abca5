#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/base/check.h"
#include "tulving/postgres.h"

namespace tulving::storage::postgres {

/// What was left out, with its reason, and the question whether something was.
class SkipList {
 public:
  /// Lists the record of a tenant once a table; later reasons for the same one are not listed.
  void add(std::string_view table, SkippedRow row) {
    TULVING_DCHECK(!row.reason.empty() && !row.kind.empty());  // A person is shown both.
    if (!names_.insert(name_of(row.tenant_id, table, row.id)).second) return;
    rows_.push_back(std::move(row));
  }

  [[nodiscard]] bool contains(std::string_view tenant_id, std::string_view table,
                              std::string_view id) const {
    return !names_.empty() && names_.contains(name_of(tenant_id, table, id));
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
