// Object: the server's half: one for each entity, that is for each database, in the worker beside its primary. It holds
// the sockets of the entity's pages; the entity's state is in the database.
//
//   a page says            the object answers                         and tells all other pages
//   sync(channel, since)   synced(channel, revision) + rows
//   act(call, type, action, item)
//                          success(call, channel) + the row,          update(channel) + the row
//                          error(call, why), again(call): not known
//   check(call)            checked(call, revision of each channel)
//
// Actions run side by side, and what they say goes out in the order in which they are done. Nobody says anything for a
// while: the object hibernates: its memory is gone, its sockets stay.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "model/apps/sync/semantics.h"

namespace tidemark::model::sync {

/// The tables of an entity.
std::string schema();

class Object final : public LiveObject {
 public:
  /// `context` must outlive the object.
  Object(const AppContext& context, Semantics semantics);
  void opened(RpcPeer peer) override { peers_.insert(peer); }
  void said(RpcPeer peer, SocketFrameRef frame) override;
  void gone(RpcPeer peer) override { peers_.erase(peer); }

 private:
  sim::Task<void> sync(RpcPeer peer, SocketFrameRef frame);
  sim::Task<void> act(RpcPeer peer, SocketFrameRef frame);
  sim::Task<void> check(RpcPeer peer, SocketFrameRef frame);
  /// A read, tried again while it fails; without a result when it goes on failing.
  sim::Task<QueryResult> read(std::vector<Statement> statements, std::uint32_t session);
  sim::Task<QueryResult> transaction(std::vector<Statement> statements, std::uint32_t session);
  std::vector<Statement> change(const ActionBody& said) const;
  bool was_done(const ActionBody& said, const QueryResult& result);
  sim::Duration work();
  void wake();
  void say(RpcPeer peer, ActionBody text, ResultSetRef rows = nullptr);

  const AppContext& context_;
  const Semantics semantics_;
  sim::RandomStream& random_;
  std::set<RpcPeer> peers_;
  std::uint32_t database_ = 0;
  // Memory that hibernation takes.
  sim::Instant last_said_;
  std::set<std::int64_t> done_;  // ids-in-memory: actions
};

}  // namespace tidemark::model::sync
