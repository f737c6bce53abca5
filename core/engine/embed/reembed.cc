#include <fmt/format.h>

#include <algorithm>

#include "core/engine/embed/embedding_worker.h"
#include "core/engine/embed/wanting_rows.h"

// From one model to another: what lacks a vector of the embedder's gets one, in batches, each a
// write. Cut short, the next call goes on where it came to.

namespace tulving::engine {
namespace {

constexpr std::size_t kReembedBatch = 256;

Roaring rows_of(const TenantState& tenant, std::optional<std::uint16_t> model) {
  if (!model) return {};
  const auto index = tenant.vectors.find(*model);
  return index == tenant.vectors.end() ? Roaring() : Roaring(index->second->rows());
}

struct Work {
  Roaring without;  ///< Rows that are to get a vector.
  Roaring with;     ///< Rows that have one, and another that is to go.
};

Work work_of(const TenantState& tenant, const Catalog& catalog, const std::string& model,
             const std::string& drop_model) {
  const auto number = [&](const std::string& name) -> std::optional<std::uint16_t> {
    const auto row = name.empty() ? std::nullopt : catalog.model(name);
    return row ? std::optional(row->number) : std::nullopt;
  };
  Work work{rows_without_vector_of(tenant, number(model)), rows_of(tenant, number(drop_model))};
  work.with &= rows_of(tenant, number(model));
  return work;
}

std::vector<RecordPtr> records_of(SharedTenant& tenant, std::span<const std::uint32_t> rows) {
  std::vector<RecordPtr> records;
  const auto state = tenant.read();
  for (const std::uint32_t row : rows) {
    if (row >= state->memories.row_limit()) break;  // The tenant was dropped.
    RecordPtr record = state->memories.record(row);
    if (record) records.push_back(std::move(record));
  }
  return records;
}

std::vector<std::uint32_t> numbers_of(const Roaring& rows) {
  std::vector<std::uint32_t> numbers(rows.cardinality());
  rows.toUint32Array(numbers.data());
  return numbers;
}

}  // namespace

Result<ReembedReport> EmbeddingWorker::reembed(const ReembedOptions& options) {
  const std::string& model = host_.options.embedders.front()->identity().model;
  if (options.drop_model == model) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("drop_model is \"{}\", the model that the vectors are to be of", model),
        "drop_model"};
  }
  ReembedReport report;
  report.model = model;
  bool goes_on = true;
  for (const auto& tenant : host_.catalog.tenants()) {
    if (!options.tenant_id.empty() && tenant->id() != options.tenant_id) continue;
    if (auto status = reembed(tenant, options, report, goes_on); !status) return status.error();
  }
  return report;
}

Status EmbeddingWorker::reembed(const std::shared_ptr<SharedTenant>& tenant,
                                const ReembedOptions& options, ReembedReport& report,
                                bool& goes_on) {
  const Embedder& embedder = *host_.options.embedders.front();
  const VectorWrite write{embedder.identity().model, true, options.drop_model};
  std::vector<std::uint32_t> without, with;
  {
    const auto state = tenant->read();
    const Work work = work_of(*state, host_.catalog, write.model, write.drop_model);
    without = numbers_of(work.without);
    with = numbers_of(work.with);
  }
  const std::uint64_t total = without.size() + with.size();
  std::uint64_t done = 0;
  const auto each_batch = [&](std::span<const std::uint32_t> rows, const auto& run) -> Status {
    for (std::size_t from = 0; goes_on && from < rows.size(); from += kReembedBatch) {
      const auto batch = rows.subspan(from, std::min(kReembedBatch, rows.size() - from));
      if (auto status = run(records_of(*tenant, batch)); !status) return status;
      done += batch.size();
      if (options.progress) goes_on = options.progress(done, total);
    }
    return {};
  };
  auto status = each_batch(without, [&](const std::vector<RecordPtr>& records) -> Status {
    auto embedded = embed(tenant, embedder, records, write);
    if (!embedded) return embedded.error();
    note_success(embedded->made);
    report.made += embedded->made;
    report.refused += embedded->refused;
    report.unneeded += records.size() - embedded->made - embedded->refused;
    if (!embedded->last_error.empty()) report.last_error = embedded->last_error;
    return {};
  });
  if (!status) return status;
  status = each_batch(with, [&](const std::vector<RecordPtr>& records) -> Status {
    std::vector<VectorOfText> drops;
    for (const RecordPtr& record : records) drops.push_back({record, {}, 1});
    const auto put = this->put(tenant, drops, write);
    return put ? Status() : Status(put.error());
  });
  report.left += total - done;
  return status;
}

}  // namespace tulving::engine
