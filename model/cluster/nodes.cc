#include "model/cluster/nodes.h"

#include <utility>

#include "base/assert.h"

namespace tidemark::model {
namespace {

sqlite::DatabaseSettings settings_of(const CopySetup& setup) {
  sqlite::DatabaseSettings settings;
  settings.seed = setup.sqlite_seed;
  settings.step_limit = setup.options.step_limit();
  return settings;
}

}  // namespace

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

bool ReplicaNode::scrub() {
  if (leader_.vfs().scrub()) return true;
  leader_.give_up_copy();
  return false;
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
