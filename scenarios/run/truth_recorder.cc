#include "scenarios/run/truth_recorder.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/assert.h"
#include "model/sqlite/image.h"
#include "model/sqlite/vfs.h"
#include "scenarios/run/truth_state.h"

namespace tidemark::scenarios {

using checkers::PageImage;
using model::Bookmark;

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

TruthOptions TruthOptions::of(const Scenario& scenario) {
  TruthOptions options;
  options.beyond_budget = scenario.fault_options.beyond_budget;
  options.loss_is_unknown = scenario.fault_options.loss_is_unknown;
  // Cold storage may be out of reach for an hour, and what is uploaded then is compared as well.
  if (scenario.relay.cold_retention.ns() > 0 || scenario.has_faults()) options.image_window = 1U << 16;
  return options;
}

TruthRecorder::TruthRecorder(const Scenario& scenario, const TruthOptions& options, HistoryRecorder& history,
                             MeasurementSink* sink)
    : scenario_(scenario), options_(options), history_(history), sink_(sink) {
  history_.on_client_failed([this](std::uint32_t database, std::uint32_t session, sim::Instant invoked) {
    client_failed(database, session, invoked);
  });
  history_.on_hostile_answer(
      [this](const model::HostileAnswer& answer) { hostile_answered(answer.database, std::string(answer.problem)); });
}

TruthRecorder::~TruthRecorder() {
  history_.on_client_failed({});
  history_.on_hostile_answer({});
}

void TruthRecorder::attach(model::Cluster& cluster) {
  TIDEMARK_ASSERT(cluster_ == nullptr, "attached once");
  cluster_ = &cluster;
  delays_ = std::make_unique<Delays>(cluster);
  checkers::ReplicationOptions options;
  options.quorum = scenario_.relay.quorum;
  options.image_window = options_.image_window;
  options.beyond_budget = options_.beyond_budget;
  options.loss_is_unknown = options_.loss_is_unknown;
  options.cold_retention_ns = scenario_.relay.cold_retention.ns();
  for (const DatabaseSpec& database : scenario_.databases) {
    databases_.push_back(std::make_unique<Database>());
    options.database_names.push_back(database.name);
  }
  add_nodes(options);
  std::vector<sim::Duration> floors;
  for (const model::NodeInfo& node : cluster.nodes()) {
    const Copy* replica = copies_[node.process].get();
    floors.push_back(replica == nullptr ? sim::Duration{} : replica->floor);
  }
  if (scenario_.checks.liveness) liveness_.emplace(options.node_names, options.quorum, options.loss_is_unknown);
  if (scenario_.checks.replication) {
    cold_ = std::make_unique<ColdTruth>(cluster.object_store(), options.database_names,
                                        cluster.options().database.page_size, static_cast<ColdTruth::Listener&>(*this));
    replication_.emplace(std::move(options));
  }
  if (sink_ != nullptr) sink_->on_start(cluster.options(), cluster.nodes(), floors);
}

void TruthRecorder::add_nodes(checkers::ReplicationOptions& options) {
  for (const model::NodeInfo& node : cluster_->nodes()) {
    const std::size_t count = std::max<std::size_t>(copies_.size(), node.process + 1);
    options.node_names.resize(count);
    options.node_names[node.process] = node.name;
    copies_.resize(count);
    lives_.resize(count);
    if (node.role == model::NodeRole::kPrimary || node.role == model::NodeRole::kHost)
      databases_.at(node.database)->hosts.push_back(node.process);
    if (node.role == model::NodeRole::kPrimary) databases_.at(node.database)->primary = node.process;
    if (node.role == model::NodeRole::kFollower && node.index < scenario_.relay.followers) {
      std::vector<std::uint32_t>& followers = databases_.at(node.database)->followers;
      followers.resize(std::max<std::size_t>(followers.size(), node.index + 1));
      followers[node.index] = node.process;
    }
    if (node.role != model::NodeRole::kReplica) continue;
    copies_[node.process] = std::make_unique<Copy>();
    copies_[node.process]->database = node.database;
    copies_[node.process]->floor = sim::Duration::max();
    databases_.at(node.database)->replicas.push_back(node.process);
  }
  for (const auto& database : databases_) measure_delays(*database, database->primary);
}

/// From this host to the database's replicas. A sample may come from any leader until now: the smallest floor counts.
void TruthRecorder::measure_delays(Database& database, std::uint32_t host) {
  const auto site_of = [this](std::uint32_t process) {
    const auto& nodes = cluster_->nodes();
    const auto node = std::find_if(nodes.begin(), nodes.end(), [&](const auto& n) { return n.process == process; });
    TIDEMARK_ASSERT(node != nodes.end(), "no such process");
    return cluster_->sites().at(node->site);
  };
  for (const std::uint32_t process : database.replicas) {
    Copy& replica = copy(process);
    replica.floor = std::min(replica.floor, delays_->table.floor(site_of(host), site_of(process)));
    replica.base = delays_->table.one_way(site_of(host), site_of(process));
  }
}

std::int64_t TruthRecorder::now_ns() const {
  return cluster_->scheduler().now().ns();
}

TruthRecorder::Copy& TruthRecorder::copy(std::uint32_t node) {
  TIDEMARK_ASSERT(node < copies_.size() && copies_[node] != nullptr, "not a replica");
  return *copies_[node];
}

void TruthRecorder::on_sqlite_commit(std::uint32_t database, std::uint32_t node, std::uint32_t frames,
                                     std::uint32_t database_pages) {
  databases_.at(database)->uncaptured[node].push_back({frames, database_pages, now_ns()});
}

/// Transactions of SQLite that never came into the log, and so never to a quorum; empty when there are none. A leader
/// that ends between SQLite's commit and the log leaves one behind, which nobody was told of.
std::string TruthRecorder::lost_transactions(std::uint32_t database) const {
  const Database& d = *databases_.at(database);
  for (const auto& [host, left] : d.uncaptured) {
    if (left.size() > (host == d.primary ? 0U : 1U))
      return Database::lost_text(scenario_.databases[database].name, left);
  }
  return d.lost;
}

std::string TruthRecorder::Database::lost_text(const std::string& name, const Transactions& left) {
  std::uint64_t frames = 0;
  for (const Transaction& transaction : left) frames += transaction.frames;
  const sim::Instant when = sim::Instant::from_ns(left.front().at_ns);
  return fmt::format(
      "Database {}: {} frames that SQLite committed are in no log entry; they belong to {} transactions, the first of "
      "which was committed at {} or before. No quorum can ever hold them.",
      name, frames, left.size(), to_text(when));
}

/// The host begins to lead with files that were built anew.
void TruthRecorder::forget_uncaptured(std::uint32_t database, std::uint32_t host) {
  Database& d = *databases_.at(database);
  Database::Transactions& left = d.uncaptured[host];
  if (left.size() > 1 && d.lost.empty()) d.lost = Database::lost_text(scenario_.databases[database].name, left);
  left.clear();
}

/// Takes the frames of the entry out of what SQLite committed at its leader: how large is the database after them, and
/// is it the end of a transaction?
void TruthRecorder::captured(Database& d, const model::Entry& entry, std::uint32_t& size_pages, bool& whole) {
  const auto leader = d.leaders.find(entry.bookmark().epoch);
  Database::Transactions& uncaptured = d.uncaptured[leader == d.leaders.end() ? d.primary : leader->second];
  auto left = static_cast<std::uint32_t>(entry.frames().size());
  bool complete = true;
  while (left > 0 && !uncaptured.empty()) {
    Database::Transaction& transaction = uncaptured.front();
    const std::uint32_t taken = std::min(left, transaction.frames);
    left -= taken;
    transaction.frames -= taken;
    complete = transaction.frames == 0;
    size_pages = transaction.pages;
    if (complete) uncaptured.pop_front();
  }
  whole = complete && left == 0;
}

void TruthRecorder::on_commit(std::uint32_t database, const model::EntryRef& entry) {
  Database& d = *databases_.at(database);
  std::uint32_t size_pages = entry->database_pages();
  bool whole = true;
  if (entry->kind() == model::EntryKind::kTransaction) captured(d, *entry, size_pages, whole);
  d.restores.on_commit(*entry);
  history_.on_entry(database, *entry);
  if (entry->bookmark().epoch > d.committed.epoch) tell_losses();
  if (entry->bookmark() > d.committed) d.committed = entry->bookmark();
  d.in_flight.push_back({entry->bookmark(), now_ns()});
  if (!replication_) return;
  changed_pages(*entry, pages_);
  auto record = record_at<checkers::EntryCommitted>(now_ns(), database);
  record.primary = d.primary;
  record.position = position_of(entry->bookmark());
  record.previous = position_of(entry->previous());
  record.pages = pages_;
  record.size_pages = size_pages;
  record.is_transaction_end = whole;
  record.committed_ns = entry->committed().ns();
  replication_->on(record);
}

void TruthRecorder::on_confirmed(std::uint32_t database, const Bookmark& bookmark) {
  Database& d = *databases_.at(database);
  d.confirmed = std::max(d.confirmed, bookmark);
  while (!d.in_flight.empty() && d.in_flight.front().bookmark <= bookmark) {
    // Of an older epoch: recovered, or lost. Neither is a latency of this leader.
    if (sink_ != nullptr && d.in_flight.front().bookmark.epoch == bookmark.epoch) {
      sink_->on_commit_latency(database, sim::Duration::nanoseconds(now_ns() - d.in_flight.front().committed_ns));
    }
    d.in_flight.pop_front();
  }
  tell_confirmed(database, bookmark);
  history_.on_confirmed(database, bookmark);
  for (const OpenRestores::Ended& ended : d.restores.on_confirmed(bookmark))
    restore_ended(database, ended.restore.restored, ended.restore.target, ended.restore.undo, ended.took_effect);
}

void TruthRecorder::tell_confirmed(std::uint32_t database, const Bookmark& bookmark) {
  const Database& d = *databases_.at(database);
  if (!replication_) return;
  auto record = record_at<checkers::Confirmed>(now_ns(), database);
  record.node = d.primary;
  record.position = position_of(bookmark);
  replication_->on(record);
}

void TruthRecorder::on_checkpoint(std::uint32_t database, std::uint32_t node, bool primary, const Bookmark& up_to) {
  if (!replication_) return;
  auto record = record_at<checkers::Checkpointed>(now_ns(), database);
  record.node = node;
  record.is_primary = primary;
  record.position = position_of(up_to);
  replication_->on(record);
}

void TruthRecorder::on_follower_durable(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  databases_.at(database)->known[follower].durable = bookmark;
  note_mended(follower);
  if (!replication_) return;
  auto record = record_at<checkers::Durable>(now_ns(), database);
  record.follower = follower;
  record.position = position_of(bookmark);
  replication_->on(record);
}

void TruthRecorder::on_follower_cut(std::uint32_t database, std::uint32_t follower, const Bookmark& last) {
  note_cut(follower);
  databases_.at(database)->known[follower].durable = last;
  if (!replication_) return;
  auto record = record_at<checkers::FollowerCut>(now_ns(), database);
  record.follower = follower;
  record.position = position_of(last);
  replication_->on(record);
}

void TruthRecorder::on_follower_stored(std::uint32_t database, std::uint32_t follower, const Bookmark& last,
                                       const Bookmark& previous, const Bookmark& entry) {
  if (!replication_) return;
  auto record = record_at<checkers::FollowerStored>(now_ns(), database);
  record.follower = follower;
  record.last = position_of(last);
  record.previous = position_of(previous);
  record.position = position_of(entry);
  replication_->on(record);
}

void TruthRecorder::on_follower_rewound(std::uint32_t database, std::uint32_t follower, const Bookmark& after,
                                        const Bookmark& confirmed) {
  if (!replication_) return;
  auto record = record_at<checkers::FollowerRewound>(now_ns(), database);
  record.follower = follower;
  record.position = position_of(after);
  record.confirmed = position_of(confirmed);
  replication_->on(record);
}

void TruthRecorder::on_follower_ack(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  note_mended(follower);
  if (!replication_) return;
  auto record = record_at<checkers::AckSent>(now_ns(), database);
  record.follower = follower;
  record.position = position_of(bookmark);
  replication_->on(record);
}

void TruthRecorder::on_follower_confirmed(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  databases_.at(database)->known[follower].told = bookmark;
  if (!replication_) return;
  const std::uint32_t life = cluster_->process(follower).incarnation();
  if (std::exchange(lives_.at(follower), life) != life) {
    auto restarted = record_at<checkers::NodeRestarted>(now_ns(), database);
    restarted.node = follower;
    replication_->on(restarted);
  }
  auto record = record_at<checkers::Confirmed>(now_ns(), database);
  record.node = follower;
  record.position = position_of(bookmark);
  record.opens_gate = false;
  replication_->on(record);
}

void TruthRecorder::on_follower_trim(std::uint32_t database, std::uint32_t follower, const Bookmark& up_to) {
  if (!replication_) return;
  auto record = record_at<checkers::Trimmed>(now_ns(), database);
  record.follower = follower;
  record.position = position_of(up_to);
  replication_->on(record);
}

void TruthRecorder::on_follower_set(std::uint32_t database, std::span<const std::uint32_t> followers) {
  databases_.at(database)->followers.assign(followers.begin(), followers.end());
  if (!replication_) return;
  auto record = record_at<checkers::FollowerSet>(now_ns(), database);
  record.followers = followers;
  replication_->on(record);
}

void TruthRecorder::on_promise(std::uint32_t database, std::uint32_t follower, std::uint32_t epoch) {
  if (!replication_) return;
  auto record = record_at<checkers::Promised>(now_ns(), database);
  record.follower = follower;
  record.epoch = epoch;
  replication_->on(record);
}

void TruthRecorder::Database::leader_serves(std::uint32_t epoch, std::int64_t now_ns) {
  if (epoch < serving_epoch) return;
  if (!serving && serving_epoch != 0) {
    down_ns += now_ns - down_since_ns;
    longest_down_ns = std::max(longest_down_ns, now_ns - down_since_ns);
  }
  serving = true;
  serving_epoch = epoch;
}

void TruthRecorder::Database::leader_gone(std::uint32_t epoch, std::int64_t now_ns) {
  if (!serving || epoch != serving_epoch) return;
  serving = false;
  down_since_ns = now_ns;
}

void TruthRecorder::on_leader(std::uint32_t database, std::uint32_t host, std::uint32_t epoch, const Bookmark& at) {
  Database& d = *databases_.at(database);
  forget_uncaptured(database, host);
  d.leaders[epoch] = host;
  if (epoch >= d.serving_epoch) {
    d.primary = host;
    measure_delays(d, host);
  }
  d.leader_serves(epoch, now_ns());
  tell_losses();
  if (!replication_) return;
  auto record = record_at<checkers::LeaderServes>(now_ns(), database);
  record.node = host;
  record.epoch = epoch;
  record.position = position_of(at);
  // What the disk has spoilt since it was written is found when it is read.
  model::sqlite::Vfs* const vfs = cluster_->vfs(host);
  if (scenario_.checks.page_sample_every != 0 && vfs != nullptr && vfs->intact()) {
    read_image(model::sqlite::Image(*vfs), pages_);
    record.pages = pages_;
  }
  replication_->on(record);
}

void TruthRecorder::on_leader_gone(std::uint32_t database, std::uint32_t host, std::uint32_t epoch) {
  databases_.at(database)->leader_gone(epoch, now_ns());
  if (!replication_) return;
  auto record = record_at<checkers::LeaderGone>(now_ns(), database);
  record.node = host;
  record.epoch = epoch;
  replication_->on(record);
}

}  // namespace tidemark::scenarios
