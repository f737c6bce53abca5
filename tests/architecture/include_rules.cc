#include "tests/architecture/include_rules.h"

#include <algorithm>
#include <optional>
#include <regex>
#include <sstream>

namespace tulving::architecture {
namespace {

using std::string_view;

// "core/base" holds "core/base/hash.h" and not "core/base64.h".
bool lies_under(string_view path, string_view folder) {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || folder.ends_with('/') || path[folder.size()] == '/');
}

bool lies_under_any(string_view path, const std::vector<string_view>& folders) {
  return std::any_of(folders.begin(), folders.end(),
                     [path](string_view folder) { return lies_under(path, folder); });
}

// The longest rule whose folder or headers `text` starts with; null when there is none.
template <class Rule, class Starts>
const Rule* longest(const std::vector<Rule>& rules, string_view Rule::*name, Starts starts) {
  const Rule* best = nullptr;
  for (const Rule& rule : rules) {
    if (starts(rule.*name) && (best == nullptr || (best->*name).size() < (rule.*name).size())) {
      best = &rule;
    }
  }
  return best;
}

// <vector>, and not <roaring.h> or "helper".
bool is_standard(const std::string& header) {
  static const std::regex kStandard("[a-z0-9_]+");
  return std::regex_match(header, kStandard);
}

}  // namespace

std::vector<std::string> includes_of(string_view content) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"])re");
  std::vector<std::string> includes;
  std::istringstream lines{std::string(content)};
  for (std::string line; std::getline(lines, line);) {
    if (std::smatch match; std::regex_search(line, match, kInclude)) includes.push_back(match[1]);
  }
  return includes;
}

std::vector<std::string> violations(const Rules& rules, string_view path,
                                    const std::vector<std::string>& includes) {
  const std::string file(path);
  const FolderRule* own = longest(rules.folders, &FolderRule::folder,
                                  [path](string_view folder) { return lies_under(path, folder); });
  if (own == nullptr) return {file + " lies in a folder that no rule speaks of"};

  std::vector<std::string> found;
  for (const std::string& header : includes) {
    if (is_standard(header) || lies_under_any(header, own->may_include)) continue;
    const LibraryRule* library =
        longest(rules.libraries, &LibraryRule::headers,
                [&header](string_view start) { return header.starts_with(start); });
    if (library == nullptr) {
      found.push_back(file + " includes " + header + ", which " + std::string(own->folder) +
                      " may not");
    } else if (!lies_under_any(path, library->folders)) {
      found.push_back(file + " includes " + header + ", a library that has its own folder");
    }
  }
  return found;
}

}  // namespace tulving::architecture
