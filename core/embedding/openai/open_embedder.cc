#include <fmt/format.h>

#include <charconv>

#include "core/base/errors.h"
#include "tulving/embedders.h"

namespace tulving {
namespace {

using Opened = Result<std::shared_ptr<const Embedder>>;

Opened open_built_in() {
  const auto file = find_model("use-lite");
  if (!file) return file.error();
  return open_use_lite(*file);
}

template <class Number>
Status read_number(std::string_view name, std::string_view value, Number& to) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), to);
  if (error == std::errc() && end == value.data() + value.size()) return {};
  return invalid(fmt::format("embedder: {} is \"{}\"; it must be a whole number", name, value),
                 "embedder");
}

Status set(OpenAiOptions& options, std::string_view name, std::string_view value) {
  if (name == "dim") return read_number(name, value, options.dim);
  if (name == "batch") return read_number(name, value, options.batch);
  if (name == "text-bytes-max") return read_number(name, value, options.text_bytes_max);
  if (name == "retries") return read_number(name, value, options.retries);
  if (name == "timeout-ms") {
    std::int64_t milliseconds = 0;
    auto status = read_number(name, value, milliseconds);
    options.timeout = std::chrono::milliseconds(milliseconds);
    return status;
  }
  if (name == "key-file") {
    options.key_file = std::string(value);
  } else if (name == "document-prefix") {
    options.document_prefix = value;
  } else if (name == "query-prefix") {
    options.query_prefix = value;
  } else {
    return invalid(fmt::format("embedder: \"{}\" is no option of an embedder", name), "embedder");
  }
  return {};
}

Opened open_url(std::string_view name) {
  OpenAiOptions options;
  const std::size_t hash = name.find('#');
  if (hash == std::string_view::npos) {
    return invalid(fmt::format("embedder is \"{}\"; after the URL comes #MODEL", name), "embedder");
  }
  options.url = name.substr(0, hash);
  std::string_view rest = name.substr(hash + 1);
  for (bool is_model = true; is_model || !rest.empty(); is_model = false) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    if (is_model) {
      options.model = part;
      continue;
    }
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      return invalid(fmt::format("embedder: \"{}\" is not NAME=VALUE", part), "embedder");
    }
    auto status = set(options, part.substr(0, equals), part.substr(equals + 1));
    if (!status) return status.error();
  }
  return open_openai(options);
}

}  // namespace

Result<std::shared_ptr<const Embedder>> open_embedder(std::string_view name) {
  if (name == "none") return std::shared_ptr<const Embedder>();
  if (name == "use-lite") return open_built_in();
  if (name == "auto") {
    auto opened = open_built_in();
    if (!opened && opened.error().code == ErrorCode::kNotFound) {
      return std::shared_ptr<const Embedder>();
    }
    return opened;
  }
  if (name.starts_with("http://") || name.starts_with("https://")) return open_url(name);
  return invalid(fmt::format("embedder is \"{}\"; must be none, use-lite, auto or URL#MODEL", name),
                 "embedder");
}

}  // namespace tulving
