// A search over HTTP beside the same search by a call: what the way through the server costs. Then
// 32 connections at once, and the process's RAM over many requests. The server runs in this
// process, with one thread a socket; the clients are one thread. Correctness first: both answers
// are the same JSON.
//
// On one core means: the thread that serves is pinned to the first processor, and the clients' to
// the second, where there is one.

#include <benchmark/benchmark.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bench/corpus.h"
#include "tools/serve/site/site.h"

namespace tulving::bench {
namespace {

constexpr std::size_t kMemories = 2000;
constexpr const char* kArguments = R"({"text":"the garden in the morning","k":10})";
constexpr const char* kSmall = R"({"id":"m7"})";

void pin(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  sched_setaffinity(0, sizeof set, &set);
}

/// A tenant of 2,000 memories with texts, served on a unix socket.
class Served {
 public:
  Served() {
    auto store = Store::open_in_memory();
    if (!store) std::abort();
    auto tenant = store->tenant("t");
    TextSource texts(42);
    for (std::size_t i = 0; i < kMemories; ++i) {
      Memory memory;
      memory.external_id = "m" + std::to_string(i);
      memory.text = texts.next(300);
      if (i % 50 == 0) memory.text += " The garden in the morning.";
      if (!tenant->add(memory)) std::abort();
    }
    path_ = std::filesystem::temp_directory_path() /
            ("tulving-bench-serve-" + std::to_string(getpid()));
    serve::SiteOptions options;
    options.has_tcp = false;
    options.socket = path_;
    options.http.threads = 1;
    pin(0);  // Its threads inherit it.
    auto site = serve::Site::start(Service(*std::move(store)), options);
    if (!site) std::abort();
    site_ = *std::move(site);
    pin(sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 1 : 0);
  }

  [[nodiscard]] const std::string& path() const { return path_; }

  static Served& get() {
    static Served served;
    return served;
  }

 private:
  std::string path_;
  std::unique_ptr<serve::Site> site_;
};

std::string request(const char* operation, const std::string& body) {
  return "POST /v1/tenants/t/" + std::string(operation) +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

class Connection {
 public:
  Connection() : socket_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& path = Served::get().path();
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] int socket_number() const { return socket_; }
  void send(const std::string& bytes) {
    if (write(socket_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      std::abort();
    }
  }
  /// Takes what has come; true once the answer is whole, which is then in body().
  bool receive() {
    std::array<char, 65536> bytes;
    const ssize_t n = read(socket_, bytes.data(), bytes.size());
    if (n <= 0) std::abort();
    buffer_.append(bytes.data(), static_cast<std::size_t>(n));
    const std::size_t head = buffer_.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const std::size_t length = buffer_.find("Content-Length: ");
    const std::size_t size = std::strtoul(buffer_.c_str() + length + 16, nullptr, 10);
    if (buffer_.size() < head + 4 + size) return false;
    if (buffer_.compare(0, 12, "HTTP/1.1 200") != 0) std::abort();
    body_ = buffer_.substr(head + 4, size);
    buffer_.clear();
    return true;
  }
  const std::string& ask(const std::string& bytes) {
    send(bytes);
    while (!receive()) {
    }
    return body_;
  }

 private:
  const int socket_;
  std::string buffer_, body_;
};

void report(benchmark::State& state, std::vector<double>& microseconds) {
  std::ranges::sort(microseconds);
  const auto at = [&](std::size_t percent) {
    return microseconds[microseconds.size() * percent / 100];
  };
  state.counters["p50_us"] = at(50);
  state.counters["p99_us"] = at(99);
}

template <class Ask>
void measure(benchmark::State& state, const Ask& ask) {
  std::vector<double> microseconds;
  for (auto _ : state) {
    const auto began = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(ask());
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
    microseconds.push_back(took.count());
  }
  report(state, microseconds);
}

/// The same store for direct calls: another one of the same memories.
Service& direct() {
  static Service service = [] {
    auto store = Store::open_in_memory();
    if (!store) std::abort();
    auto tenant = store->tenant("t");
    TextSource texts(42);
    for (std::size_t i = 0; i < kMemories; ++i) {
      Memory memory;
      memory.external_id = "m" + std::to_string(i);
      memory.text = texts.next(300);
      if (i % 50 == 0) memory.text += " The garden in the morning.";
      if (!tenant->add(memory)) std::abort();
    }
    return Service(*std::move(store));
  }();
  return service;
}

std::string call(const char* operation, const char* arguments) {
  auto answer = direct().call({"t"}, {.operation = operation, .arguments = arguments});
  if (!answer) std::abort();
  return answer->json;
}

/// How many results an answer has: ids and times of two stores differ.
std::size_t results_in(const std::string& answer) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = answer.find("\"score\":", at)) != std::string::npos; ++at) ++count;
  return count;
}

