#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "bench/ann_compare/report.h"

namespace tulving::bench {
namespace {

/// The engine that others are compared with; null where it was left out.
const Curve* peer_of(const Report& report) {
  const auto found = std::ranges::find(report.curves, "hnswlib f32", &Curve::engine);
  return found == report.curves.end() ? nullptr : &*found;
}

std::string microseconds(double value) {
  return value < 100 ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
}

std::string cell_at(const Curve& curve, const Curve* peer, double recall) {
  const auto own = latency_at(curve, recall, &tools::Percentiles::p50);
  if (!own) return "not reached";
  std::string cell =
      fmt::format("{}{}", own->at_least ? "< " : "", microseconds(own->microseconds));
  if (peer == nullptr || peer == &curve) return cell;
  const auto other = latency_at(*peer, recall, &tools::Percentiles::p50);
  if (other) {
    cell += fmt::format(", {}{:.2f} x", own->at_least ? "> " : "",
                        other->microseconds / own->microseconds);
  }
  return cell;
}

void add_summary(const Report& report, std::string& out) {
  out += fmt::format("\np50 at equal recall@{}, us, and how many times faster than hnswlib:\n\n",
                     report.k);
  out += "| engine |";
  for (const double recall : kRecalls) out += fmt::format(" {} |", recall);
  out += "\n|---|---|---|---|---|\n";
  const Curve* peer = peer_of(report);
  for (const Curve& curve : report.curves) {
    out += fmt::format("| {} |", curve.engine);
    for (const double recall : kRecalls) out += fmt::format(" {} |", cell_at(curve, peer, recall));
    out += '\n';
  }
}

void add_points(const Report& report, std::string& out) {
  out += "\n| engine | ef | recall | p50 us | p95 us | p99 us |\n|---|---|---|---|---|---|\n";
  for (const Curve& curve : report.curves) {
    for (const Point& point : curve.points) {
      out += fmt::format("| {} | {} | {:.4f} | {} | {} | {} |\n", curve.engine, point.effort,
                         point.recall, microseconds(point.latency.p50),
                         microseconds(point.latency.p95), microseconds(point.latency.p99));
    }
  }
}

void add_builds(const Report& report, std::string& out) {
  out +=
      "\n| building | threads | rows/s | process grew, bytes a vector | by its own account |\n"
      "|---|---|---|---|---|\n";
  for (const BuildResult& build : report.builds) {
    out += fmt::format("| {} | {} | {:.0f} | {:.0f} | {} |\n", build.engine, build.threads,
                       build.rows_per_second, build.rss_per_vector,
                       build.bytes_per_vector == 0 ? std::string("-")
                                                   : fmt::format("{:.0f}", build.bytes_per_vector));
  }
}

void add_filters(const Report& report, std::string& out) {
  if (report.filters.empty()) return;
  out +=
      "\n| filter | lets through | engine | ef | recall | p50 us | p99 us |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const FilterResult& result : report.filters) {
    out += fmt::format("| {} | {} % | {} | {} | {:.4f} | {} | {} |\n", result.filter,
                       result.percent, result.engine, result.effort, result.recall,
                       microseconds(result.latency.p50), microseconds(result.latency.p99));
  }
}

void add_adds(const Report& report, std::string& out) {
  if (report.adds.empty()) return;
  out +=
      "\n| beside adds | ef | adds/s | p50 idle, busy us | p99 idle, busy us | p99 busy / idle |\n"
      "|---|---|---|---|---|---|\n";
  for (const AddsResult& result : report.adds) {
    out += fmt::format("| {} | {} | {:.0f} | {}, {} | {}, {} | {:.2f} |\n", result.engine,
                       result.effort, result.adds_per_second, microseconds(result.idle.p50),
                       microseconds(result.busy.p50), microseconds(result.idle.p99),
                       microseconds(result.busy.p99),
                       result.idle.p99 > 0 ? result.busy.p99 / result.idle.p99 : 0);
  }
}

}  // namespace

std::string report_table(const Report& report) {
  std::string out = fmt::format(
      "{}\n{}: {} x {}, {} queries that are none of them ({} dropped), {} rounds, one search "
      "thread, {}\n",
      report.machine, report.data, report.rows, report.dim, report.queries, report.queries_dropped,
      report.rounds, report.clock);
  for (const Curve& curve : report.curves) {
    out += fmt::format("- {}: {}\n", curve.engine, curve.build_note);
  }
  add_summary(report, out);
  add_points(report, out);
  add_builds(report, out);
  add_filters(report, out);
  add_adds(report, out);
  return out;
}

std::string machine_name() {
  std::ifstream file("/proc/cpuinfo");
  std::string model = "unknown processor";
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      model = line.substr(colon + 2);
      break;
    }
  }
  return fmt::format("{}, {} processors", model, std::thread::hardware_concurrency());
}

}  // namespace tulving::bench
