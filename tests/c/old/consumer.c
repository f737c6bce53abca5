/* A program as it was written for the first header, which lies beside it and is never changed.
   Compiled against that one, it runs with the library of today. */

#include "../check.h"
#include "tulving_c_1.h"

static tulving_status embed(void* context, uint32_t purpose, const tulving_text* texts,
                            size_t count, float* vectors, tulving_reply* reply) {
  (void)context, (void)purpose, (void)texts, (void)count, (void)vectors, (void)reply;
  return TULVING_BUSY;
}

static tulving_status write_text(void* context, tulving_text request, tulving_reply* reply) {
  (void)context, (void)request;
  tulving_reply_error(reply, TULVING_TEXT("no"));
  return TULVING_BUSY;
}

static int32_t no_line(void* context, tulving_line* line) {
  (void)context;
  return line->struct_size >= sizeof(tulving_line) ? 0 : -1;
}

int main(void) {
  static const float kVector[2] = {1, 0};
  tulving_error* error = NULL;
  tulving_store* store = NULL;
  tulving_tenant* tenant = NULL;
  tulving_hits* hits = NULL;
  tulving_text_writer writer = {.struct_size = sizeof writer};
  tulving_embedder embedder = {.struct_size = sizeof embedder};
  tulving_store_options options = {.struct_size = sizeof options};
  tulving_add_args record = {.struct_size = sizeof record};
  tulving_search_args query = {.struct_size = sizeof query};
  tulving_call_options how = {.struct_size = sizeof how};
  tulving_lines lines = {.struct_size = sizeof lines};

  CHECK(tulving_abi_version() >= 1);
  writer.write = write_text;
  embedder.embed = embed;
  options.writer = &writer;
  options.durability = TULVING_PROCESS;
  OK(tulving_store_open(NULL, &options, &store, &error));
  OK(tulving_store_tenant(store, TULVING_TEXT("acme"), &tenant, &error));
  record.records = TULVING_TEXT("{\"external_id\": \"tea\", \"text\": \"Green tea.\"}");
  record.vectors = kVector;
  record.rows = 1;
  record.dim = 2;
  OK(tulving_add(tenant, &record, NULL, &error));
  query.text = TULVING_TEXT("tea");
  query.vector = kVector;
  query.dim = 2;
  OK(tulving_search(tenant, &query, &hits, &error));
  CHECK(tulving_hits_count(hits) == 1 &&
        is(tulving_hits_text(hits, 0, TULVING_HIT_TEXT), "Green tea."));
  OK(tulving_tenant_call(tenant, "memory.list", TULVING_TEXT("{}"), &how, NULL, &error));
  lines.next = no_line;
  OK(tulving_tenant_stream(tenant, "import", TULVING_TEXT("{}"), &lines, NULL, &error));
  tulving_hits_free(hits);
  tulving_tenant_free(tenant);
  tulving_store_free(store);
  CHECK(tulving_handles_alive() == 0);
  return 0;
}
