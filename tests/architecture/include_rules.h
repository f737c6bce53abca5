#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tulving::architecture {

/// A folder of ours and what its files may include of ours: folders, by the start of their paths.
/// A file belongs to the longest folder that it lies under.
struct FolderRule {
  std::string_view folder;
  std::vector<std::string_view> may_include;
};

/// Headers of others, by the start of what stands between the brackets, and the folders under which
/// they may appear.
struct LibraryRule {
  std::string_view headers;
  std::vector<std::string_view> folders;
};

struct Rules {
  std::vector<FolderRule> folders;
  std::vector<LibraryRule> libraries;
};

/// What `content`, the text of the file at `path`, includes: what stands between quotes or
/// brackets.
[[nodiscard]] std::vector<std::string> includes_of(std::string_view content);

/// One sentence for each include of the file that the rules do not allow, and for a file that lies
/// under no folder of theirs. Headers of the standard library are allowed everywhere.
[[nodiscard]] std::vector<std::string> violations(const Rules& rules, std::string_view path,
                                                  const std::vector<std::string>& includes);

}  // namespace tulving::architecture
