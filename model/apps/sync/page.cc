#include "model/apps/sync/page.h"

#include <algorithm>
#include <utility>

namespace tidemark::model::sync {
namespace {

constexpr sim::Duration kActionTimeout = sim::Duration::seconds(10);
constexpr sim::Duration kBeforeSentAgain = sim::Duration::milliseconds(500);

RpcAnswer shown(std::vector<ResultSetRef> results) {
  boost::intrusive_ptr<HttpResponse> response(new HttpResponse);
  response->results = std::move(results);
  return {std::move(response), false};
}

RpcAnswer failed(std::uint16_t status, std::string error) {
  boost::intrusive_ptr<HttpResponse> response(new HttpResponse);
  response->status = status;
  response->error = std::move(error);
  return {std::move(response), false};
}

}  // namespace

SyncPage::SyncPage(const PagePlace& place, Semantics semantics, Kept& kept)
    : process_(place.process),
      database_(place.database),
      semantics_(semantics),
      kept_(kept),
      socket_(place.process, place.network, place.object, place.database, {}, *this),
      deadline_(*this) {
  open();
}

void SyncPage::open() {
  channels_ = {};
  synced_once_ = false;
  socket_.open();
}

sim::Task<RpcAnswer> SyncPage::act(HttpRequestRef request) {
  session_ = request->session;
  const std::string& name = std::get<ActionBody>(request->body).name;
  if (name == "look") return look(std::move(request));
  if (name == "reopen") return reopen(std::move(request));
  return change(std::move(request));
}

sim::Task<RpcAnswer> SyncPage::change(HttpRequestRef request) {
  const auto& body = std::get<ActionBody>(request->body);
  const auto call = static_cast<std::int64_t>(request->id);
  Pending& pending = pending_[call];
  pending.said = {"act", {call, body.name, body.values.at(0), body.values.at(1)}};
  pending.session = request->session;
  expect(call);
  // A page that keeps trying sends what is pending whenever its socket opens; the socket's queue would double it.
  if (!semantics_.keeps_trying || socket_.is_open()) send(pending);
  const ResultSetRef at_once = shown_item(number_of(body, 1));
  const End how = co_await ended();
  switch (how) {
    case End::kDone: {
      std::vector<ResultSetRef> both = {at_once, at_answer_};
      co_return shown(std::move(both));
    }
    case End::kRefused:
      co_return failed(409, "refused");
    case End::kTimedOut:
      break;
  }
  if (!semantics_.keeps_trying) {
    pending_.erase(call);
    co_return failed(504, "timed out");
  }
  socket_.drop();
  co_return RpcAnswer{};
}

/// Shows what the page has once everything has arrived that the object had said when it was asked.
sim::Task<RpcAnswer> SyncPage::look(HttpRequestRef request) {
  looking_ = true;
  check_sent_ = checked_ = false;
  expect(static_cast<std::int64_t>(request->id));
  go_on();
  const End how = co_await ended();
  looking_ = false;
  if (how == End::kTimedOut) {
    if (semantics_.keeps_trying) socket_.drop();  // it may be half open
    co_return failed(503, "offline");
  }
  std::vector<ResultSetRef> both = {shown_items(), shown_revisions()};
  co_return shown(std::move(both));
}

/// Closed for so many milliseconds: what was pending is forgotten, what the browser keeps is not.
sim::Task<RpcAnswer> SyncPage::reopen(HttpRequestRef request) {
  const std::int64_t away_ms = number_of(std::get<ActionBody>(request->body), 0);
  socket_.close();
  pending_.clear();
  co_await sim::sleep(process_, sim::Duration::milliseconds(std::clamp<std::int64_t>(away_ms, 0, 60'000)));
  open();
  std::vector<ResultSetRef> nothing;
  co_return shown(std::move(nothing));
}

/// A page waits for one thing at a time.
void SyncPage::expect(std::int64_t call) {
  call_ = call;
  waiting_.emplace();
  process_.scheduler().arm_after(deadline_, kActionTimeout);
}

sim::Task<SyncPage::End> SyncPage::ended() {
  const End how = co_await waiting_->get(process_);
  deadline_.cancel();
  waiting_.reset();
  call_ = 0;
  co_return how;
}

void SyncPage::end(End how) {
  if (waiting_) waiting_->set(how);
}

void SyncPage::send(const Pending& pending) {
  boost::intrusive_ptr<SocketFrame> frame = frame_of(database_, pending.said);
  frame->session = pending.session;
  socket_.send(std::move(frame));
}

sim::Task<void> SyncPage::send_again(std::int64_t call) {
  co_await sim::sleep(process_, kBeforeSentAgain);
  const auto pending = pending_.find(call);
  if (pending != pending_.end() && socket_.is_open()) send(pending->second);
}

void SyncPage::ask(std::int64_t channel) {
  Channel& own = channels_.at(static_cast<std::size_t>(channel));
  if (own.asking || !socket_.is_open()) return;
  own.asking = true;
  const Replica& replica = kept_.at(static_cast<std::size_t>(channel));
  boost::intrusive_ptr<SocketFrame> frame = frame_of(database_, {"sync", {channel, replica.since(semantics_)}});
  frame->session = session_;
  socket_.send(std::move(frame));
}

void SyncPage::on_socket_open() {
  for (std::int64_t channel = 0; channel < kChannels && (semantics_.resync || !synced_once_); ++channel) ask(channel);
  synced_once_ = true;
  for (const auto& [call, pending] : pending_)
    if (semantics_.keeps_trying && !pending.over) send(pending);
  go_on();
}

void SyncPage::on_socket_lost() {
  check_sent_ = checked_ = false;
  for (Channel& channel : channels_) {
    channel.asking = false;
    if (semantics_.resync) channel.ready = false;
  }
}

void SyncPage::on_socket_text(const SocketFrame& frame) {
  const std::string& what = frame.text.name;
  const std::int64_t first = number_of(frame.text, 0);
  if (what == "synced") {
    Channel& channel = channels_.at(static_cast<std::size_t>(first));
    channel.asking = false;
    channel.ready = true;
    Replica& replica = kept_.at(static_cast<std::size_t>(first));
    (void)replica.take(frame.rows, semantics_);
    replica.reached(number_of(frame.text, 1));
  } else if (what == "update") {
    take(first, frame.rows);
  } else if (what == "success") {
    take(number_of(frame.text, 1), frame.rows);
    acknowledged(first);
  } else if (what == "error") {
    refused(first);
  } else if (what == "again") {
    process_.spawn(send_again(first));
  } else if (what == "checked" && looking_ && call_ == first) {
    checked_ = true;
    for (std::size_t channel = 0; channel < channels_.size(); ++channel)
      channels_[channel].needed = number_of(frame.text, 1 + channel);
  }
  go_on();
}

void SyncPage::take(std::int64_t channel, const ResultSetRef& rows) {
  const bool misses = kept_.at(static_cast<std::size_t>(channel)).take(rows, semantics_);
  if (misses && semantics_.resync) ask(channel);
}

void SyncPage::acknowledged(std::int64_t call) {
  const auto pending = pending_.find(call);
  if (pending == pending_.end()) return;  // for the second time
  const std::int64_t item = pending->second.item();
  pending_.erase(pending);
  if (call_ != call) return;
  at_answer_ = shown_item(item);
  end(End::kDone);
}

void SyncPage::refused(std::int64_t call) {
  const auto pending = pending_.find(call);
  if (pending == pending_.end()) return;
  if (semantics_.drops_effects) {
    pending_.erase(pending);
  } else {
    pending->second.over = true;
  }
  if (call_ == call) end(End::kRefused);
}

/// The next step of a look, if one is due.
void SyncPage::go_on() {
  const auto ready = [](const Channel& channel) { return channel.ready; };
  if (!looking_ || !socket_.is_open() || !std::all_of(channels_.begin(), channels_.end(), ready)) return;
  if (!check_sent_) {
    check_sent_ = true;
    boost::intrusive_ptr<SocketFrame> frame = frame_of(database_, {"check", {call_}});
    frame->session = session_;
    socket_.send(std::move(frame));
  }
  if (!checked_) return;
  bool whole = true;
  for (std::int64_t channel = 0; channel < kChannels && semantics_.revisions && semantics_.resync; ++channel) {
    const Replica& replica = kept_.at(static_cast<std::size_t>(channel));
    const std::int64_t needed = channels_.at(static_cast<std::size_t>(channel)).needed;
    if (replica.revision() >= needed && replica.gapless()) continue;
    ask(channel);
    whole = false;
  }
  if (whole) end(End::kDone);
}

Rows SyncPage::live(std::int64_t channel) const {
  Rows rows;
  const Rows& kept = kept_.at(static_cast<std::size_t>(channel)).rows();
  for (const auto& [id, row] : kept)
    if (row.deleted_at.empty()) rows.emplace(id, row);
  for (const auto& [call, pending] : pending_) {
    if (channel_of(pending.item()) != channel) continue;
    const std::string& type = std::get<std::string>(pending.said.values.at(1));
    // It was added, and only the answer is missing; it may even be removed again.
    if (type == "add" && kept.contains(pending.item())) continue;
    apply_action(rows, type, number_of(pending.said, 2), pending.item());
  }
  return rows;
}

/// Columns id, votes: one row, or none.
ResultSetRef SyncPage::shown_item(std::int64_t item) const {
  static const ColumnNames kNames = column_names({"id", "votes"});
  ResultSet::Builder rows(kNames);
  const Rows all = live(channel_of(item));
  const auto found = all.find(item);
  if (found != all.end()) {
    rows.add_integer(item);
    rows.add_text(found->second.votes);
  }
  return rows.finish();
}

/// Columns channel, id, votes.
ResultSetRef SyncPage::shown_items() const {
  static const ColumnNames kNames = column_names({"channel", "id", "votes"});
  ResultSet::Builder rows(kNames);
  for (std::int64_t channel = 0; channel < kChannels; ++channel) {
    for (const auto& [id, row] : live(channel)) {
      rows.add_integer(channel);
      rows.add_integer(id);
      rows.add_text(row.votes);
    }
  }
  return rows.finish();
}

/// Columns channel, revision: of the channels that are shown as they are at this revision, without effects on top.
ResultSetRef SyncPage::shown_revisions() const {
  static const ColumnNames kNames = column_names({"channel", "revision"});
  ResultSet::Builder rows(kNames);
  for (std::int64_t channel = 0; channel < kChannels; ++channel) {
    const Replica& replica = kept_.at(static_cast<std::size_t>(channel));
    if (!semantics_.revisions || !replica.gapless() || !pending_.empty()) continue;
    rows.add_integer(channel);
    rows.add_integer(replica.revision());
  }
  return rows.finish();
}

}  // namespace tidemark::model::sync
