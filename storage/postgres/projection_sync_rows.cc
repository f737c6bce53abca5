// Which tables are there, and what is sent into each.

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "core/base/check.h"
#include "storage/postgres/projection_sync.h"
#include "storage/postgres/target/links.h"
#include "storage/postgres/target/merge.h"
#include "storage/postgres/target/removal.h"
#include "storage/postgres/target/shape_parts.h"
#include "storage/postgres/target/vector_update.h"
#include "storage/postgres/wire/copy_writer.h"

namespace tulving::storage::postgres {

Status ProjectionSync::settle_shape() {
  constexpr std::uint32_t kDefaultDim = 1536;
  std::uint32_t dim = 0;
  for (const TableSpec& table : projection_.tables) {
    if (table.vector_column.empty() || dim != 0) continue;
    auto there = target_.vector_dim(std::string(table.name), std::string(table.vector_column));
    if (!there) return there.error();
    dim = *there;
  }
  const std::uint32_t usual_dim = source_.usual_dim();
  dim_ = dim != 0 ? dim : usual_dim != 0 ? usual_dim : kDefaultDim;
  model_ = source_.model_of(dim_);
  auto partitions = found_partitions(connection_, report_.schema);
  if (!partitions) return partitions.error();
  if (!*partitions && options_.partitions) {
    (*partitions).emplace().span = *options_.partitions == PartitionSpan::kQuarter
                                       ? Partitions::Span::kQuarter
                                       : Partitions::Span::kMonth;
  }
  if (*partitions) span_ = (*partitions)->span;
  ddl_ = read_ddl(projection_.schema,
                  {.dim = dim_, .has_halfvec = target_.has_halfvec(), .partitions = *partitions});
  check_sound(projection_, ddl_);
  std::set<std::pair<std::string, std::string>> not_sent;
  for (const auto& table : ddl_.tables) {
    const TableSpec* spec = projection_.table(table.name);
    for (const DdlColumn& column : table.columns) {
      if (spec == nullptr ||
          std::ranges::find(spec->columns, column.name, &Column::name) == spec->columns.end()) {
        not_sent.emplace(table.name, column.name);
      }
    }
  }
  if (auto status = target_.check_shape(projection_.schema, ddl_, not_sent); !status) return status;
  report_.differences = target_.shape().taken;
  return target_.create_missing(ddl_);
}

// A drop leaves no tombstone a record, so what the ledger has of the tenant tells which rows go:
// all, where no sync has come since. One of a tenant that is there no more went with the first sync
// of any scope since then; one that is there again is a new tenant, and its rows are sent, and told
// from the old one's, by syncs of its own scope alone.
Result<std::vector<std::string>> ProjectionSync::dropped_tenants() {
  std::vector<std::string> tenants;
  const auto states = ledger_.states(std::string(projection_.tables.front().name));
  if (!states) return states.error();
  const auto is_synced_since = [&](const Source::Dropped& dropped, bool is_back) {
    return std::ranges::any_of(*states, [&](const Ledger::State& state) {
      const bool counts = !is_back || state.tenant.empty() || state.tenant == dropped.tenant_id;
      const Position& at = state.position;
      return counts && at.revision >= dropped.revision &&
             (at.revision > source_.info().revision ||
              (store_.history ? store_.history(at) : source_.contains(at)));
    });
  };
  for (const Source::Dropped& dropped : source_.dropped()) {
    const bool is_back = source_.tenant_number(dropped.tenant_id).has_value();
    if (is_back && !scope_.tenant.empty() && scope_.tenant != dropped.tenant_id) continue;
    if (!is_synced_since(dropped, is_back)) tenants.push_back(dropped.tenant_id);
  }
  if (tenants.empty()) return tenants;
  const auto known = ledger_rows_.tenants();
  if (!known) return known.error();
  std::erase_if(tenants, [&](const std::string& tenant) { return !known->contains(tenant); });
  return tenants;
}

Status ProjectionSync::remove_dropped(Claims& claims) {
  const auto tenants = dropped_tenants();
  if (!tenants) return tenants.error();
  Removal removal(connection_, scope_, projection_, ddl_, claims.settlement(), report_.deleted);
  auto freed = removal.remove_tenants(*tenants);
  if (!freed) return freed.error();
  claims.add_freed(*std::move(freed));
  return {};
}

// The partitions that a table's rows will lie in.
Status ProjectionSync::make_partitions(const TableSpec& table) {
  const Ddl::Table& definition = *ddl_.find(table.name);
  if (!definition.partition_by.starts_with("RANGE")) return {};
  const auto column = std::ranges::find_if(table.columns, [&](const Column& each) {
    return definition.partition_by == "RANGE (" + std::string(each.name) + ")";
  });
  TULVING_DCHECK(column != table.columns.end());
  std::set<Timestamp> days;
  auto status = source_.visit({{table.source}, floor_}, [&](const SourceRecord& record) -> Status {
    const Field value = column->get({record});
    if (const auto* time = std::get_if<Timestamp>(&value)) {
      days.insert(std::chrono::floor<std::chrono::days>(*time));
    }
    return {};
  });
  return status ? target_.create_partitions(definition, days, span_) : status;
}

Status ProjectionSync::send_rows(Claims& claims) {
  total_ = claims.rows();
  if (is_full()) total_ += source_.vector_count();
  Removal removal(connection_, scope_, projection_, ddl_, claims.settlement(), report_.deleted);
  auto status = ledger_rows_.stage_written(claims.settlement());
  if (!status) return status;
  auto hanging = removal.remove(claims.settlement().dead());
  if (!hanging) return hanging.error();
  if (!is_full()) {  // Of a full one each has been settled by itself.
    for (SkippedRow& row : *hanging) skips_.add("", std::move(row));
  }
  status = removal.remove_vectors(claims.gone_vectors(), model_);
  const bool has_related = std::ranges::any_of(
      projection_.tables, [](const TableSpec& table) { return !table.related_column.empty(); });
  if (status && has_related && is_full()) status = source_.read_related();
  if (status && has_related) {
    status = send_links(connection_, scope_, source_, floor_);
  }
  for (std::size_t table = 0; status && table < projection_.tables.size(); ++table) {
    status = send_table(table);
  }
  if (status) status = removal.remove_deferred();
  for (const TableSpec& table : projection_.tables) {
    if (status && !is_full()) status = send_vectors(table);
    if (status && !is_full() && !table.related_column.empty()) {
      auto changed = refresh_links(connection_, scope_, table);
      if (!changed) return changed.error();
      report_.updated[std::string(table.name)] += *changed;
    }
  }
  return status;
}

Status ProjectionSync::record(Claims& claims) {
  auto status = target_.create_indexes(ddl_);
  if (status) {
    status = ledger_rows_.record_waiting(claims.settlement(), waiting_, is_full());
  }
  if (status && !is_full()) status = ledger_rows_.forget_names(claims.gone_ids(), ddl_);
  if (status) status = ledger_rows_.record_names(names_, is_full());
  // The next sync joins few names with it, before the server gathers statistics by itself.
  if (status && is_full()) {
    status = connection_.run("ANALYZE tulving.sync_rows");
  }
  return status ? ledger_.record_position(std::string(projection_.tables.front().name),
                                          source_.position())
                : status;
}

Status ProjectionSync::send_table(std::size_t place) {
  const TableSpec& table = projection_.tables[place];
  if (target_.shape().external.contains(std::string(table.name))) return {};
  connection_.set_activity("sending " + report_.schema + "." + std::string(table.name));
  auto direct = is_direct(table);
  if (!direct) return direct.error();
  RowWriter rows({projection_, ddl_, claims_->settlement(), skips_, names_}, place, is_full());
  if (auto status = make_partitions(table); !status) return status;
  Merge merge(connection_, scope_, projection_, ddl_, table, rows.columns());
  if (!*direct) {
    if (auto status = merge.create_staging(); !status) return status;
  }
  if (auto status = copy_rows(place, rows, merge, *direct); !status) return status;
  if (*direct) return ledger_rows_.record(table);
  if (auto status = merge.finish_staging(is_full()); !status) return status;
  if (table.ownership != Ownership::kParent) {
    if (auto status = skip_foreign(table, merge); !status) return status;
  }
  auto counts = merge.apply(is_full());
  if (!counts) return counts.error();
  const std::string name(table.name);
  report_.inserted[name] += counts->inserted;
  report_.updated[name] += counts->updated;
  report_.deleted[name] += counts->deleted;
  if (!is_full() && table.ownership == Ownership::kParent) {
    auto followed = merge.follow_parents();
    if (!followed) return followed.error();
    report_.updated[name] += *followed;
  }
  return ledger_rows_.record(table);
}

// Staging writes every row twice, which for vectors is most of a first sync's time. Serials are
// drawn, placeholders filled in, and what an index would refuse is found, where rows are staged.
Result<bool> ProjectionSync::is_direct(const TableSpec& table) {
  if (!is_full() || table.ownership == Ownership::kSerial || table.has_placeholders ||
      !table.staging_check.empty()) {
    return false;
  }
  auto rows = connection_.query("SELECT FROM " + std::string(table.name) + " LIMIT 1");
  if (!rows) return rows.error();
  return rows->empty();
}

void ProjectionSync::skip(const TableSpec& table, const SourceRecord& record, std::string reason) {
  skips_.add(table.name, {std::string(record.tenant_id), std::string(kind_name(record.kind)),
                          record_id(record), std::move(reason)});
}

Status ProjectionSync::copy_rows(std::size_t place, RowWriter& rows, const Merge& merge,
                                 bool direct) {
  const TableSpec& table = projection_.tables[place];
  const Settlement& settlement = claims_->settlement();
  std::vector<std::string> withdrawn;
  std::uint64_t rows_refused = 0;
  const auto on_refused = [&](const CopyWriter::RowName& row, const std::string& why) {
    ++rows_refused;
    withdrawn.push_back(row.id);
    skips_.add(table.name,
               {source_.tenant_id(row.tenant), std::string(kind_name(table.source)), row.id,
                "PostgreSQL cannot hold it in " + std::string(table.name) + ": " + why});
  };
  std::uint64_t rows_sent = 0;
  CopyWriter copy(connection_, merge.copy_target(direct), merge.copy_columns(direct), on_refused,
                  [&](std::uint64_t sent) {
                    rows_sent += sent;
                    count_done(sent);
                  });
  const bool is_part = table.ownership == Ownership::kParent;
  const auto send = [&](const SourceRecord& record) -> Status {
    if (!table.takes(record)) return {};
    std::string id = record_id(record);
    if (!is_part && !settlement.writes(place, record.tenant_id, id)) return {};
    if (skips_.contains(record.tenant_id, table.name, id)) return {};
    if (table.source == kEmbeddingKind && !table.vector_column.empty() &&
        record.embedding->vector.size() != dim_) {
      skip(table, record,
           "the vector has " + std::to_string(record.embedding->vector.size()) +
               " dimensions; the column " + std::string(table.name) + "." +
               std::string(table.vector_column) + " takes " + std::to_string(dim_));
      return {};
    }
    if (std::string parent = rows.missing_parent(record); !parent.empty()) {
      if (is_part && table.source != kEmbeddingKind) return {};  // Its record is listed.
      skip(table, record, "what it belongs to was skipped: " + parent);
      if (!is_part) {
        withdrawn.push_back(id);
        parent.replace(parent.find(' '), 1, "#");
        waiting_.push_back({place, std::string(record.tenant_id), id, {parent}, "skipped"});
      }
      return {};
    }
    return rows.write(record, {record.tenant, std::move(id)}, !direct, copy);
  };
  const bool has_vectors =
      is_full() && table.source == RecordKind::kMemory && !is_part && !table.vector_column.empty();
  auto status = source_.visit(
      {{table.source}, floor_, has_vectors ? std::string_view(model_) : std::string_view()}, send);
  if (status && table.has_placeholders) status = claims_->visit_placeholders(place, send);
  if (status) status = copy.finish();
  if (!status) return status;
  TULVING_DCHECK(rows_refused <= rows_sent);
  if (direct) report_.inserted[std::string(table.name)] += rows_sent - rows_refused;
  return is_part ? Status() : ledger_rows_.withdraw(table.name, withdrawn);
}

Status ProjectionSync::skip_foreign(const TableSpec& table, Merge& merge) {
  auto foreign = merge.remove_foreign();
  if (!foreign) return foreign.error();
  std::vector<std::string> ids;
  for (const auto& row : *foreign) ids.push_back(row.id);
  auto owners = ledger_rows_.tenants_of(table.name, ids);
  if (!owners) return owners.error();
  for (const auto& row : *foreign) {
    skips_.add(table.name,
               {(*owners)[row.id], std::string(kind_name(table.source)), row.id, row.reason});
  }
  return ledger_rows_.withdraw(table.name, ids);
}

// Vectors that come without their memories, or whose memories have rows by now.
Status ProjectionSync::send_vectors(const TableSpec& table) {
  if (table.source != RecordKind::kMemory || table.vector_column.empty() || model_.empty()) {
    return {};
  }
  VectorUpdate update(connection_, scope_, ddl_, table);
  if (auto status = update.start(); !status) return status;
  auto status =
      source_.visit({{kEmbeddingKind}, floor_}, [&](const SourceRecord& record) -> Status {
        const auto& embedding = *record.embedding;
        if (embedding.model != model_) return {};
        return update.add(record, embedding.vector);
      });
  if (!status) return status;
  auto rows = update.finish();
  if (!rows) return rows.error();
  report_.updated[std::string(table.name)] += *rows;
  return {};
}

}  // namespace tulving::storage::postgres
