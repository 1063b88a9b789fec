// Keys of [relay], [database-defaults] and [worker]: the system under test. Sources: S1 = the D1 read replication post
// (2025-04), S3 = the post on SQLite in Durable Objects (2024-09).
#include "scenarios/key_table.h"

namespace tidemark::scenarios {
namespace {

using model::DatabaseOptions;
using model::RelayOptions;
using model::WorkerOptions;
using sim::Duration;

constexpr Duration kZero{};
constexpr Duration kHour = Duration::seconds(3600);
constexpr Duration kMinute = Duration::seconds(60);
constexpr const char* kFitted = "ours: one overhead fitted to the published table";
constexpr const char* kCost = "ours: a deterministic model of SQL time";

void add_relay(std::vector<Key>& keys) {
  KeyTable<RelayOptions> t(keys, "relay", [](Scenario& s, std::size_t) -> RelayOptions& { return s.relay; });
  t.count("followers", &RelayOptions::followers, 1, 15, "Durability followers per database.", "S3");
  t.count("quorum", &RelayOptions::quorum, 1, 15, "Durable acknowledgements that confirm an entry.", "S3");
  t.duration("confirm_flush_period", &RelayOptions::confirm_flush_period, kZero, kMinute,
             "Confirms leave the leader in batches, on a timer with this period; 0 s = at once.", kFitted);
  t.duration("publish_median", &RelayOptions::publish_median, kZero, kMinute,
             "From the arrival of a confirm at a replica to its publication: median of the lognormal.", kFitted);
  t.real(Type::kNumber, "publish_sigma", &RelayOptions::publish_sigma, 0, 4, "... its sigma.", kFitted);
  t.duration("clock_error", &RelayOptions::clock_error, kZero, kMinute,
             "Standard deviation of the offset of a replica's clock; only measured lag sees it.");
  t.duration("segment_period", &RelayOptions::segment_period, Duration::milliseconds(1), kHour,
             "The log is uploaded to cold storage when the oldest entry is this old ...", "S3");
  t.integer(Type::kSize, "segment_bytes", &RelayOptions::segment_bytes, 1, 1e12, "... or this much has gathered.",
            "S3");
  t.count("snapshot_log_percent", &RelayOptions::snapshot_log_percent, 1, 100'000,
          "A snapshot is taken when the log since the last one exceeds this percentage of the database.", "S3");
  t.duration("cold_retention", &RelayOptions::cold_retention, kZero, kHour * 24 * 90,
             "How long superseded segments and snapshots are kept.", "S3 keeps 30 days");
  t.count("checkpoint_frames", &RelayOptions::checkpoint_frames, 1, 10'000'000,
          "WAL frames after which a copy checkpoints.", "SQLite's default");
  t.duration("ack_refresh", &RelayOptions::ack_refresh, Duration::milliseconds(1), kHour,
             "An idle follower repeats its last acknowledgement after this.");
  t.count("catch_up_batch", &RelayOptions::catch_up_batch, 1, 1'000'000,
          "Most entries in one message during catch-up.");
  t.count("cold_list_page", &RelayOptions::cold_list_page, 1, 1'000'000,
          "Keys that one page of a listing of cold storage holds.", "S3 gives 1,000");
  t.duration("orphan_age", &RelayOptions::orphan_age, Duration::milliseconds(1), kHour,
             "A follower uploads confirmed entries itself when no trim came for this long.");
  t.duration("confirm_timeout", &RelayOptions::confirm_timeout, Duration::milliseconds(1), kHour,
             "A leader whose oldest unconfirmed entry has waited this long gives up; the outcomes are then unknown.");
  t.duration("storage_timeout", &RelayOptions::storage_timeout, Duration::milliseconds(1), kHour,
             "A copy whose disk does not complete a sync within this time is given up.");
  t.integer(Type::kSize, "tail_bytes", &RelayOptions::tail_bytes, 1, 1e12,
            "Entries that the leader keeps in memory for slow followers and replicas at most.");
}

void add_database_defaults(std::vector<Key>& keys) {
  KeyTable<DatabaseOptions> t(keys, "database-defaults",
                              [](Scenario& s, std::size_t) -> DatabaseOptions& { return s.database_defaults; });
  t.integer(Type::kSize, "page_size", &DatabaseOptions::page_size, 512, 65'536, "Page size, a power of two.", "D1");
  t.count("queue_limit", &DatabaseOptions::queue_limit, 1, 1'000'000,
          "Queries that may wait for the one that runs; one more is refused as overload.");
  t.duration("queue_timeout", &DatabaseOptions::queue_timeout, Duration::milliseconds(1), kHour,
             "Longest wait in that queue.");
  t.duration("bookmark_wait_timeout", &DatabaseOptions::bookmark_wait_timeout, Duration::milliseconds(1), kHour,
             "Longest wait of a read for its bookmark, of a request for a database that is moving, and of a commit for "
             "its confirmation.");
  t.duration("query_overhead", &DatabaseOptions::query_overhead, kZero, kMinute,
             "Virtual time of a query besides its steps and pages.", kCost);
  t.duration("vm_step_cost", &DatabaseOptions::vm_step_cost, kZero, kMinute,
             "Virtual time of one step of SQLite's machine.", kCost);
  t.duration("page_read_cost", &DatabaseOptions::page_read_cost, kZero, kMinute, "Virtual time of reading one page.",
             kCost);
  t.duration("query_limit", &DatabaseOptions::query_limit, Duration::milliseconds(1), kHour,
             "A statement whose steps take longer fails.", "D1");
  t.duration("page_write_cost", &DatabaseOptions::page_write_cost, kZero, kMinute, "Virtual time of writing one page.",
             kCost);
}

void add_worker(std::vector<Key>& keys) {
  KeyTable<WorkerOptions> t(keys, "worker", [](Scenario& s, std::size_t) -> WorkerOptions& { return s.worker; });
  t.duration("request_overhead", &WorkerOptions::request_overhead, kZero, kMinute,
             "Time of application code per request.");
  t.count("read_retries", &WorkerOptions::read_retries, 0, 100,
          "Automatic further attempts of a query that only reads.", "D1 release notes 2025-09-11");
  t.count("app_attempts", &WorkerOptions::app_attempts, 1, 100, "Attempts of the application, the first included.",
          "starter template");
}

}  // namespace

void add_model_keys(std::vector<Key>& keys) {
  add_relay(keys);
  add_database_defaults(keys);
  add_worker(keys);
}

}  // namespace tidemark::scenarios
