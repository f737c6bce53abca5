// The C++ half of search_speed.py: opens a store that it made, and answers each line of input, an
// arm, by the microseconds of a search for each memory of a list, on one line. A query is the
// memory's own vector, its own text, or both, and the memory must be found first.

#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "tulving/store.h"

namespace {

using tulving::SearchRequest;
using Clock = std::chrono::steady_clock;

struct Query {
  tulving::Uuid id;
  std::string text;
  std::vector<float> vector;
};

[[noreturn]] void fail(const std::string& why) {
  std::cerr << "search_peer: " << why << "\n";
  std::exit(1);
}

template <class T>
T value_of(tulving::Result<T> result) {
  if (!result) fail(result.error().message);
  return *std::move(result);
}

std::vector<Query> queries_of(const tulving::Tenant& tenant, const char* ids) {
  std::vector<Query> queries;
  std::ifstream file(ids);
  for (std::string line; std::getline(file, line);) {
    const auto id = tulving::Uuid::parse(line);
    if (!id) fail("no id: " + line);
    const tulving::Memory memory = value_of(tenant.get(*id, /*with_embeddings=*/true));
    queries.push_back({memory.id, memory.text, memory.embeddings.at(0).vector});
  }
  return queries;
}

double time(const tulving::Tenant& tenant, const std::string& arm, const Query& query) {
  const auto begin = Clock::now();
  SearchRequest request;
  if (arm != "vector") request.text = query.text;
  if (arm != "text") request.vector = query.vector;
  const auto response = tenant.search(request);
  const std::chrono::duration<double, std::micro> took = Clock::now() - begin;
  if (!response || response->hits.empty() || response->hits[0].memory.id() != query.id) {
    fail("a memory is not found first by its own " + arm);
  }
  return took.count();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) fail("usage: search_peer STORE FILE_OF_IDS");
  const tulving::Store store = value_of(tulving::Store::open(argv[1]));
  const tulving::Tenant tenant = value_of(store.tenant("bench"));
  store.wait_for_indexing();
  const std::vector<Query> queries = queries_of(tenant, argv[2]);
  for (std::string arm; std::cin >> arm;) {
    for (const Query& query : queries) std::cout << time(tenant, arm, query) << ' ';
    std::cout << std::endl;
  }
}
