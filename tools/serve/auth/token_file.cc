#include "tools/serve/auth/token_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include "core/base/files/atomic_file.h"
#include "core/base/files/file_system.h"
#include "core/base/json/json_text.h"
#include "core/json/text/json_writer.h"

namespace tulving::serve::auth {
namespace {

constexpr std::size_t kBytesMax = std::size_t{16} << 20U;

Error io_error(const std::filesystem::path& path, int cause) {
  return {cause == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
          fmt::format("cannot read the tokens in {}: {}", path.string(), std::strerror(cause)),
          "tokens"};
}

Error no_token_file(const std::filesystem::path& path) {
  return {ErrorCode::kCorruption, fmt::format("{} is no file of tokens", path.string()), "tokens"};
}

int digit_of(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool read_digest(std::string_view hex, Sha256& out) {
  if (hex.size() != 2 * out.size()) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit_of(hex[2 * i]);
    const int low = digit_of(hex[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return true;
}

bool read_time(const std::string& text, Timestamp& out) {
  const auto time = parse_time(text);
  if (time) out = *time;
  return time.has_value();
}

bool read_member(std::string_view key, const std::string& text, Token& token) {
  if (key == "id") token.id = text;
  if (key == "tenant") token.tenant = text == "*" ? std::string() : text;
  if (key == "sha256") return read_digest(text, token.digest);
  if (key == "created_at") return read_time(text, token.created_at);
  if (key == "expires_at") return read_time(text, token.expires_at.emplace());
  if (key != "scope") return true;
  const auto scopes = parse_scopes(text);
  token.scopes = scopes ? *scopes : Scopes{0};
  return scopes.has_value();
}

bool read_token(const JsonValue& value, Token& token) {
  if (value.kind() != JsonKind::kObject) return false;
  bool is_sound = true, has_tenant = false, has_digest = false;
  value.each_member([&](std::string_view key, JsonValue member) {
    has_tenant = has_tenant || key == "tenant";
    has_digest = has_digest || key == "sha256";
    is_sound = member.kind() == JsonKind::kString && read_member(key, member.as_string(), token);
    return is_sound;
  });
  return is_sound && has_tenant && has_digest && !token.id.empty() && token.scopes != 0;
}

bool read_document(const std::string& text, std::vector<Token>& tokens) {
  if (scan_json(text)) return false;
  const JsonValue document = JsonValue::whole(text);
  if (document.kind() != JsonKind::kObject) return false;
  bool is_sound = false;
  document.each_member([&](std::string_view key, JsonValue value) {
    if (key != "tokens" || value.kind() != JsonKind::kArray) return true;
    is_sound = true;
    value.each_element([&](JsonValue element) {
      is_sound = read_token(element, tokens.emplace_back());
      return is_sound;
    });
    return false;
  });
  return is_sound;
}

std::string written(const std::vector<Token>& tokens) {
  std::string text = "{\"format\":1,\"tokens\":[";
  for (const Token& token : tokens) {
    text += &token == tokens.data() ? "\n" : ",\n";
    json::ObjectWriter out(text);
    out.member("id", token.id);
    out.member("sha256", to_hex(token.digest));
    out.member("tenant", token.tenant.empty() ? std::string("*") : token.tenant);
    out.member("scope", to_text(token.scopes));
    out.member("created_at", token.created_at);
    if (token.expires_at) out.member("expires_at", *token.expires_at);
    out.close();
  }
  return text += "\n]}\n";
}

}  // namespace

std::filesystem::path tokens_beside(const std::filesystem::path& store) {
  std::filesystem::path path = store.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "store/".
  return path += ".tokens";
}

Result<std::vector<Token>> read_tokens(const std::filesystem::path& path) {
  FileSystem& files = FileSystem::machine();
  const Descriptor file = Descriptor::open(files, path, O_RDONLY);
  if (!file.is_open()) return io_error(path, file.cause());
  struct stat info {};
  if (const int cause = file.stat(info); cause != 0) return io_error(path, cause);
  if (!S_ISREG(info.st_mode) || static_cast<std::size_t>(info.st_size) > kBytesMax) {
    return no_token_file(path);
  }
  // A service manager's credentials are the group's to read.
  if ((info.st_mode & 0027) != 0) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} has mode {:03o}; others may read or change it: chmod 600",
                             path.string(), info.st_mode & 0777),
                 "tokens"};
  }
  std::string text;
  if (const int cause = file.read_all(text); cause != 0) return io_error(path, cause);
  std::vector<Token> tokens;
  if (!read_document(text, tokens)) return no_token_file(path);
  return tokens;
}

Status change_tokens(const std::filesystem::path& path,
                     const std::function<Status(std::vector<Token>&)>& change) {
  FileSystem& files = FileSystem::machine();
  std::filesystem::path lock_path = path;
  lock_path += ".lock";
  const Descriptor lock = Descriptor::open(files, lock_path, O_RDWR | O_CREAT, 0600);
  if (!lock.is_open()) return io_error(lock_path, lock.cause());
  if (const int cause = lock.lock(true); cause != 0) return io_error(lock_path, cause);
  auto tokens = read_tokens(path);
  if (!tokens && tokens.error().code != ErrorCode::kNotFound) return tokens.error();
  std::vector<Token> kept = tokens ? *std::move(tokens) : std::vector<Token>();
  if (auto status = change(kept); !status) return status;
  {  // A file that is replaced keeps its mode: so it is its owner's from the first moment on.
    const Descriptor empty = Descriptor::open(files, path, O_WRONLY | O_CREAT, 0600);
    if (!empty.is_open()) return io_error(path, empty.cause());
  }
  auto file = AtomicFile::create(path);
  if (!file) return file.error();
  if (auto status = file->write(written(kept)); !status) return status;
  return file->commit();
}

}  // namespace tulving::serve::auth
