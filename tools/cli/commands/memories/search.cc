// search: one query from the arguments.

#include "tools/cli/commands/memories/search.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <chrono>

#include "tools/cli/print/missing.h"
#include "tools/cli/transfer/fvecs.h"
#include "tulving/json.h"

namespace tulving::tools {

namespace {

Error not_one_of(const char* option, const std::string& value, const char* values) {
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("{} is \"{}\"; must be {}", option, value, values)};
}

Result<Fusion> parse_fusion(const std::string& name) {
  if (name == "minmax") return Fusion::kMinMax;
  if (name == "rrf") return Fusion::kRrf;
  return not_one_of("--fusion", name, "minmax or rrf");
}

std::string part(const std::optional<float>& value) {
  return value ? fmt::format("{:.4f}", *value) : "-";
}

/// Of a search by recency the time is the score.
std::string score_of(const SearchHit& hit) {
  return hit.time ? format_time(*hit.time) : fmt::format("{:.4f}", hit.score);
}

void print_explained(const SearchResponse& response) {
  // VECTOR + TEXT + CONTEXT = RELEVANCE; times DECAY, PRIORITY and RECENCY it is the SCORE.
  Table table({"SCORE", "COSINE", "BM25", "VECTOR", "TEXT", "CONTEXT", "RELEVANCE", "DECAY",
               "PRIORITY", "RECENCY", "ID"});
  for (const SearchHit& hit : response.hits) {
    const ScoreParts parts = hit.parts.value_or(ScoreParts{});
    table.add_row({score_of(hit), part(parts.cosine), part(parts.bm25), part(parts.vector_part),
                   part(parts.text_part), part(parts.context_part), part(parts.relevance),
                   part(parts.decay_factor), part(parts.priority_factor),
                   part(parts.recency_factor), name_of(hit.memory)});
  }
  table.print();
}

void print_plan(const SearchPlan& plan) {
  print_fields({{"vector", plan.vector_plan},
                {"text", plan.text_plan},
                {"vector weight", fmt::format("{:.2f}", plan.vector_weight)},
                {"text weight", fmt::format("{:.2f}", plan.text_weight)},
                {"matching", std::to_string(plan.matching)},
                {"vectors scored", std::to_string(plan.vectors_scored)},
                {"postings read", std::to_string(plan.postings_read)},
                {"clock", format_time(plan.now)},
                {"revision", std::to_string(plan.revision)}});
}

Result<int> run_search(const GlobalOptions& globals, const SearchCommand& command) {
  if (!command.queries.empty()) return run_search_batch(globals, command);
  if (command.tenant.empty()) {
    return Error{ErrorCode::kInvalidArgument, "--tenant is needed"};
  }
  auto request = request_of(command);
  if (!request) return request.error();
  if (!command.words.empty()) request->text = fmt::format("{}", fmt::join(command.words, " "));
  if (!command.vector.empty()) {
    auto vector = parse_vector(command.vector, "--vector");
    if (!vector) return vector.error();
    request->vector = *std::move(vector);
  }
  const Access access = request->touch ? Access::kWrite : Access::kRead;
  auto opened = open_tenant(globals, access, command.tenant);
  if (!opened) return opened.error();
  auto found = timed_search(opened->tenant, *request);
  if (!found) return found.error();
  if (request->touch) {
    if (auto closed = close_store(opened->store); !closed) return closed.error();
  }
  if (globals.json) {
    ObjectText json = response_text(found->response, *request);
    if (command.timings) json.set("microseconds", found->microseconds);
    print_json(json.done());
    return kDone;
  }
  print_response(found->response);
  if (command.timings) fmt::print("{:.0f} us\n", found->microseconds);
  return kDone;
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
  command.add_flag("--touch", request.touch, "Reinforce what is found");
  command.add_flag("--explain", request.explain, "Show each score's parts and the plan");
  command.add_option("--now", search.now, "The clock for decay, recency and expiry")
      ->check(check_not_empty)
      ->type_name("RFC3339");
  command.add_option("--deadline-ms", search.deadline_ms, "Return what is found by then");
  command.add_flag("--timings", search.timings, "Show the microseconds of each search");
}

}  // namespace

Result<SearchMode> parse_mode(const std::string& name) {
  if (const auto mode = parse_search_mode(name)) return *mode;
  return not_one_of("mode", name, "hybrid, vector, text, recent or auto");
}

Result<SearchRequest> request_of(const SearchCommand& command) {
  SearchRequest request = command.request;
  auto mode = parse_mode(command.mode);
  if (!mode) return mode.error();
  request.mode = *mode;
  auto fusion = parse_fusion(command.fusion);
  if (!fusion) return fusion.error();
  request.fusion = *fusion;
  if (!command.filter.empty()) {
    auto filter = parse_filter(command.filter);
    if (!filter) return filter.error();
    request.filter = *std::move(filter);
  }
  auto now = parse_moment(command.now, "--now");
  if (!now) return now.error();
  request.now = *now;
  // Bounded, so that the conversions below cannot overflow.
  if (command.deadline_ms) {
    if (!(*command.deadline_ms >= 0 && *command.deadline_ms <= 1e9)) {
      return Error{ErrorCode::kInvalidArgument, "--deadline-ms must be 0..1e9"};
    }
    request.deadline = std::chrono::microseconds(std::llround(*command.deadline_ms * 1000));
  }
  if (command.recency_half_life_days) {
    if (!(*command.recency_half_life_days > 0 && *command.recency_half_life_days <= 1e6)) {
      return Error{ErrorCode::kInvalidArgument, "--recency-half-life-days must be above 0, to 1e6"};
    }
    request.blend.recency_half_life =
        std::chrono::seconds(std::llround(*command.recency_half_life_days * 86400));
  }
  return request;
}

Result<TimedResponse> timed_search(const Tenant& tenant, const SearchRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  auto response = tenant.search(request);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  if (!response) return response.error();
  tell_missing_names(tenant, request.filter);
  tell_unsearchable(tenant, request, *response);
  return TimedResponse{*std::move(response), took.count()};
}

ObjectText response_text(const SearchResponse& response, const SearchRequest& request) {
  std::vector<JsonText> results;
  for (const SearchHit& hit : response.hits) results.push_back({to_json(hit)});
  ObjectText json;
  json.set("results", array_text(results)).set("approximate", response.approximate);
  if (request.deadline) json.set("partial", response.partial);
  if (response.text_unsearchable) json.set("text_unsearchable", true);
  if (response.vector_unsearchable) json.set("vector_unsearchable", true);
  if (response.plan) json.set("plan", JsonText{to_json(*response.plan)});
  return json;
}

void print_response(const SearchResponse& response) {
  Table table({"SCORE", "ID", "TYPE", "CREATED", "TEXT"});
  for (const SearchHit& hit : response.hits) {
    table.add_row({score_of(hit), name_of(hit.memory), std::string(hit.memory.memory_type()),
                   format_time(hit.memory.created_at()), one_line(hit.memory.text(), 200)});
  }
  table.print();
  if (response.plan) {
    fmt::print("\n");
    print_explained(response);
    fmt::print("\n");
    print_plan(*response.plan);
  }
  if (response.approximate) fmt::print("approximate: a nearer memory may have been missed\n");
  if (response.partial) fmt::print("partial: the deadline struck first\n");
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
