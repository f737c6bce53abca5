#pragma once

#include "bench/year/options.h"
#include "bench/year/process.h"

namespace tulving::bench {

/// Opens the store, asks the first tenant once, waits until all is indexed and closes it: the times
/// of that, and RAM in between.
Figures measure_opening(const YearOptions& options, const std::vector<TenantLoad>& loads);

/// Opens the store that a load has made and measures it: the times to open and to the first
/// answer, RAM, what each memory takes, and searches. Before any of these is timed, answers are
/// checked: of the vectors' arm recall@10 against an exact search of the same store, of the text's
/// that a word which one memory has finds it, of both that a memory's own words and vector do.
/// "checked": whether they were right; if not, no search is timed.
Figures measure_store(const YearOptions& options, const std::vector<TenantLoad>& loads);

}  // namespace tulving::bench
