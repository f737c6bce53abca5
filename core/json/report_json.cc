#include "core/json/text/json_writer.h"
#include "core/kinds/kinds.h"

namespace tulving {
namespace {

using json::ObjectWriter;

void write_vectors(std::string& text, const VectorStats& vectors) {
  ObjectWriter out(text);
  out.member("model", vectors.model);
  out.member("dim", vectors.dim);
  out.member("vectors", vectors.vectors);
  out.member("in_graph", vectors.in_graph);
  out.member("tombstones", vectors.tombstones);
  out.member("bytes", vectors.bytes);
  out.member("damaged", vectors.damaged);
  out.close();
}

void write_tenant(std::string& text, const TenantStats& tenant) {
  ObjectWriter out(text);
  out.member("tenant_id", tenant.tenant_id);
  out.member("memories", tenant.memories);
  out.counts("by_status", tenant.by_status);
  out.member("without_vector", tenant.without_vector);
  kinds::PlainKinds::each([&]<class Record>(kinds::Tag<Record>) {
    constexpr std::string_view name = kinds::Kind<Record>::plural;
    const auto count = tenant.records.find(name);
    out.member(name, count == tenant.records.end() ? 0 : count->second);
  });
  out.member("terms", tenant.terms);
  out.member("record_bytes", tenant.record_bytes);
  out.member("text_bytes", tenant.text_bytes);
  out.member("attribute_bytes", tenant.attribute_bytes);
  json::append_array(out.key("vectors"), tenant.vectors, &write_vectors);
  out.close();
}

void write_embedding(std::string& to, const EmbeddingStats& embedding) {
  ObjectWriter out(to);
  out.member("model", embedding.model);
  out.member("pending", embedding.pending);
  out.member("failed", embedding.failed);
  out.member("made", embedding.made);
  out.member("is_failing", embedding.is_failing);
  if (!embedding.last_error.empty()) out.member("last_error", embedding.last_error);
  out.close();
}

void write_change(std::string& text, const Change& change) {
  ObjectWriter out(text);
  out.member("revision", change.revision);
  out.member("tenant_id", change.tenant_id);
  out.member("kind", change.kind);
  out.member("id", change.id);
  out.member("erased", change.erased);
  out.close();
}

}  // namespace

std::string to_json(const SearchPlan& plan) {
  std::string text;
  ObjectWriter out(text);
  out.member("vector_plan", plan.vector_plan);
  out.member("text_plan", plan.text_plan);
  out.member("vector_weight", plan.vector_weight);
  out.member("text_weight", plan.text_weight);
  out.member("matching", plan.matching);
  out.member("vectors_scored", plan.vectors_scored);
  out.member("postings_read", plan.postings_read);
  if (!plan.embedded_by.empty()) out.member("embedded_by", plan.embedded_by);
  out.member("now", plan.now);
  out.member("revision", plan.revision);
  out.close();
  return text;
}

std::string to_json(const StoreStats& stats) {
  std::string text;
  ObjectWriter out(text);
  out.member("revision", stats.revision);
  if (!stats.incarnation.is_nil()) out.member("incarnation", stats.incarnation.to_string());
  out.member("durable_revision", stats.durable_revision);
  out.member("memories", stats.memories);
  out.member("without_vector", stats.without_vector);
  out.member("tombstones", stats.tombstones);
  out.member("ram_bytes", stats.ram_bytes);
  out.member("bytes_per_memory", stats.bytes_per_memory);
  out.member("disk_bytes", stats.disk_bytes);
  out.member("indexing_caught_up", stats.indexing_caught_up);
  if (!stats.embedding.model.empty()) write_embedding(out.key("embedding"), stats.embedding);
  json::append_array(out.key("tenants"), stats.tenants, &write_tenant);
  out.close();
  return text;
}

std::string to_json(const SnapshotInfo& info) {
  std::string text;
  ObjectWriter out(text);
  out.member("store_id", info.store_id);
  out.member("revision", info.revision);
  if (!info.incarnation.empty()) out.member("incarnation", info.incarnation);
  if (info.since) out.member("since", *info.since);
  out.counts("counts", info.counts);
  out.member("bytes", info.bytes);
  out.close();
  return text;
}

std::string to_json(const ChangePage& page) {
  std::string text;
  ObjectWriter out(text);
  json::append_array(out.key("changes"), page.changes, &write_change);
  out.member("revision", page.revision);
  if (!page.incarnation.is_nil()) out.member("incarnation", page.incarnation.to_string());
  out.member("is_last", page.is_last);
  out.close();
  return text;
}

}  // namespace tulving
