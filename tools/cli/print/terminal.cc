#include "tools/cli/print/terminal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

#include "tools/cli/print/shown_text.h"

namespace tulving::tools {

namespace {

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// What stands between a stream and its terminal. glibc calls it with what the stream buffered.
class Guard {
 public:
  explicit Guard(int fd) : fd_(fd) {}

  bool write(std::string_view bytes) {
    pending_ += bytes;
    // A character cut in two by the stream's buffer waits for its other half.
    const std::size_t whole = pending_.size() - unfinished_bytes(pending_);
    const bool done = write_all(
        fd_, with_controls_escaped(std::string_view(pending_).substr(0, whole), LineBreaks::kKept));
    pending_.erase(0, whole);
    return done;
  }
  bool finish() { return write_all(fd_, with_controls_escaped(pending_, LineBreaks::kKept)); }

 private:
  int fd_;
  std::string pending_;
};

ssize_t write_guarded(void* guard, const char* bytes, std::size_t size) {
  // By fopencookie(3), 0 is an error; errno says which.
  return static_cast<Guard*>(guard)->write({bytes, size}) ? static_cast<ssize_t>(size) : 0;
}

int close_guarded(void* guard) {
  const std::unique_ptr<Guard> owned(static_cast<Guard*>(guard));
  return owned->finish() ? 0 : EOF;
}

/// A stream to `fd` through a guard of its own. Null: out of memory.
std::FILE* guarded(int fd) {
  auto guard = std::make_unique<Guard>(fd);
  std::FILE* stream = fopencookie(
      guard.get(), "w",
      {.read = nullptr, .write = write_guarded, .seek = nullptr, .close = close_guarded});
  if (stream == nullptr) return nullptr;
  static_cast<void>(guard.release());  // The stream's now; it goes with the process.
  std::setvbuf(stream, nullptr, _IOLBF, BUFSIZ);
  return stream;
}

}  // namespace

bool hold_closed_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // A name and no file: reading and writing fail with EBADF, as before.
    if (::open("/", O_PATH) != fd) return false;
  }
  return true;
}

// In glibc the standard streams are variables that a program may set.
bool guard_terminals() {
  for (const auto& [fd, stream] : {std::pair{STDOUT_FILENO, &stdout}, {STDERR_FILENO, &stderr}}) {
    if (isatty(fd) == 0) continue;
    std::FILE* guard = guarded(fd);
    if (guard == nullptr) return false;
    *stream = guard;
  }
  return true;
}

bool stdout_is_terminal() { return isatty(STDOUT_FILENO) != 0; }
bool stderr_is_terminal() { return isatty(STDERR_FILENO) != 0; }

void write_controls(std::string_view text) {
  std::fflush(stderr);
  static_cast<void>(write_all(STDERR_FILENO, text));
}

}  // namespace tulving::tools
