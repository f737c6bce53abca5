// import. Lines go in in batches or one by one; each is one atomic write, and equal records are
// left as they are, so an import that was killed is simply run again.

#include "tools/cli/transfer/import.h"

#include <fmt/core.h>

#include <span>

#include "tools/cli/print/notes.h"
#include "tools/cli/transfer/deferred_lines.h"

namespace tulving::tools {

namespace {

// A batch shares one log write. Beyond some hundreds of lines there is little left to share, and a
// refused batch is halved until the bad line is found, which costs in proportion.
constexpr std::size_t kBatchLines = 256;
constexpr std::size_t kBatchBytes = 8U << 20U;

/// Records of one tenant on their way into the store.
struct Batch {
  std::string tenant_id;
  std::vector<LineRecord> lines;
  std::vector<Record> records;  // Of the lines, which hold them no more.
  std::vector<std::uint32_t> equal_before;
  std::size_t bytes = 0;
};

/// Whether a record may be refused only because what it refers to stands further down.
bool is_about_a_reference(const Error& error) {
  return error.field == "session_id" || error.field == "consolidated_into_id" ||
         error.field == "source_id" || error.field == "target_id";
}

class BatchWriter {
 public:
  BatchWriter(const Store& store, const ImportCommand& command, ImportReport& report)
      : store_(store),
        options_{.allow_erased = command.allow_erased, .keep_vectors = command.keep_vectors},
        lines_max_(command.ack ? 1 : kBatchLines),
        report_(report) {}

  Status add(LineRecord line) {
    if (line.record.tenant_id != batch_.tenant_id) {
      if (auto status = flush(); !status) return status;
      batch_.tenant_id = line.record.tenant_id;
    }
    batch_.bytes += line.bytes;
    batch_.equal_before.push_back(line.equal_before);
    batch_.records.push_back(std::move(line.record.record));
    batch_.lines.push_back(std::move(line));
    if (batch_.lines.size() < lines_max_ && batch_.bytes < kBatchBytes) return {};
    return flush();
  }

  Status flush() {
    Batch batch = std::exchange(batch_, Batch{batch_.tenant_id, {}, {}, {}, 0});
    if (batch.lines.empty()) return {};
    auto tenant = store_.tenant(batch.tenant_id);
    if (!tenant) {
      for (const LineRecord& line : batch.lines) {
        report_.refused({line.line, "tenant_id", tenant.error().message, {}});
      }
      return {};
    }
    return write(*tenant, batch, 0, batch.lines.size());
  }

  /// Writes what was set aside, now that the rest is in; what refers to nothing is refused.
  Status finish() {
    if (auto status = flush(); !status) return status;
    std::uint64_t before = 0;
    do {
      before = deferred_.size();
      if (auto status = write_deferred(); !status) return status;
    } while (deferred_.size() < before && Interruption::signal() == 0);
    if (Interruption::signal() != 0) return {};  // Neither in nor refused: they are read again.
    // Memories first: one that waited only for a line that is refused is there for its relations.
    is_deferring_memories_ = false;
    if (auto status = write_deferred(); !status) return status;
    is_deferring_ = false;
    return write_deferred();
  }

 private:
  Status write_deferred() {
    auto status = deferred_.take([this](LineRecord line) { return add(std::move(line)); });
    return status ? flush() : status;
  }

  /// Writes the records from `first` up to `last`; where the store refuses them together, the
  /// halves by themselves.
  Status write(Tenant& tenant, Batch& batch, std::size_t first, std::size_t last) {
    const std::size_t count = last - first;
    if (any_held(tenant, batch, first, last)) {
      return count == 1 ? defer(tenant, batch, first) : write_halves(tenant, batch, first, last);
    }
    options_.equal_before = std::span(batch.equal_before).subspan(first, count);
    auto results = tenant.write(std::span(batch.records).subspan(first, count), options_);
    if (results) {
      for (std::size_t i = 0; i < count; ++i) {
        report_.written(batch.lines[first + i].line, (*results)[i]);
      }
      return {};
    }
    if (!is_line_error(results.error())) return results.error();
    if (count > 1) return write_halves(tenant, batch, first, last);
    const bool may_wait = std::holds_alternative<Memory>(batch.records[first])
                              ? is_deferring_memories_
                              : is_deferring_;
    if (may_wait && is_about_a_reference(results.error())) return defer(tenant, batch, first);
    report_.refused({batch.lines[first].line, results.error().field, results.error().message, {}});
    return {};
  }

