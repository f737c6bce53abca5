// reembed, store.wait_for_embedding: what a store's own embedder is told to do.

#include <array>

#include "core/operations/answer.h"
#include "core/operations/table/groups.h"

namespace tulving::operations {

namespace {

using namespace params;

constexpr std::array kReembed = {
    text("tenant_id", "Only this tenant's; default: all"),
    text("drop_model",
         "The model whose vector goes from each memory that has one of the embedder's"),
};
constexpr std::array kReembedded = {
    text("model", "Of the vectors made").required(),
    integer("made", "Memories that got a vector").required(),
    integer("refused", "Memories whose text the embedder refused, or that have none").required(),
    integer("unneeded", "Memories that were changed, or got one, meanwhile").required(),
    integer("left", "Memories not come to, as it was stopped").required(),
    text("last_error", "Why one was refused"),
};
constexpr std::array kWaited = {
    integer("made", "Vectors of memories since the store was opened").required(),
    integer("failed", "Memories whose text the embedder refused").required(),
};

Status run_reembed(const Running& running) {
  const auto& given = running.arguments;
  auto report = running.store().reembed(
      {given.text("tenant_id"), given.text("drop_model"), running.call.progress});
  if (!report) return report.error();
  ObjectWriter out(running.answer.json);
  out.member("model", report->model);
  out.member("made", report->made);
  out.member("refused", report->refused);
  out.member("unneeded", report->unneeded);
  out.member("left", report->left);
  if (!report->last_error.empty()) out.member("last_error", well_formed(report->last_error));
  out.close();
  return {};
}

Status run_wait(const Running& running) {
  if (auto status = running.store().wait_for_embedding(); !status) return status;
  const EmbeddingStats stats = running.store().stats().embedding;
  ObjectWriter out(running.answer.json);
  out.member("made", stats.made);
  out.member("failed", stats.failed);
  out.close();
  return {};
}

const Operation kEmbeddingTable[] = {
    {.name = "reembed",
     .effect = Effect::kWrite,
     .help = "Gives every memory a vector of the store's embedder beside those that it has, and "
             "takes one of another model away where told so. Cut short, it goes on where it was",
     .params = kReembed,
     .answer = object({}, kReembedded, "What was done"),
     .run = &run_reembed},
    {.name = "store.wait_for_embedding",
     .effect = Effect::kWrite,
     .help = "Waits until every memory that can have a vector of the store's embedder has one",
     .answer = object({}, kWaited, "What was done"),
     .run = &run_wait},
};

}  // namespace

std::span<const Operation> embedding_operations() { return kEmbeddingTable; }

}  // namespace tulving::operations
