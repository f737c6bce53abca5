// A large index (TULVING_BENCH_YEAR texts of 10 to 150 words, 80 on average) is asked for two to
// five words of one band of frequency. States percentiles of the thread's CPU time; answers are
// first compared with every row's score, looked up one by one.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "bench/text_corpus.h"
#include "index/text/text_arm.h"
#include "index/top_rows.h"

namespace {

using tulving::bench::Texts;
using tulving::index::TextIndex;

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

const bool kRegistered = [] {
  using benchmark::kMillisecond, benchmark::RegisterBenchmark;
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
