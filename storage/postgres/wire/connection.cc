#include "storage/postgres/wire/connection.h"

#include <libpq-fe.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "core/base/check.h"

namespace tulving::storage::postgres {
namespace {

std::string trimmed(const char* text) {
  std::string result = text == nullptr ? "" : text;
  while (!result.empty() && (result.back() == '\n' || result.back() == ' ')) result.pop_back();
  return result;
}

std::string field_of(const pg_result* result, int field) {
  return trimmed(PQresultErrorField(result, field));
}

bool starts_with_any(std::string_view state, std::initializer_list<std::string_view> prefixes) {
  for (const auto prefix : prefixes) {
    if (state.starts_with(prefix)) return true;
  }
  return false;
}

// Classes of PostgreSQL's appendix A, by what the caller can do next.
ErrorCode code_of(std::string_view sqlstate) {
  if (starts_with_any(sqlstate, {"40", "55P03"})) return ErrorCode::kBusy;
  if (starts_with_any(sqlstate, {"53100", "53200"})) return ErrorCode::kIo;
  if (starts_with_any(sqlstate, {"42501"})) return ErrorCode::kIo;
  if (starts_with_any(sqlstate, {"22", "23", "42", "54"})) return ErrorCode::kConflict;
  return ErrorCode::kIo;
}

// Reads the address without connecting. libpq's own message would quote parts of it, the password
// among them, so it is not passed on; nor may parts of a password get where messages name them.
Status check_address(const std::string& uri) {
  char* complaint = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(uri.c_str(), &complaint), &PQconninfoFree);
  PQfreemem(complaint);
  if (options == nullptr || uri.empty()) {
    return Error{
        ErrorCode::kInvalidArgument,
        "the Postgres address is neither a libpq URI (postgresql://user@host:port/database) "
        "nor key=value pairs; it is not repeated here, as it may hold a password",
        "uri"};
  }
  const auto wrong = [](std::string_view part) {
    return Error{ErrorCode::kInvalidArgument,
                 "the " + std::string(part) +
                     "; in a user name or a password write \"@\" as %40, \"/\" as %2F, \":\" as "
                     "%3A. It is not repeated here, as it may hold a password",
                 "uri"};
  };
  for (const auto* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string_view name = option->keyword;
    const std::string_view value = option->val == nullptr ? "" : option->val;
    if (name == "host" && value.find('@') != value.npos) {
      return wrong("host of the Postgres address holds an \"@\"");
    }
    if (name == "port" && value.find_first_not_of("0123456789,") != value.npos) {
      return wrong("port of the Postgres address is no number");
    }
    if (name == "dbname" && (value.find('@') != value.npos || value.find("://") != value.npos)) {
      return wrong("database of the Postgres address holds an \"@\" or an address");
    }
  }
  return {};
}

}  // namespace

Rows::Rows(pg_result* result) : result_(result) {}
void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }
std::size_t Rows::size() const { return static_cast<std::size_t>(PQntuples(result_.get())); }
int Rows::columns() const { return PQnfields(result_.get()); }
std::string Rows::at(std::size_t row, int column) const {
  TULVING_DCHECK(row < size() && column < columns());
  return PQgetvalue(result_.get(), static_cast<int>(row), column);
}
bool Rows::is_null(std::size_t row, int column) const {
  return PQgetisnull(result_.get(), static_cast<int>(row), column) == 1;
}
std::uint64_t Rows::affected() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::uint64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

void Connection::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

Result<Connection> Connection::open(const std::string& uri) {
  if (auto status = check_address(uri); !status) return status.error();
  // What stands before dbname is a default that the address may override; what follows, may not.
  // Without connect_timeout a host that drops packets would hold the caller for two minutes.
  constexpr std::array kNames = {"connect_timeout", "application_name", "dbname", "client_encoding",
                                 static_cast<const char*>(nullptr)};
  const std::array values = {"10", "tulving", uri.c_str(), "UTF8",
                             static_cast<const char*>(nullptr)};
  const bool has_timeout = std::getenv("PGCONNECT_TIMEOUT") != nullptr;
  const std::size_t first = has_timeout ? 1 : 0;
  Connection connection(PQconnectdbParams(kNames.data() + first, values.data() + first, 1));
  if (connection.connection_ == nullptr) return Error{ErrorCode::kIo, "libpq is out of memory"};
  if (PQstatus(connection.connection_.get()) != CONNECTION_OK) {
    return Error{ErrorCode::kIo, "cannot reach PostgreSQL at " + connection.where() + ": " +
                                     trimmed(PQerrorMessage(connection.connection_.get()))};
  }
  // libpq would print the server's notices on stderr, which is the caller's.
  PQsetNoticeReceiver(
      connection.connection_.get(), [](void*, const PGresult*) {}, nullptr);
  return connection;
}

std::string Connection::where() const {
  const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
  std::string port = text(PQport(connection_.get()));
  return text(PQhost(connection_.get())) + (port.empty() ? "" : ":" + port) + ", database " +
         text(PQdb(connection_.get()));
}

Error Connection::lost() {
  sqlstate_ = "08006";
  failure_ = trimmed(PQerrorMessage(connection_.get()));
  return {ErrorCode::kIo, "lost PostgreSQL at " + where() + " while " + activity_ +
                              "; nothing of this transaction is kept: " + failure_};
}

