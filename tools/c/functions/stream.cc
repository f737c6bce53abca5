// Operations that are streams: lines in from one callback, lines out to another.

#include <utility>

#include "tools/c/call/given.h"
#include "tools/c/callbacks/callback.h"

using namespace tulving;
using namespace tulving::c;

namespace {

Error stopped(const char* callback) {
  return refused(callback, "ended the stream: the callback said so");
}

/// The two callbacks as the ends of a stream.
class Lines {
 public:
  explicit Lines(const tulving_lines& given) : given_(given) {}

  Result<std::optional<StreamLine>> next() {
    if (given_.next == nullptr) return std::optional<StreamLine>();
    tulving_line line = {};
    line.struct_size = sizeof line;
    int32_t answer = -1;
    try {
      answer = given_.next(given_.context, &line);
    } catch (...) {
      return refused("next", "let an exception out");
    }
    if (answer < 0) return stopped("next");
    if (answer == 0) return std::optional<StreamLine>();
    return read(line);
  }

  Status put(const StreamLine& out) const {
    if (given_.put == nullptr) return {};
    tulving_line line = {};
    line.struct_size = sizeof line;
    line.text = text_of(out.text);
    line.number = out.number;
    if (!out.vectors.empty()) {
      line.vector = out.vectors[0].values.data();
      line.dim = out.vectors[0].values.size();
    }
    if (out.error != nullptr) line.status = status_of(out.error->code);
    try {
      return given_.put(given_.context, &line) == 0 ? Status() : stopped("put");
    } catch (...) {
      return refused("put", "let an exception out");
    }
  }

 private:
  Result<std::optional<StreamLine>> read(const tulving_line& line) {
    auto text = view_of(line.text, "text");
    if (!text) return text.error();
    if (auto status = check_flags(line.flags, TULVING_LINE_PART, "flags"); !status) {
      return status.error();
    }
    StreamLine in{.text = *text, .number = line.number};
    in.is_part = (line.flags & TULVING_LINE_PART) != 0;
    if (line.vector != nullptr || line.dim != 0) {
      auto values = Matrix::read(line.vector, 1, line.dim, 0, "vector");
      if (!values) return values.error();
      vector_ = {"vector", values->row(0), "its line"};
      in.vectors = std::span(&vector_, 1);
    }
    return std::optional(in);
  }

  const tulving_lines given_;
  NamedVector vector_;
};

Status stream(Service& service, const Caller& caller, const char* operation, tulving_text request,
              const tulving_lines* given, tulving_doc** answer) {
  auto name = view_of_name(operation, "operation");
  if (!name) return name.error();
  auto arguments = view_of(request, "request");
  if (!arguments) return arguments.error();
  const auto callbacks = read_struct_if_any(given, "lines");
  if (!callbacks) return callbacks.error();

  Lines lines(*callbacks);
  const StreamEnds ends{.next = [&] { return lines.next(); },
                        .put = [&](const StreamLine& line) { return lines.put(line); }};
  Call call{.operation = *name};
  if (request.data != nullptr) call.arguments = *arguments;
  Answer summary;
  auto status = service.stream(caller, call, ends, summary);
  if (answer != nullptr && !summary.json.empty()) {
    *answer = publish(std::make_shared<DocObject>(
        DocObject{std::move(summary.json), std::move(summary.remarks)}));
  }
  return status;
}

}  // namespace

tulving_status tulving_store_stream(tulving_store* store, const char* operation,
                                    tulving_text request, const tulving_lines* lines,
                                    tulving_doc** answer, tulving_error** error) {
  if (answer != nullptr) *answer = nullptr;
  return guarded(error, [&]() -> Status {
    auto object = open_store(store);
    if (!object) return object.error();
    return stream((*object)->service, {}, operation, request, lines, answer);
  });
}

tulving_status tulving_tenant_stream(tulving_tenant* tenant, const char* operation,
                                     tulving_text request, const tulving_lines* lines,
                                     tulving_doc** answer, tulving_error** error) {
  if (answer != nullptr) *answer = nullptr;
  return guarded(error, [&]() -> Status {
    auto object = open_tenant(tenant);
    if (!object) return object.error();
    const Caller caller{(*object)->tenant.id()};
    return stream((*object)->store->service, caller, operation, request, lines, answer);
  });
}
