#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/cli/call/run_call.h"
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
  bool touch = false;
  bool timings = false;
  SearchRequest request;  ///< What needs no reading: k, weights and so on.
};

/// Gives the call what holds for one search as for many: all but tenant, text and vector.
Status add_search_options(OperationCall& call, const SearchCommand& command);

/// Answers every line of --queries, in order.
Result<int> run_search_batch(const GlobalOptions& globals, const SearchCommand& command);

}  // namespace tulving::tools
