#pragma once

/// Everything but the Postgres sync, which is a library of its own (tulving::postgres).
#include "tulving/changes.h"              // IWYU pragma: export
#include "tulving/clusters.h"             // IWYU pragma: export
#include "tulving/consolidation.h"        // IWYU pragma: export
#include "tulving/consolidation_jobs.h"   // IWYU pragma: export
#include "tulving/consolidation_queue.h"  // IWYU pragma: export
#include "tulving/consolidation_tasks.h"  // IWYU pragma: export
#include "tulving/decay.h"                // IWYU pragma: export
#include "tulving/filter.h"               // IWYU pragma: export
#include "tulving/gc.h"                   // IWYU pragma: export
#include "tulving/issue_tracker.h"        // IWYU pragma: export
#include "tulving/job_runner.h"           // IWYU pragma: export
#include "tulving/json.h"                 // IWYU pragma: export
#include "tulving/json_members.h"         // IWYU pragma: export
#include "tulving/lineage.h"              // IWYU pragma: export
#include "tulving/maintenance.h"          // IWYU pragma: export
#include "tulving/notes.h"                // IWYU pragma: export
#include "tulving/number.h"               // IWYU pragma: export
#include "tulving/operations.h"           // IWYU pragma: export
#include "tulving/options.h"              // IWYU pragma: export
#include "tulving/params.h"               // IWYU pragma: export
#include "tulving/plans.h"                // IWYU pragma: export
#include "tulving/preview.h"              // IWYU pragma: export
#include "tulving/reads.h"                // IWYU pragma: export
#include "tulving/records.h"              // IWYU pragma: export
#include "tulving/result.h"               // IWYU pragma: export
#include "tulving/salvage.h"              // IWYU pragma: export
#include "tulving/search.h"               // IWYU pragma: export
#include "tulving/snapshot.h"             // IWYU pragma: export
#include "tulving/stats.h"                // IWYU pragma: export
#include "tulving/store.h"                // IWYU pragma: export
#include "tulving/text_writer.h"          // IWYU pragma: export
#include "tulving/thresholds.h"           // IWYU pragma: export
#include "tulving/writes.h"               // IWYU pragma: export
