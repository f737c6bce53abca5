// search: one query from the arguments.

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "tools/cli/commands/memories/search.h"
#include "tools/cli/transfer/fvecs.h"

namespace tulving::tools {

namespace {

Result<int> run_search(const GlobalOptions& globals, const SearchCommand& command) {
  if (!command.queries.empty()) return run_search_batch(globals, command);
  if (command.tenant.empty()) {
    return Error{ErrorCode::kInvalidArgument, "--tenant is needed"};
  }
  OperationCall call("search");
  call.text("tenant_id", command.tenant);
  if (auto status = add_search_options(call, command); !status) return status.error();
  if (command.request.text) call.text("text", *command.request.text);
  if (!command.words.empty()) {
    call.text("text", fmt::format("{}", fmt::join(command.words, " ")));
  }
  if (!command.vector.empty()) {
    auto vector = parse_vector(command.vector, "--vector");
    if (!vector) return vector.error();
    call.vector("vector", *std::move(vector));
  }
  return run_call(globals, call, {&print_response});
}

void add_what_options(CLI::App& command, SearchCommand& search) {
  command.add_option("--tenant", search.tenant, "The tenant")
      ->check(check_not_empty)
      ->envname("TULVING_TENANT")
      ->type_name("T");
  CLI::Option* text =
      command.add_option("--text", search.request.text, "Query words, as one argument")
          ->type_name("Q");
  CLI::Option* words =
      command
          .add_option("TEXT", search.words,
                      "Query words, as plain words; those that begin with - behind a --")
          ->type_name("")
          ->excludes(text);
  CLI::Option* vector =
      command.add_option("--vector", search.vector, "Query embedding: 0.1,0.2,...")
          ->check(check_not_empty)
          ->type_name("FLOATS");
  CLI::Option* queries =
      command
          .add_option("--queries", search.queries,
                      "Answer each line of this file: query_id, tenant_id, text, k, filter, mode")
          ->check(check_not_empty)
          ->type_name("JSONL")
          ->excludes(text)
          ->excludes(words)
          ->excludes(vector);
  command.add_option("--vectors", search.vectors, "Query embeddings: row i belongs to query i")
      ->check(check_not_empty)
      ->type_name("FVECS")
      ->needs(queries);
  command.add_option("--model", search.request.model, "Embedding model of the query")
      ->check(check_not_empty)
      ->type_name("NAME");
  command.add_option("--k", search.request.k, "Results at most, 1..10000")->capture_default_str();
  command.add_option("--filter", search.filter, "Only memories it lets through")
      ->check(check_not_empty)
      ->type_name("JSON");
  command.add_option("--mode", search.mode, "auto, hybrid, vector, text or recent")
      ->capture_default_str();
  command.add_flag("--include-archived", search.request.include_archived, "Archived ones too");
  command.add_flag("--include-deleted", search.request.include_deleted, "Forgotten ones too");
  command.add_flag("--include-expired", search.request.include_expired, "Expired ones too");
}

void add_how_options(CLI::App& command, SearchCommand& search) {
  SearchRequest& request = search.request;
  command.add_option("--fusion", search.fusion, "minmax or rrf")->capture_default_str();
  command.add_option("--vector-weight", request.vector_weight,
                     "Of the vector's part; default: by how much it tells apart");
  command.add_option("--text-weight", request.text_weight, "Of the text's part; likewise");
  command
      .add_option("--context-weight", request.context_weight,
                  "Share of its neighbours' relevance that a conversation's turn gets, 0..1")
      ->capture_default_str();
  command.add_option("--decay-weight", request.blend.decay, "Blend in the decay score, 0..1");
  command.add_option("--priority-weight", request.blend.priority, "Blend in the priority, 0..1");
  command.add_option("--recency-weight", request.blend.recency, "Blend in the recency, 0..1");
  command.add_option("--recency-half-life-days", search.recency_half_life_days, "Default: 30");
  command.add_option("--mmr", request.mmr_lambda,
                     "Maximal marginal relevance: 0 (diverse) .. 1 (relevant)");
  command.add_flag("--exact", request.exact, "Scan every vector");
  command.add_option("--ef", request.ef_search, "Width of the graph walk; 0: the store's");
  command.add_flag("--touch", search.touch, "Reinforce what is found");
  command.add_flag("--explain", request.explain, "Show each score's parts and the plan");
  command.add_option("--now", search.now, "The clock for decay, recency and expiry")
      ->check(check_not_empty)
      ->type_name("RFC3339");
  command.add_option("--deadline-ms", search.deadline_ms, "Return what is found by then");
  command.add_flag("--timings", search.timings, "Show the microseconds of each search");
}

}  // namespace

Status add_search_options(OperationCall& call, const SearchCommand& command) {
  const SearchRequest& request = command.request;
  call.text_if_any("model", request.model)
      .number("k", request.k)
      .text("mode", command.mode)
      .flag("include_archived", request.include_archived)
      .flag("include_deleted", request.include_deleted)
      .flag("include_expired", request.include_expired)
      .text("fusion", command.fusion, "--fusion")
      .number("vector_weight", request.vector_weight)
      .number("text_weight", request.text_weight)
      .number("context_weight", request.context_weight)
      .number("decay_weight", request.blend.decay)
      .number("priority_weight", request.blend.priority)
      .number("recency_weight", request.blend.recency)
      .number("recency_half_life_days", command.recency_half_life_days)
      .number("mmr_lambda", request.mmr_lambda)
      .flag("exact", request.exact)
      .number("ef_search", request.ef_search)
      .flag("touch", command.touch)
      .flag("explain", request.explain)
      .text_if_any("now", command.now, "--now")
      .number("deadline_ms", command.deadline_ms)
      .flag("timings", command.timings);
  return add_filter(call, command.filter);
}

void add_search_command(const CommandLine& line) {
  auto search = std::make_shared<SearchCommand>();
  CLI::App* command =
      add_command(line.app, line, "search", "Finds memories by text, vector, both, or recency",
                  search, run_search);
  add_what_options(*command, *search);
  add_how_options(*command, *search);
}

}  // namespace tulving::tools
