#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/params.h"
#include "tulving/result.h"
#include "tulving/store.h"
#include "tulving/text_writer.h"

namespace tulving {

// What can be done with a store, as one table: JSON in, JSON out. The command line, and whatever
// else lets other languages and other processes in, is made of it. C++ programs that link the store
// need none of it: Tenant and Store say the same in types.

/// What a call does to the store, at most.
enum class Effect : std::uint8_t {
  kRead,
  kWrite,    ///< Adds or changes.
  kDestroy,  ///< Takes away what no operation brings back.
};

/// "read", "write", "destroy".
[[nodiscard]] std::string_view to_string(Effect effect) noexcept;

/// Who calls.
struct Caller {
  /// The one tenant that the caller may speak of: calls that name none are of it, calls that name
  /// another, or are about the whole store, are refused. Empty: any, and the store.
  std::string tenant_id = {};
};

/// One call.
struct Call {
  std::string_view operation;
  std::string_view arguments = "{}";          ///< A JSON object, members named as the parameters.
  std::span<const NamedVector> vectors = {};  ///< In place of members of `arguments`.
  /// Called now and then by what takes long, with what is done of what there is to do (0: unknown);
  /// false stops it where it can be stopped.
  std::function<bool(std::uint64_t done, std::uint64_t total)> progress = {};
};

/// What a call answers.
struct Answer {
  std::string json;  ///< One document on one line, as Operation::answer says.
  /// Sentences for a person, that are not part of the answer: a name that no memory has, a note
  /// that followed.
  std::vector<std::string> remarks = {};
};

/// A line of a stream.
struct StreamLine {
  std::string_view text;                      ///< JSON, without its line end.
  std::uint64_t number = 0;                   ///< By which answers call it, from 1; 0: counted.
  std::span<const NamedVector> vectors = {};  ///< Of this line.
  const Error* error = nullptr;  ///< Of a line out that says why a line in was refused: the reason.
  /// The text is not the line's end: the next one goes on with it. For imports of another system's
  /// format alone, whose file may be one long line.
  bool is_part = false;
};

/// The two ends of a stream; called on the thread of Service::stream(), in turns.
struct StreamEnds {
  /// The next line in, valid until the next call; empty at the end. An error ends the stream.
  std::function<Result<std::optional<StreamLine>>()> next = {};
  /// Takes a line out.
  std::function<Status(const StreamLine& line)> put = {};
  /// True ends the stream after the present line, in good order. May be null.
  const std::atomic<bool>* stop = nullptr;
};

class Service;

/// What an operation is given to run.
struct Running {
  Service& service;
  const Arguments& arguments;
  const Caller& caller;
  const Call& call;
  Answer& answer;

  [[nodiscard]] Store& store() const;
  /// The handle of the tenant in the parameter tenant_id.
  [[nodiscard]] Result<Tenant> tenant() const;
};

/// One operation.
struct Operation {
  std::string_view name;  ///< "memory.add", "search": what HTTP paths and tools are called.
  Effect effect = Effect::kRead;
  /// The same call twice leaves the store as one does (but for times and counts of uses).
  bool is_idempotent = true;
  std::string_view help;  ///< What it does, one sentence or more.
  std::span<const Param> params = {};
  Param answer;  ///< Its name is empty.
  /// Appends the answer's JSON.
  Status (*run)(const Running& running) = nullptr;
  /// Of a stream instead: lines in, lines out, and the answer as a summary at the end.
  Status (*stream)(const Running& running, const StreamEnds& lines) = nullptr;
  Param line_in = {}, line_out = {};  ///< Of a stream. Without a type's members: none.
  /// A boolean parameter that, when it is true, makes another effect of it: "dry_run" a kRead.
  std::string_view turned_by = {};
  Effect turned_to = Effect::kRead;
  bool makes_store = false;  ///< It makes sense in a store that is not there yet: an import.

  [[nodiscard]] bool is_about_store() const;  ///< It has no parameter tenant_id.
  /// The effect of a call with these arguments.
  [[nodiscard]] Effect effect_of(const Arguments& arguments) const;
};

/// The operations of libtulving, by name. Those of other libraries come beside them
/// (postgres_operations()).
[[nodiscard]] std::span<const Operation> operation_table();

/// The operation of that name, in one of the tables; null: there is none.
[[nodiscard]] const Operation* find_operation(std::string_view name,
                                              std::span<const Operation> more = {});

/// The table as one JSON Schema (draft 2020-12): an object with a property for each operation,
/// whose "arguments" and "answer" are its schemas, and whose "effect" and "idempotent" are
/// annotations.
[[nodiscard]] std::string operations_schema(std::span<const Operation> more = {});

/// The schema of an operation's arguments, and of its answer, by itself: with the definitions that
/// it refers to.
[[nodiscard]] std::string arguments_schema(const Operation& operation);
[[nodiscard]] std::string answer_schema(const Operation& operation);

/// `error` with the operation's name in front of its message.
[[nodiscard]] Error in_operation(const Operation& operation, Error error);

struct ServiceOptions {
  TextWriterOptions writer = {};         ///< For operations that write texts.
  std::span<const Operation> more = {};  ///< Of other libraries; must outlive the service.
};

/// A store and what its operations need beside it.
///
/// Thread safety: any member from any thread, as for Store.
/// Errors: those of the call that an operation stands for, with code and field; kNotFound also: no
///   such operation; kInvalidArgument also: the arguments break a rule of the table, and the
///   message begins with the operation's name.
class Service {
 public:
  explicit Service(Store store, ServiceOptions options = {})
      : store_(std::move(store)), options_(std::move(options)) {}

  /// Runs one call. A stream's operation is refused here.
  Result<Answer> call(const Caller& caller, const Call& call);
  /// The same with arguments that were read before; `call` is the one that they are of.
  Result<Answer> run(const Caller& caller, const Call& call, const Arguments& arguments);

  /// Runs a stream ("import", "export", "search.batch") to its end. `answer` is its summary, of one
  /// that an error cut short too.
  Status stream(const Caller& caller, const Call& call, const StreamEnds& lines, Answer& answer);
  Status run_stream(const Caller& caller, const Call& call, const Arguments& arguments,
                    const StreamEnds& lines, Answer& answer);

  /// As find_operation(), those of `ServiceOptions::more` included.
  [[nodiscard]] const Operation* find(std::string_view name) const;
  [[nodiscard]] const Store& store() const { return store_; }
  [[nodiscard]] Store& store() { return store_; }
  [[nodiscard]] const ServiceOptions& options() const { return options_; }

 private:
  Store store_;
  ServiceOptions options_;
};

}  // namespace tulving
