// A worker's side with an application on it, whose database answers by script.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "model/apps/all/catalogue.h"
#include "model/apps/application_host.h"
#include "scripted_copy.h"

namespace tidemark::model::testing {

struct RequestSide : WorkerSide {
  /// Runs a request to its end. nullptr: it has none.
  HttpAnswer run_request(App& app, HttpRequestRef request, sim::Duration limit = 100_s) {
    HttpAnswer answer;
    begin_request(app, std::move(request), answer);
    world.run_for(limit);
    return answer;
  }
  /// `answer` must outlive it.
  void begin_request(App& app, HttpRequestRef request, HttpAnswer& answer) {
    worker_node.process().spawn(call(app, std::move(request), answer));
  }
  static ScriptedCopy::Step fails(std::string error, bool unknown = false) {
    ScriptedCopy::Step step;
    step.success = false;
    step.error = std::move(error);
    step.outcome_unknown = unknown;
    return step;
  }

 private:
  static sim::Task<void> call(App& app, HttpRequestRef request, HttpAnswer& answer) {
    HttpAnswer got = co_await app.handle(std::move(request));
    answer = std::move(got);
  }
};

/// An application of the catalogue.
struct ApplicationSide : RequestSide {
  explicit ApplicationSide(const std::string& name, const std::string& mistake)
      : host({worker_node, database, options, SessionMode::kBookmark}, application(name, mistake)) {}
  static std::shared_ptr<const Application> application(const std::string& name, const std::string& mistake) {
    WorkloadOptions workload;
    workload.kind = WorkloadKind::kApplication;
    workload.application = name;
    if (!mistake.empty()) workload.mistakes = {mistake};
    return make_application(workload);
  }
  HttpAnswer ask(const ActionBody& action, const SessionToken& header = SessionToken()) {
    boost::intrusive_ptr<HttpRequest> request(new HttpRequest);
    request->body = action;
    request->bookmark = header;
    return run_request(host, request);
  }
  ApplicationHost host;
};

}  // namespace tidemark::model::testing
