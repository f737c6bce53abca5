#pragma once

#include <optional>

#include "tools/serve/auth/gatekeeper.h"
#include "tools/serve/calls/health.h"
#include "tools/serve/metrics/metrics.h"
#include "tulving/operations.h"

namespace tulving::serve {

/// What came of a call.
struct Outcome {
  std::optional<Answer> answer = {};
  Error error = {};           ///< Where there is no answer.
  bool is_forbidden = false;  ///< The caller may not; `error` says what he lacks.
};

/// The one way from any face of the server into the store: whoever asks is held against what he
/// may, and what comes of it is counted.
///
/// Thread safety: all members on any thread.
class Calls {
 public:
  Calls(Service& service, Metrics& metrics, Health& health)
      : service_(service), metrics_(metrics), health_(health) {}

  /// Runs `call` for somebody with `access`, about `tenant_id`; empty: about the tenant that the
  /// call names, or the store.
  Outcome call(const auth::Access& access, const std::string& tenant_id, const Call& call);
  /// The same of a stream. `lines` is asked for nothing where the caller may not. The answer is
  /// there beside an error too, where the stream came so far.
  Outcome stream(const auth::Access& access, const std::string& tenant_id, const Call& call,
                 const StreamEnds& lines);

  [[nodiscard]] Store& store() { return service_.store(); }
  [[nodiscard]] Service& service() { return service_; }
  [[nodiscard]] Health& health() { return health_; }
  [[nodiscard]] Metrics& metrics() { return metrics_; }

 private:
  Outcome run(const auth::Access& access, const std::string& tenant_id, const Call& call,
              const StreamEnds* lines);

  Service& service_;
  Metrics& metrics_;
  Health& health_;
};

}  // namespace tulving::serve
