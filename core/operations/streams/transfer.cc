// import, export.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "core/base/check.h"
#include "core/json/foreign/foreign.h"
#include "core/operations/streams/foreign_reader.h"
#include "core/operations/streams/import.h"
#include "core/operations/table/groups.h"

namespace tulving::operations {

namespace {

using namespace params;

/// Ours, and each of json::foreign_formats().
constexpr std::array<std::string_view, 7> kFormats = {"records",
                                                      "mcp_memory",
                                                      "cortexgraph",
                                                      "mem0",
                                                      "contextual_memory_pc2",
                                                      "session_memory_agent",
                                                      "jarvis_memory_pc2"};
constexpr std::array kImport = {
    text("tenant_id", "Tenant of lines that name none"),
    text("model", "Embedding model of vectors that name none").by_default("\"default\""),
    text("zone", "Zone of times that name none: UTC, local, or an offset such as +02:00"),
    boolean("allow_erased", "Let what was erased come back"),
    boolean("keep_vectors", "A line with a new text drops the old one's vectors; keep them"),
    boolean("strict", "One bad line, and nothing goes in; reads all into RAM first"),
    boolean("dry_run", "With strict: check everything, write nothing"),
    word("format", kFormats,
         "Whose file it is. Of another system's the lines in may be any pieces of the file: it is "
         "read entry by entry, into records of tenant_id. What is not a record's goes into its "
         "metadata")
        .by_default("\"records\""),
    boolean("ack", "Write line by line, and answer each line's number once it is acknowledged"),
};
constexpr std::array kRefused = {
    integer("line", "Of the input, from 1").required(),
    text("field", "What broke a rule").required(),
    text("error", "The rule").required(),
    text("place",
         "Of another system's entry: where it is in the line or the document, a JSON "
         "pointer"),
    integer("lines", "Lines in all that are refused so: of another system's file"),
};
constexpr std::array kImported = {
    integer("imported", "Records that are new").required(),
    integer("unchanged", "Records that are equal").required(),
    integer("updated", "Records that were replaced").required(),
    integer("rejected", "Lines that were refused").required(),
    object("errors", kRefused, "Why, by line; of another system's file the first 10,000")
        .list()
        .required(),
};

constexpr std::array kExport = {
    text("tenant_id", "This tenant's alone; default: all"),
    boolean("with_embeddings", "Write embeddings into the lines"),
    boolean("vectors_apart",
            "Give those of the model `model` as floats beside their lines instead"),
    text("model", "Embedding model of vectors_apart").by_default("\"default\""),
};
constexpr std::array kExported = {integer("records", "Lines").required()};

Status check_import(const Arguments& given) {
  const bool strict = given.flag("strict");
  if (given.flag("ack") && strict) {
    return Error{ErrorCode::kInvalidArgument, "ack and strict exclude each other", "ack"};
  }
  if (given.flag("dry_run") && !strict) {
    return Error{ErrorCode::kInvalidArgument, "dry_run needs strict", "dry_run"};
  }
  if (const std::string zone = given.text("zone"); !zone.empty()) {
    if (auto parsed = parse_time_zone(zone); !parsed) return parsed.error();
  }
  if (!is_foreign(given)) return {};
  if (given.flag("ack")) {
    return Error{
        ErrorCode::kInvalidArgument,
        "ack is about lines that are records; format " + given.text("format") + " has entries",
        "ack"};
  }
  if (!given.text("tenant_id").empty()) return {};
  return Error{ErrorCode::kInvalidArgument,
               "tenant_id is missing; a file of another system names no tenant", "tenant_id"};
}

std::unique_ptr<RecordSource> source_of(const Running& running, const StreamEnds& lines) {
  const Arguments& given = running.arguments;
  if (!is_foreign(given)) return std::make_unique<RecordReader>(running, lines);
  const auto* format = json::find_foreign_format(given.text("format"));
  TULVING_DCHECK(format != nullptr);
  return std::make_unique<ForeignReader>(running, lines, *format);
}

Status stream_import(const Running& running, const StreamEnds& lines) {
  if (auto status = check_import(running.arguments); !status) return status;
  const auto source = source_of(running, lines);
  ImportReport report(running, lines);
  auto status = running.arguments.flag("strict") ? import_strictly(running, *source, report)
                                                 : import_loosely(running, *source, report);
  report.finish();  // What did go in is told even when the rest could not.
  return status;
}

}  // namespace

bool is_foreign(const Arguments& given) {
  const std::string format = given.text("format");
  return !format.empty() && format != kFormats[0];
}

namespace {

Result<std::vector<std::string>> tenants_to_export(const Running& running) {
  std::vector<std::string> tenants = running.store().tenants();
  if (!running.arguments.has("tenant_id")) return tenants;
  const std::string wanted = running.arguments.text("tenant_id");
  if (std::ranges::find(tenants, wanted) == tenants.end()) {
    return Error{ErrorCode::kNotFound, fmt::format("the store has no tenant \"{}\"", wanted),
                 "tenant_id"};
  }
  return std::vector{wanted};
}

/// Puts out lines, and the vectors of one model beside them.
class Exporter {
 public:
  Exporter(const Arguments& given, const StreamEnds& lines)
      : lines_(lines),
        model_(given.text("model")),
        is_apart_(given.flag("vectors_apart")),
        with_embeddings_(given.flag("with_embeddings")) {}

