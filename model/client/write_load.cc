#include "model/client/write_load.h"

#include <utility>

#include "base/assert.h"
#include "sim/core/wait.h"

namespace tidemark::model {

WriteLoad::WriteLoad(Env& env, std::uint32_t database, std::uint32_t worker, double rate_per_second,
                     std::uint32_t padding)
    : env_(env),
      database_(database),
      padding_(padding),
      arrivals_(env.random("arrivals")),
      between_(sim::DurationDistribution::exponential(
          sim::Duration::nanoseconds(static_cast<std::int64_t>(1e9 / rate_per_second)))),
      connection_(env.process(), env.network(), worker) {
  TIDEMARK_ASSERT(rate_per_second > 0);
  env_.process().spawn(run());
}

sim::Task<void> WriteLoad::run() {
  while (true) {
    co_await sim::sleep(env_.process(), between_.sample(arrivals_));
    if (stopping_) co_return;
    env_.process().spawn(write_one());
  }
}

sim::Task<void> WriteLoad::write_one() {
  boost::intrusive_ptr<HttpRequest> request(new HttpRequest);
  const std::uint64_t id = request->id = connection_.next_id();
  request->database = database_;
  request->method = HttpMethod::kPost;
  request->route = HttpRoute::kEvents;
  request->body = EventBody{written_++ % kRows, padding_};
  const RpcAnswer answer = co_await connection_.call(id, std::move(request));
  const bool ok = answer.message && static_cast<const HttpResponse&>(*answer.message).status == 200;
  ++(ok ? confirmed_ : failed_);
}

SetupClient::SetupClient(Env& env, std::vector<Step> steps) : env_(env), steps_(std::move(steps)) {
  env_.process().spawn(run());
}

sim::Task<void> SetupClient::run() {
  for (const Step& step : steps_) {
    RpcClient connection(env_.process(), env_.network(), step.worker);
    const RpcAnswer answer = co_await connection.call(step.request->id, step.request);
    connection.hang_up();
    const auto* response = static_cast<const HttpResponse*>(answer.message.get());
    if (response != nullptr && response->status == 200) continue;
    problem_ = response == nullptr ? std::string("no answer") : response->describe();
    break;
  }
  done_ = true;
}

}  // namespace tidemark::model
