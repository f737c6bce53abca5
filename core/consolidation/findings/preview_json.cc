#include "core/json/text/json_writer.h"
#include "tulving/json.h"
#include "tulving/preview.h"

namespace tulving {
namespace {

using json::ObjectWriter;

void append_memory(std::string& text, const PreviewedMemory& memory) {
  ObjectWriter out(text);
  if (!memory.id.is_nil()) out.member("id", memory.id);
  if (!memory.external_id.empty()) out.member("external_id", memory.external_id);
  if (memory.created_at) out.member("created_at", *memory.created_at);
  if (memory.is_missing) {
    out.member("is_missing", true);
  } else {
    out.member("text", memory.text);
  }
  out.close();
}

void append_relation(std::string& text, const Relation& relation) {
  ObjectWriter out(text);
  out.member("source_id", relation.source_id);
  out.member("target_id", relation.target_id);
  out.member("relation_type", relation.relation_type);
  out.member("strength", relation.strength);
  out.member("confidence", relation.confidence);
  out.close();
}

}  // namespace

std::string to_json(const FindingPreview& preview) {
  std::string text;
  ObjectWriter out(text);
  out.member("agent", preview.agent);
  out.member("action", preview.action);
  out.member("outcome", preview.outcome);
  if (preview.confidence) out.member("confidence", *preview.confidence);
  if (!preview.task_id.empty()) out.member("task_id", preview.task_id);
  if (!preview.reason.empty()) out.member("reason", preview.reason);
  if (!preview.error.empty()) out.member("error", preview.error);
  json::append_array(out.key("inputs"), preview.inputs, &append_memory);
  if (preview.merged) {
    append_memory(out.key("merged"), *preview.merged);
    out.member("conflicts", preview.conflicts);
  }
  if (!preview.relations.empty()) {
    json::append_array(out.key("relations"), preview.relations, &append_relation);
  }
  if (!preview.note_path.empty()) out.member("note_path", preview.note_path);
  out.close();
  return text;
}

}  // namespace tulving
