#include "model/cluster/nodes.h"

#include <utility>

#include "base/assert.h"

namespace tidemark::model {
namespace {

sqlite::DatabaseSettings settings_of(const CopySetup& setup) {
  sqlite::DatabaseSettings settings;
  settings.seed = setup.sqlite_seed;
  return settings;
}

srs::LeaderStart first_start(srs::PrimaryStorage& storage) {
  srs::LeaderStart start;
  start.image = storage.image();
  return start;
}

}  // namespace

void FrontDoor::on_accept(std::unique_ptr<sim::Connection> connection) {
  sim::Connection& accepted = *connection;
  silent_.push_back(std::move(connection));
  accepted.set_receiver(this);
}

void FrontDoor::on_message(sim::Connection& connection, const sim::PayloadRef& message) {
  std::unique_ptr<sim::Connection> taken = take(connection);
  switch (static_cast<MessageType>(message->type())) {
    case MessageType::kRegister:
      leader_.adopt(std::move(taken), static_cast<const Register&>(*message));
      return;
    case MessageType::kD1Request:
      object_.server().adopt(std::move(taken), message);
      return;
    default:
      TIDEMARK_ASSERT(false, "nobody else talks to a primary");
  }
}

void FrontDoor::on_close(sim::Connection& connection, sim::CloseReason) {
  take(connection);
}

std::unique_ptr<sim::Connection> FrontDoor::take(sim::Connection& connection) {
  for (auto it = silent_.begin(); it != silent_.end(); ++it) {
    if (it->get() != &connection) continue;
    std::unique_ptr<sim::Connection> taken = std::move(*it);
    silent_.erase(it);
    return taken;
  }
  TIDEMARK_ASSERT(false, "a connection that was accepted here");
  return nullptr;
}

PrimaryNode::PrimaryNode(const CopySetup& setup, const std::vector<std::uint32_t>& followers)
    : setup_(setup),
      storage_(setup.relay, settings_of(setup)),
      leader_(setup.relay, first_start(storage_), followers),
      copy_(storage_),
      object_(setup.relay.env, setup.identity, setup.options, setup.relay.bugs,
              DurableObjectParts{&copy_, &leader_, nullptr, &setup.relay.observer}),
      door_(leader_, object_) {
  TIDEMARK_ASSERT(setup.relay.env.process().incarnation() == 1, "a primary that died is replaced by a takeover");
  storage_.set_relay(leader_);
  setup_.relay.env.network().listen(&door_);
  if (setup_.directory != nullptr) setup_.directory->add(setup_.identity.database, setup_.relay.env.process().id());
}

PrimaryNode::~PrimaryNode() {
  setup_.relay.env.network().listen(nullptr);
  if (setup_.directory != nullptr) setup_.directory->remove(setup_.identity.database, setup_.relay.env.process().id());
}

ReplicaNode::ReplicaNode(const CopySetup& setup)
    : setup_(setup), leader_(setup.relay, setup.identity.primary, settings_of(setup)) {
  leader_.start();
  setup_.relay.env.process().spawn(boot());
}

ReplicaNode::~ReplicaNode() {
  if (!object_) return;
  setup_.relay.env.network().listen(nullptr);
  if (setup_.directory != nullptr) setup_.directory->remove(setup_.identity.database, setup_.relay.env.process().id());
}

sim::Task<void> ReplicaNode::boot() {
  co_await leader_.until_ready();
  Env& env = setup_.relay.env;
  copy_.emplace(leader_.database());
  object_.emplace(env, setup_.identity, setup_.options, setup_.relay.bugs,
                  DurableObjectParts{&*copy_, nullptr, &leader_, &setup_.relay.observer});
  env.network().listen(&object_->server());
  if (setup_.directory != nullptr) setup_.directory->add(setup_.identity.database, env.process().id());
}

}  // namespace tidemark::model
