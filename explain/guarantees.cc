// The guarantees in plain words.
#include <array>
#include <utility>

#include "explain/story.h"

namespace tidemark::explain {
namespace {

using Row = std::pair<std::string_view, std::string_view>;

constexpr std::array<Row, 32> kGuarantees{{
    {"Q", "An entry is confirmed only when it and all before it are durable on a quorum of followers."},
    {"DUR", "A confirmed entry is in the log of every later leader: an acknowledged write is never lost."},
    {"LOG", "What followers and replicas hold is the log of a leader, without a gap."},
    {"ONE", "At most one content is ever confirmed for each place in the log."},
    {"CMONO", "What was confirmed stays confirmed, and nobody takes for confirmed what is not."},
    {"BM", "Bookmarks grow along the log and are never issued twice."},
    {"FENCE", "A former leader can neither confirm nor answer once its successor has begun."},
    {"HIDE", "Nobody ever sees a write that is not confirmed."},
    {"TXN", "Everybody sees whole transactions: all of one, or nothing of it."},
    {"VMONO", "What a copy shows never goes back in time."},
    {"WAIT", "An answer is never older than the bookmark that the request carried."},
    {"FRESH", "A first-primary read sees every write that was acknowledged before it began."},
    {"META", "Bookmark, region and primary flag of an answer tell the truth."},
    {"IMG", "The pages of a copy equal those of the primary at the same place in the log."},
    {"SNAP", "A snapshot in cold storage equals the database at its label."},
    {"PITR", "Time Travel brings back exactly the state that was asked for."},
    {"GC", "Nothing that is still needed is dropped from the followers' logs or from cold storage."},
    {"CKPT", "Only what is confirmed goes into a database file."},
    {"GATE", "No answer leaves the primary before everything that it may have seen is confirmed."},
    {"ERR", "A request that failed for good has no effect, ever."},
    {"LAG", "Every confirmed entry becomes visible at every live replica, once, and not before light could bring it."},
    {"RES", "Nobody storms: what is repeated in vain stays within bounds."},
    {"LIVE", "When all faults are over, everything converges and every request ends."},
    {"WAL", "Every frame that SQLite committed is in the log."},
    {"integrity", "Every copy passes SQLite's own integrity check."},
    {"equal-copies", "At rest, all copies of a database are equal."},
    {"sequential", "All clients see one order of all operations, in which each session's own come in their order."},
    {"bookmark-order", "That order is the order of the bookmarks."},
    {"read-your-writes", "A session sees its own earlier writes."},
    {"monotonic-reads", "What a session has seen, it goes on seeing."},
    {"monotonic-writes", "Whoever sees a write of a session sees that session's earlier writes too."},
    {"writes-follow-reads", "Whoever sees a write sees what its session had seen before it wrote."},
}};

}  // namespace

std::string_view guarantee_of(std::string_view check) {
  for (const auto& [name, words] : kGuarantees)
    if (name == check) return words;
  return {};
}

}  // namespace tidemark::explain
