#pragma once

#include <memory>
#include <string>
#include <utility>

#include "tools/c/handles/objects.h"
#include "tools/c/include/tulving_c.h"
#include "tulving/result.h"

namespace tulving::c {

/// What a caller gave with a callback: let go by its `destroy` when the last who needs it is gone.
class Context {
 public:
  Context(void* value, void (*destroy)(void*)) : value_(value), destroy_(destroy) {}
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  [[nodiscard]] void* get() const { return value_; }

 private:
  void* const value_;
  void (*const destroy_)(void*);
};

/// A reply that a callback can be given, until this goes.
class OpenReply {
 public:
  OpenReply();
  ~OpenReply();
  OpenReply(const OpenReply&) = delete;
  OpenReply& operator=(const OpenReply&) = delete;

  [[nodiscard]] tulving_reply* handle() const { return handle_; }
  /// The text that the callback gave; empty: it gave none.
  [[nodiscard]] std::optional<std::string> text() const;
  /// What a callback that returned `status` says: "the embedder: ...".
  [[nodiscard]] Error error(std::string_view who, tulving_status status) const;

 private:
  std::shared_ptr<ReplyObject> object_;
  tulving_reply* handle_;
};

/// The status that `call`, a callback, returned; an exception that it threw, which it must not, is
/// kIo in the words of its own.
template <class Call>
tulving_status called_back(tulving_reply* reply, const Call& call) {
  try {
    return call();
  } catch (...) {
    constexpr std::string_view kThrew = "an exception left the callback";
    tulving_reply_error(reply, {kThrew.data(), kThrew.size()});
    return TULVING_IO;
  }
}

}  // namespace tulving::c
