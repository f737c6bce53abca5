// export: the records as the JSON lines that import reads.

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "core/base/files/atomic_file.h"
#include "tools/cli/call/run_call.h"
#include "tools/cli/print/output.h"
#include "tools/cli/transfer/fvecs.h"
#include "tools/cli/transfer/import_source.h"
#include "tulving/json_members.h"

namespace tulving::tools {

namespace {

struct ExportCommand {
  std::string path = "-";
  std::string tenant;
  std::string vectors;
  std::string model;
  bool with_embeddings = false;
};

/// Writes records to a file or stdout, and the vectors of one model beside them. What was there
/// before stays until all is written: half an export must not pass for a whole one.
class RecordWriter {
 public:
  static Result<RecordWriter> create(const ExportCommand& command) {
    RecordWriter writer(command);
    if (command.path != "-") {
      auto file = AtomicFile::create(command.path);
      if (!file) return file.error();
      writer.file_ = *std::move(file);
    }
    if (!command.vectors.empty()) {
      auto vectors = VectorFileWriter::create(command.vectors);
      if (!vectors) return vectors.error();
      writer.vectors_ = *std::move(vectors);
    }
    return writer;
  }

  Status write(const StreamLine& line) {
    if (vectors_ && line_kind(line.text) == LineKind::kMemory) {
      if (line.vectors.empty()) return no_row(line.text);
      if (auto status = vectors_->write(line.vectors.front().values); !status) return status;
    }
    return write_line(std::string(line.text));
  }

  /// Puts both files into their places. The vectors first: rows without lines are found by their
  /// number, lines without rows would be imported without vectors.
  Status commit() {
    if (vectors_) {
      if (auto status = vectors_->commit(); !status) return status;
    }
    return file_ ? file_->commit() : Status();
  }

 private:
  explicit RecordWriter(const ExportCommand& command) : command_(command) {}

  [[nodiscard]] Error no_row(std::string_view line) const {
    return Error{
        ErrorCode::kNotFound,
        fmt::format("memory {} has no embedding of model \"{}\", so row i of {} could not "
                    "be the i-th memory's; use --with-embeddings instead",
                    json_shown(peek_json_member(line, "id").value_or("null")),
                    command_.model.empty() ? Embedding().model : command_.model, command_.vectors)};
  }

  Status write_line(std::string line) {
    line += '\n';
    if (file_) return file_->write(line);
    if (std::fwrite(line.data(), 1, line.size(), stdout) == line.size()) return {};
    return Error{ErrorCode::kIo,
                 fmt::format("cannot write {}: {}", command_.path, std::strerror(errno))};
  }

  ExportCommand command_;
  std::optional<AtomicFile> file_;
  std::optional<VectorFileWriter> vectors_;
};

OperationCall call_of(const ExportCommand& command) {
  OperationCall call("export");
  call.text_if_any("tenant_id", command.tenant)
      .flag("with_embeddings", command.with_embeddings)
      .flag("vectors_apart", !command.vectors.empty())
      .text_if_any("model", command.model);
  return call;
}

Result<int> run_export(const GlobalOptions& globals, const ExportCommand& command) {
  if (!command.model.empty() && command.vectors.empty()) {
    return Error{ErrorCode::kInvalidArgument, "--model applies to --vectors, which is not given"};
  }
  const OperationCall call = call_of(command);
  auto service = open_service(globals, call);
  if (!service) return service.error();
  auto writer = RecordWriter::create(command);
  if (!writer) return writer.error();
  Answer summary;
  auto status =
      stream(*service, call, {.put = [&](const StreamLine& line) { return writer->write(line); }},
             summary);
  if (status) status = writer->commit();
  if (!status) return status.error();
  if (command.path == "-") return kDone;
  if (globals.json) {
    print_json_line(summary.json);
  } else {
    fmt::print("exported {} records\n", AnswerView(summary.json)["records"].text());
  }
  return kDone;
}

}  // namespace

void add_export_command(const CommandLine& line) {
  auto options = std::make_shared<ExportCommand>();
  CLI::App* command =
      add_command(line.app, line, "export",
                  "Writes the records as JSON lines, as import reads them", options, run_export);
  command->add_option("FILE", options->path, "Where to; - is standard output (default)")
      ->type_name("");
  command->add_option("--tenant", options->tenant, "This tenant's alone")
      ->check(check_not_empty)
      ->type_name("T");
  command
      ->add_option("--vectors", options->vectors,
                   "Write embeddings here: row i is the i-th memory line's")
      ->check(check_not_empty)
      ->type_name("FVECS");
  command->add_option("--model", options->model, "Embedding model of --vectors")
      ->check(check_not_empty)
      ->type_name("NAME");
  command->add_flag("--with-embeddings", options->with_embeddings,
                    "Write (other) embeddings into the lines");
}

}  // namespace tulving::tools
