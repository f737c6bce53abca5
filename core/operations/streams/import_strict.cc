// strict: everything is read into RAM and checked before the first write. Each tenant's
// records are then one atomic write.

#include <fmt/core.h>

#include <map>
#include <span>

#include "core/operations/streams/import.h"

namespace tulving::operations {

namespace {

// Looking for refused lines tries the tenant's input again without each; past this many, mend and
// retry.
constexpr std::size_t kErrorsMax = 100;

/// The records of one tenant.
struct TenantBatch {
  std::vector<std::uint64_t> lines;
  std::vector<std::string> places;
  std::vector<std::uint32_t> equal_before;
  std::vector<Record> records;
};
using Batches = std::map<std::string, TenantBatch>;

/// A store has one dimension a model, over all tenants; the tenants are checked one by one.
class Dimensions {
 public:
  Status check(const Record& record) {
    const auto* memory = std::get_if<Memory>(&record);
    if (memory == nullptr) return {};
    for (const Embedding& embedding : memory->embeddings) {
      const std::size_t dim = embedding.dim();
      const auto [first, is_new] = dims_.try_emplace(embedding.model, dim);
      if (first->second == dim) continue;
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("embedding of model \"{}\" has dimension {}; must be {}, as on an "
                               "earlier line",
                               embedding.model, dim, first->second),
                   "embedding"};
    }
    return {};
  }

 private:
  std::map<std::string, std::size_t> dims_;
};

Result<Batches> read_all(RecordSource& source, ImportReport& report) {
  Batches batches;
  Dimensions dimensions;
  while (true) {
    auto next = source.next();
    if (!next) return next.error();
    if (!*next) return batches;
    if (auto* error = std::get_if<LineError>(&**next)) {
      if (auto status = report.refused(std::move(*error)); !status) return status.error();
      continue;
    }
    auto& line = std::get<LineRecord>(**next);
    if (auto status = dimensions.check(line.record.record); !status) {
      auto told = report.refused({line.line, status.error(), {}, line.place});
      if (!told) return told.error();
      continue;
    }
    TenantBatch& batch = batches[line.record.tenant_id];
    batch.lines.push_back(line.line);
    batch.places.push_back(std::move(line.place));
    batch.equal_before.push_back(line.equal_before);
    batch.records.push_back(std::move(line.record.record));
  }
}

template <class T>
void erase_at(std::vector<T>& values, std::size_t position) {
  values.erase(values.begin() + static_cast<std::ptrdiff_t>(position));
}

/// Reports the records that the store would refuse, each tried without the refused ones before it.
Status check_batch(Tenant& tenant, TenantBatch batch, WriteOptions options, ImportReport& report) {
  options.dry_run = true;
  for (std::size_t found = 0; found < kErrorsMax && !batch.records.empty(); ++found) {
    options.equal_before = batch.equal_before;
    const auto results = tenant.write(batch.records, options);
    if (results) return {};
    const Error& why = results.error();
    if (!is_line_error(why) || !why.position) return why;
    const std::size_t at = *why.position;
    if (auto status = report.refused({batch.lines[at], why, {}, batch.places[at]}); !status) {
      return status;
    }
    erase_at(batch.lines, *why.position);
    erase_at(batch.places, *why.position);
    erase_at(batch.equal_before, *why.position);
    erase_at(batch.records, *why.position);
  }
  return {};
}

Status check_all(const Store& store, const Batches& batches, const WriteOptions& options,
                 ImportReport& report) {
  for (const auto& [tenant_id, batch] : batches) {
    auto tenant = store.tenant(tenant_id);
    if (!tenant) {
      const Error error{ErrorCode::kInvalidArgument, tenant.error().message, "tenant_id"};
      if (auto status = report.refused({batch.lines.front(), error, {}, batch.places.front()});
          !status)
        return status;
      continue;
    }
    if (auto status = check_batch(*tenant, batch, options, report); !status) return status;
  }
  return {};
}

Status write_all(const Store& store, const Batches& batches, WriteOptions options,
                 ImportReport& report) {
  for (const auto& [tenant_id, batch] : batches) {
    auto tenant = store.tenant(tenant_id);
    if (!tenant) return tenant.error();
    options.equal_before = batch.equal_before;
    auto results = tenant->write(batch.records, options);
    if (!results) return results.error();
    for (std::size_t i = 0; i < batch.lines.size(); ++i) {
      if (auto status = report.written(batch.lines[i], (*results)[i]); !status) return status;
    }
  }
  return {};
}

}  // namespace

Status import_strictly(const Running& running, RecordSource& source, ImportReport& report) {
  const WriteOptions options{.allow_erased = running.arguments.flag("allow_erased"),
                             .keep_vectors = running.arguments.flag("keep_vectors")};
  auto batches = read_all(source, report);
  if (!batches) return batches.error();
  if (auto status = check_all(running.store(), *batches, options, report); !status) return status;
  const bool writes = !running.arguments.flag("dry_run");
  if (!writes || report.any_refused() || source.is_stopped()) return {};
  return write_all(running.store(), *batches, options, report);
}

}  // namespace tulving::operations
