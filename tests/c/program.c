/* A program in C99 that calls every function of tulving_c.h, as a reader of the header would. Its
   argument is an empty directory. */

#include "check.h"
#include "tulving_c.h"

static const float kVectors[3][4] = {{1, 0, 0, 9}, {0, 1, 0, 9}, {0, 0, 1, 9}};

static void show_library(void) {
  tulving_error* error = NULL;
  tulving_doc* schema = NULL;
  CHECK(tulving_abi_version() >= 1);
  CHECK(strlen(tulving_version()) >= 5);
  CHECK(strcmp(tulving_status_name(TULVING_NOT_FOUND), "not found") == 0);
  OK(tulving_operations_schema(&schema, &error));
  CHECK(has(tulving_doc_json(schema), "\"memory.add\""));
  tulving_doc_free(schema);
}

static void add(tulving_tenant* tenant) {
  tulving_error* error = NULL;
  tulving_doc* answer = NULL;
  tulving_add_args args = {.struct_size = sizeof args};
  args.records = TULVING_TEXT("{\"external_id\": \"tea\", \"text\": \"Ana drinks green tea.\"}");
  args.vectors = kVectors[0];
  args.rows = 1;
  args.dim = 3;
  OK(tulving_add(tenant, &args, &answer, &error));
  CHECK(has(tulving_doc_json(answer), "\"effect\":\"added\""));
  tulving_doc_free(answer);

  args.records = TULVING_TEXT(
      "[{\"external_id\": \"train\", \"text\": \"The train to Porto leaves at nine.\"},"
      " {\"external_id\": \"dog\", \"text\": \"The dog is called Rex.\", \"metadata\": {\"a\": "
      "1}}]");
  args.vectors = kVectors[1];
  args.rows = 2;
  args.stride_bytes = sizeof kVectors[0];
  OK(tulving_add_many(tenant, &args, &answer, &error));
  CHECK(tulving_doc_json(answer).data[0] == '[');
  tulving_doc_free(answer);
}

static void get(tulving_tenant* tenant) {
  tulving_error* error = NULL;
  tulving_doc* record = NULL;
  float vector[3];
  size_t dim = 0;
  OK(tulving_get(tenant, TULVING_TEXT("dog"), TULVING_WITH_EMBEDDINGS, &record, &error));
  CHECK(has(tulving_doc_json(record), "Rex") && has(tulving_doc_json(record), "embedding"));
  tulving_doc_free(record);
  OK(tulving_get_vector(tenant, TULVING_TEXT("dog"), TULVING_TEXT(""), vector, 3, &dim, &error));
  CHECK(dim == 3 && vector[2] == 1);

  CHECK(tulving_get(tenant, TULVING_TEXT("cat"), 0, &record, &error) == TULVING_NOT_FOUND);
  CHECK(record == NULL && tulving_error_code(error) == TULVING_NOT_FOUND);
  CHECK(has(tulving_error_message(error), "cat") && tulving_error_position(error) == -1);
  CHECK(strlen(tulving_error_message(error).data) == tulving_error_message(error).size);
  tulving_error_free(error);
}

static void show_hit(const tulving_hits* hits) {
  CHECK(tulving_hits_count(hits) == 2);
  CHECK(is(tulving_hits_text(hits, 0, TULVING_HIT_EXTERNAL_ID), "dog"));
  CHECK(is(tulving_hits_text(hits, 0, TULVING_HIT_METADATA), "{\"a\": 1}"));
  CHECK(tulving_hits_text(hits, 0, TULVING_HIT_ID).size == 36);
  CHECK(has(tulving_hits_text(hits, 0, TULVING_HIT_RECORD), "\"content_hash\""));
  CHECK(has(tulving_hits_text(hits, 0, TULVING_HIT_JSON), "\"cosine\""));
  CHECK(tulving_hits_text(hits, 2, TULVING_HIT_TEXT).data == NULL);
  CHECK(tulving_hits_number(hits, 0, TULVING_HIT_PRIORITY) == 5);
  CHECK(tulving_hits_number(hits, 0, TULVING_HIT_EXPIRES_AT) == INT64_MIN);
  CHECK(tulving_hits_scores(hits)[0] > tulving_hits_scores(hits)[1]);
  CHECK(tulving_hits_uuids(hits) != NULL);
  CHECK(tulving_hits_flags(hits) == 0);
  CHECK(tulving_hits_embedding_error(hits).size == 0);
  CHECK(has(tulving_hits_plan(hits), "scan"));
}

static void search(tulving_tenant* tenant) {
  tulving_error* error = NULL;
  tulving_hits* hits = NULL;
  tulving_hits* many[3] = {NULL, NULL, NULL};
  tulving_search_args args = {.struct_size = sizeof args};
  args.text = TULVING_TEXT("dog");
  args.vector = kVectors[2];
  args.dim = 3;
  args.k = 2;
  args.flags = TULVING_EXPLAIN | TULVING_EXACT;
  args.filter = TULVING_TEXT("{\"priority\": {\"gte\": 1}}");
  args.more = TULVING_TEXT("{\"fusion\": \"rrf\"}");
  OK(tulving_search(tenant, &args, &hits, &error));
  show_hit(hits);
  tulving_hits_free(hits);

  args.vector = NULL;
  args.dim = 0;
  args.text.data = NULL;
  args.text.size = 0;
  args.more = args.text;
  OK(tulving_search_many(tenant, &args, kVectors[0], 3, 3, sizeof kVectors[0], many, &error));
  CHECK(is(tulving_hits_text(many[0], 0, TULVING_HIT_EXTERNAL_ID), "tea"));
  CHECK(is(tulving_hits_text(many[1], 0, TULVING_HIT_EXTERNAL_ID), "train"));
  CHECK(is(tulving_hits_text(many[2], 0, TULVING_HIT_EXTERNAL_ID), "dog"));
  tulving_hits_free(many[0]);
  tulving_hits_free(many[1]);
  tulving_hits_free(many[2]);
}

