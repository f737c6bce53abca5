#include "core/json/text/json_writer.h"

// A file of its own: a memory's view lives in the engine, and the rest of this folder does without.

namespace tulving {
namespace {

using json::ObjectWriter;

void member_if_any(ObjectWriter& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out.member(name, value);
}

void write_parts(std::string& text, const ScoreParts& parts) {
  ObjectWriter out(text);
  if (parts.cosine) out.member("cosine", *parts.cosine);
  if (parts.bm25) out.member("bm25", *parts.bm25);
  out.member("vector_part", parts.vector_part);
  out.member("text_part", parts.text_part);
  out.member("context_part", parts.context_part);
  out.member("relevance", parts.relevance);
  out.member("decay_factor", parts.decay_factor);
  out.member("priority_factor", parts.priority_factor);
  out.member("recency_factor", parts.recency_factor);
  out.close();
}

}  // namespace

std::string to_json(const SearchHit& hit) {
  std::string text;
  ObjectWriter out(text);
  out.member("id", hit.memory.id());
  member_if_any(out, "external_id", hit.memory.external_id());
  if (hit.time) {
    out.member("score", *hit.time);
  } else {
    out.member("score", hit.score);
  }
  out.member("text", hit.memory.text());
  member_if_any(out, "summary", hit.memory.summary());
  out.member("memory_type", hit.memory.memory_type());
  member_if_any(out, "agent_id", hit.memory.agent_id());
  member_if_any(out, "session_id", hit.memory.session_id());
  out.member("status", hit.memory.status());
  out.member("priority", hit.memory.priority());
  out.member("created_at", hit.memory.created_at());
  out.member("revision", hit.memory.revision());
  if (hit.parts) write_parts(out.key("explain"), *hit.parts);
  out.close();
  return text;
}

}  // namespace tulving
