#include "model/apps/sync/object.h"

#include <string>
#include <utility>

#include "sim/core/wait.h"

namespace tidemark::model::sync {
namespace {

constexpr sim::Duration kIdleBeforeHibernation = sim::Duration::seconds(10);
/// Before and after the SQL of an action, as long as something else is waited for. (The library's example waits up to
/// two seconds before it.)
constexpr std::uint64_t kMostWorkNs = 100'000'000;
constexpr int kReadAttempts = 5;
constexpr sim::Duration kBetweenAttempts = sim::Duration::milliseconds(300);

constexpr std::string_view kColumns = "id, votes, created_at, updated_at, deleted_at, revision";

constexpr std::string_view kVotesLeft =
    " AND (SELECT length(votes) - length(replace(votes, ',', '')) FROM {T} WHERE id = ?1) < 4";

// What an action does, where it is allowed: ?1 the item, ?2 the channel, ?3 the action.
constexpr std::string_view kAdd =
    "INSERT INTO {T} SELECT ?1, '', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, NULL, last FROM revisions "
    "WHERE channel = ?2 AND changes() = 1";
constexpr std::string_view kVote =
    "UPDATE {T} SET votes = votes || iif(votes = '', '', ',') || ?3, updated_at = CURRENT_TIMESTAMP, "
    "revision = (SELECT last FROM revisions WHERE channel = ?2) WHERE id = ?1 AND changes() = 1";
constexpr std::string_view kRemove =
    "UPDATE {T} SET deleted_at = CURRENT_TIMESTAMP, revision = (SELECT last FROM revisions WHERE channel = ?2) "
    "WHERE id = ?1 AND changes() = 1";

/// A text with {T} for the channel's table.
std::string in_table(std::string_view sql, std::int64_t channel) {
  std::string text(sql);
  for (std::size_t at = text.find("{T}"); at != std::string::npos; at = text.find("{T}", at))
    text.replace(at, 3, table_of(channel));
  return text;
}

}  // namespace

std::string schema() {
  std::string sql =
      "CREATE TABLE revisions (channel INTEGER PRIMARY KEY, last INTEGER NOT NULL);"
      "INSERT INTO revisions VALUES (0, 0), (1, 0);"
      "CREATE TABLE done (action INTEGER PRIMARY KEY);";
  for (std::int64_t channel = 0; channel < kChannels; ++channel) {
    sql += in_table(
        "CREATE TABLE {T} (id INTEGER PRIMARY KEY, votes TEXT NOT NULL, created_at TEXT NOT NULL,"
        " updated_at TEXT NOT NULL, deleted_at TEXT, revision INTEGER NOT NULL);"
        "CREATE INDEX {T}_by_revision ON {T} (revision);",
        channel);
  }
  return sql;
}

Object::Object(const AppContext& context, Semantics semantics)
    : context_(context), semantics_(semantics), random_(context.env.random("sync")) {}

void Object::said(RpcPeer peer, SocketFrameRef frame) {
  wake();
  database_ = frame->database;
  const std::string& what = frame->text.name;
  sim::Process& process = context_.env.process();
  if (what == "sync")
    process.spawn(sync(peer, std::move(frame)));
  else if (what == "act")
    process.spawn(act(peer, std::move(frame)));
  else if (what == "check")
    process.spawn(check(peer, std::move(frame)));
}

void Object::wake() {
  const sim::Instant now = context_.env.now();
  if (now - last_said_ >= kIdleBeforeHibernation) done_.clear();
  last_said_ = now;
}

sim::Task<QueryResult> Object::transaction(std::vector<Statement> statements, std::uint32_t session) {
  D1Session database = context_.database.with_session(SessionToken::first_primary(), session);
  QueryResult result = co_await database.batch(std::move(statements));
  co_return result;
}

sim::Task<QueryResult> Object::read(std::vector<Statement> statements, std::uint32_t session) {
  QueryResult result;
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    std::vector<Statement> copy = statements;
    result = co_await transaction(std::move(copy), session);
    if (result.ok()) break;
    co_await sim::sleep(context_.env.process(), kBetweenAttempts);
  }
  co_return result;
}

sim::Task<void> Object::sync(RpcPeer peer, SocketFrameRef frame) {
  const std::int64_t channel = number_of(frame->text, 0);
  const SqlValue since = frame->text.values.at(1);
  std::string where = "revision > ?1";
  if (!semantics_.revisions) where = "(?1 IS NULL OR updated_at > ?1 OR deleted_at > ?1)";
  if (!semantics_.tombstones) where += " AND deleted_at IS NULL";
  std::vector<Statement> both;
  both.push_back(bound("SELECT last FROM revisions WHERE channel = ?", channel));
  both.push_back(bound(
      in_table("SELECT " + std::string(kColumns) + " FROM {T} WHERE " + where + " ORDER BY revision", channel), since));
  const QueryResult result = co_await read(std::move(both), frame->session);
  if (result.ok()) say(peer, {"synced", {channel, number_at(result.rows(0), 0, 0)}}, result.rows(1));
}

