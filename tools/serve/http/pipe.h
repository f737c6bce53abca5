#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "tulving/result.h"

namespace tulving::serve::http {

/// Bytes on their way from a thread that makes them to a connection that sends them, a few at a
/// time.
class Pipe {
 public:
  /// Writers give up once `gives_up` is true. It must outlive the pipe.
  explicit Pipe(const std::atomic<bool>& gives_up) : gives_up_(gives_up) {}

  /// Waits while more than some is there. kIo: who reads has gone.
  Status write(std::string_view bytes);
  /// Nothing more comes. `is_whole` false: what came is not all of it.
  void finish(bool is_whole);

  enum class Read : std::uint8_t { kSome, kNothingYet, kEnd, kCut };
  /// Moves up to `max` bytes out. Where nothing is there yet, calls `sleep` before anything can
  /// come, and `wake` is called once when something does.
  Read read(char* out, std::size_t max, std::size_t& count, const std::function<void()>& sleep,
            std::function<void()> wake);
  /// Who reads has gone.
  void close();

 private:
  static constexpr std::size_t kBytesMax = 256 << 10;
  void wake_reader(std::unique_lock<std::mutex>& lock);

  const std::atomic<bool>& gives_up_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::string bytes_;
  std::size_t begin_ = 0;  // What is before it has been read.
  bool is_finished_ = false, is_whole_ = false, is_closed_ = false;
  std::function<void()> wake_;
};

}  // namespace tulving::serve::http
