#pragma once

#include "tools/cli/call/operation_call.h"
#include "tools/cli/command.h"
#include "tools/cli/render/render.h"

namespace tulving::tools {

/// Opens the store as the call needs it, once its arguments are read; a tenant that is not there
/// is said on stderr, unless the call makes it.
Result<Service> open_service(const GlobalOptions& globals, const OperationCall& call);

/// Calls; what is to be remarked goes to stderr.
Result<Answer> ask(Service& service, const OperationCall& call,
                   const std::function<bool(std::uint64_t, std::uint64_t)>& progress = {});

/// Likewise of a stream.
Status stream(Service& service, const OperationCall& call, const StreamEnds& lines, Answer& answer);

/// Ends a command whose calls wrote: the notes follow, then the store is closed, so that a failing
/// last fsync is not missed. Nothing after a read.
Status finish(Service& service, const OperationCall& call);

/// Prints the answer: with --json as it is, else as `rendering` has it. The exit code.
int show(const GlobalOptions& globals, const OperationCall& call, const Answer& answer,
         Service& service, const Rendering& rendering);

/// All of these.
Result<int> run_call(const GlobalOptions& globals, const OperationCall& call,
                     const Rendering& rendering);

}  // namespace tulving::tools
