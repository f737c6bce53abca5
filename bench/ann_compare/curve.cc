#include "bench/ann_compare/curve.h"

#include <algorithm>
#include <cmath>

namespace tulving::bench {

double nines(double recall) { return -std::log10(std::max(1 - recall, 5e-5)); }

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

tools::Percentiles median_of_rounds(const std::vector<tools::Percentiles>& rounds) {
  const auto of = [&](double tools::Percentiles::*part) {
    std::vector<double> values;
    for (const tools::Percentiles& round : rounds) values.push_back(round.*part);
    return median(std::move(values));
  };
  return {of(&tools::Percentiles::p50), of(&tools::Percentiles::p95), of(&tools::Percentiles::p99)};
}

std::optional<AtRecall> latency_at(const Curve& curve, double recall,
                                   double tools::Percentiles::*part) {
  if (curve.points.empty()) return {};
  const Point* below = nullptr;
  for (const Point& point : curve.points) {
    if (point.recall < recall) {
      below = &point;
      continue;
    }
    const double above = point.latency.*part;
    if (below == nullptr) return AtRecall{above, point.recall > recall};
    const double share =
        (nines(recall) - nines(below->recall)) / (nines(point.recall) - nines(below->recall));
    const double from = std::log(below->latency.*part);
    return AtRecall{std::exp(from + share * (std::log(above) - from)), false};
  }
  return {};
}

}  // namespace tulving::bench
