#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tulving {

// How calls answer. Nothing that a caller, a file or a server brings is met with an exception or an
// abort: what can fail returns a Result, and the compiler warns where one is dropped.
//
//   auto memory = tenant.get(id);
//   if (!memory) return memory.error();
//   use(*memory);
//
// Out of memory is the one exception that passes through: std::bad_alloc. A call that returned an
// Error has changed nothing, unless its own comment says what is then known (kInDoubt, kIo).

/// What a caller can do about a failure. A code exists only where the caller would act differently.
enum class ErrorCode : std::uint8_t {
  kInvalidArgument,  ///< The caller's mistake; the same call will fail again.
  kNotFound,         ///< The named record, store or file is not there.
  kConflict,  ///< What is stored differs from what the call assumed; read again, then decide.
  kBusy,      ///< Someone else holds it; retry later.
  kResourceExhausted,  ///< A limit set in the options was reached, or the disk is full.
  kIo,          ///< The operating system or a server refused; see the call for what is known.
  kCorruption,  ///< Bytes on disk are not what we wrote; stop and restore.
  kInDoubt,     ///< A remote commit may or may not have happened; look before retrying.
};

/// The code's name in lower case words, "invalid argument" say. Never empty.
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

/// Why a call failed.
struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  /// One sentence in UTF-8 without a full stop, for a person: what was attempted, on what, and
  /// which rule it broke, with the value. Never a password; no more of a record than the field at
  /// fault. Its wording may change between releases: branch on `code`, `field` and `position`.
  std::string message;
  /// The field that broke a rule, by its name in JSON ("priority"), or the option; empty: none did.
  std::string field = {};
  /// Of a call with several records: which was at fault, counted from 0 in the order given.
  std::optional<std::size_t> position = {};
};

namespace detail {
/// Ends the process: of a Result that holds `error` the value was read, or, null, its error was
/// read where it has none.
[[noreturn]] void read_wrong_side(const Error* error) noexcept;
}  // namespace detail

/// A `T`, or the Error that stands in its place. Members are a subset of std::expected's, so that
/// C++23 can replace it.
///
/// Requires: the side that is read is there; test first. Reading the other one is undefined, and
///   with TULVING_DCHECKS defined ends the process with the error that was overlooked.
/// After std::move(result).value() the value is moved from, and has_value() stays true.
/// Thread safety: as a value; several threads may read one, none may while another writes.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // Implicit on purpose: `return value;` and `return Error{...};` both read as they should.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & noexcept { return *value_side(*this); }
  const T& value() const& noexcept { return *value_side(*this); }
  T&& value() && noexcept { return std::move(*value_side(*this)); }
  T& operator*() & noexcept { return value(); }
  const T& operator*() const& noexcept { return value(); }
  T&& operator*() && noexcept { return std::move(*this).value(); }
  T* operator->() noexcept { return value_side(*this); }
  const T* operator->() const noexcept { return value_side(*this); }

  const Error& error() const& noexcept { return *error_side(*this); }
  Error&& error() && noexcept { return std::move(*error_side(*this)); }

 private:
  template <class Self>
  static auto* value_side(Self& self) noexcept {
#ifdef TULVING_DCHECKS
    if (!self.has_value()) detail::read_wrong_side(std::get_if<1>(&self.state_));
#endif
    return std::get_if<0>(&self.state_);
  }
  template <class Self>
  static auto* error_side(Self& self) noexcept {
#ifdef TULVING_DCHECKS
    if (self.has_value()) detail::read_wrong_side(nullptr);
#endif
    return std::get_if<1>(&self.state_);
  }

  std::variant<T, Error> state_;
};

/// Success, or the Error. `return {};` is success. Otherwise as Result<T>.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  const Error& error() const& noexcept {
    expect_error();
    return *error_;
  }
  Error&& error() && noexcept {
    expect_error();
    return *std::move(error_);
  }

 private:
  void expect_error() const noexcept {
#ifdef TULVING_DCHECKS
    if (has_value()) detail::read_wrong_side(nullptr);
#endif
  }

  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace tulving
