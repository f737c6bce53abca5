#include "bench/year/report.h"

#include <fmt/core.h>

#include "bench/year/progress.h"

namespace tulving::bench {
namespace {

using nlohmann::json;

double number(const json& object, const char* name) { return object.at(name).get<double>(); }

std::string megabytes(const json& bytes) {
  return fmt::format("{:.1f} MB", bytes.get<double>() * 1e-6);
}

void add_row(std::string& out, std::string_view what, std::string_view figure) {
  out += fmt::format("| {} | {} |\n", what, figure);
}

void add_load(const json& load, std::string& out) {
  if (load.contains("added")) {
    const double seconds = number(load, "fill_seconds");
    const auto added = load.at("added").get<std::uint64_t>();
    add_row(out, "fill",
            fmt::format("{} memories in {:.1f} s, {:.0f}/s; {} were there", with_commas(added),
                        seconds, static_cast<double>(added) / seconds,
                        with_commas(load.at("had").get<std::uint64_t>())));
  }
  if (load.contains("index_seconds")) {
    add_row(out, "graphs after it", fmt::format("{:.1f} s", number(load, "index_seconds")));
  }
  add_row(out, "close, with checkpoints", fmt::format("{:.2f} s", number(load, "close_seconds")));
  add_row(out, "highest RSS of the load", megabytes(load.at("highest_rss_bytes")));
}

void add_memory(std::string_view when, const json& memory, std::string& out) {
  add_row(out, fmt::format("RSS {}", when),
          fmt::format("{}, of it anonymous {}; highest {}", megabytes(memory.at("resident")),
                      megabytes(memory.at("anonymous")), megabytes(memory.at("highest"))));
}

void add_part(std::string_view name, const json& part, std::string& out) {
  const double memories = number(part, "memories");
  if (memories == 0) return;
  add_row(out, fmt::format("{}: tenants, memories, vectors (in graphs), terms", name),
          fmt::format("{}, {}, {} ({}), {}", with_commas(part.at("tenants").get<std::uint64_t>()),
                      with_commas(part.at("memories").get<std::uint64_t>()),
                      with_commas(part.at("vectors").get<std::uint64_t>()),
                      with_commas(part.at("in_graph").get<std::uint64_t>()),
                      with_commas(part.at("terms").get<std::uint64_t>())));
  const double records = number(part, "record_bytes") / memories;
  const double texts = number(part, "text_bytes") / memories;
  const double attributes = number(part, "attribute_bytes") / memories;
  const double vectors = number(part, "vector_bytes") / memories;
  add_row(out, fmt::format("{}: bytes a memory by stats", name),
          fmt::format("{:.0f} = records {:.0f} + text index {:.0f} + attributes {:.0f} + vectors "
                      "{:.0f}",
                      records + texts + attributes + vectors, records, texts, attributes, vectors));
  if (number(part, "vectors") > 0) {
    add_row(out, fmt::format("{}: bytes a vector", name),
            fmt::format("{:.0f}", number(part, "vector_bytes") / number(part, "vectors")));
  }
}

void add_per_tenant(const json& figures, std::string& out) {
  const json& tiny = figures.at("measured").at("stats").at("parts").at("tiny");
  const double tenants = number(tiny, "tenants");
  if (tenants == 0) return;
  const double bytes = number(tiny, "record_bytes") + number(tiny, "text_bytes") +
                       number(tiny, "attribute_bytes") + number(tiny, "vector_bytes");
  add_row(out, "bytes a tiny tenant by stats", fmt::format("{:.0f}", bytes / tenants));
  const json grown = per_tenant_figures(figures);
  if (grown.is_null()) return;
  add_row(out, "bytes a tiny tenant by RSS, with and without the tiny ones",
          fmt::format("{:.0f}, anonymous {:.0f}", number(grown, "resident_per_tenant"),
                      number(grown, "anonymous_per_tenant")));
}

void add_checks(const json& measured, std::string& out) {
  for (const json& check : measured.at("checks")) {
    add_row(out, fmt::format("checks of tenant {}", check.at("tenant").get<std::string>()),
            fmt::format("recall@10 {:.4f}; found by a word of its own {} and with its vector {} of "
                        "{}",
                        number(check, "recall_at_10"), check.at("text_found").get<int>(),
                        check.at("hybrid_found").get<int>(), check.at("checks").get<int>()));
  }
}

void add_searches(const json& measured, std::string& out) {
  if (!measured.contains("searches")) return;
  out +=
      "\n| search | p50 us | p95 | p99 | CPU p50 | p95 | p99 | hits |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const json& set : measured.at("searches")) {
    out += fmt::format("| {} | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {:.1f} |\n",
                       set.at("name").get<std::string>(), number(set, "p50"), number(set, "p95"),
                       number(set, "p99"), number(set, "cpu_p50"), number(set, "cpu_p95"),
                       number(set, "cpu_p99"), number(set, "hits"));
  }
}

void add_opening(std::string_view which, const json& opening, std::string& out) {
  add_row(
      out, fmt::format("{} opening: open, first answer, all indexed", which),
      fmt::format("{:.2f}, {:.2f}, {:.2f} s; RSS at the answer {}", number(opening, "open_seconds"),
                  number(opening, "first_answer_seconds"), number(opening, "caught_up_seconds"),
                  megabytes(opening.at("memory_opened").at("resident"))));
}

void add_measured(const json& measured, std::string& out) {
  add_opening("next", measured, out);
  add_memory("after the first answer", measured.at("memory_opened"), out);
  add_memory("after all searches", measured.at("memory_searched"), out);
  const json& stats = measured.at("stats");
  add_row(out, "RAM by stats", megabytes(stats.at("ram_bytes")));
  add_row(out, "on disk", megabytes(stats.at("disk_bytes")));
  for (const auto& [name, part] : stats.at("parts").items()) add_part(name, part, out);
}

}  // namespace

json per_tenant_figures(const json& figures) {
  if (!figures.contains("base") || !figures.contains("measured")) return {};
  const json& before = figures.at("base").at("memory_opened");
  const json& after = figures.at("measured").at("memory_opened");
  const double tenants =
      number(figures.at("measured").at("stats").at("parts").at("tiny"), "tenants");
  if (tenants == 0) return {};
  json grown;
  for (const char* kind : {"resident", "anonymous"}) {
    grown[std::string(kind) + "_per_tenant"] =
        (number(after, kind) - number(before, kind)) / tenants;
  }
  return grown;
}

std::string year_table(const json& figures) {
  std::string out =
      fmt::format("{}\n\n| what | figure |\n|---|---|\n", figures.at("machine").get<std::string>());
  if (figures.contains("load")) add_load(figures.at("load"), out);
  if (!figures.contains("measured")) return out;
  const json& measured = figures.at("measured");
  add_opening("first", figures.at("first_opening"), out);
  add_measured(measured, out);
  if (measured.at("stats").at("parts").contains("tiny")) add_per_tenant(figures, out);
  add_checks(measured, out);
  add_searches(measured, out);
  return out;
}

}  // namespace tulving::bench
