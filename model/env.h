// Env: the seam between the replicated database and the world it runs in.
//
// Everything below model/ reaches time, chance, network, disk and cold storage through an Env and the interfaces of
// sim/core that it hands out. The simulated world implements it (model/cluster/sim_env.h); real sockets and files can.
// Nothing in model/ but model/cluster includes sim/net or sim/disk.
#pragma once

#include <string_view>

#include "sim/core/buggify.h"
#include "sim/core/connection.h"
#include "sim/core/file.h"
#include "sim/core/object_store.h"
#include "sim/core/process.h"
#include "sim/core/random.h"
#include "sim/core/wait.h"

namespace tidemark::model {

/// As one process sees the world. Lives as long as the process's program.
class Env {
 public:
  virtual ~Env() = default;

  /// Owner of this program's tasks and timers: `env.process().spawn(task)`, `co_await sim::sleep(env.process(), 5_ms)`.
  virtual sim::Process& process() = 0;
  /// The stream `<process name>/<purpose>`. Cache the reference; looking it up hashes the name.
  virtual sim::RandomStream& random(std::string_view purpose) = 0;
  virtual sim::Transport& network() = 0;
  virtual sim::FileSystem& files() = 0;
  /// Cold storage as this process reaches it.
  virtual sim::ObjectStore& cold() = 0;

  sim::Instant now() { return process().scheduler().now(); }
  /// The wall clock of this machine: what bookmarks' days, commit times and measured lags are read from. Timers and
  /// timeouts use now(), the monotonic clock.
  virtual sim::Instant wall_now() { return now(); }

  // --- Buggify: places of the code where something unlikely but legal happens when a run says so. ---
  //
  // The rule of a site: whatever it answers the code is correct, it only takes the way that good luck hardly ever
  // takes. A site may lose, repeat, delay, split, reorder or refuse what the protocol may lose, repeat, delay, split,
  // reorder or refuse anyway; it never makes something up, and never does what a real program could not do there. Its
  // name is "<part>/<what happens>", literal, unique, stable. While no fault has switched its class on a site costs a
  // branch and draws nothing.

  /// True: take the unlikely way.
  bool unlikely(std::string_view site, sim::BuggifyClass of) {
    return buggify_ != nullptr && buggify_->fires(site, of);
  }
  /// How long to wait here; nearly always zero, and then there is nothing to wait for.
  sim::Duration extra_delay(std::string_view site) {
    return buggify_ == nullptr ? sim::Duration{} : buggify_->delay(site);
  }

 protected:
  sim::Buggify* buggify_ = nullptr;  // not owned; nullptr: never
};

}  // namespace tidemark::model
