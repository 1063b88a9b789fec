#include "model/types/entry.h"

#include "base/assert.h"

namespace tidemark::model {
namespace {
constexpr std::uint32_t kEntryHeaderBytes = 96;  // the commit time and the kind included
constexpr std::uint32_t kFrameHeaderBytes = 8;
}  // namespace

Digest128 chain_digest(const Digest128& previous, const CommittedTransaction& transaction) {
  Digest128 digest = mix(previous, transaction.database_pages);
  for (const EntryFrame& frame : transaction.frames) {
    const Digest128& content = frame.bytes->digest();
    digest = mix(mix(mix(digest, frame.page), content.high), content.low);
  }
  return digest;
}

Entry::Entry(const Bookmark& previous, const Bookmark& bookmark, CommittedTransaction transaction,
             sim::Instant committed, EntryKind kind)
    : previous_(previous),
      bookmark_(bookmark),
      transaction_(std::move(transaction)),
      committed_(committed),
      kind_(kind),
      bytes_(kEntryHeaderBytes) {
  for (const EntryFrame& frame : transaction_.frames)
    bytes_ += kFrameHeaderBytes + static_cast<std::uint32_t>(frame.bytes->size());
}

EntryRef Entry::make(const Bookmark& previous, std::uint32_t epoch, std::uint32_t day, CommittedTransaction transaction,
                     sim::Instant committed, EntryKind kind) {
  TIDEMARK_ASSERT(!transaction.frames.empty(), "an entry without frames");
  TIDEMARK_ASSERT(epoch >= previous.epoch, "epochs never go back");
  Bookmark bookmark;
  bookmark.epoch = epoch;
  bookmark.sequence = epoch == previous.epoch ? previous.sequence + 1 : 1;
  bookmark.day = day;
  bookmark.digest = chain_digest(previous.digest, transaction);
  TIDEMARK_ASSERT(bookmark.sequence != Bookmark::kEndOfEpoch, "an epoch is full");
  return EntryRef(new Entry(previous, bookmark, std::move(transaction), committed, kind));
}

EntryRef Entry::restore(const Bookmark& previous, const Bookmark& bookmark, CommittedTransaction transaction,
                        sim::Instant committed, EntryKind kind) {
  return EntryRef(new Entry(previous, bookmark, std::move(transaction), committed, kind));
}

bool Entry::chained() const {
  return bookmark_.digest == chain_digest(previous_.digest, transaction_);
}

}  // namespace tidemark::model
