#include <cmath>
#include <nlohmann/json.hpp>

#include "bench/ann_compare/report.h"

namespace tulving::bench {
namespace {

using Json = nlohmann::ordered_json;  // Members in the order they were set.

double rounded(double value, double unit) { return std::round(value / unit) * unit; }

Json latency_json(const tools::Percentiles& latency) {
  return Json{{"p50_us", rounded(latency.p50, 1e-3)},
              {"p95_us", rounded(latency.p95, 1e-3)},
              {"p99_us", rounded(latency.p99, 1e-3)}};
}

Json curve_json(const Curve& curve) {
  Json points = Json::array();
  for (const Point& point : curve.points) {
    Json one{{"ef", point.effort}, {"recall", rounded(point.recall, 1e-6)}};
    one.update(latency_json(point.latency));
    points.push_back(std::move(one));
  }
  Json at = Json::array();
  for (const double recall : kRecalls) {
    const auto latency = latency_at(curve, recall, &tools::Percentiles::p50);
    if (!latency) continue;
    at.push_back(Json{{"recall", recall},
                      {"p50_us", rounded(latency->microseconds, 1e-3)},
                      {"at_least", latency->at_least}});
  }
  return Json{{"engine", curve.engine},
              {"build", curve.build_note},
              {"sweep", std::move(points)},
              {"at_recall", std::move(at)}};
}

Json builds_json(const Report& report) {
  Json builds = Json::array();
  for (const BuildResult& build : report.builds) {
    builds.push_back(Json{{"engine", build.engine},
                          {"threads", build.threads},
                          {"rows_per_second", rounded(build.rows_per_second, 0.1)},
                          {"rss_per_vector", rounded(build.rss_per_vector, 0.1)},
                          {"bytes_per_vector", rounded(build.bytes_per_vector, 0.1)}});
  }
  return builds;
}

Json filters_json(const Report& report) {
  Json filters = Json::array();
  for (const FilterResult& result : report.filters) {
    Json one{{"filter", result.filter},
             {"percent", result.percent},
             {"engine", result.engine},
             {"ef", result.effort},
             {"recall", rounded(result.recall, 1e-6)}};
    one.update(latency_json(result.latency));
    filters.push_back(std::move(one));
  }
  return filters;
}

Json adds_json(const Report& report) {
  Json adds = Json::array();
  for (const AddsResult& result : report.adds) {
    adds.push_back(Json{{"engine", result.engine},
                        {"ef", result.effort},
                        {"adds_per_second", rounded(result.adds_per_second, 0.1)},
                        {"searches", result.searches},
                        {"idle", latency_json(result.idle)},
                        {"busy", latency_json(result.busy)}});
  }
  return adds;
}

}  // namespace

std::string report_json(const Report& report) {
  Json curves = Json::array();
  for (const Curve& curve : report.curves) curves.push_back(curve_json(curve));
  return Json{{"machine", report.machine},
              {"data", report.data},
              {"n", report.rows},
              {"dim", report.dim},
              {"k", report.k},
              {"queries", report.queries},
              {"queries_dropped", report.queries_dropped},
              {"rounds", report.rounds},
              {"clock", report.clock},
              {"curves", std::move(curves)},
              {"builds", builds_json(report)},
              {"filters", filters_json(report)},
              {"adds", adds_json(report)}}
             .dump(1) +
         "\n";
}

}  // namespace tulving::bench
