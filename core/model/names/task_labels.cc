#include "core/model/names/task_labels.h"

#include <fmt/format.h>

namespace tulving::model {

std::vector<std::string> labels_of(const ConsolidationTask& task) {
  std::vector<std::string> labels = {fmt::format("{}{}", kAgentLabel, to_string(task.agent)),
                                     fmt::format("{}{}", kUrgencyLabel, to_string(task.urgency))};
  labels.insert(labels.end(), task.labels.begin(), task.labels.end());
  return labels;
}

}  // namespace tulving::model
