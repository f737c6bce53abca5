#pragma once

#include <string>
#include <vector>

namespace tulving::storage::postgres {

/// What maps where, made of what the projections declare: for each schema its tables, column by
/// column, and then the fields of each kind of record that none of them holds. As markdown:
/// MAPPING.md.
[[nodiscard]] std::string mapping_markdown();

/// "SCHEMA.TABLE.COLUMN: NAME" for each name in a Column::from that is no field of the table's kind
/// ("KIND.FIELD": of that kind). Empty, or a declaration is wrong, and what is lost with it.
[[nodiscard]] std::vector<std::string> unknown_mapping_fields();

}  // namespace tulving::storage::postgres
