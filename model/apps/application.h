// Application: what somebody builds on the database, and what its users rely on: all of it in one class, in a room of
// its own (docs/apps/your_own.md has an example of about a page).
//
//   actions      what can be done
//   users        what a client does next               User::next, one for each client
//   handle       what the worker does with it           real SQL through a session
//   assertions   what must hold in every served state   SQL, judged once for each state (scenarios/run/served_states.h)
//   truths       what must hold over what users saw      code that is told of each action that has ended
//
// One object serves a whole run: workers and clients share it, so it holds nothing but its settings. What a worker has
// to remember between requests is its WorkerMemory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/apps/call.h"
#include "model/protocol/user.h"
#include "model/types/options.h"
#include "model/types/sql_workload.h"
#include "sim/core/task.h"

namespace tidemark::model {

enum class ActionOutcome : std::uint8_t {
  kOk,
  kFail,     // surely without effect: refused, or an error
  kUnknown,  // no answer, or an error after something was written
};

/// What a database holds: by table its rows, in their order, as SQL writes values; by "" its schema, an object each.
using DatabaseContent = std::map<std::string, std::vector<std::string>, std::less<>>;

/// For truths about whole states, outside of the run and of virtual time.
class StateLibrary {
 public:
  virtual ~StateLibrary() = default;
  /// The database right after this entry of its log, from the log's own pages; nothing: it is too old, or not known.
  virtual std::optional<DatabaseContent> content_at(const Bookmark& at) const = 0;
  /// What the statements make of an empty database, as one transaction. `problem`: empty, or why they make nothing.
  virtual DatabaseContent load(std::span<const std::string> statements, std::string& problem) const = 0;
};

/// An action that a client has ended. Valid during the call; rows may be kept.
struct EndedAction {
  std::uint32_t session = 0;  // chain of operations that hand a bookmark on; unique over all clients
  const ActionBody& action;
  ActionOutcome outcome = ActionOutcome::kOk;
  std::span<const ResultSetRef> shown;  // kOk: what Call::show() was given, in order
  sim::Instant invoked;
  sim::Instant completed;
  /// What one page in a browser lives through: the first of the sessions that have handed their bookmark on to this
  /// one. An unknown outcome begins another session, but not another page.
  std::uint32_t page = 0;
  std::uint32_t client = 0;
  bool made_up = false;                  // the page began with a bookmark that no primary of the database has issued
  SessionToken sent{};                   // the header x-d1-bookmark of the request; kNone = there was none
  SessionToken received{};               // of the answer; kNone = there was none, or no answer
  std::string_view error{};              // of an answer that is no success
  std::span<const std::string> notes{};  // Call::note()
  /// States that its queries were answered from, in order (also queries of attempts that came to nothing).
  std::span<const Bookmark> served{};
  const StateLibrary* states = nullptr;  // nullptr: nobody keeps them
};

/// An action that a client begins. Valid during the call.
struct BegunAction {
  std::uint32_t session = 0;
  const ActionBody& action;
  sim::Instant invoked;
};

/// Judges what users saw. Actions come in the order in which they end, of all clients.
class Truths {
 public:
  virtual ~Truths() = default;
  /// What can be broken, for the table of checks and for `expect`. Not one of the database's own checks.
  virtual std::vector<std::string> names() const = 0;
  /// `broken(name, witness)`: a sentence in the words of the application ("order 17 was placed by session 4 and is
  /// missing from its list"). The first of each name is kept.
  using Broken = std::function<void(std::string_view, std::string)>;
  virtual void ended(const EndedAction& action, const Broken& broken) = 0;
  /// Each is told here first, in the order in which they begin.
  virtual void begun(const BegunAction&) {}
};

/// The part of an application that clients talk to over sockets: one for each worker and database. It learns of its
/// own sockets only, and says something with AppContext::sockets.
class LiveObject {
 public:
  virtual ~LiveObject() = default;
  virtual void opened(RpcPeer peer) = 0;
  virtual void said(RpcPeer peer, SocketFrameRef frame) = 0;
  virtual void gone(RpcPeer peer) = 0;
};

/// An action by its name, what its values must be, and as which request it is sent. Where it may change something, one
/// without an answer has an unknown outcome. Actions that a scenario writes down are held against this.
struct ActionShape {
  std::string name;
  std::string values;  // one letter for each: i = whole number, t = text, * = anything
  bool writes = false;
  HttpMethod method = HttpMethod::kPost;
  HttpRoute route = HttpRoute::kAction;
  /// To do it twice is to do it once: its handler is run again even where it has written, or may have.
  bool repeatable = false;
};

/// What an application keeps in the memory of one worker, for one database: gone when the worker crashes.
class WorkerMemory {
 public:
  virtual ~WorkerMemory() = default;
};

class Application {
 public:
  virtual ~Application() = default;
  virtual std::vector<ActionShape> actions() const = 0;
  /// Makes and fills the tables: runs as one unit before the clients start. Empty: the database begins empty.
  virtual std::string schema() const = 0;
  /// Instead of schema(), where that is more than one text may hold: statements that run as one batch.
  virtual std::vector<std::string> load() const { return {}; }
  virtual std::unique_ptr<User> user(ClientPlace place) const = 0;
  /// Made when a worker gets its first request for the database; handlers find it in Call::memory(). nullptr: none.
  virtual std::unique_ptr<WorkerMemory> memory(const AppContext& /*context*/) const { return nullptr; }
  /// One action, in a worker. Several run at the same time. `call` lives until the task ends.
  virtual sim::Task<void> handle(Call& call) const = 0;
  /// What the session of a request is opened with, when its header x-d1-bookmark says `header` (kNone = not there).
  virtual SessionToken opens_with(const ActionBody&, const SessionToken& header) const { return header; }
  /// nullptr: it has no sockets. `context` outlives the object. Where its users have pages (User::page), this is what
  /// they talk to.
  virtual std::unique_ptr<LiveObject> object(const AppContext&) const { return nullptr; }
  virtual std::vector<Assertion> assertions() const { return {}; }
  /// nullptr: there are none. One for each database of a run.
  virtual std::unique_ptr<Truths> truths() const { return nullptr; }
};

/// A mistake that an application can be told to make (`workload.mistakes`).
struct ApplicationMistake {
  std::string_view name;  // "two-writes"
  std::string_view doc;   // what is done wrong, and the check that sees it
};

/// What the catalogue (model/apps/all/catalogue.cc) says of an application.
struct ApplicationInfo {
  std::string_view name;
  std::string_view doc;
  std::vector<ApplicationMistake> mistakes;
  /// The options are valid: their mistakes are among those above.
  std::shared_ptr<const Application> (*make)(const WorkloadOptions& options);
};

/// Does the workload ask for this mistake?
bool makes_mistake(const WorkloadOptions& options, std::string_view mistake);
/// Empty, or a sentence about an action that is none of these.
std::string action_problem(const ActionBody& action, const std::vector<ActionShape>& shapes);
/// A value of an action as a number; 0 when it is none, or is not there.
std::int64_t number_of(const ActionBody& action, std::size_t index);
/// A cell as a number; 0 when it is none, or is not there.
std::int64_t number_at(const ResultSetRef& rows, std::uint32_t row, std::uint32_t column);

}  // namespace tidemark::model
