// One connection as the network keeps it: two sides, each with the stream of messages that is on its way to it. Private
// to sim/net. Network::* and Connection::* end here.
//
// A side:
//
//   absent --SYN arrived, accepted / SYN-ACK arrived--> open --close()--> closed
//   any --on_close given, refused, timed out, crashed, destroyed--> dead
//
// `closed` and `dead` are flags of their own: a side closed while its handshake runs still gets it done, so that what
// it had sent is delivered. A channel is freed when no handle is left and no handshake is running for a closed side.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/core/connection.h"
#include "sim/core/frame_pool.h"
#include "sim/core/process.h"
#include "sim/net/link.h"

namespace tidemark::sim::detail {

class NetworkCore;
class Channel;
class End;
struct Endpoint;
struct Side;

// What the tag of an event in the digest says, beside the connection; messages give their own digest.
constexpr std::uint64_t kSynTag = 101;
constexpr std::uint64_t kAcceptTag = 102;
constexpr std::uint64_t kOpenTag = 103;
constexpr std::uint64_t kGiveUpTag = 104;
constexpr std::uint64_t kFinTag = 105;
constexpr std::uint64_t kCopyTag = 106;

/// A message in flight. 64 bytes, pooled: sending allocates nothing else.
struct Envelope {
  Envelope* next = nullptr;
  PayloadRef payload;
  Instant sent;
  Instant due = Instant::max();  // max: not yet on the wire
  Duration jitter;
  Duration slow_path;
  Duration loss;
  Duration fault;

  /// `due` of a message that was on the wire and was taken back: what it drew stays drawn.
  static constexpr Instant kTakenBack = Instant::from_ns(Instant::max().ns() - 1);
  bool on_wire() const { return due < kTakenBack; }

  static void* operator new(std::size_t size) { return FramePool::allocate(size); }
  static void operator delete(void* memory, std::size_t size) { FramePool::release(memory, size); }
};
static_assert(sizeof(Envelope) <= 64);

/// One direction: messages in order; [first, unsent) are on the wire with due times that never fall, [unsent, last]
/// wait for the handshake or a blocked path. [lost, unsent) lost their last packets and nothing after them got through
/// so far.
struct Lane {
  Envelope* first = nullptr;
  Envelope* last = nullptr;
  Envelope* unsent = nullptr;
  Envelope* lost = nullptr;
  Instant line_free;    // when the sender's line has put out all bytes so far
  Instant last_due;     // of all that went out, handshake and FIN included
  Instant before_lost;  // due time of what precedes `lost`
  Instant fin_due;
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  bool fin_wanted = false;
  bool fin_sent = false;

  /// Messages on the wire that a fault put back, with their numbers, and those of them that the end of the stream
  /// dropped (envelope nullptr). nullptr when there was none so far. The link has LinkFaults as long as there are any.
  struct Displaced {
    const Envelope* envelope;
    std::uint64_t number;
  };
  std::unique_ptr<std::vector<Displaced>> displaced;
  /// Of `first`, when it is delivered now.
  std::uint64_t first_number() const;
};

/// A Timer that knows its side.
class SideTimer final : public Timer {
 public:
  SideTimer(Fire fire, EventKind kind, Process& owner, Side& side) : Timer(fire, kind, &owner), side_(side) {}
  Side& side() const { return side_; }

 private:
  Side& side_;
};

struct Side {
  Side(Channel& owner, Endpoint& where, Link& out_link);
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;
  ~Side();

  Channel& channel;
  Endpoint& endpoint;
  Link& out;   // of the messages that this side sends
  Lane inbox;  // what is on its way to this side
  End* handle = nullptr;
  Receiver* receiver = nullptr;
  bool open = false;    // handshake done on this side
  bool closed = false;  // close() was called here
  bool dead = false;
  std::uint8_t stalled = 0;     // why nothing is delivered; see below
  bool ending_stalled = false;  // the end has arrived, but there is no receiver
  bool reset_clogged = false;   // a reset waits for the end of a clog
  bool open_clogged = false;    // connector: the SYN-ACK does
  CloseReason ending_reason = CloseReason::kReset;
  Instant ending_due;   // what arrives after it is lost
  SideTimer delivery;   // of inbox.first
  SideTimer handshake;  // on_accept or on_open
  SideTimer ending;     // on_close
  SideTimer give_up;    // its messages have been held back for too long

