// Narrator: what the nodes do, in words.
#include <fmt/format.h>

#include "explain/narrator.h"

namespace tidemark::explain {

using model::Bookmark;

void Narrator::on_commit(std::uint32_t database, const model::EntryRef& entry) {
  const char* const what = entry->kind() == model::EntryKind::kEpochStart ? "begins its epoch with"
                           : entry->kind() == model::EntryKind::kRestore  ? "restores an older state as"
                                                                          : "commits";
  Line made = line(Rank::kKey, now_.process, database,
                   fmt::format("{} {} ({} pages) and sends it to followers and replicas", what, show(entry->bookmark()),
                               entry->frames().size()));
  made.entry = made.first = key_of(entry->bookmark());
  add(std::move(made));
}

void Narrator::on_confirmed(std::uint32_t database, const Bookmark& bookmark) {
  say(Rank::kKey, now_.process, database, "has a quorum for {}: it is confirmed, and answers that waited go out",
      bookmark);
}

void Narrator::on_checkpoint(std::uint32_t database, std::uint32_t node, bool, const Bookmark& up_to) {
  say(Rank::kDetail, node, database, "checkpoints its WAL up to {}", up_to);
}

void Narrator::on_follower_durable(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  say(Rank::kStep, follower, database, "has everything up to {} on its disk", bookmark);
}

void Narrator::on_follower_ack(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  say(Rank::kStep, follower, database, "acknowledges everything up to {}", bookmark);
}

void Narrator::on_follower_confirmed(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  say(Rank::kDetail, follower, database, "knows that {} is confirmed", bookmark);
}

void Narrator::on_follower_trim(std::uint32_t database, std::uint32_t follower, const Bookmark& up_to) {
  say(Rank::kDetail, follower, database, "drops its log up to {}", up_to);
}

void Narrator::on_replica_boot(std::uint32_t database, std::uint32_t replica, const Bookmark& at,
                               const model::PageReader&) {
  say(Rank::kTurn, replica, database, "boots from cold storage at {}", at);
}

void Narrator::on_received(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry) {
  say(Rank::kStep, replica, database, "writes the frames of {} into its WAL, hidden", entry->bookmark());
}

void Narrator::on_published(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry,
                            const model::PageReader&) {
  say(Rank::kKey, replica, database, "publishes {}: readers see it", entry->bookmark());
}

void Narrator::on_snapshot(std::uint32_t database, const Bookmark& label, const model::PageReader&) {
  say(Rank::kDetail, now_.process, database, "has a snapshot of {} in cold storage", label);
}

void Narrator::on_segment(std::uint32_t database, const Bookmark& previous, const Bookmark& last) {
  Line made = line(Rank::kDetail, now_.process, database,
                   fmt::format("has the log after {} up to {} in cold storage", show(previous), show(last)));
  made.entry = key_of(last);
  made.first = key_of(previous);
  add(std::move(made));
}

void Narrator::on_cold_removed(std::uint32_t database, const Bookmark& up_to) {
  say(Rank::kDetail, now_.process, database, "removes from cold storage what is up to {}", up_to);
}

void Narrator::on_follower_set(std::uint32_t database, std::span<const std::uint32_t> followers) {
  std::string text = "counts the acknowledgements of";
  for (const std::uint32_t follower : followers) text += " " + name(follower);
  add(line(Rank::kTurn, now_.process, database, std::move(text)));
}

void Narrator::on_promise(std::uint32_t database, std::uint32_t follower, std::uint32_t epoch) {
  add(line(Rank::kTurn, follower, database, fmt::format("promises to refuse every epoch before {}", epoch)));
}

void Narrator::on_follower_cut(std::uint32_t database, std::uint32_t follower, const Bookmark& last) {
  say(Rank::kTurn, follower, database, "has a durable log that ends at {} now", last);
}

void Narrator::on_follower_rewound(std::uint32_t database, std::uint32_t follower, const Bookmark& after,
                                   const Bookmark& confirmed) {
  Line made = line(Rank::kTurn, follower, database,
                   fmt::format("cuts its log after {}, knowing {} to be confirmed", show(after), show(confirmed)));
  made.entry = made.first = key_of(after);
  add(std::move(made));
}

void Narrator::on_leader(std::uint32_t database, std::uint32_t host, std::uint32_t epoch, const Bookmark& at) {
  Line made =
      line(Rank::kTurn, host, database, fmt::format("leads in epoch {}, with the log up to {}", epoch, show(at)));
  made.entry = made.first = key_of(at);
  add(std::move(made));
}

void Narrator::on_leader_gone(std::uint32_t database, std::uint32_t host, std::uint32_t epoch) {
  add(line(Rank::kTurn, host, database, fmt::format("does not lead in epoch {} any more", epoch)));
}

void Narrator::on_restore(std::uint32_t database, const Bookmark& restored, const Bookmark& target, const Bookmark&) {
  Line made = line(Rank::kTurn, now_.process, database,
                   fmt::format("Time Travel: {} brings back the state at {}", show(restored), show(target)));
  made.entry = key_of(restored);
  made.first = key_of(target);
  add(std::move(made));
}

void Narrator::on_resumed(std::uint32_t database, std::uint32_t replica, const Bookmark& kept) {
  say(Rank::kStep, replica, database, "is accepted by the leader, and holds nothing after {}", kept);
}

void Narrator::on_failure(std::uint32_t database, std::uint32_t session, bool unknown, const Bookmark& created) {
  Line made = line(Rank::kStep, now_.process, database,
                   fmt::format("tells session {} that its request failed{}", session,
                               unknown ? ", and cannot say whether it had an effect" : ""));
  made.session = session;
  made.entry = made.first = key_of(created);
  add(std::move(made));
}

void Narrator::on_created(std::uint32_t database, std::uint32_t session, std::string_view,
                          std::span<const model::SqlValue>, const Bookmark& entry) {
  Line made = line(Rank::kStep, now_.process, database, fmt::format("writes for session {}: {}", session, show(entry)));
  made.session = session;
  made.entry = made.first = key_of(entry);
  add(std::move(made));
}

void Narrator::on_response(const model::ResponseTruth& response) {
  std::string text = fmt::format("answers session {} from the state {}", response.session, show(response.state));
  if (!response.created.is_origin()) text += ", after its write " + show(response.created);
  Line made = line(Rank::kKey, response.node, response.database, std::move(text));
  made.session = response.session;
  made.entry = made.first = key_of(response.state);
  add(std::move(made));
}

}  // namespace tidemark::explain
