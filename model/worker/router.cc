#include "model/worker/router.h"

#include <utility>

namespace tidemark::model {
namespace {

boost::intrusive_ptr<const D1Response> connection_lost(std::uint64_t id, bool never_sent) {
  boost::intrusive_ptr<D1Response> response(new D1Response);
  response->id = id;
  response->error = "D1_ERROR: Network connection lost.";
  response->retryable = true;
  response->outcome_unknown = !never_sent;
  return response;
}

}  // namespace

sim::Task<boost::intrusive_ptr<const D1Response>> Router::send(boost::intrusive_ptr<D1Request> request) {
  RpcClient* const client = client_of(directory_.nearest_copy(request->database, env_.process().id()));
  if (client == nullptr) co_return connection_lost(0, true);
  if (env_.unlikely("router/not-sent", sim::BuggifyClass::kError)) co_return connection_lost(0, true);
  if (client->pending() == 0 && env_.unlikely("router/new-connection", sim::BuggifyClass::kEarly)) client->hang_up();
  const std::uint64_t id = request->id = client->next_id();
  RpcAnswer answer = co_await client->call(id, std::move(request));
  if (!answer.message) co_return connection_lost(id, answer.never_sent);
  if (env_.unlikely("router/answer-lost", sim::BuggifyClass::kError)) co_return connection_lost(id, false);
  co_return boost::static_pointer_cast<const D1Response>(answer.message);
}

sim::Task<boost::intrusive_ptr<const RestoreResponse>> Router::restore(boost::intrusive_ptr<RestoreRequest> request) {
  RpcClient* const client = client_of(directory_.primary_of(request->database, env_.process().id()));
  RpcAnswer answer;
  answer.never_sent = true;
  if (client != nullptr) {
    const std::uint64_t id = request->id = client->next_id();
    answer = co_await client->call(id, std::move(request));
  }
  if (answer.message) co_return boost::static_pointer_cast<const RestoreResponse>(answer.message);
  boost::intrusive_ptr<RestoreResponse> lost(new RestoreResponse);
  lost->error = "Time Travel: Network connection lost.";
  lost->outcome_unknown = !answer.never_sent;
  co_return lost;
}

RpcClient* Router::client_of(std::uint32_t copy) {
  if (copy == 0) return nullptr;
  std::unique_ptr<RpcClient>& client = clients_[copy];
  if (!client) client = std::make_unique<RpcClient>(env_.process(), env_.network(), copy);
  return client.get();
}

}  // namespace tidemark::model
