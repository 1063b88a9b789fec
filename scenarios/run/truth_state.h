// The inner state of TruthRecorder.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "scenarios/run/open_restores.h"
#include "scenarios/run/truth_recorder.h"
#include "sim/net/latency.h"
#include "sim/net/site.h"

namespace tidemark::scenarios {

inline checkers::Position position_of(const model::Bookmark& bookmark) {
  return {bookmark.epoch, bookmark.sequence, bookmark.digest};
}

template <typename RecordType>
RecordType record_at(std::int64_t now_ns, std::uint32_t database) {
  RecordType record;
  record.at_ns = now_ns;
  record.db = database;
  return record;
}

/// Last image of each page of an entry, ascending: a page that is written twice counts as written last.
void changed_pages(const model::Entry& entry, std::vector<checkers::PageImage>& pages);

struct TruthRecorder::Database {
  std::uint32_t primary = 0;             // process id of the host that serves or did last
  std::vector<std::uint32_t> followers;  // process ids of the set, by index
  std::vector<std::uint32_t> hosts;      // that could lead
  std::vector<std::uint32_t> replicas;
  struct Follower {
    model::Bookmark told;  // what it knows to be confirmed
    model::Bookmark durable;
  };
  std::map<std::uint32_t, Follower> known;  // by process id
  model::Bookmark committed;                // of the newest epoch
  model::Bookmark confirmed;
  std::map<std::uint32_t, std::uint32_t> leaders;  // epoch -> process id of the host that serves or served in it
  struct Transaction {
    std::uint32_t frames = 0;  // still missing
    std::uint32_t pages = 0;   // size of the database after it
    std::int64_t at_ns = 0;
  };
  using Transactions = std::deque<Transaction>;
  /// By process id of the host: SQLite's own transactions there that are not in its leader's log yet, oldest first. A
  /// former leader may go on beside its successor, so each has its own.
  std::map<std::uint32_t, Transactions> uncaptured;
  /// The witness: `left` of the database `name` is in no log.
  static std::string lost_text(const std::string& name, const Transactions& left);
  std::string lost;  // the witness of those that were given up with their leader
  struct InFlight {
    model::Bookmark bookmark;
    std::int64_t committed_ns = 0;
  };
  std::deque<InFlight> in_flight;
  OpenRestores restores;
  // Availability. The leader of the newest epoch counts.
  std::uint32_t serving_epoch = 0;
  bool serving = false;
  std::int64_t down_since_ns = 0;  // while nobody serves
  std::int64_t down_ns = 0;
  std::int64_t longest_down_ns = 0;
  void leader_serves(std::uint32_t epoch, std::int64_t now_ns);
  void leader_gone(std::uint32_t epoch, std::int64_t now_ns);
};

struct TruthRecorder::Copy {
  std::uint32_t database = 0;
  sim::Duration floor;  // to the nearest host that ever served
  sim::Duration base;   // undisturbed, one way, from the one that serves
  model::Bookmark visible;
  std::uint64_t publications = 0;
};

/// Delays between host sites draw nothing, so this table of our own does not touch the run.
struct TruthRecorder::Delays {
  explicit Delays(model::Cluster& cluster)
      : table(cluster.sites(), sim::MeasuredRoundTrips::shipped(), cluster.options().network, unused) {}
  sim::StreamRegistry unused{0};
  sim::RoundTripTable table;
};

}  // namespace tidemark::scenarios
