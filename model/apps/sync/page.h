// SyncPage: the client's half: a page that shows the channels of an entity and keeps them up to date over a socket.
//
// An action shows its effect at once, on top of what the page holds, until the object has answered. What is asked of
// the object and what it answers: object.h.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "model/apps/sync/replica.h"
#include "model/apps/sync/semantics.h"
#include "model/protocol/socket.h"
#include "model/protocol/user.h"
#include "sim/core/wait.h"

namespace tidemark::model::sync {

/// What the browser keeps of an entity, by channel.
using Kept = std::array<Replica, kChannels>;

class SyncPage final : public Page, private SocketEvents {
 public:
  /// Opens at once. `kept` must outlive the page.
  SyncPage(const PagePlace& place, Semantics semantics, Kept& kept);
  sim::Task<RpcAnswer> act(HttpRequestRef request) override;
  void lose_connection() override { socket_.drop(); }

 private:
  enum class End : std::uint8_t { kDone, kRefused, kTimedOut };
  struct Pending {
    ActionBody said;  // as it goes to the object: call, type, action, item
    std::uint32_t session = 0;
    bool over = false;  // effects-stay: it was refused
    std::int64_t item() const { return number_of(said, 3); }
  };
  struct Channel {
    bool ready = false;       // synced since the page opened; with resync: since the socket did
    bool asking = false;      // a sync is under way on this socket
    std::int64_t needed = 0;  // what the last check said
  };
  struct Deadline final : sim::Timer {
    explicit Deadline(SyncPage& owner) : Timer(&Deadline::due, sim::EventKind::kTimer, &owner.process_), page(owner) {}
    static void due(Timer& timer) { static_cast<Deadline&>(timer).page.end(End::kTimedOut); }
    SyncPage& page;
  };

  sim::Task<RpcAnswer> change(HttpRequestRef request);
  sim::Task<RpcAnswer> look(HttpRequestRef request);
  sim::Task<RpcAnswer> reopen(HttpRequestRef request);
  void expect(std::int64_t call);
  sim::Task<End> ended();
  void end(End how);
  void open();
  void go_on();
  void ask(std::int64_t channel);
  void take(std::int64_t channel, const ResultSetRef& rows);
  void send(const Pending& pending);
  void acknowledged(std::int64_t call);
  void refused(std::int64_t call);
  sim::Task<void> send_again(std::int64_t call);
  /// What the user sees.
  Rows live(std::int64_t channel) const;
  ResultSetRef shown_item(std::int64_t item) const;
  ResultSetRef shown_items() const;
  ResultSetRef shown_revisions() const;
  void on_socket_open() override;
  void on_socket_text(const SocketFrame& frame) override;
  void on_socket_lost() override;

  sim::Process& process_;
  const std::uint32_t database_;
  const Semantics semantics_;
  Kept& kept_;
  Socket socket_;
  std::array<Channel, kChannels> channels_;
  bool synced_once_ = false;                 // a sync was asked for since the page opened
  std::map<std::int64_t, Pending> pending_;  // by call
  std::uint32_t session_ = 0;                // observers: of the present action
  // What the present action waits for.
  std::optional<sim::Promise<End>> waiting_;
  std::int64_t call_ = 0;   // 0 = nothing
  ResultSetRef at_answer_;  // the item of an action, when it was acknowledged
  bool looking_ = false;
  bool check_sent_ = false;  // on this socket
  bool checked_ = false;
  Deadline deadline_;
};

}  // namespace tidemark::model::sync
