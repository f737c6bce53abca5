// Indexing and searching texts by words. One thread, seed 42. Texts are made, as none may be
// shipped: words of letters drawn by Zipf's law (exponent 1) from a vocabulary of 50,000, every
// other word an English stop word, with capitals, plurals and punctuation, about 500 bytes each;
// queries are six to ten words, half of them stop words. What a search returns is compared with
// BM25 of each text's best passage worked out in double before anything is timed: a wrong answer
// has no speed. BM_TextYear asks a large index (TULVING_BENCH_YEAR texts of 10 to 150 words, 80 on
// average) for two to five words of one band of frequency, and states percentiles of the thread's
// CPU time; its answers are compared with every row's score, looked up one by one.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "index/text/text_arm.h"
#include "index/top_rows.h"

namespace {

using tulving::index::TextIndex;

constexpr std::size_t kTextBytes = 500;

class Texts {
 public:
  Texts() : random_(42) {
    for (std::size_t i = 0; i < kVocabulary; ++i) {
      words_.push_back(made_word());
      weights_.push_back(1.0 / static_cast<double>(i + 1));
    }
    zipf_ = std::discrete_distribution<std::size_t>(weights_.begin(), weights_.end());
  }

  std::string text(std::size_t bytes = kTextBytes) {
    std::string text;
    while (text.size() < bytes) text += word() + separator();
    return text;
  }
  /// Of any length from a line to twice the usual.
  std::string text_of_any_length() { return text(60 + random_() % (2 * kTextBytes - 120)); }
  std::string query() {
    std::string text;
    for (auto words = 6 + random_() % 5; words > 0; --words) text += word() + " ";
    return text;
  }
  /// Two to five words among those that are the `first` to `last` in frequency.
  std::string query_of_band(std::size_t first, std::size_t last) {
    std::string text;
    for (auto words = 2 + random_() % 4; words > 0; --words) {
      text += words_[first + random_() % (last - first)] + " ";
    }
    return text;
  }

  static constexpr std::size_t kVocabulary = 50'000;

 private:
  std::string made_word() {
    static constexpr std::string_view kSyllables[] = {"ba", "ren", "to", "mi",  "sal", "ku", "der",
                                                      "vo", "lin", "pa", "tor", "ne",  "ga", "shi"};
    std::string word;
    for (auto n = 2 + random_() % 3; n > 0; --n) word += kSyllables[random_() % 14];
    return word;
  }
  std::string word() {
    static constexpr std::string_view kStopWords[] = {
        "the", "and", "of", "I", "you", "was", "it", "that", "for", "with", "they", "about"};
    if (random_() % 2 == 0) return std::string(kStopWords[random_() % 12]);
    std::string word = words_[zipf_(random_)];
    if (random_() % 8 == 0) word[0] = static_cast<char>(word[0] - 'a' + 'A');
    if (random_() % 6 == 0) word += random_() % 2 == 0 ? "s" : "ing";
    return word;
  }
  std::string separator() {
    const auto roll = random_() % 20;
    return roll == 0 ? ". " : roll == 1 ? ", " : roll == 2 ? "'s " : " ";
  }

  std::mt19937_64 random_;
  std::vector<std::string> words_;
  std::vector<double> weights_;
  std::discrete_distribution<std::size_t> zipf_;
};

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

/// A year's texts. They are not kept.
struct Year {
  Texts texts;
  TextIndex index;
};

Year& year_of(std::size_t count) {
  static std::unique_ptr<Year> year;
  if (year == nullptr || year->index.documents() != count) {
    year = nullptr;
    year = std::make_unique<Year>();
    for (std::size_t i = 0; i < count; ++i) {
      year->index.set(static_cast<std::uint32_t>(i), year->texts.text_of_any_length());
    }
  }
  return *year;
}

/// Words by how often they occur: the n-th is in about 3.5 / n of the places of a text.
constexpr struct {
  const char* name;
  std::size_t first, last;
} kBands[] = {{"most_frequent", 0, 10},
              {"frequent", 10, 100},
              {"middling", 100, 1000},
              {"rare", 1000, Texts::kVocabulary},
              {"any", 0, Texts::kVocabulary}};

/// Whether best() finds what ranking all rows finds.
bool is_right(const TextIndex& index, const std::string& query, std::uint32_t k) {
  tulving::index::TextArm arm(index, {.text = query});
  const auto found = arm.best(k).rows;
  std::vector<std::uint32_t> rows(index.documents());
  for (std::uint32_t row = 0; row < rows.size(); ++row) rows[row] = row;
  std::vector<float> scores(rows.size());
  tulving::index::TextArm(index, {.text = query}).score(rows, scores);
  tulving::index::TopRows best(k);
  for (const std::uint32_t row : rows) {
    if (scores[row] > 0.0F) best.offer({row, scores[row]});
  }
  return best.take() == found;
}

double thread_cpu_us() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

double percentile(std::vector<double>& times, double share) {
  const auto at =
      times.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(times.size() - 1));
  std::nth_element(times.begin(), at, times.end());
  return *at;
}

void BM_TextYear(benchmark::State& state) {
  Year& year = year_of(static_cast<std::size_t>(state.range(0)));
  const auto& band = kBands[state.range(1)];
  const auto k = static_cast<std::uint32_t>(state.range(2));
  std::vector<std::string> queries;
  for (int i = 0; i < 500; ++i) queries.push_back(year.texts.query_of_band(band.first, band.last));
  for (std::size_t i = 0; i < 3; ++i) {
    if (!is_right(year.index, queries[i], k)) return state.SkipWithError("not the best rows");
  }
  std::vector<double> times;
  std::uint64_t postings = 0;
  for (auto _ : state) {
    for (const std::string& query : queries) {
      const double begin = thread_cpu_us();
      tulving::index::TextArm arm(year.index, {.text = query});
      const auto found = arm.best(k);
      benchmark::DoNotOptimize(found.rows.data());
      times.push_back(thread_cpu_us() - begin);
      postings += found.postings_read;
    }
  }
  state.SetLabel(band.name);
  state.counters["p50_us"] = percentile(times, 0.50);
  state.counters["p99_us"] = percentile(times, 0.99);
  state.counters["postings"] = static_cast<double>(postings) / static_cast<double>(times.size());
  state.counters["bytes_per_text"] =
      static_cast<double>(year.index.bytes()) / static_cast<double>(year.index.documents());
}

/// TULVING_BENCH_YEAR is the size of the year's index: 3,000 unless set.
std::int64_t year_size() {
  const char* const given = std::getenv("TULVING_BENCH_YEAR");
  return given == nullptr ? 3000 : std::max<std::int64_t>(3000, std::atoll(given));
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
  for (std::int64_t band = 0; band < static_cast<std::int64_t>(std::size(kBands)); ++band) {
    for (const std::int64_t k : {10, 400}) {
      RegisterBenchmark("BM_TextYear", BM_TextYear)
          ->ArgNames({"n", "band", "k"})
          ->Args({year_size(), band, k})
          ->Iterations(1)
          ->Unit(kMillisecond);
    }
  }
  return true;
}();

}  // namespace
