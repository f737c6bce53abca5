// import. Lines go in in batches or one by one; each is one atomic write, and equal records are
// left as they are, so an import that was killed is simply run again.

#include "tools/import.h"

#include <fmt/core.h>

#include <span>

namespace tulving::tools {

namespace {

// A batch shares one log write. Beyond some hundreds of lines there is little left to share, and a
// refused batch is halved until the bad line is found, which costs in proportion.
constexpr std::size_t kBatchLines = 256;
constexpr std::size_t kBatchBytes = 8U << 20U;

/// Records of one tenant on their way into the store.
struct Batch {
  std::string tenant_id;
  std::vector<std::uint64_t> lines;
  std::vector<Record> records;
  std::size_t bytes = 0;
};

class BatchWriter {
 public:
  BatchWriter(const Store& store, const ImportCommand& command, ImportReport& report)
      : store_(store),
        options_{.allow_erased = command.allow_erased},
        lines_max_(command.ack ? 1 : kBatchLines),
        report_(report) {}

  Status add(LineRecord line) {
    if (line.record.tenant_id != batch_.tenant_id) {
      if (auto status = flush(); !status) return status;
      batch_.tenant_id = line.record.tenant_id;
    }
    batch_.lines.push_back(line.line);
    batch_.records.push_back(std::move(line.record.record));
    batch_.bytes += line.bytes;
    if (batch_.lines.size() < lines_max_ && batch_.bytes < kBatchBytes) return {};
    return flush();
  }

  Status flush() {
    const Batch batch = std::exchange(batch_, Batch{batch_.tenant_id, {}, {}, 0});
    if (batch.lines.empty()) return {};
    auto tenant = store_.tenant(batch.tenant_id);
    if (!tenant) {
      for (const std::uint64_t line : batch.lines) {
        report_.refused({line, "tenant_id", tenant.error().message});
      }
      return {};
    }
    return write(*tenant, batch.lines, batch.records);
  }

 private:
  /// Writes the records; where the store refuses them together, the halves by themselves.
  Status write(Tenant& tenant, std::span<const std::uint64_t> lines,
               std::span<const Record> records) {
    auto results = tenant.write(records, options_);
    if (results) {
      for (std::size_t i = 0; i < lines.size(); ++i) report_.written(lines[i], (*results)[i]);
      return {};
    }
    if (!is_line_error(results.error())) return results.error();
    if (lines.size() == 1) {
      report_.refused({lines[0], results.error().field, results.error().message});
      return {};
    }
    const std::size_t half = lines.size() / 2;
    if (auto status = write(tenant, lines.first(half), records.first(half)); !status) return status;
    return write(tenant, lines.subspan(half), records.subspan(half));
  }

  const Store& store_;
  WriteOptions options_;
  std::size_t lines_max_;
  ImportReport& report_;
  Batch batch_;
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
  return writer.flush();
}

Result<int> run_import(const GlobalOptions& globals, const ImportCommand& command) {
  const Interruption interruption;
  auto reader = RecordReader::open(command.source);
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
  if (status) status = store->close();
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
  command->add_flag("--allow-erased", import->allow_erased, "Let what was erased come back");
  CLI::Option* strict = command->add_flag(
      "--strict", import->strict, "One bad line, and nothing goes in (reads all into RAM first)");
  command
      ->add_flag("--ack", import->ack,
                 "Write line by line, and print each line's number once it is acknowledged")
      ->excludes(strict);
}

}  // namespace tulving::tools