void direct_search(benchmark::State& state) {
  measure(state, [] { return call("search", kArguments); });
}

void unix_socket_search(benchmark::State& state) {
  Connection connection;
  const std::string bytes = request("search", kArguments);
  if (results_in(connection.ask(bytes)) != results_in(call("search", kArguments))) {
    state.SkipWithError("the server answers otherwise than the call");
  }
  measure(state, [&] { return connection.ask(bytes).size(); });
}

void unix_socket_add(benchmark::State& state) {
  Connection connection;
  std::size_t number = 0;
  measure(state, [&] {
    const std::string name = "added " + std::to_string(++number);
    return connection
        .ask(request("memory/add",
                     R"({"memory":{"memory_type":"conversation","text":")" + name + R"("}})"))
        .size();
  });
}

/// Every connection has a request under way.
void requests_of_many(benchmark::State& state) {
  const auto many = static_cast<std::size_t>(state.range(0));
  std::vector<std::unique_ptr<Connection>> connections;
  std::vector<pollfd> waiting;
  for (std::size_t i = 0; i < many; ++i) {
    connections.push_back(std::make_unique<Connection>());
    waiting.push_back({connections.back()->socket_number(), POLLIN, 0});
  }
  const std::string bytes = request("memory/get", kSmall);
  for (const auto& connection : connections) connection->send(bytes);
  std::int64_t answered = 0;
  const auto began = std::chrono::steady_clock::now();
  for (auto _ : state) {
    poll(waiting.data(), waiting.size(), -1);
    for (std::size_t i = 0; i < many; ++i) {
      if ((waiting[i].revents & POLLIN) == 0 || !connections[i]->receive()) continue;
      ++answered;
      connections[i]->send(bytes);
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  state.counters["requests_per_second"] = static_cast<double>(answered) / took.count();
  for (const auto& connection : connections) {
    while (!connection->receive()) {
    }
  }
}

double resident_kib() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  in >> all >> resident;
  return static_cast<double>(resident) * 4;
}

/// Requests of a few kinds, every hundredth on a connection of its own, after a twentieth as many
/// that fill what is kept.
void ram_over_requests(benchmark::State& state) {
  const std::vector<std::string> kinds = {
      request("memory/get", kSmall), request("search", kArguments),
      request("memory/list", R"({"limit":1})"),
      "GET /v1/tenants/t/memory/get?id=m9 HTTP/1.1\r\nHost: localhost\r\n\r\n"};
  auto connection = std::make_unique<Connection>();
  const auto ask = [&](std::int64_t requests) {
    for (std::int64_t i = 0; i < requests; ++i) {
      if (i % 100 == 0) connection = std::make_unique<Connection>();
      connection->ask(kinds[static_cast<std::size_t>(i) % kinds.size()]);
    }
  };
  for (auto _ : state) {
    ask(state.range(0) / 20);
    const double before = resident_kib();
    ask(state.range(0));
    state.counters["grown_kib"] = resident_kib() - before;
  }
}

BENCHMARK(direct_search);
BENCHMARK(unix_socket_search)->UseRealTime();
BENCHMARK(unix_socket_add)->UseRealTime();
BENCHMARK(requests_of_many)->Arg(1)->Arg(32)->UseRealTime();
BENCHMARK(ram_over_requests)  // TULVING_BENCH_N=200000 for the figure.
    ->Arg(static_cast<std::int64_t>(size_from_environment(2'000)))
    ->Iterations(1)
    ->UseRealTime();

}  // namespace
}  // namespace tulving::bench
