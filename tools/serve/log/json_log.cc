#include "tools/serve/log/json_log.h"

#include <unistd.h>

namespace tulving::serve {

void log_event(std::string_view level, std::string_view event,
               const std::function<void(json::ObjectWriter&)>& members) {
  std::string line;
  json::ObjectWriter out(line);
  out.member("time", system_now());
  out.member("level", level);
  out.member("event", event);
  if (members) members(out);
  out.close();
  line += '\n';
  const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
  static_cast<void>(written);
}

}  // namespace tulving::serve
