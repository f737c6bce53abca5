// import --strict: everything is read into RAM and checked before the first write. Each tenant's
// records are then one atomic write.

#include <fmt/core.h>

#include <map>
#include <span>

#include "tools/cli/print/notes.h"
#include "tools/cli/transfer/import.h"

namespace tulving::tools {

namespace {

// Looking for refused lines tries the tenant's input again without each; past this many, mend and
// retry.
constexpr std::size_t kErrorsMax = 100;

/// The records of one tenant.
struct Batch {
  std::vector<std::uint64_t> lines;
  std::vector<std::uint32_t> equal_before;
  std::vector<Record> records;
};
using Batches = std::map<std::string, Batch>;

/// A store has one dimension a model, over all tenants; the tenants are checked one by one.
class Dimensions {
 public:
  Status check(const Record& record) {
    const auto* memory = std::get_if<Memory>(&record);
    if (memory == nullptr) return {};
    for (const Embedding& embedding : memory->embeddings) {
      const std::size_t dim = embedding.vector.size();
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

Result<Batches> read_all(RecordReader& reader, ImportReport& report) {
  Batches batches;
  Dimensions dimensions;
  while (Interruption::signal() == 0) {
    auto next = reader.next();
    if (!next) {
      if (Interruption::signal() != 0) break;  // The read was cut short by the signal.
      return next.error();
    }
    if (!*next) break;
    report.progress(reader.lines());
    if (auto* error = std::get_if<LineError>(&**next)) {
      report.refused(std::move(*error));
      continue;
    }
    auto& line = std::get<LineRecord>(**next);
    if (auto status = dimensions.check(line.record.record); !status) {
      report.refused({line.line, status.error().field, status.error().message, {}});
      continue;
    }
    Batch& batch = batches[line.record.tenant_id];
    batch.lines.push_back(line.line);
    batch.equal_before.push_back(line.equal_before);
    batch.records.push_back(std::move(line.record.record));
  }
  return batches;
}

template <class T>
void erase_at(std::vector<T>& values, std::size_t position) {
  values.erase(values.begin() + static_cast<std::ptrdiff_t>(position));
}

/// Reports the records that the store would refuse, each tried without the refused ones before it.
Status check_batch(Tenant& tenant, Batch batch, WriteOptions options, ImportReport& report) {
  options.dry_run = true;
  for (std::size_t found = 0; found < kErrorsMax && !batch.records.empty(); ++found) {
    options.equal_before = batch.equal_before;
    const auto results = tenant.write(batch.records, options);
    if (results) return {};
    const Error& why = results.error();
    if (!is_line_error(why) || !why.position) return why;
    report.refused({batch.lines[*why.position], why.field, why.message, {}});
    erase_at(batch.lines, *why.position);
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
      report.refused({batch.lines.front(), "tenant_id", tenant.error().message, {}});
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
      report.written(batch.lines[i], (*results)[i]);
    }
  }
  return {};
}

/// The store that a strict import is checked against: the one there, or an empty one in RAM, so
/// that a refused import leaves no directory behind.
Result<Store> store_to_check(const GlobalOptions& globals) {
  auto store = open_store(globals, Access::kWrite);
  if (store || store.error().code != ErrorCode::kNotFound) return store;
  StoreOptions options;
  options.embedding_dim = globals.dim;
  if (globals.text_bytes_max) options.text_bytes_max = *globals.text_bytes_max;
  return Store::open_in_memory(options);
}

Status check_against_store(const GlobalOptions& globals, const Batches& batches,
                           const WriteOptions& options, ImportReport& report) {
  auto store = store_to_check(globals);
  if (!store) return store.error();
  if (auto status = check_all(*store, batches, options, report); !status) return status;
  return store->close();
}

Status write_to_store(const GlobalOptions& globals, const Batches& batches,
                      const WriteOptions& options, ImportReport& report) {
  auto store = open_store(globals, Access::kCreate);
  if (!store) return store.error();
  if (auto status = write_all(*store, batches, options, report); !status) return status;
  follow_all_notes(*store);
  return store->close();
}

}  // namespace

Result<int> import_strictly(const GlobalOptions& globals, const ImportCommand& command,
                            RecordReader& reader) {
  ImportReport report(globals, command);
  const WriteOptions options{.allow_erased = command.allow_erased,
                             .keep_vectors = command.keep_vectors};
  auto batches = read_all(reader, report);
  if (!batches) return batches.error();
  if (auto status = check_against_store(globals, *batches, options, report); !status) {
    return status.error();
  }
  if (!report.any_refused() && Interruption::signal() == 0) {
    if (auto status = write_to_store(globals, *batches, options, report); !status) {
      return status.error();
    }
  }
  return report.finish();
}

}  // namespace tulving::tools