/// One transaction: whether it is new and allowed, the next revision, the change, the row, whether it is done. Each
/// statement happens only if the one before it did (changes() is that of the statement before).
std::vector<Statement> Object::change(const ActionBody& said) const {
  const std::string& type = std::get<std::string>(said.values.at(1));
  const SqlValue action = said.values.at(2), item = said.values.at(3);
  const std::int64_t channel = channel_of(number_of(said, 3));
  const bool adds = type == "add";
  std::string allowed = adds ? "NOT EXISTS (SELECT 1 FROM {T} WHERE id = ?1)"
                             : "EXISTS (SELECT 1 FROM {T} WHERE id = ?1 AND deleted_at IS NULL)";
  if (type == "vote") allowed += kVotesLeft;
  allowed = in_table(allowed, channel);
  std::vector<Statement> all;
  if (semantics_.action_ids && semantics_.ids_survive) {
    all.push_back(bound("INSERT INTO done SELECT ?2 WHERE " + allowed + " ON CONFLICT DO NOTHING", item, action));
    all.push_back(bound("UPDATE revisions SET last = last + 1 WHERE channel = ? AND changes() = 1", channel));
  } else {
    all.push_back(bound("UPDATE revisions SET last = last + 1 WHERE channel = ?2 AND " + allowed, item, channel));
  }
  const std::string_view does = adds ? kAdd : type == "vote" ? kVote : kRemove;
  Statement& effect = all.emplace_back(bound(in_table(does, channel), item, channel));
  if (type == "vote") effect.params.push_back(action);
  all.push_back(bound(in_table("SELECT " + std::string(kColumns) + " FROM {T} WHERE id = ?", channel), item));
  all.push_back(bound("SELECT count(*) FROM done WHERE action = ?", action));
  return all;
}

/// Now, or when it was asked for before.
bool Object::was_done(const ActionBody& said, const QueryResult& result) {
  const std::size_t statements = result.response->results.size();
  const bool now = result.meta(statements - 3).changes == 1;
  const bool before = number_at(result.rows(statements - 1), 0, 0) == 1;
  if (now && semantics_.action_ids && !semantics_.ids_survive) done_.insert(number_of(said, 2));
  return now || before;
}

sim::Duration Object::work() {
  return sim::Duration::nanoseconds(static_cast<std::int64_t>(random_.below(kMostWorkNs)));
}

sim::Task<void> Object::act(RpcPeer peer, SocketFrameRef frame) {
  const ActionBody& said = frame->text;
  const std::int64_t call = number_of(said, 0);
  const std::int64_t channel = channel_of(number_of(said, 3));
  co_await sim::sleep(context_.env.process(), work());
  const bool known = done_.contains(number_of(said, 2));
  std::vector<Statement> statements = change(said);
  if (known) statements.erase(statements.begin(), statements.end() - 2);
  const QueryResult result = co_await transaction(std::move(statements), frame->session);
  if (!result.ok()) {
    ActionBody answer = semantics_.doubts ? ActionBody{"again", {call}} : ActionBody{"error", {call, result.error()}};
    say(peer, std::move(answer));
    co_return;
  }
  const bool done = known || was_done(said, result);
  const ResultSetRef row = result.rows(result.response->results.size() - 2);
  co_await sim::sleep(context_.env.process(), work());
  if (!done) {
    say(peer, {"error", {call, std::string("the item is not there, is there already, or has all its votes")}});
    co_return;
  }
  say(peer, {"success", {call, channel}}, row);
  for (const RpcPeer other : peers_)
    if (other != peer) say(other, {"update", {channel}}, row);
}

/// With time stamps there is nothing to compare: the answer only shows that everything said before it has arrived.
sim::Task<void> Object::check(RpcPeer peer, SocketFrameRef frame) {
  const SqlValue call = frame->text.values.at(0);
  if (!semantics_.revisions) {
    say(peer, {"checked", {call}});
    co_return;
  }
  std::vector<Statement> one;
  one.push_back(bound("SELECT last FROM revisions ORDER BY channel"));
  const QueryResult result = co_await read(std::move(one), frame->session);
  if (!result.ok()) co_return;
  say(peer, {"checked", {call, number_at(result.rows(), 0, 0), number_at(result.rows(), 1, 0)}});
}

void Object::say(RpcPeer peer, ActionBody text, ResultSetRef rows) {
  context_.sockets->reply(peer, frame_of(database_, std::move(text), std::move(rows)));
}

}  // namespace tidemark::model::sync
