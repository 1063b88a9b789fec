// Router: brings a request from a worker to the database copy nearest to it, over one connection per worker and copy
// that all requests share. The location is chosen before anyone knows whether the request reads or writes (D1 post).
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "model/env.h"
#include "model/protocol/control_messages.h"
#include "model/protocol/messages.h"
#include "model/protocol/rpc.h"
#include "model/worker/directory.h"

namespace tidemark::model {

class Router {
 public:
  /// Both must outlive the router.
  Router(Env& env, const Directory& directory) : env_(env), directory_(directory) {}
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// Sends `request` (its id is set here) and resolves with the answer; without one, with the failure "Network
  /// connection lost", whose outcome is unknown unless the copy cannot have seen the request. Never nullptr.
  sim::Task<boost::intrusive_ptr<const D1Response>> send(boost::intrusive_ptr<D1Request> request);
  /// Time Travel, ordered of the primary. As send().
  sim::Task<boost::intrusive_ptr<const RestoreResponse>> restore(boost::intrusive_ptr<RestoreRequest> request);
  Env& env() const { return env_; }

 private:
  RpcClient* client_of(std::uint32_t copy);
  Env& env_;
  const Directory& directory_;
  std::map<std::uint32_t, std::unique_ptr<RpcClient>> clients_;  // by Process::id() of the copy
};

}  // namespace tidemark::model
