// Keys of [workload] and [cache].
#include "scenarios/key_table.h"

namespace tidemark::scenarios {

namespace {

void add_cache_keys(std::vector<Key>& keys) {
  using model::CacheOptions;
  using sim::Duration;
  constexpr Duration kYear = Duration::seconds(365LL * 86'400);
  KeyTable<CacheOptions> t(keys, "cache", [](Scenario& s, std::size_t) -> CacheOptions& { return s.workload.cache; });
  t.choice("strategy", &CacheOptions::strategy, {"off", "expiry", "manual", "tracking", "bookmark"},
           "When a kept answer is served: never; until it expires; until purged by hand; until what it depends on "
           "changes; to sessions whose bookmark is not newer.");
  t.duration("expiry", &CacheOptions::expiry, Duration::milliseconds(1), kYear, "An answer is kept so long.");
  t.duration("item_expiry", &CacheOptions::item_expiry, {}, kYear, "Of a single item; 0 s = expiry.");
  t.duration("list_expiry", &CacheOptions::list_expiry, {}, kYear, "Of a list; 0 s = expiry.");
  t.choice("refill", &CacheOptions::refill, {"off", "nearest", "bookmark"},
           "How a purged answer is read again at once: not; as the nearest copy shows it; at the write's bookmark.");
  t.flag("local_update", &CacheOptions::local_update,
         "The PoP where a record is written keeps what was written (tracking, bookmark).");
  t.integer(Type::kSize, "memory", &CacheOptions::memory_bytes, 1, 1e12,
            "What one PoP keeps for one database at most; what was used least recently goes first.");
}

}  // namespace

void add_workload_keys(std::vector<Key>& keys) {
  using model::WorkloadOptions;
  using sim::Duration;
  constexpr Duration kZero{};
  constexpr Duration kDay = Duration::seconds(86'400);
  KeyTable<WorkloadOptions> t(keys, "workload",
                              [](Scenario& s, std::size_t) -> WorkloadOptions& { return s.workload; });
  t.choice("kind", &WorkloadOptions::kind, {"orders", "register", "append", "sql", "application"},
           "Application that the clients use; sql: that of [sql], [[statement]] and [[assertion]].");
  t.text("application", &WorkloadOptions::application, 0, 64,
         "kind = \"application\": its name (docs/apps/README.md).");
  t.list("mistakes", &WorkloadOptions::mistakes, "kind = \"application\": which of its known mistakes it makes.");
  t.count("clients", &WorkloadOptions::clients, 0, 100'000,
          "Clients, each with one request at a time per session; 0 = none.");
  t.list("cities", &WorkloadOptions::cities, "Sites of the clients' cities, taken in turn; [] = every site in turn.");
  t.choice("arrival", &WorkloadOptions::arrival, {"closed", "open", "script"},
           "closed: a client pauses between operations; open: they arrive at a rate, whatever the answers do; script: "
           "those of [[operation]].");
  t.duration("think_time", &WorkloadOptions::think_time, kZero, kDay, "Closed: mean pause of a client (exponential).");
  t.real(Type::kRate, "rate", &WorkloadOptions::rate_per_second, 0.0001, 1e6,
         "Open: operations over all clients (Poisson).");
  t.duration("request_timeout", &WorkloadOptions::request_timeout, kZero, kDay,
             "A client without an answer after this hangs up, and the outcome is unknown to it; 0 s = it waits.");
  t.real(Type::kRatio, "read_share", &WorkloadOptions::read_share, 0, 1, "Part of the operations that only read.");
  t.choice(
      "sessions", &WorkloadOptions::sessions, {"bookmark", "first-primary", "off"},
      "bookmark: hand bookmarks on, start anywhere; first-primary: start at the primary; off: unconstrained always.");
  t.count("keys", &WorkloadOptions::keys, 1, 10'000'000, "Customers (orders), lists or registers.");
  t.real(Type::kNumber, "zipf_exponent", &WorkloadOptions::zipf_exponent, 0, 10,
         "Skew of the choice of keys; 0 = uniform.");
  t.count("orders_per_customer", &WorkloadOptions::orders_per_customer, 1, 1'000'000,
          "Order ids per customer: bounds the table.");
  t.duration("reset_period", &WorkloadOptions::reset_period, kZero, kDay,
             "Mean time between resets of the table; 0 s = never.");
  t.real(Type::kRatio, "concurrent_share", &WorkloadOptions::concurrent_share, 0, 1,
         "Part of the operations that run two reads of one session at the same time.");
  t.real(Type::kRatio, "batch_share", &WorkloadOptions::batch_share, 0, 1,
         "Part of the register and append operations that are a batch of statements.");
  t.real(Type::kRatio, "new_session_share", &WorkloadOptions::new_session_share, 0, 1,
         "Part of the operations before which a client drops its bookmark.");
  t.real(Type::kRatio, "first_primary_share", &WorkloadOptions::first_primary_share, 0, 1,
         "Part of the new sessions that start with first-primary as their header.");
  t.duration("route_change_period", &WorkloadOptions::route_change_period, kZero, kDay,
             "Mean time between changes of a client's route; 0 s = never.");
  t.real(Type::kRatio, "route_change_near_share", &WorkloadOptions::route_change_near_share, 0, 1,
         "Part of the changes that stay in the region (WiFi to mobile); the rest goes to another.");
  t.integer(Type::kSize, "row_padding", &WorkloadOptions::row_padding, 0, 1'000'000,
            "Padding of a written row's text.");
  add_cache_keys(keys);
}

}  // namespace tidemark::scenarios