static void call(tulving_store* store, tulving_tenant* tenant, const char* snapshot) {
  tulving_error* error = NULL;
  tulving_doc* answer = NULL;
  tulving_named_vector vector;
  tulving_call_options options = {.struct_size = sizeof options};
  char request[512];
  tulving_text text;
  vector.parameter = "vector";
  vector.values = kVectors[1];
  vector.dim = 3;
  options.vectors = &vector;
  options.vectors_count = 1;
  OK(tulving_tenant_call(tenant, "search", TULVING_TEXT("{\"k\": 1}"), &options, &answer, &error));
  CHECK(has(tulving_doc_json(answer), "Porto"));
  tulving_doc_free(answer);

  OK(tulving_tenant_call(
      tenant, "search", TULVING_TEXT("{\"text\": \"tea\", \"filter\": {\"session_id\": \"none\"}}"),
      NULL, &answer, &error));
  CHECK(tulving_doc_remarks(answer) == 1 && has(tulving_doc_remark(answer, 0), "none"));
  CHECK(tulving_doc_remark(answer, 1).data == NULL);
  tulving_doc_free(answer);

  text.size = (size_t)sprintf(request, "{\"directory\": \"%s\"}", snapshot);
  text.data = request;
  OK(tulving_store_call(store, "snapshot", text, NULL, NULL, &error));
}

struct Lines {
  const char* const* in;
  int out;
};

static int32_t next_line(void* context, tulving_line* line) {
  struct Lines* lines = context;
  if (*lines->in == NULL) return 0;
  line->text.data = *lines->in;
  line->text.size = strlen(*lines->in);
  ++lines->in;
  return 1;
}

static int32_t put_line(void* context, const tulving_line* line) {
  struct Lines* lines = context;
  CHECK(line->text.size > 0 && line->struct_size >= sizeof(tulving_line));
  ++lines->out;
  return 0;
}

static void stream(tulving_store* store, tulving_tenant* tenant) {
  static const char* const kIn[] = {"{\"kind\": \"memory\", \"text\": \"A line.\"}", "no JSON",
                                    NULL};
  tulving_error* error = NULL;
  tulving_doc* answer = NULL;
  struct Lines lines = {kIn, 0};
  tulving_lines callbacks = {.struct_size = sizeof callbacks};
  callbacks.next = next_line;
  callbacks.put = put_line;
  callbacks.context = &lines;
  OK(tulving_tenant_stream(tenant, "import", TULVING_TEXT("{\"tenant_id\": \"acme\"}"), &callbacks,
                           &answer, &error));
  CHECK(has(tulving_doc_json(answer), "\"imported\":1") && lines.out == 1);
  tulving_doc_free(answer);
  lines.out = 0;
  OK(tulving_store_stream(store, "export", TULVING_TEXT("{}"), &callbacks, NULL, &error));
  CHECK(lines.out == 4);
}

static tulving_status write_text(void* context, tulving_text request, tulving_reply* reply) {
  (void)context;
  if (request.size == 0) tulving_reply_error(reply, TULVING_TEXT("nothing was asked"));
  tulving_reply_text(reply, TULVING_TEXT("One text for both."));
  return TULVING_OK;
}

static void reopen(const char* snapshot, const char* directory) {
  tulving_error* error = NULL;
  tulving_doc* info = NULL;
  tulving_store* store = NULL;
  tulving_store_options options = {.struct_size = sizeof options};
  tulving_text_writer writer = {.struct_size = sizeof writer};
  OK(tulving_restore(snapshot, directory, &info, &error));
  CHECK(has(tulving_doc_json(info), "revision"));
  tulving_doc_free(info);
  options.flags = TULVING_MUST_EXIST;
  options.durability = TULVING_DURABLE;
  writer.write = write_text;
  options.writer = &writer;
  OK(tulving_store_open(directory, &options, &store, &error));
  tulving_store_free(store);
}

int main(int count, char** arguments) {
  char directory[256], snapshot[256], restored[256];
  tulving_error* error = NULL;
  tulving_store* store = NULL;
  tulving_tenant* tenant = NULL;
  tulving_tenant* none = NULL;
  CHECK(count == 2 && strlen(arguments[1]) < 200);
  sprintf(directory, "%s/store", arguments[1]);
  sprintf(snapshot, "%s/snapshot", arguments[1]);
  sprintf(restored, "%s/restored", arguments[1]);

  show_library();
  OK(tulving_store_open(directory, NULL, &store, &error));
  OK(tulving_store_tenant(store, TULVING_TEXT("acme"), &tenant, &error));
  add(tenant);
  get(tenant);
  search(tenant);
  stream(store, tenant);
  call(store, tenant, snapshot);
  OK(tulving_store_wait_for_indexing(store, &error));
  OK(tulving_store_wait_for_embedding(store, &error));
  OK(tulving_store_make_durable(store, &error));

  OK(tulving_store_close(store, &error));
  CHECK(tulving_store_tenant(store, TULVING_TEXT("b"), &none, &error) == TULVING_INVALID_ARGUMENT);
  CHECK(none == NULL && is(tulving_error_field(error), "store"));
  tulving_error_free(error);
  tulving_store_free(store);
  tulving_tenant_free(tenant);
  reopen(snapshot, restored);
  CHECK(tulving_handles_alive() == 0);
  return 0;
}
