#include "tools/serve/http/daemon.h"

#include <microhttpd.h>

#include <cstring>
#include <thread>
#include <utility>

#include "tools/serve/http/exchange.h"
#include "tools/serve/http/request_rules.h"

namespace tulving::serve::http {
namespace {

// What of a body that is too long is read and thrown away before the connection is cut, so that the
// client can hear why.
constexpr std::size_t kThrownAwayMax = std::size_t{16} << 20U;
constexpr std::size_t kStreamBlock = 32 << 10;

using SharedExchange = std::shared_ptr<Exchange>;

Shared& shared_of(void* closure) { return *static_cast<Shared*>(closure); }

Connection* connection_of(MHD_Connection* raw) {
  const auto* info = MHD_get_connection_info(raw, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == nullptr ? nullptr : static_cast<Connection*>(info->socket_context);
}

/// Blanks around a header's value are none of it (RFC 9110, section 5.5).
std::string_view without_blanks(std::string_view value) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = value.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return value.substr(begin, value.find_last_not_of(kBlanks) - begin + 1);
}

MHD_Result take_header(void* to, MHD_ValueKind, const char* key, std::size_t key_size,
                       const char* value, std::size_t value_size) {
  const std::string_view text(value == nullptr ? "" : value, value == nullptr ? 0 : value_size);
  static_cast<Pairs*>(to)->emplace_back(std::string(key, key_size), without_blanks(text));
  return MHD_YES;
}

MHD_Result take_pair(void* to, MHD_ValueKind, const char* key, std::size_t key_size,
                     const char* value, std::size_t value_size) {
  static_cast<Pairs*>(to)->emplace_back(
      std::string(key, key_size),
      value == nullptr ? std::string() : std::string(value, value_size));
  return MHD_YES;
}

/// The body is the response's from now on.
MHD_Response* made_of(std::string body) {
  auto* kept = new std::string(std::move(body));
  return MHD_create_response_from_buffer_with_free_callback_cls(
      kept->size(), kept->data(), [](void* text) { delete static_cast<std::string*>(text); }, kept);
}

MHD_Result queue(MHD_Connection* raw, const Response& head, MHD_Response* made) {
  if (made == nullptr) return MHD_NO;
  for (const auto& [name, value] : head.headers) {
    MHD_add_response_header(made, name.c_str(), value.c_str());
  }
  if (head.closes) MHD_add_response_header(made, "Connection", "close");
  const MHD_Result result = MHD_queue_response(raw, static_cast<unsigned>(head.status), made);
  MHD_destroy_response(made);
  return result;
}

/// Before the client can hear the answer, and ask again.
void drop_body(Shared& shared, Exchange& exchange) {
  exchange.request.body = std::string();
  shared.bodies_bytes -= std::exchange(exchange.body_held, 0);
}

MHD_Result send(MHD_Connection* raw, Exchange& exchange, Response response) {
  exchange.connection->cut_in(std::chrono::minutes(5));
  exchange.state = Exchange::State::kAnswered;
  std::string body = std::exchange(response.body, {});
  return queue(raw, response, made_of(std::move(body)));
}

struct StreamReader {
  MHD_Connection* connection;
  std::shared_ptr<Pipe> pipe;
};

ssize_t read_stream(void* closure, std::uint64_t, char* out, std::size_t max) {
  const auto& reader = *static_cast<StreamReader*>(closure);
  std::size_t count = 0;
  MHD_Connection* raw = reader.connection;
  switch (reader.pipe->read(
      out, max, count, [raw] { MHD_suspend_connection(raw); },
      [raw] { MHD_resume_connection(raw); })) {
    case Pipe::Read::kSome:
      return static_cast<ssize_t>(count);
    case Pipe::Read::kNothingYet:
      return 0;
    case Pipe::Read::kEnd:
      return MHD_CONTENT_READER_END_OF_STREAM;
    case Pipe::Read::kCut:
      break;
  }
  return MHD_CONTENT_READER_END_WITH_ERROR;
}

void end_stream(void* closure) {
  auto* reader = static_cast<StreamReader*>(closure);
  reader->pipe->close();
  delete reader;
}

MHD_Result send_stream(MHD_Connection* raw, Exchange& exchange) {
  exchange.connection->cut_at = 0;  // As long as it takes; the library cuts who reads nothing.
  auto* reader = new StreamReader{raw, exchange.pipe};
  return queue(raw, exchange.response,
               MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kStreamBlock, &read_stream,
                                                 reader, &end_stream));
}

bool has_body(const RequestHead& head) {
  return head.count("Transfer-Encoding") > 0 || content_length(head).value_or(0) > 0;
}

/// The head is there.
MHD_Result begin(Shared& shared, MHD_Connection* raw, const char* url, const char* method,
                 const char* version, void** state) {
  Connection* connection = connection_of(raw);
  if (connection == nullptr) return MHD_NO;
  auto exchange = std::make_shared<Exchange>(connection, shared.gives_up);
  *state = new SharedExchange(exchange);
  ++shared.active;
  RequestHead& head = exchange->request.head;
  head.method = method;
  head.path = url;
  head.peer = connection->peer;
  MHD_get_connection_values_n(raw, MHD_HEADER_KIND, &take_header, &head.headers);
  MHD_get_connection_values_n(raw, MHD_GET_ARGUMENT_KIND, &take_pair, &head.query);
  connection->cut_in(shared.options.body_time);
  if (const auto fault = fault_of(head, version)) {
    Response response = shared.handler.refuse(400, *fault);
    response.closes = true;  // Nobody knows where the next request begins.
    return send(raw, *exchange, std::move(response));
  }
  exchange->admission = shared.handler.admit(head);
  std::optional<Response> refusal = std::move(exchange->admission.refusal);
  const std::size_t length = content_length(head).value_or(0);
  if (!refusal && length > exchange->admission.body_max) {
    refusal = shared.handler.refuse(413, "the body is too long");
  }
  if (!refusal) return MHD_YES;
  if (has_body(head)) {
    refusal->closes = true;
    return send(raw, *exchange, *std::move(refusal));
  }
  exchange->refusal = std::move(refusal);
  return MHD_YES;
}

/// A piece of the body.
MHD_Result take(Shared& shared, Exchange& exchange, const char* bytes, std::size_t size) {
  exchange.body_seen += size;
  if (exchange.body_seen > exchange.admission.body_max) {
    if (!exchange.refusal) {
      exchange.refusal = shared.handler.refuse(413, "the body is too long");
      exchange.refusal->closes = true;
    }
    return exchange.body_seen > exchange.admission.body_max + kThrownAwayMax ? MHD_NO : MHD_YES;
  }
  if (exchange.refusal) return MHD_YES;
  shared.bodies_bytes += size;
  exchange.body_held += size;
  if (shared.bodies_bytes > shared.options.bodies_bytes_max) {
    drop_body(shared, exchange);
    exchange.refusal = shared.handler.refuse(503, "too many bytes are on their way");
    return MHD_YES;
  }
  exchange.request.body.append(bytes, size);
  return MHD_YES;
}

/// All of the request is there.
MHD_Result answer(Shared& shared, MHD_Connection* raw, const SharedExchange& exchange) {
  if (exchange->refusal) return send(raw, *exchange, *std::exchange(exchange->refusal, {}));
  exchange->connection->cut_at = 0;
  exchange->state = Exchange::State::kRunning;
  exchange->request.admitted = exchange->admission.admitted;
  if (exchange->admission.lane == Lane::kInline) {
    exchange->run(shared.handler);
    drop_body(shared, *exchange);
    return send(raw, *exchange, std::move(exchange->response));
  }
  exchange->wake = [raw] { MHD_resume_connection(raw); };
  Workers& lane = exchange->admission.lane == Lane::kWorker ? shared.workers : shared.heavy;
  MHD_suspend_connection(raw);
  if (lane.submit([exchange, &shared] { exchange->run(shared.handler); })) return MHD_YES;
  MHD_resume_connection(raw);
  exchange->response = shared.handler.refuse(503, "too many requests wait");
  exchange->state = Exchange::State::kAnswered;
  return MHD_YES;
}

MHD_Result on_request(void* closure, MHD_Connection* raw, const char* url, const char* method,
                      const char* version, const char* upload, std::size_t* upload_size,
                      void** state) {
  Shared& shared = shared_of(closure);
  try {
    if (*state == nullptr) return begin(shared, raw, url, method, version, state);
    const SharedExchange& exchange = *static_cast<SharedExchange*>(*state);
    if (*upload_size > 0) {
      const std::size_t size = std::exchange(*upload_size, 0);
      return take(shared, *exchange, upload, size);
    }
    switch (exchange->state.load()) {
      case Exchange::State::kReading:
        return answer(shared, raw, exchange);
      case Exchange::State::kRunning:
        return MHD_YES;
      case Exchange::State::kStreaming:
        return send_stream(raw, *exchange);
      case Exchange::State::kAnswered:
        drop_body(shared, *exchange);
        return send(raw, *exchange, std::move(exchange->response));
    }
  } catch (const std::exception&) {  // Out of memory.
  }
  return MHD_NO;
}

void on_completed(void* closure, MHD_Connection*, void** state, MHD_RequestTerminationCode) {
  Shared& shared = shared_of(closure);
  auto* exchange = static_cast<SharedExchange*>(*state);
  if (exchange == nullptr) return;
  *state = nullptr;
  (*exchange)->connection->cut_in(shared.options.idle_time + shared.options.head_time);
  // Who went while the answer was being begun never had a stream whose end would close it.
  (*exchange)->pipe->close();
  // No more than the count: a stream whose client has gone may still read the body.
  shared.bodies_bytes -= (*exchange)->body_held;
  delete exchange;
  --shared.active;
}

void on_connection(void* closure, MHD_Connection* raw, void** socket_context,
                   MHD_ConnectionNotificationCode code) {
  Shared& shared = shared_of(closure);
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    const auto* info = MHD_get_connection_info(raw, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info == nullptr) return;
    Connection* connection = shared.connections.open(info->connect_fd);
    connection->cut_in(shared.options.head_time);
    *socket_context = connection;
  } else if (*socket_context != nullptr) {
    shared.connections.closed(static_cast<Connection*>(*socket_context));
    *socket_context = nullptr;
  }
}

