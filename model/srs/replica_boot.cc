// ReplicaLeader: boot from cold storage and registration. The log and its publication: replica_leader.cc.

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "model/sqlite/image.h"
#include "model/srs/replica_leader.h"
#include "model/srs/surroundings.h"
#include "model/types/points.h"

namespace tidemark::model::srs {
namespace {
/// Pause before the next attempt to boot or to connect: the first, and where doubling stops. Ours.
constexpr sim::Duration kFirstPause = sim::Duration::milliseconds(50);
constexpr sim::Duration kLongestPause = sim::Duration::seconds(2);
/// How often a replica asks whether its leader is still the primary. Ours.
constexpr sim::Duration kLeaderCheck = sim::Duration::seconds(1);
/// A replica that was told of an entry that does not come asks again after so long, then after twice that... Ours.
constexpr sim::Duration kFirstPatience = sim::Duration::seconds(2);
constexpr sim::Duration kLongestPatience = sim::Duration::seconds(32);
}  // namespace

ReplicaLeader::ReplicaLeader(const RelaySetup& setup, std::uint32_t primary, const sqlite::DatabaseSettings& settings)
    : setup_(setup),
      primary_(primary),
      settings_(settings),
      publish_delay_(sim::DurationDistribution::lognormal(setup.options.publish_median, setup.options.publish_sigma)),
      publish_random_(setup.env.random("publish")),
      retry_timer_(*this, &ReplicaLeader::retry, setup.env.process()),
      retry_pause_(kFirstPause),
      silence_timer_(*this, &ReplicaLeader::check_leader, setup.env.process()),
      patience_(kFirstPatience),
      publish_timer_(*this, &ReplicaLeader::publish_due, setup.env.process()) {
  const sim::DurationDistribution error = sim::DurationDistribution::normal({}, setup.options.clock_error);
  clock_error_ = error.sample(setup.env.random("clock"));
}

ReplicaLeader::~ReplicaLeader() = default;

void ReplicaLeader::start() {
  setup_.env.process().spawn(boot());
}

sim::Task<void> ReplicaLeader::until_ready() {
  while (!ready()) co_await ready_.wait(setup_.env.process());
}

sim::Task<void> ReplicaLeader::boot() {
  TIDEMARK_ASSERT(!ready(), "SQLite reads the files that a boot would replace");
  ++boots_;
  ColdImage image = co_await read_cold(setup_);
  if (setup_.bugs.has(Bug::kF26)) image.entries.clear();  // Bug F26: the newest snapshot is taken for all there is
  // A leader has taken the image of the boot before meanwhile: SQLite reads those files now.
  if (ready()) co_return;
  problem_ = image.problem;
  const bool unlucky = setup_.env.unlikely("replica/boot-again", sim::BuggifyClass::kError);
  if (image.status == ColdStatus::kOk && !unlucky && install(image)) {
    if (!reach(setup_.env.process(), Point::kReplicaInstalled)) co_return;
    connect();
  } else {
    retry_later();
  }
}

bool ReplicaLeader::install(const ColdImage& image) {
  writer_.reset();
  vfs_.reset();
  for (const std::string& name : setup_.env.files().list()) setup_.env.files().remove(name);
  vfs_ = std::make_unique<sqlite::Vfs>(setup_.env.files(), setup_.database_name + ".sqlite", setup_.page_size,
                                       surroundings_of(setup_));
  writer_ = std::make_unique<sqlite::WalWriter>(*vfs_, setup_.bugs);
  if (sqlite::install_image(*vfs_, image.snapshot.contents()) != sim::IoStatus::kOk) return false;
  writer_->open(0);
  for (const EntryRef& entry : image.entries) {
    if (writer_->append(entry->frames(), entry->database_pages()) != sim::IoStatus::kOk) return false;
  }
  auto shown = static_cast<std::uint32_t>(image.entries.size());
  if (shown > 0 && setup_.bugs.has(Bug::kD13)) --shown;  // Bug D13: the last commit of the WAL is passed over
  if (shown > 0) writer_->publish(shown);
  received_ = visible_ = booted_at_ = image.position();
  // Bug F16: after a crash the position is put together from the number alone.
  if (setup_.bugs.has(Bug::kF16) && setup_.env.process().incarnation() > 1) received_.digest = {};
  return true;
}

bool ReplicaLeader::open_database() {
  sqlite::SqlError error;
  sqlite::DatabaseSettings settings = settings_;
  settings.bugs = setup_.bugs;
  database_ = sqlite::Database::open(*vfs_, sqlite::Role::kReplica, settings, error);
  if (database_ == nullptr) {
    problem_ = error.text;
    return false;
  }
  checkpointer_ = std::make_unique<sqlite::Checkpointer>(*database_, *writer_, setup_.bugs);
  setup_.observer.on_replica_boot(setup_.database, setup_.env.process().id(), visible_, sqlite::Image(*vfs_));
  ready_.notify_all();
  return true;
}

void ReplicaLeader::retry_later() {
  setup_.env.process().scheduler().arm_after(retry_timer_, retry_pause_);
  retry_pause_ = std::min(retry_pause_ * 2, kLongestPause);
}

void ReplicaLeader::retry() {
  if (ready()) {
    connect();
  } else {
    setup_.env.process().spawn(boot());
  }
}

void ReplicaLeader::connect() {
  registered_ = false;
  const std::uint32_t process_id = setup_.env.process().id();
  const std::uint32_t there =
      setup_.locator == nullptr ? primary_ : setup_.locator->primary_of(setup_.database, process_id);
  if (connection_ != nullptr && connection_->is_open() && there == leader_process_) {
    on_open(*connection_);
    return;
  }
  connection_.reset();
  early_.clear();
  leader_process_ = there;
  if (there == 0) {
    retry_later();
    return;
  }
  connection_ = setup_.env.network().connect(there, this);
  if (setup_.locator != nullptr && !silence_timer_.armed())
    setup_.env.process().scheduler().arm_after(silence_timer_, kLeaderCheck);
}

/// The primary may have moved while the connection to the former one is open and silent.
void ReplicaLeader::check_leader() {
  setup_.env.process().scheduler().arm_after(silence_timer_, kLeaderCheck);
  if (connection_ == nullptr || retry_timer_.armed()) return;
  const std::uint32_t there = setup_.locator->primary_of(setup_.database, setup_.env.process().id());
  if ((there != 0 && there != leader_process_) || look_for_gap()) connect();
}

/// An entry that is confirmed does not come: it was lost on its way, or came before the answer to Register, and nothing
/// that would show the gap comes after it.
bool ReplicaLeader::look_for_gap() {
  const bool lacks = registered_ && !publishes_.empty() && !publishes_.back().complete;
  const bool moved = std::exchange(looked_at_, received_) != received_;
  if (moved || (registered_ && !lacks)) {
    patience_ = kFirstPatience;
    stuck_since_.reset();
  }
  if (!lacks) return false;
  if (!stuck_since_.has_value()) stuck_since_ = setup_.env.now();
  if (setup_.env.now() - *stuck_since_ < patience_) return false;
  patience_ = std::min(patience_ * 2, kLongestPatience);
  stuck_since_.reset();
  return true;
}

void ReplicaLeader::on_open(sim::Connection& connection) {
  auto* request = new Register;
  const sim::PayloadRef message(request);
  request->replica = setup_.identity();
  asked_ = std::max(asked_, std::uint64_t{setup_.env.process().incarnation()} << 32) + 1;
  asking_ = true;
  request->number = asked_;
  request->epoch = epoch_;
  request->have = received_;
  request->visible = visible_;
  connection.send(message);
}

/// Bug F17: the stream's end ends the loop; what is here goes on being served.
void ReplicaLeader::on_close(sim::Connection&, sim::CloseReason) {
  registered_ = false;
  if (setup_.bugs.has(Bug::kF17) && ready()) return;
  if (!retry_timer_.armed()) retry_later();
}

void ReplicaLeader::on_registered(const Registered& answer) {
  const bool newest = answer.number == asked_ && std::exchange(asking_, false);
  if (!newest && !takes_late()) return;  // a copy, or what was asked before
  if (answer.epoch < epoch_) {           // a leader of the past, which does not know it
    connection_.reset();
    if (!retry_timer_.armed()) retry_later();
    return;
  }
  if (answer.accepted && !reach(setup_.env.process(), Point::kReplicaRegistered)) return;
  if (answer.accepted && (ready() || open_database()) && rewind(answer.after)) {
    registered_ = true;
    epoch_ = answer.epoch;
    registered_confirmed_ = answer.confirmed;
    retry_pause_ = kFirstPause;
    setup_.observer.on_resumed(setup_.database, setup_.env.process().id(), received_);
    queue_publish({answer.confirmed, setup_.env.now(), setup_.env.now(), {}, {}, false, {}});
    for (auto& confirm : std::exchange(early_, {})) on_confirm(std::move(confirm));
  } else if (ready()) {
    give_up("what is here is not on the leader's log");
  } else if (!retry_timer_.armed()) {
    retry_later();
  }
}

/// Drops the hidden entries after `after`. False when `after` is not here.
bool ReplicaLeader::rewind(const Bookmark& after) {
  publishes_.clear();
  publish_timer_.cancel();
  if (after == received_) return true;
  std::uint32_t keep = 0;
  while (keep < hidden_.size() && hidden_[keep]->bookmark() <= after) ++keep;
  if ((keep == 0 ? visible_ : hidden_[keep - 1]->bookmark()) != after) return false;
  received_ = after;
  // Bug F22: what is here beyond the new leader's position counts as up to date; its entries come behind that tail.
  if (setup_.bugs.has(Bug::kF22)) return true;
  writer_->drop_hidden(keep);
  if (writer_->status() != sim::IoStatus::kOk) return false;
  hidden_.resize(keep);
  while (!arrivals_.empty() && arrivals_.back().bookmark > after) arrivals_.pop_back();
  return true;
}

}  // namespace tidemark::model::srs