  [[nodiscard]] bool needs_embeddings() const { return is_apart_ || with_embeddings_; }
  [[nodiscard]] std::uint64_t records() const { return records_; }

  Status write(const std::string& tenant_id, const Record& record) {
    ++records_;
    const auto* memory = std::get_if<Memory>(&record);
    if (memory == nullptr || !is_apart_) return put(to_json_line(tenant_id, record), {});
    Memory rest = *memory;
    const auto taken = std::ranges::find(rest.embeddings, model_, &Embedding::model);
    std::vector<float> values;
    // A row beside the lines has room for one vector.
    if (taken != rest.embeddings.end() && taken->passages == 1) {
      values = std::move(taken->vector);
      rest.embeddings.erase(taken);
    }
    if (!with_embeddings_) rest.embeddings.clear();
    return put(to_json_line(tenant_id, std::move(rest)), values);
  }

 private:
  Status put(const std::string& line, std::span<const float> values) {
    const NamedVector vector{"embedding", values, model_};
    return lines_.put(
        {.text = line, .number = records_, .vectors = std::span(&vector, values.empty() ? 0 : 1)});
  }

  const StreamEnds& lines_;
  std::string model_;
  bool is_apart_;
  bool with_embeddings_;
  std::uint64_t records_ = 0;
};

Status stream_export(const Running& running, const StreamEnds& lines) {
  auto tenants = tenants_to_export(running);
  if (!tenants) return tenants.error();
  Exporter exporter(running.arguments, lines);
  for (const std::string& tenant_id : *tenants) {
    auto handle = running.store().tenant(tenant_id);
    if (!handle) return handle.error();
    auto status = handle->export_records(
        [&](const Record& record) { return exporter.write(tenant_id, record); },
        exporter.needs_embeddings());
    if (!status) return status;
  }
  ObjectWriter out(running.answer.json);
  out.member("records", exporter.records());
  out.close();
  return {};
}

const Operation kTransferTable[] = {
    {.name = "import",
     .effect = Effect::kWrite,
     .help = "Takes in records, a line each; equal ones are left as they are, so that it may be "
             "repeated",
     .params = kImport,
     .answer = object({}, kImported, "What became of the lines"),
     .stream = &stream_import,
     .line_in = any({},
                    "A record with its \"kind\"; with a format a piece of another system's "
                    "file"),
     .line_out = any({},
                     "With ack the number of each line that is in; of a line that is refused "
                     "its number, the field and the error"),
     .turned_by = "dry_run",
     .makes_store = true},
    {.name = "export",
     .help = "Gives the records as lines that import reads: sessions, memories, relations",
     .params = kExport,
     .answer = object({}, kExported, "How many"),
     .stream = &stream_export,
     .line_out = any({}, "A record")},
};

}  // namespace

std::span<const Operation> transfer_operations() { return kTransferTable; }

}  // namespace tulving::operations
