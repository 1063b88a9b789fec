#include "model/types/bugs.h"

#include <array>

namespace tidemark::model {
namespace {

constexpr std::array<BugInfo, static_cast<std::size_t>(Bug::kCount)> kCatalogue = {{
    {Bug::kA1, "A1", "follower append", "acknowledges an entry after the write, before the sync has completed",
     "any write", "Q", "etcd 14370, litefs 127, rqlite 2463"},
    {Bug::kA2, "A2", "leader count", "confirms, and opens the gate, at 2 of 5 acknowledgements", "any write", "Q",
     "classic"},
    {Bug::kA4, "A4", "leader count", "counts acknowledgements, not distinct followers: a repeated one adds twice",
     "followers that repeat their last acknowledgement", "Q", "classic"},
    {Bug::kA5, "A5", "leader count", "takes an acknowledgement for the newest entry, not for the one it answers",
     "two entries in flight", "Q", "design"},
    {Bug::kA20, "A20", "leader confirm", "an idle follower is never told the confirmed position",
     "idle after the last write", "LIVE", "etcd 3170, 3111"},
    {Bug::kC1, "C1", "WAL capture",
     "compares WAL sizes: after a restart of the WAL it sees nothing new and ships nothing",
     "checkpoint, then few writes", "Q", "litestream 1083"},
    {Bug::kC2, "C2", "WAL capture", "cuts an entry at a buffer boundary inside a transaction",
     "a transaction of many pages", "TXN", "sqld 479"},
    {Bug::kC16, "C16", "leader submit",
     "groups two transactions into one bookmark: the first writer gets the one before it", "writes close together",
     "META,BM,read-your-writes", "design"},
    {Bug::kD1, "D1", "primary checkpoint", "copies unconfirmed frames into the database file",
     "checkpoint during writes", "CKPT", "turso dc1b4f603"},
    {Bug::kE2, "E2", "snapshot", "is labelled with the bookmark read after the copy", "writes during a snapshot",
     "SNAP", "design"},
    {Bug::kF1, "F1", "replica leader", "makes an entry visible when it is received",
     "a replica that is nearer than the quorum", "HIDE", "design"},
    {Bug::kF2, "F2", "replica leader", "a confirm exposes all received entries, also those after it",
     "pipelined writes", "HIDE", "design"},
    {Bug::kF8, "F8", "replica boot", "boots from cold storage, then subscribes from now: entries in between are lost",
     "writes during a boot", "LOG,IMG,LIVE", "libsql 1769"},
    {Bug::kF10, "F10", "replica publish", "moves the visible mark to the middle of a transaction",
     "a transaction of two pages", "TXN", "sqld 479"},
    {Bug::kF25, "F25", "leader confirm",
     "a confirm rides only on the next entry: the last write of a quiet database stays hidden", "a write, then nothing",
     "LIVE", "etcd 3170"},
    {Bug::kG1, "G1", "session", "keeps the last received bookmark, not the newest", "concurrent queries of one session",
     "monotonic-reads,read-your-writes,WAIT", "D1 post, pseudo-code"},
    {Bug::kG2, "G2", "session", "compares bookmarks as text of variable width, so that 9 comes after 10",
     "the sequence crosses a power of ten", "monotonic-reads,read-your-writes", "workerd d1-api.ts"},
    {Bug::kG4, "G4", "replica wait", "waits for the bookmark before the one asked for", "a read right after a write",
     "WAIT,read-your-writes", "design"},
    {Bug::kG5, "G5", "replica wait", "waits until the entry is received instead of visible", "slow quorum",
     "WAIT,read-your-writes", "design"},
    {Bug::kG8, "G8", "replica answer", "samples the bookmark before the read: the state is newer than reported",
     "writes between", "META", "design"},
    {Bug::kG11, "G11", "router", "serves first-primary at a replica", "any first-primary session", "FRESH,META",
     "design"},
    {Bug::kG13, "G13", "forwarding", "drops the primary's bookmark and returns the replica's older one",
     "a write through a replica, then a read", "META,read-your-writes", "design"},
    {Bug::kG22, "G22", "wait queue", "checks, then registers: a wake-up in between is lost", "a confirm between",
     "LIVE", "classic lost wake-up"},
    {Bug::kH8, "H8", "read on the primary", "answers a pure read without the gate although it saw an unconfirmed write",
     "a read right after another client's write", "GATE", "output-gate rule"},
    {Bug::kL1, "L1", "replica publish",
     "stamps the publish with the time of arrival of the entry, before its confirm arrived", "any write", "LAG",
     "design"},
    {Bug::kM1, "M1", "result meta", "reports served_by_primary for every answer", "a read on a replica", "META",
     "design"},
}};

}  // namespace

std::span<const BugInfo> bug_catalogue() {
  return kCatalogue;
}

const BugInfo* find_bug(std::string_view id) {
  for (const BugInfo& info : kCatalogue) {
    if (info.id == id) return &info;
  }
  return nullptr;
}

std::string BugSet::text() const {
  std::string text;
  for (const BugInfo& info : kCatalogue) {
    if (!has(info.bug)) continue;
    if (!text.empty()) text += ',';
    text += info.id;
  }
  return text.empty() ? "none" : text;
}

}  // namespace tidemark::model
