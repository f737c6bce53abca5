#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/cli/command.h"
#include "tools/cli/print/json_text.h"
#include "tools/cli/print/output.h"
#include "tulving/search.h"

namespace tulving::tools {

/// The arguments of `search`, as they stand on the command line.
struct SearchCommand {
  std::string tenant;
  std::vector<std::string> words;  ///< The text as plain words.
  std::string vector;
  std::string filter;
  std::string mode = "auto";
  std::string fusion = "minmax";
  std::string now;
  std::optional<double> deadline_ms;
  std::optional<double> recency_half_life_days;
  std::string queries;  ///< Batch mode: a file of queries, one a line.
  std::string vectors;  ///< Batch mode: row i is the embedding of query i.
  bool timings = false;
  SearchRequest request;  ///< What needs no reading: k, weights and so on.
};

/// Answers every line of --queries, in order.
Result<int> run_search_batch(const GlobalOptions& globals, const SearchCommand& command);

Result<SearchMode> parse_mode(const std::string& name);

/// A response's members: "results", "approximate" and what else was asked for.
ObjectText response_text(const SearchResponse& response, const SearchRequest& request);
void print_response(const SearchResponse& response);

/// A response and how long the search took, the call alone.
struct TimedResponse {
  SearchResponse response;
  double microseconds = 0;
};
Result<TimedResponse> timed_search(const Tenant& tenant, const SearchRequest& request);

/// The request that the options stand for, without text and vector.
Result<SearchRequest> request_of(const SearchCommand& command);

}  // namespace tulving::tools
