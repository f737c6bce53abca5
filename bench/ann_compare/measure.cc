#include "bench/ann_compare/measure.h"

#include <fmt/core.h>
#include <malloc.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>
#include <thread>

namespace tulving::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kRecallEnough = 0.9992;
constexpr double kRecallOfInterest = 0.85;
constexpr std::size_t kNoGainMax =
    3;                               // Widths that find no more than the one before: it is the end.
constexpr std::size_t kWarmUps = 3;  // Untimed: the engine before has had the caches.

clockid_t clock_of_searches = CLOCK_MONOTONIC;

std::size_t resident_bytes() {
  malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// Widths whose recalls cover what is asked for, with the last below it.
std::vector<Point> recalls_of(Engine& engine, const Dataset& data,
                              const std::vector<std::uint32_t>& given) {
  std::vector<std::uint32_t> efforts = given;
  if (given.empty()) {
    efforts = {10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048};
  }
  std::vector<Point> points;
  std::size_t no_gain = 0;
  for (const std::uint32_t effort : efforts) {
    if (effort > data.rows()) break;
    const double recall = recall_of(engine, data, effort);
    no_gain = !points.empty() && recall <= points.back().recall ? no_gain + 1 : 0;
    points.push_back({.effort = effort, .recall = recall});
    if (given.empty() && (recall >= kRecallEnough || no_gain == kNoGainMax)) break;
  }
  while (given.empty() && points.size() > 2 && points[1].recall < kRecallOfInterest) {
    points.erase(points.begin());
  }
  return points;
}

/// One engine at one width, and its times.
struct Task {
  Engine* engine = nullptr;
  Point* point = nullptr;
  std::vector<double> times;
  std::vector<tools::Percentiles> rounds;
};

void run_block(Task& task, const Dataset& data, std::size_t begin, std::size_t end) {
  RowList found;
  for (std::size_t i = 0; i < kWarmUps; ++i) {
    const std::size_t before = (begin + data.queries.size() - 1 - i) % data.queries.size();
    timed_search(*task.engine, data.queries[before], data.k, task.point->effort, found);
  }
  for (std::size_t q = begin; q < end; ++q) {
    task.times.push_back(
        timed_search(*task.engine, data.queries[q], data.k, task.point->effort, found));
  }
}

void run_rounds(std::vector<Task>& tasks, const Dataset& data, const MeasureOptions& options) {
  std::mt19937 random(1);
  std::vector<Task*> order;
  for (Task& task : tasks) order.push_back(&task);
  for (std::size_t round = 0; round < options.rounds; ++round) {
    for (std::size_t begin = 0; begin < data.queries.size(); begin += options.block) {
      std::ranges::shuffle(order, random);
      const std::size_t end = std::min(begin + options.block, data.queries.size());
      for (Task* task : order) run_block(*task, data, begin, end);
    }
    for (Task& task : tasks) {
      task.rounds.push_back(tools::percentiles(std::move(task.times)));
      task.times.clear();
    }
    fmt::print(stderr, "round {} of {}\n", round + 1, options.rounds);
  }
}

void bind_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) {
    fmt::print(stderr, "cannot bind to processor {}\n", cpu);
    std::exit(1);
  }
}

}  // namespace

void use_cpu_time(bool cpu_time) {
  clock_of_searches = cpu_time ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
}

double now_microseconds() {
  timespec now = {};
  clock_gettime(clock_of_searches, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

int default_cpu() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  int last = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) last = cpu;
  }
  return last;
}

void keep_off(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  if (CPU_COUNT(&set) < 2) return;
  CPU_CLR(static_cast<std::size_t>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

void on_cpu(int cpu, const std::function<void()>& work) {
  const int taken = cpu >= 0 ? cpu : default_cpu();
  std::jthread thread([&] {
    bind_to(taken);
    work();
  });
}

Built build_engine(const EngineKind& kind, const Dataset& data, std::size_t spare,
                   unsigned threads) {
  Built built;
  const std::size_t before = resident_bytes();
  built.engine = kind.make(data.dim);
  built.threads = std::min(threads, built.engine->build_threads_max());
  fmt::print(stderr, "building {}, threads {} ...", built.engine->name(), built.threads);
  const auto begin = Clock::now();
  built.engine->build(data.base, spare, built.threads);
  built.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const std::size_t after = resident_bytes();
  built.rss_bytes = after > before ? after - before : 0;
  fmt::print(stderr, " {:.1f} s\n", built.seconds);
  return built;
}

double timed_search(Engine& engine, std::span<const float> query, std::uint32_t k,
                    std::uint32_t effort, RowList& found) {
  found.clear();
  const double begin = now_microseconds();
  engine.search(query, k, effort, found);
  return now_microseconds() - begin;
}

double recall_of(Engine& engine, const Dataset& data, std::uint32_t effort) {
  std::size_t hits = 0;
  RowList found;
  for (std::size_t q = 0; q < data.queries.size(); ++q) {
    found.clear();
    engine.search(data.queries[q], data.k, effort, found);
    if (found.size() > data.k) return 0;  // Not an answer of k.
    hits += data.hits(found, q, data.kth_cosine[q]);
  }
  return static_cast<double>(hits) / static_cast<double>(data.queries.size() * data.k);
}

std::vector<Curve> measure_curves(const std::vector<Built>& engines, const Dataset& data,
                                  const MeasureOptions& options) {
  std::vector<Curve> curves;
  for (const Built& built : engines) {
    curves.push_back({.engine = built.engine->name(),
                      .build_note = built.engine->build_note(),
                      .points = recalls_of(*built.engine, data, options.efforts)});
    fmt::print(stderr, "{}: recall {:.4f} to {:.4f}\n", curves.back().engine,
               curves.back().points.front().recall, curves.back().points.back().recall);
  }
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < engines.size(); ++i) {
    for (Point& point : curves[i].points) {
      tasks.push_back(
          {.engine = engines[i].engine.get(), .point = &point, .times = {}, .rounds = {}});
    }
  }
  on_cpu(options.cpu, [&] { run_rounds(tasks, data, options); });
  for (Task& task : tasks) task.point->latency = median_of_rounds(task.rounds);
  return curves;
}

}  // namespace tulving::bench
