#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "core/base/check.h"
#include "storage/postgres/target/ddl.h"

namespace tulving::storage::postgres {
namespace {

struct PartitionedTable {
  std::string_view table;
  std::string_view method;
  std::string_view column;
};
constexpr std::array<PartitionedTable, 3> kPartitioned = {{
    {"memory_entries", "RANGE", "created_at"},
    {"memory_access_logs", "RANGE", "timestamp"},
    {"vector_embeddings", "HASH", "memory_id"},
}};

void add_missing(std::vector<std::string>& columns, std::string_view column) {
  if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
    columns.emplace_back(column);
  }
}

std::string bound_of(std::chrono::year_month month) {
  return fmt::format("'{:04}-{:02}-01'", static_cast<int>(month.year()),
                     static_cast<unsigned>(month.month()));
}

}  // namespace

void partition_tables(Ddl& ddl) {
  // Others' definitions have a memory table, too; this one alone is of `orchestrator`.
  if (ddl.find(kPartitioned[0].table) == nullptr) return;
  for (auto& table : ddl.tables) {
    std::erase_if(table.references,
                  [](const auto& each) { return each.table == kPartitioned[0].table; });
    for (const auto& partitioned : kPartitioned) {
      if (table.name != partitioned.table) continue;
      TULVING_CHECK(table.find(partitioned.column) != nullptr);
      table.partition_by = fmt::format("{} ({})", partitioned.method, partitioned.column);
      add_missing(table.key, partitioned.column);
      for (auto& unique : table.uniques) add_missing(unique.columns, partitioned.column);
    }
  }
}

Partition partition_for(const Ddl::Table& table, Timestamp time, Partitions::Span span) {
  using std::chrono::months;
  TULVING_DCHECK(table.partition_by.starts_with("RANGE"));
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  const bool is_month = span == Partitions::Span::kMonth;
  const unsigned length = is_month ? 1 : 3;
  const unsigned ordinal = (static_cast<unsigned>(day.month()) - 1) / length;
  const auto year = static_cast<int>(day.year());
  TULVING_DCHECK(year >= 1 && year <= 9999);
  const auto first = day.year() / std::chrono::month(ordinal * length + 1);
  Partition partition;
  partition.name = is_month ? fmt::format("{}_{:04}_{:02}", table.name, year, ordinal + 1)
                            : fmt::format("{}_{:04}_q{}", table.name, year, ordinal + 1);
  partition.create =
      fmt::format("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})", partition.name,
                  table.name, bound_of(first), bound_of(first + months(length)));
  return partition;
}

std::vector<Partition> hash_partitions(const Ddl::Table& table, std::uint32_t count) {
  TULVING_DCHECK(table.partition_by.starts_with("HASH"));
  std::vector<Partition> partitions;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string name = fmt::format("{}_p{}", table.name, i);
    partitions.push_back(
        {name, fmt::format("CREATE TABLE {} PARTITION OF {} FOR VALUES WITH (MODULUS {}, "
                           "REMAINDER {})",
                           name, table.name, count, i)});
  }
  return partitions;
}

}  // namespace tulving::storage::postgres
