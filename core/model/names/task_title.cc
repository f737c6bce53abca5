#include "core/model/names/task_title.h"

#include <fmt/format.h>

namespace tulving::model {

std::string task_title(const ConsolidationTask& task) {
  std::string agent(to_string(task.agent));
  agent.front() = static_cast<char>(agent.front() - 'a' + 'A');
  std::string title = agent + ":";
  if (!task.memory_ids.empty()) {
    title += " Memory " + task.memory_ids.front().to_string().substr(0, 8);
  }
  if (task.memory_ids.size() > 1) title += fmt::format(" and {} more", task.memory_ids.size() - 1);
  const auto& figure = task.score ? task.score : task.cohesion ? task.cohesion : task.confidence;
  if (figure) title += fmt::format(" at {:.2f}", *figure);
  return title;
}

}  // namespace tulving::model
