#include "tools/cli/commands/store/postgres_address.h"

#include <fmt/core.h>
#include <stdio.h>  // fileno(3)
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace tulving::tools {

namespace {

struct AddressFile {
  std::string_view option;
  const std::string& path;

  [[nodiscard]] Error refused(std::string_view rule) const {
    return {ErrorCode::kInvalidArgument, fmt::format("--{}-file {}: {}", option, path, rule),
            std::string(option)};
  }
};

Result<std::string> address_in(const AddressFile& named) {
  constexpr std::size_t kBytesMax = 65'536;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(named.path.c_str(), "rbe"),
                                                             &std::fclose);
  struct stat info {};
  if (!file || fstat(fileno(file.get()), &info) != 0) {
    return named.refused(std::generic_category().message(errno));
  }
  if (S_ISREG(info.st_mode) && (info.st_mode & 077U) != 0) {
    return named.refused(
        fmt::format("others may read it, its mode is {:04o}; must be 0600", info.st_mode & 07777U));
  }
  std::string text(kBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return named.refused(std::generic_category().message(errno));
  if (text.size() > kBytesMax) {
    return named.refused(fmt::format("it is longer than {} bytes", kBytesMax));
  }
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  text.erase(0, text.find_first_not_of(" \t\r\n"));
  if (text.empty() || text.find_first_of(std::string_view("\n\0", 2)) != std::string::npos) {
    return named.refused("must hold one line, a connection string");
  }
  return text;
}

}  // namespace

Result<std::string> postgres_address(std::string_view command, std::string_view option,
                                     const std::string& given, const std::string& file) {
  if (file.empty() == given.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{0} takes either --{1} URI or --{1}-file FILE", command, option),
                 std::string(option)};
  }
  return file.empty() ? given : address_in({option, file});
}

}  // namespace tulving::tools