  Status write_halves(Tenant& tenant, Batch& batch, std::size_t first, std::size_t last) {
    const std::size_t middle = first + (last - first) / 2;
    if (auto status = write(tenant, batch, first, middle); !status) return status;
    return write(tenant, batch, middle, last);
  }

  [[nodiscard]] bool any_held(const Tenant& tenant, const Batch& batch, std::size_t first,
                              std::size_t last) const {
    for (std::size_t i = first; i < last; ++i) {
      if (deferred_.holds(tenant, batch.records[i])) return true;
    }
    return false;
  }

  Status defer(const Tenant& tenant, Batch& batch, std::size_t i) {
    batch.lines[i].record.record = std::move(batch.records[i]);
    return deferred_.add(tenant, batch.lines[i]);
  }

  const Store& store_;
  WriteOptions options_;
  std::size_t lines_max_;
  ImportReport& report_;
  Batch batch_;
  DeferredLines deferred_;
  bool is_deferring_ = true;  // Relations.
  bool is_deferring_memories_ = true;
};

Status import_lines(RecordReader& reader, BatchWriter& writer, ImportReport& report) {
  while (Interruption::signal() == 0) {
    auto next = reader.next();
    if (!next) {
      if (Interruption::signal() != 0) break;  // The read was cut short by the signal.
      return next.error();
    }
    if (!*next) break;
    if (auto* error = std::get_if<LineError>(&**next)) {
      report.refused(std::move(*error));
    } else if (auto status = writer.add(std::get<LineRecord>(*std::move(*next))); !status) {
      return status;
    }
    report.progress(reader.lines());
  }
  return writer.finish();
}

Result<int> run_import(const GlobalOptions& globals, const ImportCommand& command) {
  const Interruption interruption;
  ImportSource source = command.source;
  if (!command.zone.empty()) {
    auto zone = parse_time_zone(command.zone);
    if (!zone) return zone.error();
    source.defaults.zone = *zone;
  }
  auto reader = RecordReader::open(source);
  if (!reader) return reader.error();
  return command.strict ? import_strictly(globals, command, *reader)
                        : import_loosely(globals, command, *reader);
}

}  // namespace

Result<int> import_loosely(const GlobalOptions& globals, const ImportCommand& command,
                           RecordReader& reader) {
  auto store = open_store(globals, Access::kCreate);
  if (!store) return store.error();
  ImportReport report(globals, command);
  BatchWriter writer(*store, command, report);
  auto status = import_lines(reader, writer, report);
  if (status) {
    follow_all_notes(*store);
    status = store->close();
  }
  const int code = report.finish();  // What did go in is told even when the rest could not.
  if (!status) return status.error();
  return code;
}

void add_import_command(const CommandLine& line) {
  auto import = std::make_shared<ImportCommand>();
  CLI::App* command = add_command(line.app, line, "import",
                                  "Takes in records: JSON lines, one a record. May be repeated.",
                                  import, run_import);
  command->add_option("FILE", import->source.path, "The records; - is standard input")
      ->required()
      ->type_name("");
  command
      ->add_option("--vectors", import->source.vectors,
                   "Row i is the embedding of the i-th memory line")
      ->check(check_not_empty)
      ->type_name("FVECS");
  command
      ->add_option("--model", import->source.defaults.embedding_model,
                   "Embedding model of --vectors, and of embeddings that name none")
      ->check(check_not_empty)
      ->capture_default_str()
      ->type_name("NAME");
  command
      ->add_option("--tenant", import->source.defaults.tenant_id, "Tenant of lines that name none")
      ->check(check_not_empty)
      ->type_name("T");
  command
      ->add_option("--zone", import->zone,
                   "Zone of times that name none: UTC, local, or an offset such as +02:00")
      ->type_name("ZONE");
  command->add_flag("--allow-erased", import->allow_erased, "Let what was erased come back");
  command->add_flag("--keep-vectors", import->keep_vectors,
                    "A line with a new text drops the old one's vectors; keep them");
  CLI::Option* strict = command->add_flag(
      "--strict", import->strict, "One bad line, and nothing goes in (reads all into RAM first)");
  command
      ->add_flag("--ack", import->ack,
                 "Write line by line, and print each line's number once it is acknowledged")
      ->excludes(strict);
}

}  // namespace tulving::tools
