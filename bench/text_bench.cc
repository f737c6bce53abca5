// Indexing and searching texts by words. One thread, seed 42. Texts are made, as none may be
// shipped: words of letters drawn by Zipf's law (exponent 1) from a vocabulary of 50,000, every
// other word an English stop word, with capitals, plurals and punctuation, about 500 bytes each;
// queries are six to ten words, half of them stop words. What a search returns is compared with
// BM25 of each text's best passage worked out in double before anything is timed: a wrong answer
// has no speed.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/text_corpus.h"
#include "index/text/text_arm.h"

namespace {

using tulving::bench::Texts;
using tulving::index::TextIndex;

struct Corpus {
  std::vector<std::string> texts, queries;
  TextIndex index;
  std::string wrong;  // what was found wrong with the index's answers
};

using Terms = std::vector<std::string>;

/// Windows of 40 terms, each beginning 20 after the one before; a text of up to 40 is one.
std::vector<Terms> passages_of(const Terms& terms) {
  std::vector<Terms> passages;
  std::size_t at = 0;
  do {
    const auto begin = terms.begin() + static_cast<std::ptrdiff_t>(at);
    passages.emplace_back(
        begin, begin + static_cast<std::ptrdiff_t>(std::min<std::size_t>(40, terms.size() - at)));
    at += 20;
  } while (at + 20 < terms.size());
  return passages;
}

/// BM25 of every text's best passage, by the book (index/text/bm25.cc).
std::vector<double> scores_by_the_book(const std::vector<Terms>& documents,
                                       const std::string& query) {
  const tulving::Bm25Params params;
  const double k1 = params.k1, b = params.b, n = static_cast<double>(documents.size());
  double average = 0.0;
  for (const auto& terms : documents) {
    average += static_cast<double>(std::min<std::size_t>(40, terms.size())) / n;
  }
  const Terms asked = tulving::index::analyze(query);
  std::map<std::string, double> idfs;
  for (const std::string& term : asked) {
    const auto df = static_cast<double>(std::ranges::count_if(
        documents, [&](const Terms& terms) { return std::ranges::count(terms, term) > 0; }));
    idfs[term] = std::log(1.0 + (n - df + 0.5) / (df + 0.5));
  }
  std::vector<double> scores;
  for (const Terms& document : documents) {
    const auto passages = passages_of(document);
    // Passages of a long text count as full ones, and as longer by the fourth root of their number.
    const double full = passages.size() == 1 ? static_cast<double>(document.size()) : 40.0;
    const double length = full * std::pow(static_cast<double>(passages.size()), 0.25) / average;
    double best = 0.0;
    for (const Terms& passage : passages) {
      double sum = 0.0;
      for (const std::string& term : asked) {
        const auto times = static_cast<double>(std::ranges::count(passage, term));
        sum += idfs[term] * times / (times + k1 * (1.0 - b + b * length));
      }
      best = std::max(best, sum);
    }
    scores.push_back(best);
  }
  return scores;
}

tulving::index::TextMatches search(const TextIndex& index, const tulving::index::TextQuery& query) {
  return tulving::index::TextArm(index, query).best(10);
}

std::string first_difference(const Corpus& corpus) {
  std::vector<std::vector<std::string>> documents;
  for (const auto& text : corpus.texts) documents.push_back(tulving::index::analyze(text));
  for (std::size_t q = 0; q < 5; ++q) {
    auto expected = scores_by_the_book(documents, corpus.queries[q]);
    for (const auto& hit : search(corpus.index, {.text = corpus.queries[q]}).rows) {
      const auto best = std::ranges::max_element(expected);
      if (std::abs(hit.score - *best) > 1e-5 * *best ||
          std::abs(hit.score - expected[hit.row]) > 1e-5 * *best) {
        return "not the best rows for: " + corpus.queries[q];
      }
      expected[hit.row] = -1.0;
    }
  }
  return {};
}

Corpus& corpus_of(std::size_t count) {
  static std::map<std::size_t, std::unique_ptr<Corpus>> corpora;
  auto& corpus = corpora[count];
  if (corpus) return *corpus;
  corpus = std::make_unique<Corpus>();
  Texts texts;
  for (std::size_t i = 0; i < count; ++i) {
    corpus->texts.push_back(texts.text());
    corpus->index.set(static_cast<std::uint32_t>(i), corpus->texts.back());
  }
  for (int i = 0; i < 1000; ++i) corpus->queries.push_back(texts.query());
  corpus->wrong = first_difference(*corpus);
  return *corpus;
}

bool is_wrong(benchmark::State& state, const Corpus& corpus) {
  if (corpus.wrong.empty()) return false;
  state.SkipWithError(corpus.wrong.c_str());
  return true;
}

void BM_TextAnalyze(benchmark::State& state) {
  const Corpus& corpus = corpus_of(3000);
  std::size_t i = 0, bytes = 0;
  for (auto _ : state) {
    const auto& text = corpus.texts[i++ % corpus.texts.size()];
    bytes += text.size();
    benchmark::DoNotOptimize(tulving::index::analyze(text));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(BM_TextAnalyze);

/// Appends texts, all of which are new rows; the words are mostly known, as in a store in use.
void BM_TextSet(benchmark::State& state) {
  const Corpus& corpus = corpus_of(static_cast<std::size_t>(state.range(0)));
  std::unique_ptr<TextIndex> index;
  std::size_t next = corpus.texts.size();
  for (auto _ : state) {
    if (next == corpus.texts.size()) {
      state.PauseTiming();
      index = std::make_unique<TextIndex>();
      next = 0;
      state.ResumeTiming();
    }
    index->set(static_cast<std::uint32_t>(next), corpus.texts[next]);
    ++next;
  }
  state.SetItemsProcessed(state.iterations());
}

/// Replaces the text of random rows of a full index by another's.
void BM_TextReplace(benchmark::State& state) {
  const Corpus& corpus = corpus_of(static_cast<std::size_t>(state.range(0)));
  TextIndex index;
  for (std::size_t i = 0; i < corpus.texts.size(); ++i) {
    index.set(static_cast<std::uint32_t>(i), corpus.texts[i]);
  }
  std::mt19937 random(7);
  for (auto _ : state) {
    const auto row = static_cast<std::uint32_t>(random() % corpus.texts.size());
    index.set(row, corpus.texts[random() % corpus.texts.size()]);
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_TextSearch(benchmark::State& state) {
  const Corpus& corpus = corpus_of(static_cast<std::size_t>(state.range(0)));
  if (is_wrong(state, corpus)) return;
  std::size_t i = 0;
  std::uint64_t postings = 0;
  for (auto _ : state) {
    const auto found = search(corpus.index, {.text = corpus.queries[i++ % corpus.queries.size()]});
    postings += found.postings_read;
    benchmark::DoNotOptimize(found.rows.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["postings"] =
      benchmark::Counter(static_cast<double>(postings), benchmark::Counter::kAvgIterations);
  state.counters["bytes_per_text"] =
      static_cast<double>(corpus.index.bytes()) / static_cast<double>(corpus.texts.size());
}

/// The same with a bitmap that allows one row in range(1).
void BM_TextSearchFiltered(benchmark::State& state) {
  const Corpus& corpus = corpus_of(static_cast<std::size_t>(state.range(0)));
  if (is_wrong(state, corpus)) return;
  Roaring allowed;
  for (std::size_t row = 0; row < corpus.texts.size();
       row += static_cast<std::size_t>(state.range(1))) {
    allowed.add(static_cast<std::uint32_t>(row));
  }
  std::size_t i = 0;
  for (auto _ : state) {
    const auto found = search(
        corpus.index, {.text = corpus.queries[i++ % corpus.queries.size()], .allowed = &allowed});
    benchmark::DoNotOptimize(found.rows.data());
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_TextSave(benchmark::State& state) {
  const Corpus& corpus = corpus_of(static_cast<std::size_t>(state.range(0)));
  const auto file = std::filesystem::temp_directory_path() / "tulving_text_bench";
  for (auto _ : state) {
    if (!corpus.index.save(file, {.revision = 1})) state.SkipWithError("save failed");
  }
  std::filesystem::remove(file);
}

/// From the page cache: what is measured is checksums, checks and turning the lists round.
void BM_TextLoad(benchmark::State& state) {
  const Corpus& corpus = corpus_of(static_cast<std::size_t>(state.range(0)));
  const auto file = std::filesystem::temp_directory_path() / "tulving_text_bench";
  if (!corpus.index.save(file, {.revision = 1})) return state.SkipWithError("save failed");
  for (auto _ : state) {
    tulving::CheckpointOrigin origin;
    auto loaded = TextIndex::load(file, origin);
    if (!loaded || (*loaded)->documents() != corpus.texts.size()) {
      state.SkipWithError("load failed");
      break;
    }
    state.PauseTiming();
    *loaded = nullptr;
    state.ResumeTiming();
  }
  state.counters["file_bytes"] = static_cast<double>(std::filesystem::file_size(file));
  std::filesystem::remove(file);
}

/// TULVING_BENCH_N is the size of the large index: 100,000 for figures, 3,000 unless set.
std::int64_t large() {
  const char* const given = std::getenv("TULVING_BENCH_N");
  return given == nullptr ? 3000 : std::max<std::int64_t>(3000, std::atoll(given));
}

const bool kRegistered = [] {
  using benchmark::kMicrosecond, benchmark::kMillisecond, benchmark::RegisterBenchmark;
  std::vector<std::int64_t> sizes = {3000};
  if (large() > 3000) sizes.push_back(large());
  for (const std::int64_t n : sizes) {
    RegisterBenchmark("BM_TextSet", BM_TextSet)->ArgName("n")->Arg(n)->Unit(kMicrosecond);
    RegisterBenchmark("BM_TextReplace", BM_TextReplace)->ArgName("n")->Arg(n)->Unit(kMicrosecond);
    RegisterBenchmark("BM_TextSearch", BM_TextSearch)->ArgName("n")->Arg(n)->Unit(kMicrosecond);
    for (const std::int64_t one_in : {2, 100, 1000}) {
      RegisterBenchmark("BM_TextSearchFiltered", BM_TextSearchFiltered)
          ->ArgNames({"n", "one_in"})
          ->Args({n, one_in})
          ->Unit(kMicrosecond);
    }
    RegisterBenchmark("BM_TextSave", BM_TextSave)->ArgName("n")->Arg(n)->Unit(kMillisecond);
    RegisterBenchmark("BM_TextLoad", BM_TextLoad)->ArgName("n")->Arg(n)->Unit(kMillisecond);
  }
  return true;
}();

}  // namespace