  // Bits of `stalled`.
  static constexpr std::uint8_t kNoReceiver = 1;  // a message has arrived, but there is no receiver
  static constexpr std::uint8_t kWithheld = 2;    // a fault keeps the first message, or the FIN, from arriving
};

class Channel {
 public:
  /// TCP gives up after about 15 retransmissions; at the loss of NetworkOptions so many in a row never matter.
  static constexpr int kMostRetransmissions = 15;

  Channel(NetworkCore& core, std::uint64_t id, Endpoint& connector, Endpoint& acceptor, Link& there, Link& back);
  ~Channel();

  static void* operator new(std::size_t size) { return FramePool::allocate(size); }
  static void operator delete(void* memory, std::size_t size) { FramePool::release(memory, size); }

  std::uint64_t id() const { return id_; }
  Side& connector() { return connector_; }
  Side& acceptor() { return acceptor_; }
  Side& peer(const Side& side) { return &side == &connector_ ? acceptor_ : connector_; }
  NetworkCore& core() { return core_; }
  bool dead() const { return connector_.dead && acceptor_.dead; }

  // What the owner of an end does.
  void start();  // sends the SYN
  void send(Side& side, PayloadRef message);
  void close(Side& side);
  void set_receiver(Side& side, Receiver* receiver);
  /// The handle is gone. May free the channel.
  void drop_handle(Side& side);

  // What the network does to it.
  void reset();
  void half_open(std::uint32_t aware);
  void crash(Process& process);
  void unblocked(const Link& link);

  // What faults do to it (channel_faults.cc). `link`: one of its two.
  /// Takes back what is on the wire of a path that was just blocked. Returns the number of messages and packets.
  std::uint64_t take_back(const Link& link);
  /// What would have arrived by now but for a clog or a hold, if anything.
  std::uint64_t count_withheld(const Link& link) const;
  /// Nothing withholds it any more, or somebody must be asked again: it arrives now.
  void release(const Link& link);
  /// The line is not slow any more: what it still keeps goes out at once.
  void hurry(const Link& link);
  /// Bytes towards `to` that have not arrived.
  std::uint64_t bytes_on_the_way(const Side& to) const;
  /// A copy of a message that was sent in some connection arrives.
  void deliver_copy(Side& to, const PayloadRef& message, std::uint64_t number, Instant sent);
  bool open_at_both_ends() const;
  /// Some message that reordering put back has not arrived.
  bool has_displaced(const Link& link) const;
  /// Nothing passes any more; the ends may not know yet.
  bool is_cut() const { return cut_; }
  bool is_over() const { return cut_ || connector_.dead || acceptor_.dead; }
  /// Types of all messages sent in either direction (type_bits()).
  std::uint64_t carried() const { return carried_; }

  /// Frees the channel when nobody needs it. Nothing may touch it afterwards.
  void free_if_unused();

  // List of all channels in the order of their ids.
  Channel* prev = nullptr;
  Channel* next = nullptr;

