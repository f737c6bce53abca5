#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tulving {

/// What a caller can do about a failure. A code exists only where the caller would act differently.
enum class ErrorCode : std::uint8_t {
  kInvalidArgument,  ///< The caller's mistake; the same call will fail again.
  kNotFound,         ///< The named record, store or file is not there.
  kConflict,  ///< What is stored differs from what the call assumed; read again, then decide.
  kBusy,      ///< Someone else holds it; retry later.
  kResourceExhausted,  ///< A limit set in the options was reached.
  kIo,          ///< The operating system or a server refused; see the call for what is known.
  kCorruption,  ///< Bytes on disk are not what we wrote; stop and restore.
  kInDoubt,     ///< A remote commit may or may not have happened; look before retrying.
};

/// The code's name in lower case words, "invalid argument" say. Never empty.
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

/// Why a call failed. `message` says what was attempted, on what, and which rule it broke.
struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
  std::string field = {};  ///< The field that broke a rule ("priority"), empty when none did.
  /// Of a call with several records: which was at fault, counted from 0.
  std::optional<std::size_t> position = {};
};

/// A `T`, or the Error that stands in its place. Members are a subset of std::expected's, so that
/// C++23 can replace it. Reading the side that is not there is undefined; test first.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // Implicit on purpose: `return value;` and `return Error{...};` both read as they should.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & noexcept { return *std::get_if<0>(&state_); }
  const T& value() const& noexcept { return *std::get_if<0>(&state_); }
  T&& value() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & noexcept { return value(); }
  const T& operator*() const& noexcept { return value(); }
  T&& operator*() && noexcept { return std::move(*this).value(); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

/// Success, or the Error. `return {};` is success.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  const Error& error() const& noexcept { return *error_; }
  Error&& error() && noexcept { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace tulving
