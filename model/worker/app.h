// App: a user's application, as code that a worker hosts. Implementations are in model/apps.
#pragma once

#include <cstdint>
#include <memory>

#include "model/env.h"
#include "model/protocol/http.h"
#include "model/types/options.h"
#include "model/worker/session.h"

namespace tidemark::model {

/// What an application is given. The references outlive it.
struct AppContext {
  Env& env;
  D1Database database;
  const WorkerOptions& options;
  SessionMode sessions = SessionMode::kBookmark;
};

class App {
 public:
  virtual ~App() = default;
  /// Resolves with the answer (never nullptr); its id need not be set. Several requests run at the same time.
  virtual sim::Task<boost::intrusive_ptr<HttpResponse>> handle(HttpRequestRef request) = 0;
};

/// Makes the application of a database inside one worker.
class AppFactory {
 public:
  virtual ~AppFactory() = default;
  virtual std::unique_ptr<App> make(std::uint32_t database, const AppContext& context) const = 0;
};

}  // namespace tidemark::model
