#include "tools/serve/http/pipe.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

namespace tulving::serve::http {

Status Pipe::write(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  // Woken by the reader; looked at now and then all the same, as nobody wakes it to give up.
  while (!is_closed_ && !gives_up_ && bytes_.size() - begin_ > kBytesMax) {
    room_.wait_for(lock, std::chrono::milliseconds(50));
  }
  if (is_closed_) return Error{ErrorCode::kIo, "the client has gone"};
  if (gives_up_) return Error{ErrorCode::kIo, "the server is ending"};
  bytes_.append(bytes);
  wake_reader(lock);
  return {};
}

void Pipe::finish(bool is_whole) {
  std::unique_lock lock(mutex_);
  is_finished_ = true;
  is_whole_ = is_whole;
  wake_reader(lock);
}

// Without the lock: the library takes locks of its own.
void Pipe::wake_reader(std::unique_lock<std::mutex>& lock) {
  const auto wake = std::exchange(wake_, {});
  lock.unlock();
  if (wake) wake();
}

Pipe::Read Pipe::read(char* out, std::size_t max, std::size_t& count,
                      const std::function<void()>& sleep, std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  count = std::min(max, bytes_.size() - begin_);
  if (count > 0) {
    std::memcpy(out, bytes_.data() + begin_, count);
    begin_ += count;
    if (begin_ == bytes_.size()) {
      bytes_.clear();
      begin_ = 0;
    } else if (begin_ > kBytesMax) {
      bytes_.erase(0, begin_);
      begin_ = 0;
    }
    room_.notify_all();
    return Read::kSome;
  }
  if (is_finished_) return is_whole_ ? Read::kEnd : Read::kCut;
  sleep();
  wake_ = std::move(wake);
  return Read::kNothingYet;
}

void Pipe::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  wake_ = {};
  room_.notify_all();
}

}  // namespace tulving::serve::http
