// Figures that others published, next to which reports put ours.
#pragma once

#include <optional>
#include <string_view>

namespace tidemark::reports {

/// Confirm lag in ms between a primary in one region and replicas in another, from "Sequential consistency without
/// borders: how D1 implements global read replication" (Cloudflare blog, 2025-04-10). Nothing for other pairs: none is
/// published.
std::optional<double> published_confirm_lag_ms(std::string_view primary_region, std::string_view replica_region);
inline constexpr std::string_view kConfirmLagSource =
    "Cloudflare blog, 2025-04-10: Sequential consistency without borders, how D1 implements global read replication";

/// Commit latency of SQLite-backed objects in ENAM, ranges in ms over objects, of a third party.
struct PublishedCommitLatency {
  std::string_view p50_ms = "18-20";
  std::string_view p99_ms = "43-68";
  std::string_view p999_ms = "190-213";
  std::string_view source =
      "\"SQLite on Ursula\" benchmark document, 2026-10, SQLite-backed Durable Objects in ENAM (a third party's "
      "clients; "
      "shown for orientation, no bound)";
};

/// What the bookstore that model/apps/bookstore follows is said to reach, end to end, of all that it does.
struct PublishedBookstoreLatency {
  double p90_ms = 55;
  std::string_view where = "from almost everywhere in the world";
  std::string_view source =
      "Macrometa-Cloudflare Bookstore Demo App, README of Macrometacorp/tutorial-cloudflare-bookstore-dynamo; another "
      "database, measured by its makers, for orientation";
};

}  // namespace tidemark::reports
