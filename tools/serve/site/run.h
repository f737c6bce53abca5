#pragma once

#include <functional>

#include "tools/serve/site/site.h"

namespace tulving::serve {

/// From now on the signals that end or reload a server wait for run_until_signalled(). Before there
/// are threads.
void hold_signals();

/// Serves until SIGTERM or SIGINT comes, or nobody has asked anything for `idle_max` (0: for ever),
/// and then ends the site. SIGHUP reads the tokens anew. A service manager that waits to be told
/// (Type=notify) is told.
Status run_until_signalled(Site& site, std::chrono::seconds idle_max = {});

}  // namespace tulving::serve
