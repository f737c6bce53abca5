// export: the records as the JSON lines that import reads.

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "core/base/files/atomic_file.h"
#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tools/cli/transfer/fvecs.h"
#include "tulving/json.h"

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

  Status write(const std::string& tenant_id, const Record& record) {
    ++records_;
    const auto* memory = std::get_if<Memory>(&record);
    if (memory == nullptr || !vectors_) return write_line(to_json_line(tenant_id, record));
    Memory rest = *memory;
    const auto taken = std::ranges::find(rest.embeddings, model_, &Embedding::model);
    if (taken == rest.embeddings.end()) {
      return Error{
          ErrorCode::kNotFound,
          fmt::format("memory {} has no embedding of model \"{}\", so row i of {} could not "
                      "be the i-th memory's; use --with-embeddings instead",
                      memory->id.to_string(), model_, command_.vectors)};
    }
    if (auto status = vectors_->write(taken->vector); !status) return status;
    rest.embeddings.erase(taken);
    if (!command_.with_embeddings) rest.embeddings.clear();
    return write_line(to_json_line(tenant_id, std::move(rest)));
  }

  /// Puts both files into their places. The vectors first: rows without lines are found by their
  /// number, lines without rows would be imported without vectors.
  Status commit() {
    if (vectors_) {
      if (auto status = vectors_->commit(); !status) return status;
    }
    return file_ ? file_->commit() : Status();
  }

  [[nodiscard]] std::uint64_t records() const { return records_; }

 private:
  explicit RecordWriter(const ExportCommand& command)
      : command_(command), model_(command.model.empty() ? Embedding().model : command.model) {}

  Status write_line(std::string line) {
    line += '\n';
    if (file_) return file_->write(line);
    if (std::fwrite(line.data(), 1, line.size(), stdout) == line.size()) return {};
    return Error{ErrorCode::kIo,
                 fmt::format("cannot write {}: {}", command_.path, std::strerror(errno))};
  }

  ExportCommand command_;
  std::string model_;
  std::optional<AtomicFile> file_;
  std::optional<VectorFileWriter> vectors_;
  std::uint64_t records_ = 0;
};

Result<std::vector<std::string>> tenants_of(const Store& store, const std::string& wanted) {
  std::vector<std::string> tenants = store.tenants();
  if (wanted.empty()) return tenants;
  if (std::ranges::find(tenants, wanted) == tenants.end()) {
    return Error{ErrorCode::kNotFound, fmt::format("the store has no tenant \"{}\"", wanted)};
  }
  return std::vector{wanted};
}

Status export_all(const Store& store, const std::vector<std::string>& tenants, RecordWriter& writer,
                  bool with_embeddings) {
  for (const std::string& tenant_id : tenants) {
    auto tenant = store.tenant(tenant_id);
    if (!tenant) return tenant.error();
    auto status = tenant->export_records(
        [&](const Record& record) { return writer.write(tenant_id, record); }, with_embeddings);
    if (!status) return status;
  }
  return writer.commit();
}

Result<int> run_export(const GlobalOptions& globals, const ExportCommand& command) {
  if (!command.model.empty() && command.vectors.empty()) {
    return Error{ErrorCode::kInvalidArgument, "--model applies to --vectors, which is not given"};
  }
  auto store = open_store(globals, Access::kRead);
  if (!store) return store.error();
  auto tenants = tenants_of(*store, command.tenant);
  if (!tenants) return tenants.error();
  auto writer = RecordWriter::create(command);
  if (!writer) return writer.error();
  const bool with_embeddings = command.with_embeddings || !command.vectors.empty();
  if (auto status = export_all(*store, *tenants, *writer, with_embeddings); !status) {
    return status.error();
  }
  if (command.path == "-") return kDone;
  if (globals.json) {
    print_json(Json{{"records", writer->records()}});
  } else {
    fmt::print("exported {} records\n", writer->records());
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
