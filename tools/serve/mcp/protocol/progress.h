#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tulving::serve::mcp {

/// Tells a message before the answer; false: nobody listens any more. Null: the transport carries
/// answers alone.
using Teller = std::function<bool(std::string_view message)>;

/// How far a request is, told to whoever asked for that by a progress token.
class Progress {
 public:
  /// `params`: of the request, JSON. Both must outlive it.
  Progress(std::string_view params, const Teller& tell);

  [[nodiscard]] bool is_wanted() const { return !token_.empty(); }
  /// `total` 0: not known. What is no more than was told before is not told, nor less than a
  /// hundredth of the total more. False: nobody listens any more.
  bool tell(std::uint64_t done, std::uint64_t total);

 private:
  const Teller& tell_;
  std::string_view token_;  // JSON; empty: nothing is told.
  std::int64_t told_ = -1;
  bool is_heard_ = true;
};

}  // namespace tulving::serve::mcp
