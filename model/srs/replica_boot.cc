// ReplicaLeader: boot from cold storage and registration. The log and its publication: replica_leader.cc.

#include <algorithm>

#include "base/assert.h"
#include "model/sqlite/image.h"
#include "model/srs/replica_leader.h"
#include "model/srs/surroundings.h"

namespace tidemark::model::srs {
namespace {
/// Pause before the next attempt to boot or to connect: the first, and where doubling stops. Ours.
constexpr sim::Duration kFirstPause = sim::Duration::milliseconds(50);
constexpr sim::Duration kLongestPause = sim::Duration::seconds(2);
}  // namespace

ReplicaLeader::ReplicaLeader(const RelaySetup& setup, std::uint32_t primary, const sqlite::DatabaseSettings& settings)
    : setup_(setup),
      primary_(primary),
      settings_(settings),
      publish_delay_(sim::DurationDistribution::lognormal(setup.options.publish_median, setup.options.publish_sigma)),
      publish_random_(setup.env.random("publish")),
      retry_timer_(*this, &ReplicaLeader::retry, setup.env.process()),
      retry_pause_(kFirstPause),
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
  const ColdImage image = co_await read_cold(setup_);
  problem_ = image.problem;
  if (image.status == ColdStatus::kOk && install(image)) {
    connect();
  } else {
    retry_later();
  }
}

bool ReplicaLeader::install(const ColdImage& image) {
  writer_.reset();
  vfs_ = std::make_unique<sqlite::Vfs>(setup_.env.files(), setup_.database_name + ".sqlite", setup_.page_size,
                                       surroundings_of(setup_));
  writer_ = std::make_unique<sqlite::WalWriter>(*vfs_, setup_.bugs);
  if (sqlite::install_image(*vfs_, image.snapshot.contents()) != sim::IoStatus::kOk) return false;
  writer_->open(0);
  for (const EntryRef& entry : image.entries) {
    if (writer_->append(entry->frames(), entry->database_pages()) != sim::IoStatus::kOk) return false;
  }
  if (!image.entries.empty()) writer_->publish(static_cast<std::uint32_t>(image.entries.size()));
  received_ = visible_ = booted_at_ = image.position();
  return true;
}

bool ReplicaLeader::open_database() {
  sqlite::SqlError error;
  database_ = sqlite::Database::open(*vfs_, sqlite::Role::kReplica, settings_, error);
  if (database_ == nullptr) {
    problem_ = error.text;
    return false;
  }
  checkpointer_ = std::make_unique<sqlite::Checkpointer>(*database_, *writer_);
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
  if (connection_ != nullptr && connection_->is_open()) {
    on_open(*connection_);
    return;
  }
  connection_ = setup_.env.network().connect(primary_, this);
}

void ReplicaLeader::on_open(sim::Connection& connection) {
  auto* request = new Register;
  const sim::PayloadRef message(request);
  request->replica = setup_.env.process().id();
  request->have = received_;
  connection.send(message);
}

void ReplicaLeader::on_close(sim::Connection&, sim::CloseReason) {
  registered_ = false;
  retry_later();
}

void ReplicaLeader::on_registered(const Registered& answer) {
  if (answer.accepted && (ready() || open_database())) {
    TIDEMARK_ASSERT(answer.epoch >= epoch_);
    registered_ = true;
    epoch_ = answer.epoch;
    registered_confirmed_ = answer.confirmed;
    retry_pause_ = kFirstPause;
    queue_publish({answer.confirmed, setup_.env.now(), setup_.env.now(), {}, {}, false, {}});
  } else if (ready()) {
    setup_.env.process().restart({});  // what is here is not on the leader's log any more: boot anew
  } else {
    retry_later();
  }
}

}  // namespace tidemark::model::srs
