#include "scenarios/run/truth_recorder.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/assert.h"
#include "scenarios/run/merge_verdicts.h"
#include "sim/net/latency.h"
#include "sim/net/site.h"

namespace tidemark::scenarios {
namespace {

using checkers::PageImage;
using checkers::Position;
using model::Bookmark;

Position position_of(const Bookmark& bookmark) {
  return {bookmark.epoch, bookmark.sequence, bookmark.digest};
}

template <typename RecordType>
RecordType at(std::int64_t now_ns, std::uint32_t database) {
  RecordType record;
  record.at_ns = now_ns;
  record.db = database;
  return record;
}

/// Last image of each page of an entry, ascending: a page that is written twice counts as written last.
void changed_pages(const model::Entry& entry, std::vector<PageImage>& pages) {
  pages.clear();
  for (const model::EntryFrame& frame : entry.frames()) pages.push_back({frame.page, frame.bytes->digest()});
  std::stable_sort(pages.begin(), pages.end(), [](const PageImage& a, const PageImage& b) { return a.pgno < b.pgno; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const bool last_of_page = i + 1 == pages.size() || pages[i + 1].pgno != pages[i].pgno;
    if (last_of_page) pages[kept++] = pages[i];
  }
  pages.resize(kept);
}

}  // namespace

struct TruthRecorder::Database {
  std::uint32_t primary = 0;               // process id
  std::vector<std::uint32_t> followers;    // process ids by index
  std::map<std::uint32_t, Bookmark> told;  // by process id: what the follower knows to be confirmed
  std::vector<std::uint32_t> replicas;     // process ids
  Bookmark committed;
  Bookmark confirmed;
  /// SQLite's own transactions that are not in the log yet, oldest first.
  struct Transaction {
    std::uint32_t frames = 0;  // still missing
    std::uint32_t pages = 0;   // size of the database after it
    std::int64_t at_ns = 0;
  };
  std::deque<Transaction> uncaptured;
  struct InFlight {
    Bookmark bookmark;
    std::int64_t committed_ns = 0;
  };
  std::deque<InFlight> in_flight;
};

struct TruthRecorder::Copy {
  std::uint32_t database = 0;
  sim::Duration floor;  // to the primary
  sim::Duration base;   // undisturbed, one way
  Bookmark visible;
  bool booted = false;
  std::uint64_t publications = 0;
};

TruthRecorder::TruthRecorder(const Scenario& scenario, HistoryRecorder& history, MeasurementSink* sink)
    : scenario_(scenario), history_(history), sink_(sink) {}

TruthRecorder::~TruthRecorder() = default;

void TruthRecorder::attach(model::Cluster& cluster) {
  TIDEMARK_ASSERT(cluster_ == nullptr, "attached once");
  cluster_ = &cluster;
  checkers::ReplicationOptions options;
  options.quorum = scenario_.relay.quorum;
  options.image_window = 1U << 12;  // entries; a snapshot is compared while it is younger than that
  for (std::size_t i = 0; i < scenario_.databases.size(); ++i) {
    databases_.push_back(std::make_unique<Database>());
    options.database_names.push_back(scenario_.databases[i].name);
  }
  for (const model::NodeInfo& node : cluster.nodes()) {
    options.node_names.resize(std::max<std::size_t>(options.node_names.size(), node.process + 1));
    options.node_names[node.process] = node.name;
    copies_.resize(std::max<std::size_t>(copies_.size(), node.process + 1));
    if (node.role == model::NodeRole::kPrimary) databases_.at(node.database)->primary = node.process;
    if (node.role == model::NodeRole::kFollower) {
      std::vector<std::uint32_t>& followers = databases_.at(node.database)->followers;
      followers.resize(std::max<std::size_t>(followers.size(), node.index + 1));
      followers[node.index] = node.process;
    }
  }
  // Delays between host sites draw nothing, so this table of our own does not touch the run.
  sim::StreamRegistry unused(0);
  const sim::SiteTable& sites = cluster.sites();
  sim::RoundTripTable delays(sites, sim::MeasuredRoundTrips::shipped(), cluster.options().network, unused);
  std::vector<sim::Duration> floors(cluster.nodes().size());
  for (std::size_t i = 0; i < cluster.nodes().size(); ++i) {
    const model::NodeInfo& node = cluster.nodes()[i];
    if (node.role != model::NodeRole::kReplica) continue;
    const sim::SiteId primary = sites.at(cluster.options().databases.at(node.database).primary_site);
    auto replica = std::make_unique<Copy>();
    replica->database = node.database;
    replica->floor = floors[i] = delays.floor(primary, sites.at(node.site));
    replica->base = delays.one_way(primary, sites.at(node.site));
    copies_[node.process] = std::move(replica);
    databases_.at(node.database)->replicas.push_back(node.process);
  }
  if (scenario_.checks.liveness) liveness_.emplace(options.node_names);
  if (scenario_.checks.replication) replication_.emplace(std::move(options));
  if (sink_ != nullptr) sink_->on_start(cluster.options(), cluster.nodes(), floors);
}

std::int64_t TruthRecorder::now_ns() const {
  return cluster_->scheduler().now().ns();
}

TruthRecorder::Copy& TruthRecorder::copy(std::uint32_t node) {
  TIDEMARK_ASSERT(node < copies_.size() && copies_[node] != nullptr, "not a replica");
  return *copies_[node];
}

void TruthRecorder::on_sqlite_commit(std::uint32_t database, std::uint32_t frames, std::uint32_t database_pages) {
  databases_.at(database)->uncaptured.push_back({frames, database_pages, now_ns()});
}

/// Transactions of SQLite that never came into the log, and so never to a quorum; empty when there are none.
std::string TruthRecorder::lost_transactions(std::uint32_t database) const {
  const Database& d = *databases_.at(database);
  if (d.uncaptured.empty()) return {};
  std::uint64_t frames = 0;
  for (const Database::Transaction& transaction : d.uncaptured) frames += transaction.frames;
  const sim::Instant when = sim::Instant::from_ns(d.uncaptured.front().at_ns);
  return fmt::format(
      "Database {}: {} frames that SQLite committed are in no log entry; they belong to {} transactions, the first of "
      "which was "
      "committed at {} or before. No quorum can ever hold them.",
      scenario_.databases[database].name, frames, d.uncaptured.size(), to_text(when));
}

void TruthRecorder::on_commit(std::uint32_t database, const model::EntryRef& entry) {
  Database& d = *databases_.at(database);
  auto left = static_cast<std::uint32_t>(entry->frames().size());
  std::uint32_t size_pages = entry->database_pages();
  bool complete = true;
  while (left > 0 && !d.uncaptured.empty()) {
    Database::Transaction& transaction = d.uncaptured.front();
    const std::uint32_t taken = std::min(left, transaction.frames);
    left -= taken;
    transaction.frames -= taken;
    complete = transaction.frames == 0;
    size_pages = transaction.pages;
    if (complete) d.uncaptured.pop_front();
  }
  d.committed = entry->bookmark();
  d.in_flight.push_back({entry->bookmark(), now_ns()});
  if (!replication_) return;
  changed_pages(*entry, pages_);
  auto record = at<checkers::EntryCommitted>(now_ns(), database);
  record.primary = d.primary;
  record.position = position_of(entry->bookmark());
  record.previous = position_of(entry->previous());
  record.pages = pages_;
  record.size_pages = size_pages;
  record.is_transaction_end = complete && left == 0;
  replication_->on(record);
}

void TruthRecorder::on_confirmed(std::uint32_t database, const Bookmark& bookmark) {
  Database& d = *databases_.at(database);
  d.confirmed = bookmark;
  while (!d.in_flight.empty() && d.in_flight.front().bookmark <= bookmark) {
    if (sink_ != nullptr) {
      sink_->on_commit_latency(database, sim::Duration::nanoseconds(now_ns() - d.in_flight.front().committed_ns));
    }
    d.in_flight.pop_front();
  }
  if (!replication_) return;
  auto record = at<checkers::Confirmed>(now_ns(), database);
  record.node = d.primary;
  record.position = position_of(bookmark);
  replication_->on(record);
}

void TruthRecorder::on_checkpoint(std::uint32_t database, std::uint32_t node, bool primary, const Bookmark& up_to) {
  if (!replication_) return;
  auto record = at<checkers::Checkpointed>(now_ns(), database);
  record.node = node;
  record.is_primary = primary;
  record.position = position_of(up_to);
  replication_->on(record);
}

void TruthRecorder::on_follower_durable(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  if (!replication_) return;
  auto record = at<checkers::Durable>(now_ns(), database);
  record.follower = follower;
  record.position = position_of(bookmark);
  replication_->on(record);
}

void TruthRecorder::on_follower_ack(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  if (!replication_) return;
  auto record = at<checkers::AckSent>(now_ns(), database);
  record.follower = follower;
  record.position = position_of(bookmark);
  replication_->on(record);
}

void TruthRecorder::on_follower_confirmed(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  databases_.at(database)->told[follower] = bookmark;
  if (!replication_) return;
  auto record = at<checkers::Confirmed>(now_ns(), database);
  record.node = follower;
  record.position = position_of(bookmark);
  record.opens_gate = false;
  replication_->on(record);
}

void TruthRecorder::on_follower_trim(std::uint32_t database, std::uint32_t follower, const Bookmark& up_to) {
  if (!replication_) return;
  auto record = at<checkers::Trimmed>(now_ns(), database);
  record.follower = follower;
  record.position = position_of(up_to);
  replication_->on(record);
}

void TruthRecorder::read_image(const model::PageReader& pages, std::vector<PageImage>& image) const {
  image.clear();
  for (std::uint32_t number = 1; number <= pages.pages(); ++number) {
    const sim::BufferRef page = pages.page(number);
    if (page) image.push_back({number, page->digest()});
  }
}

void TruthRecorder::on_replica_boot(std::uint32_t database, std::uint32_t replica, const Bookmark& at_bookmark,
                                    const model::PageReader& pages) {
  Copy& booted = copy(replica);
  booted.visible = at_bookmark;
  booted.booted = true;
  if (!replication_) return;
  auto record = at<checkers::ReplicaBooted>(now_ns(), database);
  record.replica = replica;
  record.position = position_of(at_bookmark);
  replication_->on(record);
  if (at_bookmark.is_origin() || scenario_.checks.page_sample_every == 0) return;
  read_image(pages, pages_);
  auto published = at<checkers::Published>(now_ns(), database);
  published.replica = replica;
  published.position = position_of(at_bookmark);
  published.size_pages = pages.pages();
  published.pages = pages_;
  published.full_image = true;
  replication_->on(published);
}

void TruthRecorder::on_received(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry) {
  if (!replication_) return;
  auto record = at<checkers::EntryReceived>(now_ns(), database);
  record.replica = replica;
  record.position = position_of(entry->bookmark());
  replication_->on(record);
}

void TruthRecorder::on_published(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry,
                                 const model::PageReader& pages) {
  Copy& published = copy(replica);
  published.visible = entry->bookmark();
  ++published.publications;
  if (!replication_) return;
  auto record = at<checkers::Published>(now_ns(), database);
  record.replica = replica;
  record.position = position_of(entry->bookmark());
  record.size_pages = pages.pages();
  record.at_transaction_end = pages.at_transaction_end();
  pages_.clear();
  const std::uint32_t every = scenario_.checks.page_sample_every;
  if (every != 0 && published.publications % every == 0) {
    changed_pages(*entry, pages_);
    for (PageImage& image : pages_) {
      const sim::BufferRef page = pages.page(image.pgno);
      image.digest = page ? page->digest() : Digest128{};
    }
    // A page beyond the size after a shrink is no part of the image.
    pages_.erase(
        std::remove_if(pages_.begin(), pages_.end(), [&](const PageImage& p) { return p.pgno > pages.pages(); }),
        pages_.end());
  }
  record.pages = pages_;
  replication_->on(record);
}

void TruthRecorder::on_lag(const model::LagTruth& lag) {
  const Copy& replica = copy(lag.replica);
  if (replication_) {
    auto record = at<checkers::LagSample>(now_ns(), lag.database);
    record.replica = lag.replica;
    record.position = position_of(lag.bookmark);
    record.confirmed_ns = lag.confirmed.ns();
    record.published_ns = lag.published.ns();
    record.floor_ns = replica.floor.ns();
    replication_->on(record);
  }
  if (sink_ == nullptr) return;
  LagParts parts;
  parts.database = lag.database;
  parts.replica = lag.replica;
  parts.flush_wait = lag.flushed - lag.confirmed;
  parts.wire_base = replica.base;
  parts.wire_extra = lag.arrived - lag.flushed - replica.base;
  const sim::Instant ready = std::max(lag.arrived, lag.complete);
  parts.gap = ready - lag.arrived;
  parts.publish = lag.published - ready;
  parts.clock = lag.clock_error;
  sink_->on_lag(parts);
}

void TruthRecorder::on_snapshot(std::uint32_t database, const Bookmark& label, const model::PageReader& pages) {
  if (!replication_) return;
  read_image(pages, pages_);
  auto record = at<checkers::SnapshotStored>(now_ns(), database);
  record.label = position_of(label);
  record.image = pages_;
  replication_->on(record);
}

void TruthRecorder::on_segment(std::uint32_t database, const Bookmark& previous, const Bookmark& last) {
  if (!replication_) return;
  auto record = at<checkers::SegmentStored>(now_ns(), database);
  record.from = position_of(previous);
  record.to = position_of(last);
  replication_->on(record);
}

void TruthRecorder::on_response(const model::ResponseTruth& response) {
  history_.on_response(response);
  if (!replication_) return;
  const std::string asked = response.asked == nullptr ? std::string() : response.asked->text();
  const std::string returned = response.returned == nullptr ? std::string() : response.returned->text();
  auto record = at<checkers::Response>(response.sent.ns(), response.database);
  record.operation = ++responses_;
  record.session = response.session;
  record.node = response.node;
  record.is_primary = response.node_is_primary;
  record.region = response.region;
  record.claimed_primary = response.claimed_primary;
  record.claimed_region = response.claimed_region;
  record.required_bookmark = asked;
  record.returned_bookmark = returned;
  record.state = position_of(response.state);
  record.wrote = !response.created.is_origin();
  record.created = position_of(response.created);
  record.started_ns = response.started.ns();
  replication_->on(record);
}

void TruthRecorder::end_of_run(std::uint32_t database, const std::string& unfinished) {
  const Database& d = *databases_.at(database);
  for (const std::uint32_t node : d.replicas) {
    const Copy& replica = copy(node);
    auto record = at<checkers::ReplicaEnded>(now_ns(), database);
    record.replica = node;
    record.alive = cluster_->process(node).running();
    record.visible = position_of(replica.visible);
    if (replication_) replication_->on(record);
    if (liveness_) liveness_->on(record);
  }
  if (!liveness_) return;
  for (const std::uint32_t follower : d.followers) {
    auto record = at<checkers::FollowerEnded>(now_ns(), database);
    record.follower = follower;
    record.alive = cluster_->process(follower).running();
    const auto told = d.told.find(follower);
    record.confirmed = position_of(told == d.told.end() ? Bookmark{} : told->second);
    liveness_->on(record);
  }
  if (!unfinished.empty() && database == 0) {
    auto waiter = at<checkers::WaiterLeft>(now_ns(), database);
    waiter.node = d.primary;
    waiter.what = unfinished;
    waiter.since_ns = now_ns();
    liveness_->on(waiter);
  }
  const HistoryRecorder::Pending pending = history_.pending(database);
  auto record = at<checkers::RunEnded>(now_ns(), database);
  record.confirmed = position_of(d.confirmed);
  record.committed = position_of(d.committed);
  record.pending_operations = pending.count;
  record.oldest_pending_since_ns = pending.oldest.ns();
  liveness_->on(record);
}

void TruthRecorder::merge_lost_into_q(std::vector<checkers::Verdict>& verdicts) const {
  for (std::uint32_t database = 0; database < databases_.size(); ++database) {
    const std::string witness = lost_transactions(database);
    for (checkers::Verdict& verdict : verdicts) {
      if (verdict.name != "Q" || verdict.validity == checkers::Validity::kInvalid || witness.empty()) continue;
      verdict.validity = checkers::Validity::kInvalid;
      verdict.witness = witness;
    }
  }
}

void TruthRecorder::finish(const std::string& unfinished, std::vector<checkers::Verdict>& verdicts) {
  for (std::uint32_t database = 0; database < databases_.size(); ++database) {
    end_of_run(database, unfinished);
  }
  if (replication_) {
    std::vector<checkers::Verdict> found = replication_->finish();
    merge_lost_into_q(found);
    verdicts.insert(verdicts.end(), found.begin(), found.end());
  }
  if (liveness_) verdicts.push_back(liveness_->finish());
}

}  // namespace tidemark::scenarios
