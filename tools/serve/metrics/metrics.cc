#include "tools/serve/metrics/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace tulving::serve {
namespace {

std::string result_name(std::size_t result) {
  if (result == 0) return "ok";
  std::string name(to_string(static_cast<ErrorCode>(result - 1)));
  std::ranges::replace(name, ' ', '_');
  return name;
}

/// As a label's value stands between its quotes.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

void heading(std::string& out, std::string_view name, std::string_view type,
             std::string_view help) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

template <class Number>
void gauge(std::string& out, std::string_view name, std::string_view help, Number value) {
  heading(out, name, "gauge", help);
  fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
}

/// Vectors that the graph does not have yet, of models that have one or are to get one.
std::uint64_t index_rows_pending(const StoreStats& stats) {
  if (stats.indexing_caught_up) return 0;
  std::uint64_t rows = 0;
  for (const TenantStats& tenant : stats.tenants) {
    for (const VectorStats& model : tenant.vectors) {
      if (model.in_graph > 0) rows += model.vectors - std::min(model.vectors, model.in_graph);
    }
  }
  return std::max<std::uint64_t>(rows, 1);  // A graph that is not begun yet has none.
}

void append_tenants(std::string& out, const StoreStats& stats) {
  heading(out, "tulving_tenant_memories", "gauge", "Memories of a tenant, whatever their status");
  for (const TenantStats& tenant : stats.tenants) {
    fmt::format_to(std::back_inserter(out), "tulving_tenant_memories{{tenant=\"{}\"}} {}\n",
                   escaped(tenant.tenant_id), tenant.memories);
  }
}

void append_store(std::string& out, const StoreStats& stats) {
  gauge(out, "tulving_memories", "Memories, whatever their status", stats.memories);
  gauge(out, "tulving_tenants", "Tenants", stats.tenants.size());
  gauge(out, "tulving_ram_bytes", "RAM of records and indexes", stats.ram_bytes);
  gauge(out, "tulving_disk_bytes", "Files of the store", stats.disk_bytes);
  gauge(out, "tulving_bytes_per_memory", "RAM a memory", stats.bytes_per_memory);
  gauge(out, "tulving_revision", "Number of the last write", stats.revision);
  gauge(out, "tulving_durable_revision_lag", "Writes that a power loss would take",
        stats.revision - std::min(stats.revision, stats.durable_revision));
  gauge(out, "tulving_index_rows_pending", "Vectors that wait for their graph",
        index_rows_pending(stats));
  if (stats.embedding.model.empty()) return;
  gauge(out, "tulving_embeddings_pending", "Memories that wait for their vector",
        stats.embedding.pending);
  gauge(out, "tulving_embeddings_failed", "Of these, those whose text the embedder refused",
        stats.embedding.failed);
  gauge(out, "tulving_embedder_failing",
        "Whether the embedder could not be reached when asked last",
        stats.embedding.is_failing ? 1 : 0);
}

}  // namespace

Metrics::Metrics(std::span<const Operation> more) {
  std::vector<std::string_view> names;
  for (const auto table : {operation_table(), more}) {
    for (const Operation& operation : table) names.push_back(operation.name);
  }
  std::ranges::sort(names);
  rows_ = std::vector<Row>(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) rows_[i].operation = names[i];
}

Metrics::Row* Metrics::find(std::string_view operation) {
  const auto found = std::ranges::lower_bound(rows_, operation, {}, &Row::operation);
  return found == rows_.end() || found->operation != operation ? nullptr : &*found;
}

void Metrics::count(const Operation& operation, const ErrorCode* code,
                    std::chrono::nanoseconds took) {
  Row* row = find(operation.name);
  if (row == nullptr) return;
  const std::size_t result = code == nullptr ? 0 : static_cast<std::size_t>(*code) + 1;
  Histogram& histogram = row->results[std::min(result, kResults - 1)];
  const double seconds = std::chrono::duration<double>(took).count();
  const auto bucket = std::ranges::lower_bound(kBounds, seconds) - kBounds.begin();
  histogram.buckets[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  histogram.nanoseconds.fetch_add(static_cast<std::uint64_t>(took.count()),
                                  std::memory_order_relaxed);
}

void Metrics::count_refused(int status) {
  if (status < 0 || static_cast<std::size_t>(status) >= refused_.size()) return;
  refused_[static_cast<std::size_t>(status)].fetch_add(1, std::memory_order_relaxed);
}

void Metrics::append(std::string& out, const Row& row) {
  for (std::size_t result = 0; result < kResults; ++result) {
    const Histogram& histogram = row.results[result];
    std::uint64_t total = 0;
    for (const auto& bucket : histogram.buckets) total += bucket;
    if (total == 0) continue;
    const std::string labels =
        fmt::format("operation=\"{}\",result=\"{}\"", row.operation, result_name(result));
    std::uint64_t below = 0;
    for (std::size_t i = 0; i <= kBounds.size(); ++i) {
      below += histogram.buckets[i];
      const std::string bound = i < kBounds.size() ? fmt::format("{}", kBounds[i]) : "+Inf";
      fmt::format_to(std::back_inserter(out),
                     "tulving_operation_seconds_bucket{{{},le=\"{}\"}} {}\n", labels, bound, below);
    }
    fmt::format_to(std::back_inserter(out),
                   "tulving_operation_seconds_sum{{{0}}} {1}\n"
                   "tulving_operation_seconds_count{{{0}}} {2}\n",
                   labels, static_cast<double>(histogram.nanoseconds) * 1e-9, below);
  }
}

std::string Metrics::exposition(const Gauges& gauges) const {
  std::string out;
  heading(out, "tulving_build_info", "gauge", "The version that serves");
  fmt::format_to(std::back_inserter(out), "tulving_build_info{{version=\"{}\"}} 1\n",
                 escaped(gauges.version));
  gauge(out, "tulving_ready", "Whether /health/ready says so", gauges.is_ready ? 1 : 0);
  append_store(out, gauges.stats);
  if (gauges.by_tenant) append_tenants(out, gauges.stats);
  heading(out, "tulving_requests_refused_total", "counter",
          "Requests that led to no operation, by status");
  for (std::size_t status = 0; status < refused_.size(); ++status) {
    if (refused_[status] == 0) continue;
    fmt::format_to(std::back_inserter(out), "tulving_requests_refused_total{{status=\"{}\"}} {}\n",
                   status, refused_[status].load());
  }
  heading(out, "tulving_operation_seconds", "histogram", "Operations, by what came of them");
  for (const Row& row : rows_) append(out, row);
  return out;
}

}  // namespace tulving::serve