Error Connection::error_of(pg_result* result) {
  if (PQstatus(connection_.get()) == CONNECTION_BAD) return lost();
  sqlstate_ = field_of(result, PG_DIAG_SQLSTATE);
  failure_ = field_of(result, PG_DIAG_MESSAGE_PRIMARY);
  if (failure_.empty()) failure_ = trimmed(PQerrorMessage(connection_.get()));
  if (const auto detail = field_of(result, PG_DIAG_MESSAGE_DETAIL); !detail.empty()) {
    failure_ += " (" + detail + ")";
  }
  if (starts_with_any(sqlstate_, {"57P"})) {  // Shut down or terminated: the socket closes next.
    return {ErrorCode::kIo, "lost PostgreSQL at " + where() + " while " + activity_ +
                                "; nothing of this transaction is kept: " + failure_};
  }
  return {code_of(sqlstate_), "PostgreSQL at " + where() + " refused while " + activity_ + ": " +
                                  failure_ + " [" + sqlstate_ + "]"};
}

Result<Rows> Connection::query(const std::string& sql, std::span<const std::string> parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const auto& parameter : parameters) {
    TULVING_DCHECK(parameter.find('\0') == std::string::npos);  // libpq would end there.
    values.push_back(parameter.c_str());
  }
  auto* raw = PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                           values.data(), nullptr, nullptr, 0);
  Rows rows(raw);
  const auto status = PQresultStatus(raw);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return rows;
  return error_of(raw);
}

Status Connection::run(const std::string& sql) {
  auto* raw = PQexec(connection_.get(), sql.c_str());
  const Rows rows(raw);
  const auto status = PQresultStatus(raw);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return {};
  return error_of(raw);
}

Result<std::uint64_t> Connection::execute(const std::string& sql) {
  auto rows = query(sql);
  if (!rows) return rows.error();
  return rows->affected();
}

Status Connection::commit() {
  auto status = run("COMMIT");
  if (status || PQstatus(connection_.get()) != CONNECTION_BAD) return status;
  return Error{ErrorCode::kInDoubt,
               "lost PostgreSQL at " + where() +
                   " during the commit, which may have happened or not; run the sync again, it "
                   "changes only what is missing: " +
                   failure_};
}

Status Connection::copy_start(const std::string& sql) {
  auto* raw = PQexec(connection_.get(), sql.c_str());
  const Rows rows(raw);
  if (PQresultStatus(raw) == PGRES_COPY_IN) return {};
  return error_of(raw);
}

Status Connection::copy_put(std::string_view bytes) {
  constexpr std::size_t kPieceMax = 64UL << 20U;  // PQputCopyData takes an int.
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, kPieceMax);
    bytes.remove_prefix(piece.size());
    const int size = static_cast<int>(piece.size());
    if (PQputCopyData(connection_.get(), piece.data(), size) == 1) continue;
    // The server's farewell, if it sent one, says more than the broken pipe.
    if (auto status = finish_command(); !status) return status;
    return lost();
  }
  return {};
}

Status Connection::copy_end() {
  if (PQputCopyEnd(connection_.get(), nullptr) != 1) return lost();
  return finish_command();
}

Status Connection::copy_out(const std::string& sql, const VisitBytes& visit) {
  auto* raw = PQexec(connection_.get(), sql.c_str());
  const Rows rows(raw);
  if (PQresultStatus(raw) != PGRES_COPY_OUT) return error_of(raw);
  while (true) {
    char* bytes = nullptr;
    const int size = PQgetCopyData(connection_.get(), &bytes, 0);
    const std::unique_ptr<char, decltype(&PQfreemem)> owner(bytes, &PQfreemem);
    if (size == -1) return finish_command();  // The end, or the server's error.
    if (size < 0) return error_of(nullptr);
    if (auto status = visit({bytes, static_cast<std::size_t>(size)}); !status) {
      abandon_copy_out();
      return status;
    }
  }
}

// Without the cancel, all that is left of a large table would have to come. It cannot hit a later
// command: PQcancel() returns when the server has passed it on.
void Connection::abandon_copy_out() {
  const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel(PQgetCancel(connection_.get()),
                                                                  &PQfreeCancel);
  std::array<char, 256> complaint;
  if (cancel) PQcancel(cancel.get(), complaint.data(), static_cast<int>(complaint.size()));
  char* bytes = nullptr;
  while (PQgetCopyData(connection_.get(), &bytes, 0) > 0) PQfreemem(bytes);
  while (auto* raw = PQgetResult(connection_.get())) {
    const Rows rows(raw);
    if (PQresultStatus(raw) == PGRES_COPY_OUT) break;  // Reading failed; the next command says so.
  }
}

Status Connection::finish_command() {
  Status status;
  while (auto* raw = PQgetResult(connection_.get())) {
    const Rows rows(raw);
    const auto state = PQresultStatus(raw);
    if (state == PGRES_COPY_IN) break;  // Only when putting failed: the caller reports the loss.
    if (state != PGRES_COMMAND_OK && status) status = error_of(raw);
  }
  return status;
}

bool Connection::failed_on_data() const { return starts_with_any(sqlstate_, {"22", "23", "54"}); }

std::string Connection::quote_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string Connection::quote_text(std::string_view text) {
  // E'' reads the same whatever standard_conforming_strings says.
  std::string quoted = "E'";
  for (const char c : text) quoted.append(c == '\'' || c == '\\' ? 2 : 1, c);
  return quoted + '\'';
}

}  // namespace tulving::storage::postgres
