#ifndef TULVING_C_H
#define TULVING_C_H

/* Tulving for C, and for whatever calls C: libtulving_c.so.1.

   Handles. A handle (tulving_store, _tenant, _hits, _doc, _error) is an opaque name that a call
   gave; it must be freed by the function of its kind, once. It is looked up and never followed: a
   handle that is NULL, freed, of another kind or made up is refused with TULVING_INVALID_ARGUMENT,
   or, by functions that return no status, answered with nothing. Freeing NULL, or what is freed,
   does nothing.

   Errors. A call returns TULVING_OK or why it failed, and then, where `error` is not NULL, gives a
   tulving_error there, which the caller frees. On success *error is NULL, and on failure every
   other out parameter is. No C++ exception leaves a function; without memory the status is
   TULVING_RESOURCE_EXHAUSTED, and there may be no error. A call that failed has changed nothing,
   unless TULVING_IO or TULVING_IN_DOUBT says otherwise.

   Texts are UTF-8, by pointer and length; {NULL, 0} is "none". What a call is given it has copied,
   or needs no more, when it returns. Texts and arrays that a handle shows live until the handle is
   freed.

   Vectors are floats by pointer, where the caller has them: a row of `dim` floats begins every
   `stride_bytes` (0: right after the row before), a multiple of 4. They are read during the call.

   Structs of options begin with `size_t struct_size`, the caller's sizeof; all else may be zero,
   which means the default, so that `= {.struct_size = sizeof args}` is a whole one. A later
   library takes the shorter structs of earlier headers. An earlier library takes a longer struct as
   long as what it does not know is zero.

   Threads. Any function from any thread, any handle from several at once, but for freeing a handle
   whose texts another thread still reads.

   Processes. In a process forked off after a store was opened, every call is refused, and freeing
   does nothing: what runs behind a store does not come along. Start programs (exec), or fork before
   the first store is opened.

   Callbacks are called on the thread of the call that they serve, if nothing else is said, and
   never under a lock of the library: they may call it. Their `destroy`, where not NULL, is called
   once, when the library needs them no more, also when the call that brought them fails. */

#include <stddef.h>
#include <stdint.h>

