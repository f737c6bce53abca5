#include "tools/c/callbacks/writer.h"

#include <utility>

#include "core/json/text/json_writer.h"
#include "tools/c/call/given.h"
#include "tools/c/callbacks/callback.h"
#include "tulving/json.h"

namespace tulving::c {

namespace {

std::string request_json(const TextRequest& request) {
  std::string json;
  json::ObjectWriter out(json);
  out.member("kind", request.kind);
  out.member("tenant_id", request.tenant_id);
  out.member("draft", request.draft);
  out.member("now", request.now);
  std::string& sources = out.key("sources");
  sources += '[';
  for (const Memory& memory : request.sources) {
    if (&memory != request.sources.data()) sources += ',';
    sources += to_json_line(request.tenant_id, memory);
  }
  sources += ']';
  out.close();
  return json;
}

Result<std::string> write(const tulving_text_writer& writer, void* context,
                          const TextRequest& request) {
  const OpenReply reply;
  const std::string json = request_json(request);
  const tulving_status status = called_back(
      reply.handle(), [&] { return writer.write(context, text_of(json), reply.handle()); });
  if (status != TULVING_OK) return reply.error("the text writer", status);
  auto text = reply.text();
  if (!text) return Error{ErrorCode::kIo, "the text writer gave no text"};
  return *std::move(text);
}

}  // namespace

Result<TextWriterOptions> text_writer(const tulving_text_writer* given) {
  if (given == nullptr) return TextWriterOptions();
  auto writer = read_struct(given, "writer");
  if (!writer) return writer.error();
  auto context = std::make_shared<const Context>(writer->context, writer->destroy);
  if (writer->write == nullptr) return refused("write", "is missing: the writer has no function");
  TextWriterOptions options;
  if (writer->timeout_ms != 0) options.timeout = std::chrono::milliseconds(writer->timeout_ms);
  options.writer = [writer = *writer, context](const TextRequest& request) {
    return write(writer, context->get(), request);
  };
  return options;
}

}  // namespace tulving::c
