#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/base/errors.h"
#include "tulving/embedder.h"

namespace tulving {
namespace {

namespace fs = std::filesystem;

// A variable that is set to nothing is as one that is not set.
std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

fs::path of_the_user() {
  if (const std::string data = variable("XDG_DATA_HOME"); data.starts_with('/')) return data;
  if (const std::string home = variable("HOME"); !home.empty())
    return fs::path(home) / ".local/share";
  return {};
}

}  // namespace

std::vector<fs::path> model_directories() {
  if (const std::string models = variable("TULVING_MODELS"); !models.empty()) return {models};
  std::vector<fs::path> directories;
  if (const fs::path data = of_the_user(); !data.empty()) {
    directories.push_back(data / "tulving/models");
  }
  directories.emplace_back("/usr/local/share/tulving/models");
  directories.emplace_back("/usr/share/tulving/models");
  return directories;
}

Result<fs::path> find_model(std::string_view name) {
  if (name.empty() || name.find('/') != std::string_view::npos) {
    return invalid("a model's name must not be empty nor have a '/': \"" + std::string(name) + '"',
                   "model");
  }
  std::string looked;
  for (const fs::path& directory : model_directories()) {
    fs::path file = directory / (std::string(name) + ".tulving-model");
    std::error_code ignored;
    if (fs::exists(file, ignored)) return file;
    looked += (looked.empty() ? "" : ", ") + file.string();
  }
  std::string message = "there is no model " + std::string(name) + "; looked for " + looked;
  if (name == "use-lite") message += "; tools/scripts/install_use_lite.sh installs it";
  return Error{ErrorCode::kNotFound, std::move(message)};
}

}  // namespace tulving