/* NOLINTBEGIN(readability-identifier-naming): C's names. */
#ifdef __cplusplus
extern "C" {
#endif
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* What a caller can do about a failure. */
typedef int32_t tulving_status;
enum {
  TULVING_OK = 0,
  TULVING_INVALID_ARGUMENT = 1,   /* The caller's mistake; the same call will fail again. */
  TULVING_NOT_FOUND = 2,          /* The named record, store or file is not there. */
  TULVING_CONFLICT = 3,           /* What is stored differs from what the call assumed. */
  TULVING_BUSY = 4,               /* Someone else holds it; retry later. */
  TULVING_RESOURCE_EXHAUSTED = 5, /* A limit, the disk or the memory. */
  TULVING_IO = 6,                 /* The operating system or a server refused. */
  TULVING_CORRUPTION = 7,         /* Bytes on disk are not what was written. */
  TULVING_IN_DOUBT = 8            /* A remote commit may or may not have happened. */
};

typedef struct tulving_text {
  const char* data;
  size_t size;
} tulving_text;

/* Of a string literal. */
#define TULVING_TEXT(literal) ((tulving_text){"" literal, sizeof(literal) - 1})

typedef struct tulving_store tulving_store;
typedef struct tulving_tenant tulving_tenant;
typedef struct tulving_hits tulving_hits;
typedef struct tulving_doc tulving_doc;
typedef struct tulving_error tulving_error;
typedef struct tulving_reply tulving_reply;

/* ---- The library ---- */
/* 1: rises when something is added to this header. */
uint32_t tulving_abi_version(void);
/* "0.1.0". */
const char* tulving_version(void);
/* "invalid argument" and so on; of what is no status "unknown". */
const char* tulving_status_name(tulving_status status);
/* How many handles are not freed: for tests. */
size_t tulving_handles_alive(void);

/* Of an error; of NULL: TULVING_OK, nothing, -1. */
tulving_status tulving_error_code(const tulving_error* error);
/* One sentence for a person, its wording may change; a zero byte follows it. */
tulving_text tulving_error_message(const tulving_error* error);
/* What broke a rule, by its name in JSON or in a struct; none: nothing by name. */
tulving_text tulving_error_field(const tulving_error* error);
/* Of several records, texts or rows the one at fault, counted from 0; -1: none. */
int64_t tulving_error_position(const tulving_error* error);
void tulving_error_free(tulving_error* error);

/* An answer: one JSON document on one line, and sentences for a person beside it. */
tulving_text tulving_doc_json(const tulving_doc* doc);
size_t tulving_doc_remarks(const tulving_doc* doc);
tulving_text tulving_doc_remark(const tulving_doc* doc, size_t position);
void tulving_doc_free(tulving_doc* doc);

/* ---- Callbacks that work for a store ---- */
/* Where a callback puts its text, or says why it has none; valid during the callback. Both copy. */
void tulving_reply_text(tulving_reply* reply, tulving_text text);
void tulving_reply_error(tulving_reply* reply, tulving_text message);

/* Writes the texts of consolidation, with a language model say; see tulving/text_writer.h. Called
   on a thread of its own. */
typedef struct tulving_text_writer {
  size_t struct_size;
  /* `request` is {"kind": "merge" | "summary" | "pattern", "tenant_id", "draft", "now", "sources":
     [records]}. Returns TULVING_OK after tulving_reply_text(), else why there is no text: the merge
     then waits, and consolidate's answer says so. */
  tulving_status (*write)(void* context, tulving_text request, tulving_reply* reply);
  void* context;
  void (*destroy)(void* context);
  uint32_t timeout_ms; /* 0: 30,000. After it the call is given up, and goes on by itself. */
} tulving_text_writer;

/* What an embedder is asked for. */
enum { TULVING_DOCUMENTS = 0, TULVING_QUERY = 1 };
/* What a text's length is counted in. */
enum { TULVING_PIECES = 0, TULVING_CHARACTERS = 1, TULVING_BYTES = 2 };

/* Turns texts into vectors. Called from any thread, several at once. */
typedef struct tulving_embedder {
  size_t struct_size;
  tulving_text model;  /* Whose vectors they are, 1..64 characters. */
  uint32_t dim;        /* Floats a vector, 1..4096. */
  uint32_t normalised; /* Not 0: every vector has length 1. */
  /* Puts `count` vectors one after the other into `vectors`. `purpose` is TULVING_DOCUMENTS or
     TULVING_QUERY (of one text). Returns TULVING_OK, or why there are none, with
     tulving_reply_error() where there is more to say. */
  tulving_status (*embed)(void* context, uint32_t purpose, const tulving_text* texts, size_t count,
                          float* vectors, tulving_reply* reply);
  void* context;
  void (*destroy)(void* context);
  size_t batch_limit; /* Most documents a call; 0: 64. */
  size_t text_limit;  /* How long a text may be to be read whole; 0: any length. */
  uint32_t text_unit; /* Of text_limit. */
  uint32_t reserved;  /* 0. */
  /* How long a text is, in text_unit; may be NULL but for TULVING_PIECES with a limit. */
  size_t (*length)(void* context, tulving_text text);
} tulving_embedder;

/* ---- Stores ---- */
enum {
  TULVING_MUST_EXIST = 1, /* Make no store where there is none. */
  TULVING_READ_ONLY = 2,  /* Beside a process that has it open. */
  TULVING_NO_BACKGROUND_INDEXING = 4
};
enum { TULVING_DURABLE = 1, TULVING_PROCESS = 2, TULVING_NONE = 3 };
enum { TULVING_POWER_LAW = 1, TULVING_EXPONENTIAL = 2, TULVING_TWO_COMPONENT = 3 };
enum { TULVING_EMBED_BACKGROUND = 1, TULVING_EMBED_WAIT = 2, TULVING_EMBED_OFF = 3 };
/* Stands for 0 where 0 means the default. */
#define TULVING_ZERO UINT32_MAX
/* How a store is opened; tulving/options.h says more of each, by the same names. */
typedef struct tulving_store_options {
  size_t struct_size;
  uint32_t flags;            /* TULVING_MUST_EXIST ... */
  uint32_t durability;       /* 0: TULVING_PROCESS. */
  uint32_t sync_interval_ms; /* 0: 100. */
  uint32_t embedding_dim;    /* 0: that of the first vector. */
  tulving_text default_model;
  uint64_t text_bytes_max; /* 0: 1,000,000. */
  uint64_t memories_max;
  uint64_t memory_max; /* 0: no limit. */
  uint32_t graph_m, ef_construction, ef_search;
  uint32_t exact_rows_max; /* TULVING_ZERO: 0; likewise residual_bits. */
  uint32_t build_threads, residual_bits;
  uint32_t decay_model; /* 0: TULVING_POWER_LAW. */
  uint32_t embed;       /* When a memory gets its vector; 0: TULVING_EMBED_BACKGROUND. */
  const tulving_text_writer* writer; /* Copied; NULL: none. */
  tulving_text embedder; /* "use-lite", "auto", "URL#MODEL"; none: none. See tulving/embedders.h. */
  const tulving_embedder* const* embedders; /* Copied; they come before `embedder`. */
  size_t embedders_count;
} tulving_store_options;

/* Opens the store in a directory; NULL: one in memory alone. `options` may be NULL. */
tulving_status tulving_store_open(const char* directory, const tulving_store_options* options,
                                  tulving_store** store, tulving_error** error);
/* Stops background work, checkpoints and fsyncs. Calls by this handle and by its tenants' are
   refused afterwards; a second close does nothing. The handle is still to be freed. */
tulving_status tulving_store_close(tulving_store* store, tulving_error** error);
/* Closes it, where that is not done, without a word on errors. */
void tulving_store_free(tulving_store* store);

/* The handle of a tenant, 1..255 characters, which comes into being with its first write. Once the
   tenant was dropped (the operation tenant.drop), its calls are TULVING_NOT_FOUND. */
tulving_status tulving_store_tenant(tulving_store* store, tulving_text id, tulving_tenant** tenant,
                                    tulving_error** error);
void tulving_tenant_free(tulving_tenant* tenant);

/* Waits until background indexing has caught up. */
tulving_status tulving_store_wait_for_indexing(tulving_store* store, tulving_error** error);
/* Waits until every memory that can have a vector of an embedder has one. */
tulving_status tulving_store_wait_for_embedding(tulving_store* store, tulving_error** error);
/* Fsyncs the log. */
tulving_status tulving_store_make_durable(tulving_store* store, tulving_error** error);
/* Makes the new store `directory` from a full snapshot; `info`, may be NULL, tells of which. */
tulving_status tulving_restore(const char* snapshot, const char* directory, tulving_doc** info,
                               tulving_error** error);

/* ---- Every operation, by name ---- */
/* All operations as one JSON Schema: their arguments, answers, effects. */
tulving_status tulving_operations_schema(tulving_doc** schema, tulving_error** error);

/* Floats in place of a member of the request. */
typedef struct tulving_named_vector {
  const char* parameter; /* "vector". */
  const float* values;
  size_t dim; /* Floats in all: of several "passages" (memory.add) as many times as many. */
} tulving_named_vector;

typedef struct tulving_call_options {
  size_t struct_size;
  const tulving_named_vector* vectors;
  size_t vectors_count;
  /* Called now and then by what takes long, on any thread, with what is done of what there is to do
     (0: unknown). Not 0 stops it where it can be stopped. */
  int32_t (*progress)(void* context, uint64_t done, uint64_t total);
  void* context;
} tulving_call_options;

/* Runs one operation: `request` is a JSON object, {NULL, 0} an empty one. `options` may be NULL,
   and so may `answer`. A tenant's call speaks of that tenant alone: "tenant_id" may be left out,
   another's is refused, and so is what is about the whole store. */
tulving_status tulving_store_call(tulving_store* store, const char* operation, tulving_text request,
                                  const tulving_call_options* options, tulving_doc** answer,
                                  tulving_error** error);
tulving_status tulving_tenant_call(tulving_tenant* tenant, const char* operation,
                                   tulving_text request, const tulving_call_options* options,
                                   tulving_doc** answer, tulving_error** error);

/* The line is a part: the next one goes on with it. Of imports of another system's format. */
enum { TULVING_LINE_PART = 1 };
typedef struct tulving_line {
  size_t struct_size;  /* Set by the library. */
  tulving_text text;   /* JSON without its line end; one in lives until the next is asked for. */
  uint64_t number;     /* By which answers call it, from 1; 0: counted. */
  const float* vector; /* The line's vector beside it, or NULL; lives as its text does. */
  size_t dim;
  uint32_t flags;        /* TULVING_LINE_PART. */
  tulving_status status; /* Of a line out that tells why a line in was refused: why. */
} tulving_line;

typedef struct tulving_lines {
  size_t struct_size;
  /* Gives a line in: 1, or 0 at the end; below 0 ends the call with an error. NULL: none. */
  int32_t (*next)(void* context, tulving_line* line);
  /* Takes a line out, valid during the callback: 0, or what ends the call with an error. */
  int32_t (*put)(void* context, const tulving_line* line);
  void* context;
} tulving_lines;

/* Runs an operation that is a stream ("import", "export", "search.batch"), on this thread, to its
   end. `answer` is its summary, of what an error cut short too where there is one. */
tulving_status tulving_store_stream(tulving_store* store, const char* operation,
                                    tulving_text request, const tulving_lines* lines,
                                    tulving_doc** answer, tulving_error** error);
tulving_status tulving_tenant_stream(tulving_tenant* tenant, const char* operation,
                                     tulving_text request, const tulving_lines* lines,
                                     tulving_doc** answer, tulving_error** error);

/* ---- Search ---- */
/* TULVING_AUTO takes the arms that the query has. */
enum {
  TULVING_AUTO = 0,
  TULVING_HYBRID = 1,
  TULVING_VECTOR = 2,
  TULVING_WORDS = 3,
  TULVING_RECENT = 4
};
enum {
  TULVING_EXACT = 1, /* Scan every vector. */
  TULVING_INCLUDE_ARCHIVED = 2,
  TULVING_INCLUDE_DELETED = 4,
  TULVING_INCLUDE_EXPIRED = 8,
  TULVING_EXPLAIN = 16, /* Each score's parts, and the plan. */
  TULVING_TOUCH = 32    /* Reinforce what is found: is a write. */
};
typedef struct tulving_search_args {
  size_t struct_size;
  tulving_text text;   /* Query words. */
  const float* vector; /* Query embedding, of `dim` floats; not of tulving_search_many(). */
  size_t dim;
  tulving_text model;  /* Of the vector; none: the tenant's usual one. */
  tulving_text filter; /* JSON, as memory.list takes it. */
  uint32_t mode;       /* TULVING_AUTO ... */
  uint32_t k;          /* Results at most; 0: 10. */
  uint32_t flags;      /* TULVING_EXACT ... */
  uint32_t ef_search;  /* Width of the graph walk; 0: the store's. */
  int64_t deadline_us; /* Return what is found by then; 0: none. */
  /* Whatever else the operation "search" takes, as a JSON object by its names: {"fusion": "rrf",
     "mmr_lambda": 0.5}. What has a member here is refused there. */
  tulving_text more;
} tulving_search_args;

tulving_status tulving_search(tulving_tenant* tenant, const tulving_search_args* args,
                              tulving_hits** hits, tulving_error** error);
/* A search for each row of a matrix, with the same arguments: `rows` handles, all or none. */
tulving_status tulving_search_many(tulving_tenant* tenant, const tulving_search_args* args,
                                   const float* vectors, size_t rows, size_t dim,
                                   size_t stride_bytes, tulving_hits** hits, tulving_error** error);

/* What was found: the memories as they were then, whatever becomes of them or of the store. */
size_t tulving_hits_count(const tulving_hits* hits);
/* Best first, equal ones by id; greater is better. By recency all 0: the order is created_at's. */
const float* tulving_hits_scores(const tulving_hits* hits);
/* 16 bytes a hit. */
const uint8_t* tulving_hits_uuids(const tulving_hits* hits);

/* Texts of a hit. */
/* clang-format off */
enum {
  TULVING_HIT_ID = 0, TULVING_HIT_EXTERNAL_ID = 1, TULVING_HIT_TEXT = 2, TULVING_HIT_SUMMARY = 3,
  TULVING_HIT_METADATA = 4, TULVING_HIT_MEMORY_TYPE = 5, TULVING_HIT_USER_ID = 6,
  TULVING_HIT_AGENT_ID = 7, TULVING_HIT_PROJECT_ID = 8, TULVING_HIT_SESSION_ID = 9,
  TULVING_HIT_TASK_ID = 10, TULVING_HIT_STAGE_ID = 11,
  TULVING_HIT_RECORD = 12, /* All of the memory as JSON, without vectors, as memory.get answers. */
  TULVING_HIT_JSON = 13    /* As the operation "search" answers, explained where that was asked. */
};
/* Empty where the memory has none; none for a position or a field that is not there. */
tulving_text tulving_hits_text(const tulving_hits* hits, size_t position, uint32_t field);

/* Numbers of a hit; times are microseconds since 1970. */
enum {
  TULVING_HIT_REVISION = 0, TULVING_HIT_PRIORITY = 1, TULVING_HIT_CREATED_AT = 2,
  TULVING_HIT_UPDATED_AT = 3, TULVING_HIT_LAST_USED = 4,
  TULVING_HIT_EXPIRES_AT = 5, /* INT64_MIN: never. */
  TULVING_HIT_IS_CRITICAL = 6
};
/* clang-format on */
/* INT64_MIN for a position or a field that is not there. */
int64_t tulving_hits_number(const tulving_hits* hits, size_t position, uint32_t field);

enum {
  TULVING_APPROXIMATE = 1,        /* The graph was walked: a nearer memory may have been missed. */
  TULVING_PARTIAL = 2,            /* The deadline struck first. */
  TULVING_TEXT_UNSEARCHABLE = 4,  /* The text has no word that can be looked for. */
  TULVING_VECTOR_UNSEARCHABLE = 8 /* The tenant has no vector of the query's model. */
};
uint32_t tulving_hits_flags(const tulving_hits* hits);
/* Why the text has no vector, where an embedder was to make it and failed. */
tulving_text tulving_hits_embedding_error(const tulving_hits* hits);
/* How the search was carried out, as JSON, where it was to explain. */
tulving_text tulving_hits_plan(const tulving_hits* hits);
void tulving_hits_free(tulving_hits* hits);

/* ---- Adding and getting ---- */
/* Of a text that is there; see tulving/writes.h. */
enum { TULVING_REINFORCE = 1, TULVING_REJECT = 2, TULVING_KEEP = 3 };
/* Let what was erased come back; put the session that a memory names where there is none. */
enum { TULVING_ALLOW_ERASED = 1, TULVING_MAKE_SESSION = 2 };
typedef struct tulving_add_args {
  size_t struct_size;
  tulving_text records; /* A memory as JSON, as memory.add takes it; of add_many an array. */
  const float* vectors; /* An embedding a record, beside those within it; NULL: none. */
  size_t rows;          /* As many as there are records; of tulving_add() 1. */
  size_t dim;
  size_t stride_bytes;
  tulving_text model; /* Of embeddings that name none; none: the tenant's usual, else "default". */
  uint32_t on_duplicate;        /* TULVING_REINFORCE ...; 0: as its memory type wants. */
  uint32_t flags;               /* TULVING_ALLOW_ERASED, TULVING_MAKE_SESSION. */
  tulving_text idempotency_key; /* Makes a retry write once; up to 128 bytes. */
} tulving_add_args;

/* `answer`, which may be NULL, is that of memory.add: {"id", "effect", "revision"}. */
tulving_status tulving_add(tulving_tenant* tenant, const tulving_add_args* args,
                           tulving_doc** answer, tulving_error** error);
/* All or none, in one write; the answer is an array. */
tulving_status tulving_add_many(tulving_tenant* tenant, const tulving_add_args* args,
                                tulving_doc** answer, tulving_error** error);

enum { TULVING_WITH_EMBEDDINGS = 1 };
/* A memory by its id or external id, forgotten and expired ones included, as memory.get answers. */
tulving_status tulving_get(tulving_tenant* tenant, tulving_text id, uint32_t flags,
                           tulving_doc** record, tulving_error** error);
/* A memory's embedding of a model (none: the tenant's usual one) into `vector`, which has room for
   `capacity` floats; `dim` says how many it has. TULVING_INVALID_ARGUMENT also: there is not room;
   `dim` is set. TULVING_NOT_FOUND also: it has none. */
tulving_status tulving_get_vector(tulving_tenant* tenant, tulving_text id, tulving_text model,
                                  float* vector, size_t capacity, size_t* dim,
                                  tulving_error** error);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
/* NOLINTEND(readability-identifier-naming) */

#endif
