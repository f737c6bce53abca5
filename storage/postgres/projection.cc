#include "storage/postgres/projection.h"

#include <utility>

namespace tulving::storage::postgres {

Result<std::unique_ptr<Projection>> make_projection(std::string_view name) {
  using Make = std::unique_ptr<Projection> (*)();
  constexpr std::pair<std::string_view, Make> kProjections[] = {
      {"orchestrator", &make_orchestrator},
  };
  std::string known;
  for (const auto& [known_name, make] : kProjections) {
    if (known_name == name) return make();
    known += (known.empty() ? "" : ", ") + std::string(known_name);
  }
  return Error{ErrorCode::kInvalidArgument,
               "there is no projection \"" + std::string(name) + "\"; there are: " + known,
               "projections"};
}

}  // namespace tulving::storage::postgres
