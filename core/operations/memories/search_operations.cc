// search; search.batch, whose lines are queries.

#include <array>

#include "core/operations/memories/search_answer.h"
#include "core/operations/table/concat.h"
#include "core/operations/table/groups.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array<std::string_view, 5> kModes = {"hybrid", "vector", "text", "recent", "auto"};
constexpr std::array<std::string_view, 2> kFusions = {"minmax", "rrf"};

constexpr std::array kHow = {
    text("model",
         "Embedding model of the query; default: the store's where the tenant has vectors of it, "
         "else the only one that it has"),
    integer("k", "Results at most").range(1, 10'000).by_default("10"),
    integer("offset", "The best so many are left out: the next page")
        .range(0, 9'999)
        .by_default("0"),
    number("least_score", "Results of a lower score are left out; scores are those of the mode"),
    filter("filter", "Only memories it lets through"),
    word("mode", kModes, "auto takes the arms that the query has").by_default("\"auto\""),
    boolean("include_archived", "Archived ones too"),
    boolean("include_deleted", "Forgotten ones too"),
    boolean("include_expired", "Expired ones too"),
    word("fusion", kFusions, "How hybrid joins its arms").by_default("\"minmax\""),
    number("vector_weight", "Of the vector's part; default: by how much it tells apart")
        .range(0, 1'000'000),
    number("text_weight", "Of the text's part; likewise").range(0, 1'000'000),
    number("context_weight", "Share of its neighbours' relevance that a conversation's turn gets")
        .range(0, 1)
        .by_default("0.4"),
    number("decay_weight", "Blend in the decay score").range(0, 1),
    number("priority_weight", "Blend in the priority").range(0, 1),
    number("recency_weight", "Blend in the recency").range(0, 1),
    number("recency_half_life_days", "Age at which recency is half, above 0").range(0, 1e6),
    number("mmr_lambda", "Maximal marginal relevance: 0 (diverse) .. 1 (relevant)").range(0, 1),
    boolean("exact", "Scan every vector"),
    integer("ef_search", "Width of the graph walk; 0: the store's").range(0, 10'000),
    boolean("touch", "Reinforce what is found: is a write"),
    boolean("explain", "Each score's parts, and the plan"),
    time("now", "The clock for decay, recency and expiry; default: now"),
    number("deadline_ms", "Return what is found by then").range(0, 1e9),
    boolean("timings", "How long the search took"),
};
constexpr std::array kQuery = {
    tenant(),
    text("text", "Query words"),
    vector("vector", "Query embedding"),
};
constexpr std::array kTenantOfMost = {text("tenant_id", "Of lines that name none")};
constexpr auto kSearch = concat(kQuery, kHow);
constexpr auto kBatch = concat(kTenantOfMost, kHow);

constexpr std::array kLine = {
    any("query_id", "A string or a number, repeated in the answer").required(),
    text("tenant_id", "The tenant"),
    text("text", "Query words, where the mode uses them"),
    vector("vector", "Query embedding, likewise"),
    text("model", "In place of the parameter of that name; so are the next ones"),
    integer("k", "Results at most").range(1, 10'000),
    filter("filter", "Beside the parameter's"),
    word("mode", kModes, "As for search"),
};

constexpr std::array kParts = {
    number("cosine", "Of query and memory"),
    number("bm25", "Of the memory's best passage"),
    number("vector_part", "What the vector added").required(),
    number("text_part", "What the text added").required(),
    number("context_part", "What neighbouring turns added").required(),
    number("relevance", "Sum of the three").required(),
    number("decay_factor", "The blend's multipliers").required(),
    number("priority_factor", "Likewise").required(),
    number("recency_factor", "Likewise").required(),
};
constexpr std::array kFoundMemory = {
    uuid("id", "The memory").required(),
    text("external_id", "Its own name"),
    any("score", "Greater is better; of a search by recency the time").required(),
    text("text", "What is remembered").required(),
    text("summary", "Its first sentences"),
    text("memory_type", "user_preference, decision, ...").required(),
    text("agent_id", "Whose memory it is"),
    text("session_id", "The session"),
    text("status", "active, promoted, archived or deleted").required(),
    integer("priority", "1..10").required(),
    time("created_at", "When it was made").required(),
    integer("revision", "Of the memory").required(),
    object("explain", kParts, "The score's parts"),
};
constexpr std::array kPlan = {
    text("vector_plan", "scan, filtered scan, graph, filtered graph, filtered sketches or none")
        .required(),
    text("text_plan", "postings, nothing to look for or none").required(),
    number("vector_weight", "Of the vector's part, as used").required(),
    number("text_weight", "Of the text's part; the sum is 1").required(),
    integer("matching", "Memories that the filter lets through").required(),
    integer("vectors_scored", "Vectors compared").required(),
    integer("postings_read", "Entries of the text index read").required(),
    text("embedded_by", "Model of the embedder that made the query's vector"),
    time("now", "The clock used").required(),
    integer("revision", "The store's, as seen").required(),
};
constexpr std::array kFound = {
    object("results", kFoundMemory, "Best first; equal scores by id").list().required(),
    boolean("approximate", "The graph was walked: a nearer memory may have been missed").required(),
    boolean("partial", "The deadline struck first; there with a deadline"),
    boolean("text_unsearchable", "The text has no word that can be looked for"),
    boolean("vector_unsearchable", "The tenant has no vector of the query's model"),
    text("embedding_error", "Why the text has no vector, and was looked for by its words alone"),
    object("plan", kPlan, "How it was carried out; with explain"),
    number("microseconds", "Of the search alone; with timings"),
};
constexpr std::array kAnswered = {
    any("query_id", "The query's; null where it cannot be read").required(),
    object("results", kFoundMemory, "Best first; equal scores by id").list().required(),
    boolean("approximate", "As for search; not of a query that was refused"),
    boolean("partial", "As for search"),
    boolean("text_unsearchable", "As for search"),
    boolean("vector_unsearchable", "As for search"),
    text("embedding_error", "As for search"),
    object("plan", kPlan, "As for search"),
    number("microseconds", "As for search"),
    text("error", "Why the query was refused"),
    text("field", "What broke a rule; empty: nothing by name"),
};
constexpr std::array kSummary = {
    integer("queries", "Lines read").required(),
    integer("refused", "Of these, refused").required(),
};

Status run_search(const Running& running) {
  const Arguments& given = running.arguments;
  auto handle = running.tenant();
  if (!handle) return handle.error();
  SearchRequest request = search_request(given);
  if (given.has("text")) request.text = given.text("text");
  request.vector = given.vector("vector");
  ObjectWriter out(running.answer.json);
  auto status = add_response(*handle, request, search_manner(given), out, running.answer.remarks);
  out.close();
  return status;
}

const Operation kSearchTable[] = {
    {.name = "search",
     .help = "Finds memories by text, vector, both, or recency",
     .params = kSearch,
     .answer = object({}, kFound, "What was found"),
     .run = &run_search,
     .turned_by = "touch",
     .turned_to = Effect::kWrite},
    {.name = "search.batch",
     .help =
         "Answers many queries, a line each, in their order; one that is refused stops no other",
     .params = kBatch,
     .answer = object({}, kSummary, "How many there were"),
     .stream = &stream_queries,
     .line_in = object({}, kLine, "A query; a file of queries serves every mode"),
     .line_out = object({}, kAnswered, "Its answer"),
     .turned_by = "touch",
     .turned_to = Effect::kWrite},
};

}  // namespace

std::span<const Operation> search_operations() { return kSearchTable; }

}  // namespace tulving::operations
