#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "bench/ann_compare/report.h"

namespace tulving::bench {
namespace {

constexpr double kWidth = 760, kHeight = 460;
constexpr double kLeft = 64, kRight = 170, kTop = 44, kBottom = 52;
constexpr double kLeastRecall = 0.85;

// Told apart on white and on black, and by who sees no red or green.
constexpr std::array kColours = {"#0072b2", "#56b4e9", "#d55e00", "#009e73",
                                 "#cc79a7", "#e69f00", "#8c6bb1"};

constexpr const char* kStyle =
    "<style>text{font:12px sans-serif;fill:#222}.frame{stroke:#888;fill:none}"
    ".grid{stroke:#ddd}.paper{fill:#fff}.title{font-size:14px}"
    "@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#333}.paper{fill:#111}}"
    "</style>\n";

/// Where recall and latency are on the page. Latency grows upwards by its logarithm.
class Axes {
 public:
  explicit Axes(const Report& report) {
    for (const Curve& curve : report.curves) {
      for (const Point& point : curve.points) {
        if (point.recall < kLeastRecall || point.latency.p50 <= 0) continue;
        low_ = std::min(low_, point.latency.p50);
        high_ = std::max(high_, point.latency.p50);
      }
    }
    if (high_ <= 0) low_ = 1, high_ = 10;
    low_ *= 0.9;
    high_ *= 1.1;
  }
  [[nodiscard]] double x(double recall) const {
    const double from = nines(kLeastRecall), to = nines(1);
    return kLeft + (nines(recall) - from) / (to - from) * (kWidth - kLeft - kRight);
  }
  [[nodiscard]] double y(double microseconds) const {
    const double share = std::log(microseconds / low_) / std::log(high_ / low_);
    return kHeight - kBottom - share * (kHeight - kTop - kBottom);
  }
  [[nodiscard]] bool shows(double microseconds) const {
    return microseconds >= low_ && microseconds <= high_;
  }

 private:
  double low_ = 1e12, high_ = 0;
};

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

void add_grid(const Axes& axes, std::string& out) {
  const double bottom = kHeight - kBottom, right = kWidth - kRight;
  for (const double recall : {0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9995}) {
    out += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>"
        "<text x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\">{4}</text>\n",
        axes.x(recall), kTop, bottom, bottom + 16, recall);
  }
  for (double decade = 1; decade < 1e7; decade *= 10) {
    for (const double step : {1.0, 2.0, 5.0}) {
      const double value = decade * step;
      if (!axes.shows(value)) continue;
      out += fmt::format(
          "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>"
          "<text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5:.0f}</text>\n",
          kLeft, right, axes.y(value), kLeft - 6, axes.y(value) + 4, value);
    }
  }
  out += fmt::format("<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n",
                     kLeft, kTop, right - kLeft, bottom - kTop);
}

void add_labels(const Report& report, std::string& out) {
  out += fmt::format(
      "<text class=\"title\" x=\"{}\" y=\"22\">Recall against latency: {} x {}, {}</text>\n", kLeft,
      report.rows, report.dim, escaped(report.data));
  out += fmt::format(
      "<text x=\"{:.0f}\" y=\"{}\" text-anchor=\"middle\">recall@{} (better to the right)</text>\n",
      (kLeft + kWidth - kRight) / 2, kHeight - 14, report.k);
  out += fmt::format(
      "<text transform=\"translate(16,{:.0f}) rotate(-90)\" text-anchor=\"middle\">p50 of a "
      "search, "
      "us (better below)</text>\n",
      (kTop + kHeight - kBottom) / 2);
}

void add_curve(const Axes& axes, const Curve& curve, std::size_t number, std::string& out) {
  const char* colour = kColours[number % kColours.size()];
  std::string path, dots;
  for (const Point& point : curve.points) {
    if (point.recall < kLeastRecall) continue;
    const double x = axes.x(point.recall), y = axes.y(point.latency.p50);
    path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "M" : "L", x, y);
    dots += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"><title>{} ef {}: recall {:.4f}, "
        "{:.0f} us</title></circle>",
        x, y, colour, escaped(curve.engine), point.effort, point.recall, point.latency.p50);
  }
  if (!path.empty()) {
    out += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>{}\n", path,
                       colour, dots);
  }
  const double y = kTop + 12 + 20 * static_cast<double>(number);
  out += fmt::format(
      "<rect x=\"{}\" y=\"{}\" width=\"14\" height=\"4\" fill=\"{}\"/><text x=\"{}\" "
      "y=\"{}\">{}</text>\n",
      kWidth - kRight + 14, y - 6, colour, kWidth - kRight + 34, y, escaped(curve.engine));
}

}  // namespace

std::string report_svg(const Report& report) {
  const Axes axes(report);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\" role=\"img\">\n",
      kWidth, kHeight);
  out += kStyle;
  out += fmt::format("<rect class=\"paper\" width=\"{}\" height=\"{}\"/>\n", kWidth, kHeight);
  add_grid(axes, out);
  add_labels(report, out);
  for (std::size_t i = 0; i < report.curves.size(); ++i) add_curve(axes, report.curves[i], i, out);
  return out + "</svg>\n";
}

}  // namespace tulving::bench
