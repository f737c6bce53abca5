#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/result.h"

struct pg_conn;
struct pg_result;

namespace tulving::storage::postgres {

/// The rows of a query, as text.
class Rows {
 public:
  explicit Rows(pg_result* result);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] int columns() const;
  /// Empty for NULL, too; see is_null().
  [[nodiscard]] std::string at(std::size_t row, int column) const;
  [[nodiscard]] bool is_null(std::size_t row, int column) const;
  /// Rows an INSERT, UPDATE or DELETE touched.
  [[nodiscard]] std::uint64_t affected() const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

/// One connection to a server, closed by the destructor, which rolls back what was not committed.
///
/// Errors: kIo when the server cannot be reached, goes away or refuses for reasons of its own (disk
///   full, privileges); kBusy for a deadlock or a lock timeout; kConflict for what its tables
///   refuse. A message names host, port, database and activity, never the password.
/// Thread safety: one thread at a time.
class Connection {
 public:
  /// kInvalidArgument: `uri` is neither a libpq URI nor a key=value string.
  static Result<Connection> open(const std::string& uri);

  /// What the next commands are for: "creating the tables". Stands in every message.
  void set_activity(std::string activity) { activity_ = std::move(activity); }
  /// "HOST:PORT, database NAME".
  [[nodiscard]] std::string where() const;

  /// Runs one statement with parameters $1, $2, ..., none of them NULL.
  Result<Rows> query(const std::string& sql, std::span<const std::string> parameters = {});
  /// Runs any number of statements.
  Status run(const std::string& sql);
  /// Runs one statement; the rows it touched.
  Result<std::uint64_t> execute(const std::string& sql);
  /// kInDoubt: the server went away before it answered.
  Status commit();

  // COPY ... FROM STDIN: copy_start(), copy_put() any number of times, copy_end().
  Status copy_start(const std::string& sql);
  Status copy_put(std::string_view bytes);
  Status copy_end();

  /// Runs COPY ... TO STDOUT; `visit` has its bytes as they come, each piece until it returns. An
  /// error of `visit` cancels the command and is returned. After an error the transaction, if there
  /// is one, can only be rolled back; the connection stays usable unless it was lost.
  using VisitBytes = std::function<Status(std::string_view bytes)>;
  Status copy_out(const std::string& sql, const VisitBytes& visit);

  /// Of the last command that failed: whether its data was at fault (a value that a type, a
  /// constraint or a limit refuses), so that the same command with other data may succeed, ...
  [[nodiscard]] bool failed_on_data() const;
  /// ... and the server's own sentence.
  [[nodiscard]] const std::string& failure() const { return failure_; }

  [[nodiscard]] static std::string quote_name(std::string_view name);
  [[nodiscard]] static std::string quote_text(std::string_view text);

 private:
  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  explicit Connection(pg_conn* connection) : connection_(connection) {}
  Error error_of(pg_result* result);
  Error lost();
  Status finish_command();
  void abandon_copy_out();

  std::unique_ptr<pg_conn, Finish> connection_;
  std::string activity_ = "connecting";
  std::string sqlstate_;
  std::string failure_;
};

}  // namespace tulving::storage::postgres