// Paths are read by routes, each segment by itself: "%2F" is no '/'.
std::size_t leave_escapes(void*, MHD_Connection*, char* text) { return std::strlen(text); }

void say_nothing(void*, const char*, va_list) {}  // It would quote what clients send.

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::start(int socket, Shared& shared) {
  const ServerOptions& options = shared.options;
  std::size_t threads = options.threads;
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  constexpr unsigned kFlags =
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO | MHD_USE_ERROR_LOG;
  std::vector<MHD_OptionItem> items = {
      {MHD_OPTION_LISTEN_SOCKET, socket, nullptr},
      {MHD_OPTION_CONNECTION_LIMIT,
       static_cast<std::intptr_t>(std::max(options.connections_max, threads)), nullptr},
      // Head, and what is read or written at once.
      {MHD_OPTION_CONNECTION_MEMORY_LIMIT, static_cast<std::intptr_t>(options.head_bytes_max * 2),
       nullptr},
      {MHD_OPTION_CONNECTION_TIMEOUT,
       static_cast<std::intptr_t>((options.idle_time.count() + 999) / 1000), nullptr},
      {MHD_OPTION_STRICT_FOR_CLIENT, 1, nullptr},
  };
  if (threads > 1) {  // It warns of a pool of one.
    items.push_back({MHD_OPTION_THREAD_POOL_SIZE, static_cast<std::intptr_t>(threads), nullptr});
  }
  items.push_back({MHD_OPTION_END, 0, nullptr});
  MHD_Daemon* daemon = MHD_start_daemon(
      kFlags, 0, nullptr, nullptr, &on_request, &shared,  //
      MHD_OPTION_EXTERNAL_LOGGER, &say_nothing, nullptr, MHD_OPTION_NOTIFY_COMPLETED, &on_completed,
      &shared, MHD_OPTION_NOTIFY_CONNECTION, &on_connection, &shared, MHD_OPTION_UNESCAPE_CALLBACK,
      &leave_escapes, nullptr, MHD_OPTION_ARRAY, items.data(), MHD_OPTION_END);
  if (daemon == nullptr) return Error{ErrorCode::kIo, "the server's threads do not start"};
  return std::unique_ptr<Daemon>(new Daemon(daemon));
}

Daemon::~Daemon() { MHD_stop_daemon(daemon_); }

void Daemon::quiesce() { MHD_quiesce_daemon(daemon_); }

}  // namespace tulving::serve::http
