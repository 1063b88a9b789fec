// Options of the system under test. Every field has a default, a unit and a source; scenario files set them by name.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/types/bugs.h"
#include "model/types/script.h"
#include "sim/core/distribution.h"
#include "sim/core/time.h"

namespace tidemark::model {

/// The storage relay. Sources: S1 = the D1 read replication post (2025-04), S3 = the SQLite-in-Durable-Objects post
/// (2024-09); "ours" = not published, a documented choice.
struct RelayOptions {
  std::uint32_t followers = 5;  // S3
  std::uint32_t quorum = 3;     // S3
  /// Confirms go to followers and replicas in batches: a timer with this period and a phase drawn from the seed; 0 = at
  /// once. Ours: its mean, half the period, plus publish_delay is the one overhead fitted to the published table.
  sim::Duration confirm_flush_period = sim::Duration::milliseconds(20);
  /// From the arrival of the confirm to the move of the wal-index header on a replica. Ours (see above).
  sim::Duration publish_median = sim::Duration::microseconds(1500);
  double publish_sigma = 0.5;
  /// Offset of a replica's clock, drawn once per replica; only measured lag sees it. Ours.
  sim::Duration clock_error = sim::Duration::microseconds(500);
  /// Segments are uploaded when this old or this large (S3: 10 s or 16 MB).
  sim::Duration segment_period = sim::Duration::seconds(10);
  std::uint64_t segment_bytes = 16'000'000;
  /// A snapshot is taken when the log since the last one exceeds this share of the database size (S3: 100 %).
  std::uint32_t snapshot_log_percent = 100;
  /// History that can be restored (Time Travel): superseded segments and snapshots are kept this long. S3: 30 days;
  /// ours: 0, so that memory stays flat in long runs; scenarios with Time Travel set it.
  sim::Duration cold_retention{};
  /// WAL frames after which a copy checkpoints. Ours: SQLite's default.
  std::uint32_t checkpoint_frames = 1000;
  /// Followers repeat their last acknowledgement when idle for this long (so that a lost one does no harm). Ours.
  sim::Duration ack_refresh = sim::Duration::seconds(1);
  /// Most entries in one Append message during catch-up. Ours.
  std::uint32_t catch_up_batch = 64;
  /// Keys that one page of a listing of cold storage holds. S3 gives 1,000.
  std::uint32_t cold_list_page = 1000;
  /// A follower uploads entries to cold storage itself when it knows them to be confirmed and no trim came for this
  /// long (orphans of a leader that is gone). Ours.
  sim::Duration orphan_age = sim::Duration::seconds(60);
  /// A leader whose oldest unconfirmed entry has waited this long gives up: the gate breaks, outcomes are unknown.
  /// Ours.
  sim::Duration confirm_timeout = sim::Duration::seconds(10);
  /// A copy whose disk does not complete a sync within this time is given up. Ours.
  sim::Duration storage_timeout = sim::Duration::seconds(10);
  /// Entries that the leader keeps in memory for slow followers and replicas at most, in bytes; who is further behind
  /// is served from cold storage. Ours.
  std::uint64_t tail_bytes = 64'000'000;
};

/// The control plane: placement, failure detection, epochs. All ours; nothing is published.
struct ControlOptions {
  /// A leader reports to the control plane this often; the answer renews its read lease.
  sim::Duration report_period = sim::Duration::seconds(1);
  /// A leader that has not reported for this long is taken for dead. It may be alive: detection can be wrong.
  sim::Duration detection_timeout = sim::Duration::seconds(3);
  /// How long a grant lets a leader answer reads; no successor is appointed before the last grant has run out. At most
  /// detection_timeout.
  sim::Duration lease = sim::Duration::seconds(2);
  /// An appointed host that does not serve within this time is given up, and the next host is appointed.
  sim::Duration takeover_timeout = sim::Duration::seconds(20);
  /// A follower of which the leader has heard nothing for this long is replaced by a spare.
  sim::Duration replace_after = sim::Duration::seconds(30);
  /// Hosts besides the home site that can run the primary, and followers in reserve, per database.
  std::uint32_t standby_hosts = 1;
  std::uint32_t spare_followers = 2;
  /// A primary without a request for this long is evicted from memory and woken by the next request; 0 = never.
  sim::Duration evict_after{};
};

/// One database instance. Costs are ours: a deterministic model of SQL time.
struct DatabaseOptions {
  std::uint32_t page_size = 4096;  // D1
  /// Queries that may wait for the one that runs; one more gets "D1 DB is overloaded. Too many requests queued."
  /// The limit is not published.
  std::uint32_t queue_limit = 100;
  /// Longest wait in that queue; then "D1 DB is overloaded. Requests queued for too long." Not published.
  sim::Duration queue_timeout = sim::Duration::seconds(30);
  /// Longest wait of a replica read for its bookmark, of a request for a database that is moving, and of a commit for
  /// its confirmation, before the request fails. Ours.
  sim::Duration bookmark_wait_timeout = sim::Duration::seconds(30);
  sim::Duration query_overhead = sim::Duration::microseconds(100);
  sim::Duration vm_step_cost = sim::Duration::nanoseconds(50);
  sim::Duration page_read_cost = sim::Duration::microseconds(2);
  sim::Duration page_write_cost = sim::Duration::microseconds(4);
  /// A statement whose steps cost more than this fails: "D1 DB exceeded its CPU time limit and was reset." (the object
  /// is not reset here). D1: a query may take 30 s.
  sim::Duration query_limit = sim::Duration::seconds(30);
  /// The same in steps.
  std::uint64_t step_limit() const {
    constexpr std::int64_t kMostSteps = 2'000'000'000;  // SQLite counts them in an int
    const std::int64_t cost = std::max<std::int64_t>(vm_step_cost.ns(), 1);
    return static_cast<std::uint64_t>(std::clamp<std::int64_t>(query_limit.ns() / cost, 1, kMostSteps));
  }
};

/// The stateless worker: application, D1 binding, router.
struct WorkerOptions {
  sim::Duration request_overhead = sim::Duration::microseconds(200);  // ours: time of application code per request
  std::uint32_t read_retries = 2;  // D1 release notes 2025-09-11: at most two more attempts, reads only
  std::uint32_t app_attempts = 5;  // tmpl: nextAttempt <= 5
};

/// Which sessions the application opens.
enum class SessionMode : std::uint8_t {
  kBookmark,             // the template: the header's bookmark, absent = first-unconstrained
  kFirstPrimary,         // absent = first-primary
  kUnconstrainedAlways,  // sessions switched off: first-unconstrained on every query
};

enum class WorkloadKind : std::uint8_t {
  kOrders,
  kRegister,
  kAppend,
  kSql,          // an application written as SQL in the scenario file
  kApplication,  // one written in C++ (model/apps/application.h)
};
/// Its clients do actions, and its history has no model that checkers know: its own truths judge it.
inline bool does_actions(WorkloadKind kind) {
  return kind == WorkloadKind::kSql || kind == WorkloadKind::kApplication;
}
struct SqlWorkload;  // model/types/sql_workload.h
enum class Arrival : std::uint8_t { kClosed, kOpen, kScript };

/// When an answer that a PoP has kept is served instead of a query (model/apps/edge_cache; docs/apps/edge_cache.md).
enum class CacheStrategy : std::uint8_t {
  kOff,       // never
  kExpiry,    // until it expires
  kManual,    // ... or its URL is purged by hand, after a write
  kTracking,  // ... or something changes of which it is known to depend
  kBookmark,  // until it expires, to sessions that know of nothing newer than what it was read at
};
/// How a purged answer is read again, while nobody waits.
enum class CacheRefill : std::uint8_t {
  kOff,
  kNearest,   // whatever the nearest copy shows
  kBookmark,  // at the bookmark of the write
};

/// The cache of the application edge-cache. Sources: notes = its public design notes; "ours" otherwise.
struct CacheOptions {
  CacheStrategy strategy = CacheStrategy::kBookmark;
  sim::Duration expiry = sim::Duration::seconds(86'400);  // notes
  /// Of a route's own; zero: `expiry`.
  sim::Duration item_expiry{};
  sim::Duration list_expiry{};
  CacheRefill refill = CacheRefill::kNearest;
  /// The PoP where a record is written keeps what was written at once (kTracking, kBookmark).
  bool local_update = true;
  /// What one PoP keeps for one database at most; the answer that was used least recently goes first. notes: what a
  /// worker has for memory.
  std::uint64_t memory_bytes = 128'000'000;
};

struct WorkloadOptions {
  WorkloadKind kind = WorkloadKind::kOrders;
  /// kSql: what it does; not nullptr then.
  std::shared_ptr<const SqlWorkload> sql;
  /// kApplication: its name (model/apps/all/catalogue.h), and which of its known mistakes it makes.
  std::string application;
  std::vector<std::string> mistakes;
  CacheOptions cache;
  std::uint32_t clients = 20;
  /// Site codes of the clients' cities, taken in turn; empty = all user sites in turn.
  std::vector<std::string> cities;
  Arrival arrival = Arrival::kClosed;
  /// kScript: what the clients do, and nothing else; by time.
  std::vector<ScriptedOperation> script;
  /// Closed loop: pause of a client between its operations (exponential).
  sim::Duration think_time = sim::Duration::milliseconds(200);
  /// Open loop: operations per second over all clients (Poisson); a client that is busy queues its arrivals.
  double rate_per_second = 50;
  /// A client that has no answer after this long hangs up: the outcome is unknown to it. 0 = it waits for ever. Ours.
  sim::Duration request_timeout{};
  double read_share = 0.8;
  SessionMode sessions = SessionMode::kBookmark;
  /// Orders: customers; register and append: keys. Drawn by Zipf with this exponent (0 = uniform).
  std::uint32_t keys = 10;
  double zipf_exponent = 0.9;
  /// Orders: order ids per customer (bounds the table); mean time between resets (0 = never).
  std::uint32_t orders_per_customer = 8;
  sim::Duration reset_period = sim::Duration::seconds(20);
  /// Share of operations that run two reads of one session at the same time.
  double concurrent_share = 0.1;
  /// Share of register/append operations that are a batch of several statements.
  double batch_share = 0.2;
  /// Share of the orders operations in which the client opens a new session (drops its bookmark).
  double new_session_share = 0.02;
  /// Part of the new sessions that start with "first-primary" as their header, whatever `sessions` says but
  /// kUnconstrainedAlways.
  double first_primary_share = 0;
  /// Route changes: mean time between changes per client (0 = never), and the share that goes to the region's second
  /// nearest PoP (WiFi to mobile) rather than to one in another region (data centre out, a flight).
  sim::Duration route_change_period = sim::Duration::seconds(5);
  double route_change_near_share = 0.8;
  /// Padding bytes of a written row's text, so that transactions span several pages now and then (0 = none).
  std::uint32_t row_padding = 0;
};

}  // namespace tidemark::model
