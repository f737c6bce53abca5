// The built-in embedder. Before anything is timed its vectors are held against those of the model
// as it was published (tests/embedding/reference): a wrong vector has no speed. Needs the model,
// see tools/scripts/install_use_lite.sh. With TULVING_DATA and TULVING_BENCH_RETRIEVAL, what
// finding evidence loses in bytes: recall@10 by vector alone of 997 questions, with the vectors of
// the data set, and with our own.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tulving/embedder.h"

namespace {

namespace fs = std::filesystem;
using tulving::Embedder;
using tulving::UseLitePrecision;
using Vectors = std::vector<float>;

constexpr std::size_t kDim = 512;
// Fifteen words, twenty pieces.
const std::string kSentence =
    "The quick brown fox jumps over the lazy dog while fifteen people watch it go.";

double dot(const float* a, const float* b) {
  double sum = 0;
  for (std::size_t i = 0; i < kDim; ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

Vectors embed(const Embedder& embedder, const std::vector<std::string>& texts) {
  Vectors all;
  for (std::size_t first = 0; first < texts.size(); first += 64) {
    const std::size_t last = std::min(texts.size(), first + 64);
    const std::vector<std::string_view> views(texts.begin() + static_cast<std::ptrdiff_t>(first),
                                              texts.begin() + static_cast<std::ptrdiff_t>(last));
    const Vectors rows = embedder.embed_documents(views).value();
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

/// What is wrong with the embedder; empty: nothing.
std::string wrong_with(const Embedder& embedder, UseLitePrecision precision) {
  const fs::path folder = fs::path(TULVING_SOURCE_DIR) / "tests/embedding/reference";
  std::ifstream text_file(folder / "texts.json");
  auto texts = nlohmann::json::parse(text_file).get<std::vector<std::string>>();
  Vectors expected(texts.size() * kDim);
  std::ifstream vector_file(folder / "vectors.f32", std::ios::binary);
  vector_file.read(reinterpret_cast<char*>(expected.data()),
                   static_cast<std::streamsize>(expected.size() * sizeof(float)));
  if (!vector_file) return "the reference cannot be read";
  texts.resize(100);  // The tests take all of them.
  const Vectors vectors = embed(embedder, texts);
  for (std::size_t at = 0; at < vectors.size(); at += kDim) {
    float worst = 0;
    for (std::size_t i = at; i < at + kDim; ++i) {
      worst = std::max(worst, std::abs(vectors[i] - expected[i]));
    }
    const double cosine = dot(&vectors[at], &expected[at]);
    if (precision == UseLitePrecision::kFloat ? worst > 1e-5F : cosine < 0.9985) {
      return "the vector of \"" + texts[at / kDim].substr(0, 60) + "\" is wrong";
    }
  }
  return {};
}

struct Checked {
  std::shared_ptr<const Embedder> embedder;
  std::string wrong;
};

const Checked& checked(UseLitePrecision precision) {
  static std::map<UseLitePrecision, Checked> all;
  const auto [found, is_new] = all.try_emplace(precision);
  if (!is_new) return found->second;
  const auto file = tulving::find_model("use-lite");
  auto opened = file ? tulving::open_use_lite(*file, precision) : file.error();
  if (opened) {
    found->second.embedder = *opened;
    found->second.wrong = wrong_with(**opened, precision);
  } else {
    found->second.wrong = opened.error().message;
  }
  return found->second;
}

/// Null where it cannot be timed, which is then said.
const Embedder* embedder_of(benchmark::State& state) {
  const auto precision = state.range(0) == 0 ? UseLitePrecision::kFloat : UseLitePrecision::kInt8;
  state.SetLabel(state.range(0) == 0 ? "floats" : "bytes");
  const Checked& it = checked(precision);
  if (it.wrong.empty()) return it.embedder.get();
  state.SkipWithError(it.wrong.c_str());
  return nullptr;
}

void BM_Sentence(benchmark::State& state) {
  const Embedder* const embedder = embedder_of(state);
  if (embedder == nullptr) return;
  for (auto _ : state) benchmark::DoNotOptimize(embedder->embed_query(kSentence));
}

void BM_ManySentences(benchmark::State& state) {
  const Embedder* const embedder = embedder_of(state);
  if (embedder == nullptr) return;
  const std::vector<std::string_view> texts(64, kSentence);
  for (auto _ : state) benchmark::DoNotOptimize(embedder->embed_documents(texts));
  state.SetItemsProcessed(state.iterations() * 64);
}

void BM_LongText(benchmark::State& state) {  // As long as is read: 128 pieces.
  const Embedder* const embedder = embedder_of(state);
  if (embedder == nullptr) return;
  std::string text;
  while (text.size() < 1'000) text += kSentence + ' ';
  for (auto _ : state) benchmark::DoNotOptimize(embedder->embed_query(text));
}

void BM_Pieces(benchmark::State& state) {
  const Embedder* const embedder = embedder_of(state);
  if (embedder == nullptr) return;
  for (auto _ : state) benchmark::DoNotOptimize(embedder->length_of(kSentence));
}

void BM_Open(benchmark::State& state) {
  if (embedder_of(state) == nullptr) return;
  const fs::path file = tulving::find_model("use-lite").value();
  const auto precision = state.range(0) == 0 ? UseLitePrecision::kFloat : UseLitePrecision::kInt8;
  for (auto _ : state) benchmark::DoNotOptimize(tulving::open_use_lite(file, precision));
}

std::vector<nlohmann::json> lines_of(const fs::path& file) {
  std::vector<nlohmann::json> lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

Vectors fvecs_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  Vectors all, row(kDim);
  for (std::int32_t dim = 0; stream.read(reinterpret_cast<char*>(&dim), sizeof dim);) {
    if (dim != std::int32_t{kDim}) return {};
    stream.read(reinterpret_cast<char*>(row.data()), kDim * sizeof(float));
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

struct DataSet {
  std::vector<std::string> texts, ids, tenants, queries, query_tenants;
  std::vector<std::set<std::string>> relevant;
};

DataSet read_data(const fs::path& folder) {
  DataSet data;
  for (const auto& line : lines_of(folder / "records.jsonl")) {
    if (line.value("kind", "memory") != "memory") continue;
    data.texts.push_back(line.value("text", ""));
    data.ids.push_back(line.value("external_id", line.value("id", "")));
    data.tenants.push_back(line.at("tenant_id"));
  }
  std::map<std::string, std::set<std::string>> relevant;
  for (const auto& line : lines_of(folder / "qrels.jsonl")) {
    relevant[line.at("query_id")] = line.at("relevant").get<std::set<std::string>>();
  }
  for (const auto& line : lines_of(folder / "queries.jsonl")) {
    data.queries.push_back(line.at("text"));
    data.query_tenants.push_back(line.at("tenant_id"));
    data.relevant.push_back(relevant[line.at("query_id")]);
  }
  return data;
}

/// The share of what is relevant that is among the ten nearest of the tenant.
double recall_at_10(const DataSet& data, const Vectors& documents, const Vectors& queries) {
  double sum = 0;
  for (std::size_t q = 0; q < data.queries.size(); ++q) {
    std::vector<std::pair<double, std::size_t>> nearest;
    for (std::size_t d = 0; d < data.texts.size(); ++d) {
      if (data.tenants[d] != data.query_tenants[q]) continue;
      nearest.emplace_back(-dot(&documents[d * kDim], &queries[q * kDim]), d);
    }
    std::sort(nearest.begin(), nearest.end());
    nearest.resize(std::min<std::size_t>(nearest.size(), 10));
    double found = 0;
    for (const auto& [distance, d] : nearest)
      found += data.relevant[q].contains(data.ids[d]) ? 1 : 0;
    sum += found / static_cast<double>(std::max<std::size_t>(data.relevant[q].size(), 1));
  }
  return sum / static_cast<double>(data.queries.size());
}

void BM_Retrieval(benchmark::State& state) {
  const char* const root = std::getenv("TULVING_DATA");
  if (root == nullptr || std::getenv("TULVING_BENCH_RETRIEVAL") == nullptr) {
    return state.SkipWithError("TULVING_DATA or TULVING_BENCH_RETRIEVAL is not set");
  }
  const fs::path folder = fs::path(root) / "locomo-dev";
  const DataSet data = read_data(folder);
  Vectors documents = fvecs_of(folder / "records.fvecs");
  Vectors queries = fvecs_of(folder / "queries.fvecs");
  if (data.texts.empty() || documents.size() != data.texts.size() * kDim ||
      queries.size() != data.queries.size() * kDim) {
    return state.SkipWithError("there is no data set of 512 components");
  }
  for (auto _ : state) {
    state.counters["given"] = recall_at_10(data, documents, queries);
    for (const auto precision : {UseLitePrecision::kFloat, UseLitePrecision::kInt8}) {
      const Checked& it = checked(precision);
      if (!it.wrong.empty()) return state.SkipWithError(it.wrong.c_str());
      const Vectors ours = embed(*it.embedder, data.texts);
      const Vectors asked = embed(*it.embedder, data.queries);
      double least = 1;
      for (std::size_t at = 0; at < ours.size(); at += kDim) {
        least = std::min(least, dot(&ours[at], &documents[at]));
      }
      const std::string name = precision == UseLitePrecision::kFloat ? "floats" : "bytes";
      state.counters[name] = recall_at_10(data, ours, asked);
      state.counters[name + "_least_cosine"] = least;
    }
  }
}

BENCHMARK(BM_Sentence)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ManySentences)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_LongText)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Pieces)->Arg(1)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Open)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Retrieval)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
