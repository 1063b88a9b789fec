// The rows of the object store, of membership and operations, of clients, and of buggify.
#include "sim/nemesis/fault_kinds.h"

namespace tidemark::sim::detail {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr FaultShape kInterval = FaultShape::kInterval;
constexpr FaultShape kInstant = FaultShape::kInstant;
/// The whole store, or the store as these processes reach it.
constexpr FaultRoles kStore = kRoleColdStore | kRolesDatabase;

ParameterInfo chance(std::int64_t fallback) {
  return ratio("chance", fallback, 1, kMillion, "part of the requests hit");
}
ParameterInfo answer() {
  return choice("answer", {"timeout", "error"}, "what the caller gets");
}
ParameterInfo times(std::int64_t most) {
  return count("times", 1, 1, most, "how often");
}

void add_store_kinds(std::vector<FaultKindInfo>& rows) {
  rows.push_back({FaultKind::kS1,
                  "S1",
                  "slow-store",
                  "Requests to the object store take long or are told to try later.",
                  kStore,
                  kInterval,
                  FaultCost::kNothing,
                  {count("factor", 10, 1, 10'000, "factor on the service time"),
                   duration("extra", 0, 0, 600'000, "added to each request"),
                   ratio("throttled", 100'000, 0, kMillion, "part of the requests that are refused")}});
  rows.push_back({FaultKind::kS2,
                  "S2",
                  "ambiguous-put",
                  "A put fails for its caller although the object is stored.",
                  kStore,
                  kInterval,
                  FaultCost::kNothing,
                  {chance(500'000), answer()}});
  rows.push_back({FaultKind::kS3,
                  "S3",
                  "late-put",
                  "A put that timed out takes effect later, perhaps after a newer put or a delete of the same key.",
                  kStore,
                  kInterval,
                  FaultCost::kNothing,
                  {chance(300'000), answer(), duration("late", 20'000, 1, 3'600'000, "most that it comes later")}});
  rows.push_back({FaultKind::kS4,
                  "S4",
                  "stale-list",
                  "A list shows the objects as they were some time ago.",
                  kStore,
                  kInterval,
                  FaultCost::kNothing,
                  {chance(800'000), duration("window", 20'000, 1, 3'600'000, "how far back")}});
  rows.push_back({FaultKind::kS5,
                  "S5",
                  "small-pages",
                  "A page of a list has few keys, and a list is not one state.",
                  kStore,
                  kInterval,
                  FaultCost::kNothing,
                  {count("keys", 1, 1, 1'000, "most keys of a page")}});
  rows.push_back({FaultKind::kS6,
                  "S6",
                  "prefix-neighbour",
                  "The store holds objects of a neighbour whose name begins with the name of this database.",
                  kRoleColdStore,
                  kInterval,
                  FaultCost::kNothing,
                  {}});
  rows.push_back({FaultKind::kS7,
                  "S7",
                  "truncated-body",
                  "A get returns the first bytes of an object only, without error.",
                  kStore,
                  kInterval,
                  FaultCost::kTransfer,
                  {chance(300'000), choice("where", {"transfer", "stored"}, "stored: the object itself is cut")}});
  rows.push_back({FaultKind::kS8,
                  "S8",
                  "corrupt-body",
                  "A get returns an object with a flipped bit.",
                  kStore,
                  kInterval,
                  FaultCost::kTransfer,
                  {chance(300'000), choice("where", {"transfer", "stored"}, "stored: the object itself is changed")}});
  rows.push_back(
      {FaultKind::kS9,
       "S9",
       "partial-upload",
       "An upload is killed midway: no object appears.",
       kStore,
       kInterval,
       FaultCost::kNothing,
       {chance(300'000), count("part_bytes", 1'024, 1, 1'000'000'000, "only puts larger than this"), answer()}});
}

void add_membership_kinds(std::vector<FaultKindInfo>& rows) {
  rows.push_back({FaultKind::kM1,
                  "M1",
                  "replace-follower",
                  "A follower is replaced by an empty one while the old one may still answer.",
                  kRoleFollower,
                  kInstant,
                  FaultCost::kDestroys,
                  {}});
  rows.push_back({FaultKind::kM2,
                  "M2",
                  "change-replicas",
                  "A replica is added or removed.",
                  kRoleReplica,
                  kInstant,
                  FaultCost::kNothing,
                  {choice("change", {"remove", "add"}, "which of the two")}});
  rows.push_back({FaultKind::kM3,
                  "M3",
                  "hand-over",
                  "The primary is moved as planned: drain, fence, start.",
                  kRolePrimary,
                  kInstant,
                  FaultCost::kNothing,
                  {}});
  rows.push_back({FaultKind::kM5,
                  "M5",
                  "restore",
                  "The database is restored to an earlier state while sessions hold later bookmarks.",
                  kRolePrimary,
                  kInstant,
                  FaultCost::kNothing,
                  {duration("back", 5'000, 0, 86'400'000, "how far back in time"),
                   choice("undo", {"no", "yes"}, "restore again to the state before")}});
  rows.push_back(
      {FaultKind::kM6,
       "M6",
       "re-create",
       "The database is deleted and created again under its name, with old replicas and objects still around.",
       kRolePrimary,
       kInstant,
       FaultCost::kNothing,
       {}});
  rows.push_back({FaultKind::kM7,
                  "M7",
                  "maintenance",
                  "A checkpoint, VACUUM, schema change or huge transaction happens now, with readers at work.",
                  kRolePrimary | kRoleReplica,
                  kInstant,
                  FaultCost::kNothing,
                  {choice("operation", {"checkpoint", "vacuum", "ddl", "huge-transaction"}, "which of them")}});
}

void add_client_kinds(std::vector<FaultKindInfo>& rows) {
  rows.push_back({FaultKind::kX1,
                  "X1",
                  "retry",
                  "Answers to a client's writes are lost on their way, and it sends each write that got no answer "
                  "again, up to three times.",
                  kRoleClient,
                  kInterval,
                  FaultCost::kNothing,
                  {ratio("chance", kMillion, 0, kMillion, "part of the answers that are lost")}});
  rows.push_back({FaultKind::kX2,
                  "X2",
                  "client-crash",
                  "A client dies; its session is lost or goes on from a bookmark that is older than the last one seen.",
                  kRoleClient,
                  kInstant,
                  FaultCost::kNothing,
                  {choice("session", {"lost", "older"}, "what is left of the session")}});
  rows.push_back({FaultKind::kX3,
                  "X3",
                  "token-replay",
                  "An old bookmark is used again: two devices share one session and fork it.",
                  kRoleClient,
                  kInstant,
                  FaultCost::kNothing,
                  {times(100)}});
  rows.push_back({FaultKind::kX4,
                  "X4",
                  "strange-bookmark",
                  "A client sends a bookmark from the future, of another database or epoch, malformed, or empty.",
                  kRoleClient,
                  kInstant,
                  FaultCost::kNothing,
                  {choice("form", {"future", "other-database", "other-epoch", "malformed", "empty"}, "which of them"),
                   times(100)}});
  rows.push_back({FaultKind::kX5,
                  "X5",
                  "concurrent-queries",
                  "A session sends several queries at once, so answers return out of order.",
                  kRoleClient,
                  kInterval,
                  FaultCost::kNothing,
                  {count("queries", 3, 2, 100, "how many at once")}});
  rows.push_back({FaultKind::kX6,
                  "X6",
                  "client-moves",
                  "A client moves: its next query enters elsewhere.",
                  kRoleClient,
                  kInstant,
                  FaultCost::kNothing,
                  {text("site", "", "where to; empty: drawn")}});
  rows.push_back({FaultKind::kX7,
                  "X7",
                  "abandoned-wait",
                  "A client goes away while its request waits.",
                  kRoleClient,
                  kInstant,
                  FaultCost::kNothing,
                  {times(100)}});
  rows.push_back({FaultKind::kX9,
                  "X9",
                  "hostile-sql",
                  "Statements are sent whose class is hard to tell: WITH before INSERT, RETURNING, PRAGMA, EXPLAIN, "
                  "comments first, several statements.",
                  kRoleClient,
                  kInstant,
                  FaultCost::kNothing,
                  {times(1'000)}});
}

void add_buggify_kinds(std::vector<FaultKindInfo>& rows) {
  const FaultRoles run = kRoleRun;
  rows.push_back(
      {FaultKind::kB1,
       "B1",
       "sites",
       "Marked places of the code take their unlikely branch: a place is on for a run with probability 25 %, "
       "and then fires in 25 % of its passes.",
       run,
       kInterval,
       FaultCost::kNothing,
       {}});
  rows.push_back({FaultKind::kB2,
                  "B2",
                  "knobs",
                  "Timeouts, batches, buffers and thresholds of the run are tiny, normal or huge.",
                  run,
                  FaultShape::kRun,
                  FaultCost::kNothing,
                  {}});
  rows.push_back({FaultKind::kB3,
                  "B3",
                  "delays",
                  "Marked places of the code wait a while.",
                  run,
                  kInterval,
                  FaultCost::kNothing,
                  {duration("most", 20, 1, 60'000, "longest wait")}});
  rows.push_back({FaultKind::kB4,
                  "B4",
                  "orders",
                  "Marked loops of the code go through their peers in another order.",
                  run,
                  kInterval,
                  FaultCost::kNothing,
                  {}});
  rows.push_back({FaultKind::kB5,
                  "B5",
                  "early-late",
                  "Marked actions of the code (checkpoint, snapshot, flush, close) happen early or late.",
                  run,
                  kInterval,
                  FaultCost::kNothing,
                  {}});
  rows.push_back({FaultKind::kB6,
                  "B6",
                  "error-returns",
                  "Marked calls of the code return their documented error.",
                  run,
                  kInterval,
                  FaultCost::kNothing,
                  {}});
}

}  // namespace

void add_operation_kinds(std::vector<FaultKindInfo>& rows) {
  add_store_kinds(rows);
  add_membership_kinds(rows);
  add_client_kinds(rows);
  add_buggify_kinds(rows);
}

}  // namespace tidemark::sim::detail
