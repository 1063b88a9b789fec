// The rows of network faults. A target that is a node stands for all its links in both directions; "link:a>b" for one
// direction of one pair.
#include "sim/nemesis/fault_kinds.h"

namespace tidemark::sim::detail {
namespace {

constexpr FaultRoles kAny = kRolesProcess | kRoleLink;
constexpr FaultRoles kRelayEnds = kRolesDatabase | kRoleLink;
constexpr std::int64_t kMillion = 1'000'000;
constexpr FaultShape kInterval = FaultShape::kInterval;

ParameterInfo direction() {
  return choice("direction", {"both", "out", "in"}, "which messages of a node: all, those it sends, those it receives");
}

}  // namespace

void add_network_kinds(std::vector<FaultKindInfo>& rows) {
  rows.push_back({FaultKind::kN1,
                  "N1",
                  "latency",
                  "Each message takes longer by a constant and by a sample of an exponential distribution.",
                  kAny,
                  kInterval,
                  FaultCost::kNothing,
                  {duration("extra", 10, 0, 60'000, "constant part"),
                   duration("jitter", 10, 0, 60'000, "mean of the sampled part"), direction()}});
  rows.push_back({FaultKind::kN2,
                  "N2",
                  "long-tail",
                  "With a small probability a message takes many times longer than its path does, at most 20 s.",
                  kAny,
                  kInterval,
                  FaultCost::kNothing,
                  {ratio("chance", 10'000, 1, kMillion, "part of the messages hit"),
                   count("factor", 100, 2, 10'000, "factor on the delay of a message that is hit"), direction()}});
  rows.push_back(
      {FaultKind::kN3,
       "N3",
       "slow-pair",
       "The path between the targets and everybody else is slower by a constant, as after a change of route.",
       kAny,
       kInterval,
       FaultCost::kNothing,
       {duration("extra", 100, 1, 60'000, "added to each message"), direction()}});
  rows.push_back({FaultKind::kN4,
                  "N4",
                  "loss",
                  "Packets are lost independently of each other; a connection sends them again, so messages come late.",
                  kAny,
                  kInterval,
                  FaultCost::kNothing,
                  {ratio("loss", 50'000, 1, 900'000, "part of the packets lost"), direction()}});
  rows.push_back({FaultKind::kN5,
                  "N5",
                  "bursty-loss",
                  "Packets are lost in bursts: when one is lost, those behind it are likely to be.",
                  kAny,
                  kInterval,
                  FaultCost::kNothing,
                  {ratio("loss", 50'000, 1, 900'000, "part of the packets lost"),
                   count("burst", 5, 2, 1'000, "mean packets lost in a row"), direction()}});
  rows.push_back({FaultKind::kN6,
                  "N6",
                  "duplication",
                  "A message of the relay is delivered again, each copy after a delay of its own.",
                  kRelayEnds,
                  kInterval,
                  FaultCost::kRelay,
                  {ratio("chance", 100'000, 1, kMillion, "part of the messages copied"),
                   count("copies", 1, 1, 10, "extra copies of one message"),
                   duration("delay", 50, 0, 60'000, "most that a copy comes later"), direction()}});
  rows.push_back({FaultKind::kN7,
                  "N7",
                  "reordering",
                  "Messages of the relay overtake each other, by a bounded number of places.",
                  kRelayEnds,
                  kInterval,
                  FaultCost::kRelay,
                  {choice("form", {"inside", "across"}, "inside a connection, or only across connections"),
                   ratio("chance", 100'000, 1, kMillion, "part of the messages moved"),
                   count("distance", 3, 1, 100, "most places by which a message is overtaken"),
                   duration("skew", 100, 1, 60'000, "across: most by which a connection is slower"), direction()}});
  rows.push_back({FaultKind::kN9,
                  "N9",
                  "truncated-message",
                  "A message breaks off in the middle: its connection ends instead of delivering it.",
                  kAny,
                  kInterval,
                  FaultCost::kNothing,
                  {ratio("chance", 50'000, 1, kMillion, "part of the messages that break off"), direction()}});
  rows.push_back({FaultKind::kN10,
                  "N10",
                  "partition",
                  "No message passes between the targets and the rest of the world, in either direction.",
                  kRolesProcess,
                  kInterval,
                  FaultCost::kSplit,
                  {choice("in_flight", {"deliver", "drop"}, "what happens to messages that are on the wire")}});
  rows.push_back({FaultKind::kN11,
                  "N11",
                  "one-way-partition",
                  "Messages pass in one direction only between the targets and the rest of the world.",
                  kAny,
                  kInterval,
                  FaultCost::kUnreachable,
                  {choice("direction", {"out", "in"}, "which messages of the targets are stopped"),
                   choice("in_flight", {"deliver", "drop"}, "what happens to messages that are on the wire")}});
  rows.push_back(
      {FaultKind::kN12,
       "N12",
       "bridge",
       "The targets fall into two halves that only one member can reach both of, or into a ring in which every "
       "member sees its neighbours only.",
       kRolesDatabase,
       kInterval,
       FaultCost::kLastTwo,
       {choice("form", {"bridge", "ring"}, "bridge: the middle target joins the halves; ring: neighbours only")}});
  rows.push_back({FaultKind::kN13,
                  "N13",
                  "clog",
                  "Messages queue on the link and are all released, in order, when the fault ends.",
                  kAny,
                  kInterval,
                  FaultCost::kUnreachable,
                  {direction()}});
  rows.push_back({FaultKind::kN15,
                  "N15",
                  "bandwidth",
                  "A link carries few bytes per second and its queue is finite; a connection that exceeds it breaks.",
                  kAny,
                  kInterval,
                  FaultCost::kNothing,
                  {count("kilobits", 2'000, 8, 100'000'000, "kbit/s of each direction"),
                   count("queue", 256, 1, 1'000'000, "kB that may wait"), direction()}});
  rows.push_back({FaultKind::kN18,
                  "N18",
                  "hold",
                  "Messages of one type are kept until the end of the fault and then let go in a chosen order.",
                  kRelayEnds,
                  kInterval,
                  FaultCost::kUnreachable,
                  {choice("release", {"in-order", "reversed", "shuffled"}, "order across connections"),
                   text("types", "", "name of a message type; empty: every message of the relay"), direction()}});
  rows.push_back(
      {FaultKind::kN19,
       "N19",
       "replay",
       "Copies of messages of the relay are kept and delivered again later, also after a restart or in another "
       "epoch.",
       kRelayEnds,
       kInterval,
       FaultCost::kRelay,
       {ratio("chance", 50'000, 1, kMillion, "part of the messages recorded"),
        duration("delay", 2'000, 1, 600'000, "most that a copy comes later"), direction()}});
  rows.push_back({FaultKind::kN20,
                  "N20",
                  "connection-reset",
                  "The connections of the targets break: both ends see an error and what is on the wire is lost.",
                  kAny,
                  FaultShape::kInstant,
                  FaultCost::kNothing,
                  {}});
  rows.push_back(
      {FaultKind::kN21,
       "N21",
       "half-open",
       "Connections die without a word: one end may see an error, the other believes in them until its timeout.",
       kAny,
       FaultShape::kInstant,
       FaultCost::kNothing,
       {choice("aware", {"target", "peer", "nobody"}, "which end sees an error at once")}});
  rows.push_back({FaultKind::kN22,
                  "N22",
                  "connect-trouble",
                  "Opening a connection to a target takes long, fails at once, or is never answered.",
                  kAny,
                  kInterval,
                  FaultCost::kUnreachable,
                  {choice("form", {"slow", "refused", "silent"}, "what the caller sees"),
                   duration("delay", 1'000, 1, 60'000, "slow: most that the handshake takes longer"),
                   ratio("chance", kMillion, 1, kMillion, "part of the handshakes hit")}});
  rows.push_back({FaultKind::kN23,
                  "N23",
                  "send-buffer",
                  "A sender may have few bytes under way on one connection; the message that exceeds them breaks it.",
                  kAny,
                  kInterval,
                  FaultCost::kNothing,
                  {count("least", 512, 1, 100'000'000, "each connection draws its limit between this"),
                   count("most", 16'384, 1, 100'000'000, "and this many bytes"), direction()}});
  rows.push_back({FaultKind::kN24,
                  "N24",
                  "stale-incarnation",
                  "A message sent to an earlier life of a process or connection of the relay reaches the present one.",
                  kRelayEnds,
                  kInterval,
                  FaultCost::kRelay,
                  {ratio("chance", 500'000, 1, kMillion, "part of the messages lost with a connection that come again"),
                   duration("delay", 500, 0, 600'000, "most that they come later")}});
  rows.push_back({FaultKind::kN25,
                  "N25",
                  "flapping",
                  "A partition of the targets comes and goes.",
                  kRolesProcess,
                  kInterval,
                  FaultCost::kSplit,
                  {duration("cut", 500, 1, 600'000, "mean length of a cut"),
                   duration("open", 1'000, 1, 600'000, "mean time between two cuts"),
                   duration("least", 50, 1, 60'000, "shortest cut and shortest time between")}});
  rows.push_back(
      {FaultKind::kN27,
       "N27",
       "conditional-black-hole",
       "The targets are cut off until something has happened in the rest of the world, for instance until what "
       "they need has left the log.",
       kRolesDatabase,
       kInterval,
       FaultCost::kSplit,
       {choice("until", {"snapshot", "trim", "epoch", "checkpoint"},
               "what ends it; its duration ends it at the latest")}});
  rows.push_back({FaultKind::kN28,
                  "N28",
                  "stale-route",
                  "Routers go on sending requests to the place where a database's primary or replica was before.",
                  kRolePrimary | kRoleReplica | kRoleWorker,
                  kInterval,
                  FaultCost::kNothing,
                  {}});
  rows.push_back({FaultKind::kN29,
                  "N29",
                  "asymmetric-paths",
                  "Grey failure: a replica is reached by its callers but not by the leader, or the other way round.",
                  kRoleReplica,
                  kInterval,
                  FaultCost::kNothing,
                  {choice("cut", {"leader", "callers"}, "whom the replica cannot exchange messages with")}});
}

}  // namespace tidemark::sim::detail
