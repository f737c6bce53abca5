#include "tools/cli/call/run_call.h"

#include "tools/cli/print/missing.h"
#include "tools/cli/print/notes.h"
#include "tools/cli/print/output.h"

namespace tulving::tools {

namespace {

Access access_for(const Operation& operation, const Arguments& arguments) {
  if (operation.effect_of(arguments) == Effect::kRead) return Access::kRead;
  return operation.makes_store ? Access::kCreate : Access::kWrite;
}

// Opening an embedder takes longer than most reads do.
Embeds embeds_of(const Operation& operation, Access access) {
  const bool looks_for_texts = operation.name.starts_with("search");
  const bool tells_of_it = operation.name == "store.stats";
  return access != Access::kRead || looks_for_texts || tells_of_it ? Embeds::kYes : Embeds::kNo;
}

}  // namespace

Result<Service> open_service(const GlobalOptions& globals, const OperationCall& call) {
  auto arguments = call.read();
  if (!arguments) return arguments.error();
  const Access access = access_for(call.operation(), *arguments);
  auto store = open_store(globals, access, embeds_of(call.operation(), access));
  if (!store) return store.error();
  // An export of a tenant that is not there is refused.
  const bool has_tenant = !call.operation().is_about_store() &&
                          !arguments->text("tenant_id").empty() &&
                          call.operation().name != "export";
  if (access != Access::kCreate && has_tenant) {
    tell_missing_tenant(*store, arguments->text("tenant_id"));
  }
  return Service(*std::move(store), {.more = more_operations()});
}

Result<Answer> ask(Service& service, const OperationCall& call,
                   const std::function<bool(std::uint64_t, std::uint64_t)>& progress) {
  auto arguments = call.read();
  if (!arguments) return arguments.error();
  Call with_progress = call.call();
  with_progress.progress = progress;
  auto answer = service.run({}, with_progress, *arguments);
  if (!answer) return call.by_option(answer.error());
  for (const std::string& remark : answer->remarks) report_once(remark);
  return answer;
}

Status stream(Service& service, const OperationCall& call, const StreamEnds& lines,
              Answer& answer) {
  auto arguments = call.read();
  if (!arguments) return arguments.error();
  auto status = service.run_stream({}, call.call(), *arguments, lines, answer);
  for (const std::string& remark : answer.remarks) report_once(remark);
  return status;
}

Status finish(Service& service, const OperationCall& call) {
  if (service.store().options().read_only) return {};
  if (call.operation().name != "notes.follow") follow_all_notes(service.store());
  return service.store().close();
}

int show(const GlobalOptions& globals, const OperationCall& call, const Answer& answer,
         Service& service, const Rendering& rendering) {
  const AnswerView view(answer.json);
  if (globals.json) {
    print_json_line(answer.json);
  } else {
    rendering.print(view, {service, AnswerView(call.call().arguments)});
  }
  return rendering.exit_code == nullptr ? kDone : rendering.exit_code(view);
}

Result<int> run_call(const GlobalOptions& globals, const OperationCall& call,
                     const Rendering& rendering) {
  auto service = open_service(globals, call);
  if (!service) return service.error();
  auto answer = ask(*service, call);
  if (!answer) return answer.error();
  if (auto status = finish(*service, call); !status) return status.error();
  return show(globals, call, *answer, *service, rendering);
}

}  // namespace tulving::tools
