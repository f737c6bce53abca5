// What is about the library, errors, answers and replies.

#include <utility>

#include "tools/c/call/given.h"

using namespace tulving::c;

namespace {

const char* name_of(tulving_status status) noexcept {
  if (status == TULVING_OK) return "ok";
  if (status < TULVING_OK || status > TULVING_IN_DOUBT) return "unknown";
  return tulving::to_string(code_of(status)).data();  // Of literals: a zero byte ends each.
}

/// `read` of the object that the handle stands for; `none` where there is none.
template <class Object, class T, class Read>
T of_handle(const typename Object::Handle* handle, T none, const Read& read) noexcept {
  return guarded_value(none, [&] {
    const auto object = object_of<Object>(handle);
    return object == nullptr ? none : read(*object);
  });
}

/// Changes the reply that a callback was given.
template <class Change>
void change_reply(tulving_reply* reply, tulving_text given, const Change& change) noexcept {
  guarded_value(0, [&] {
    const auto object = object_of<ReplyObject>(reply);
    const auto text = view_of(given, "text");
    if (object == nullptr || !text) return 0;
    const std::lock_guard lock(object->mutex);
    change(*object, *text);
    return 0;
  });
}

}  // namespace

uint32_t tulving_abi_version(void) { return 1; }
const char* tulving_version(void) { return TULVING_VERSION; }
const char* tulving_status_name(tulving_status status) { return name_of(status); }
size_t tulving_handles_alive(void) { return Handles::instance().alive(); }

tulving_status tulving_error_code(const tulving_error* error) {
  return of_handle<ErrorObject, tulving_status>(
      error, TULVING_OK, [](const ErrorObject& object) { return status_of(object.error.code); });
}
tulving_text tulving_error_message(const tulving_error* error) {
  return of_handle<ErrorObject, tulving_text>(
      error, {}, [](const ErrorObject& object) { return text_of(object.error.message); });
}
tulving_text tulving_error_field(const tulving_error* error) {
  return of_handle<ErrorObject, tulving_text>(
      error, {}, [](const ErrorObject& object) { return text_of(object.error.field); });
}
int64_t tulving_error_position(const tulving_error* error) {
  return of_handle<ErrorObject, int64_t>(error, -1, [](const ErrorObject& object) {
    return object.error.position ? static_cast<int64_t>(*object.error.position) : int64_t{-1};
  });
}
void tulving_error_free(tulving_error* error) { free_handle<ErrorObject>(error); }

tulving_text tulving_doc_json(const tulving_doc* doc) {
  return of_handle<DocObject, tulving_text>(
      doc, {}, [](const DocObject& object) { return text_of(object.json); });
}
size_t tulving_doc_remarks(const tulving_doc* doc) {
  return of_handle<DocObject, size_t>(
      doc, 0, [](const DocObject& object) { return object.remarks.size(); });
}
tulving_text tulving_doc_remark(const tulving_doc* doc, size_t position) {
  return of_handle<DocObject, tulving_text>(doc, {}, [&](const DocObject& object) {
    return position < object.remarks.size() ? text_of(object.remarks[position]) : tulving_text{};
  });
}
void tulving_doc_free(tulving_doc* doc) { free_handle<DocObject>(doc); }

void tulving_reply_text(tulving_reply* reply, tulving_text text) {
  change_reply(reply, text,
               [](ReplyObject& object, std::string_view given) { object.text = given; });
}
void tulving_reply_error(tulving_reply* reply, tulving_text message) {
  change_reply(reply, message,
               [](ReplyObject& object, std::string_view given) { object.message = given; });
}
