#include "tools/serve/http/exchange.h"

#include <exception>
#include <utility>

namespace tulving::serve::http {

void Exchange::begin(Response head) {
  response = std::move(head);
  state = State::kStreaming;
  if (wake) wake();
}

void Exchange::run(Handler& handler) {
  Response answer;
  bool is_whole = true;
  try {
    answer = handler.answer(request, *this);
  } catch (const std::exception&) {  // Out of memory, the one that the engine lets out.
    is_whole = false;
    answer = handler.refuse(500, "the server is out of memory");
  }
  if (state == State::kStreaming) {
    pipe->finish(is_whole);
    return;
  }
  response = std::move(answer);
  state = State::kAnswered;
  if (wake) wake();
}

}  // namespace tulving::serve::http