 private:
  friend struct Side;
  // channel.cc: handshake and endings.
  static void syn_fires(Timer& timer);
  static void handshake_fires(Timer& timer);
  static void ending_fires(Timer& timer);
  static void give_up_fires(Timer& timer);
  void send_syn();
  void syn_arrives();
  void answer_syn();
  void refuse();
  void retry_syn();
  bool handshake_lost(Link& link);
  void accept();
  void opened();
  void end_at(Side& side, CloseReason reason, Instant when);
  void tell_reset(Side& side);
  void abandon(Side& side);
  void kill(Side& side);
  void cut();
  void forget_unaccepted();
  bool begin_struck();
  Instant now() const;
  void arm(Timer& timer, Instant when, std::uint64_t content);
  // stream.cc: messages.
  static void delivery_fires(Timer& timer);
  void send_slowly(Side& side, Envelope& envelope);
  void flush(Side& side);
  void put_on_wire(Side& side, Envelope& envelope, std::uint32_t bytes);
  std::uint64_t packets(std::uint32_t bytes) const;
  Duration loss_delay(Side& side, Envelope& envelope, std::uint32_t bytes, Instant start);
  Duration first_wait(Side& side, Envelope& envelope, LossChain::Outcome outcome, int& losses);
  Duration probe_delay(const Link& link, int losses_before) const;
  void recover_lost(Side& side, Instant start);
  void put_fin_on_wire(Side& side);
  void arm_next(Side& side);
  void hold_back(Side& side);
  // channel_faults.cc: the same where faults strike.
  bool send_struck(Side& side, Envelope& envelope);
  void put_on_wire_struck(Side& side, Envelope& envelope, std::uint32_t bytes);
  void put_on_wire_again(Side& side, Envelope& envelope, std::uint32_t bytes);
  Duration fault_delay(const Link& link, Duration natural);
  Duration loss_delay_struck(Side& side, Envelope& envelope, std::uint32_t bytes, Instant start);
  bool arrives(Side& side, Envelope& envelope);
  bool put_back(Side& side, Envelope& envelope);
  static void forget_displaced(Lane& lane, const Envelope* envelope);
  static void lose_displaced(Lane& lane, const Envelope* envelope);
  std::uint64_t take_back_messages(Side& from);
  std::uint64_t take_back_handshake(Side& from);
  void release_handshake(Side& from);
  void hurry(Side& from);
  /// Frees `keep->next` and all after it; everything when `keep` is nullptr.
  static void truncate(Lane& lane, Envelope* keep);
  static void drop_unsent(Lane& lane);
  static void drop_after(Lane& lane, Instant when);
  static void drop_arriving(Side& side, Instant when);
  void tell_observers_sent(const Side& side, const Envelope& envelope);
  void tell_observers_delivered(const Side& side, const Envelope& envelope);
  std::uint64_t tag(std::uint64_t content) const { return (content ^ id_) * 0x9e3779b97f4a7c15ULL + id_; }
  /// Base, jitter and slow path of a packet without payload that leaves now.
  Duration control_delay(Link& link);

  /// The SYN belongs to no process: it arrives whatever state the acceptor is in.
  struct Syn final : Timer {
    explicit Syn(Channel& owner) : Timer(&Channel::syn_fires, EventKind::kConnect, nullptr), channel(owner) {}
    Channel& channel;
    bool arriving = false;  // else: to be sent again
    bool arrived = false;   // the acceptor's side exists; what is sent now is the SYN-ACK
    bool clogged = false;   // it waits for the end of a clog
    Duration wait;          // before the next try
  };

  NetworkCore& core_;
  const std::uint64_t id_;
  Side connector_;
  Side acceptor_;
  Syn syn_;
  std::unique_ptr<End> unaccepted_;
  std::uint64_t carried_ = 0;
  bool cut_ = false;  // the network ended it: nothing passes any more
};

/// The handle that the owner of an end holds.
class End final : public Connection {
 public:
  explicit End(Side& side);
  ~End() override;
  static void* operator new(std::size_t size) { return FramePool::allocate(size); }
  static void operator delete(void* memory, std::size_t size) { FramePool::release(memory, size); }

  void send(PayloadRef message) override;
  void close() override;
  bool is_open() const override;
  std::uint32_t peer() const override { return peer_; }
  const std::string& peer_name() const override;
  void set_receiver(Receiver* receiver) override;

  const Side* side() const { return side_; }
  /// The network is gone, or the process crashed: the handle is dead from now on.
  void orphan() { side_ = nullptr; }

 private:
  Side* side_;
  const std::uint32_t peer_;
  const std::shared_ptr<const std::string> peer_name_;  // valid after the network and the peer are gone
};

}  // namespace tidemark::sim::detail
